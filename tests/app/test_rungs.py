"""Ladders of prizes, kinds, ranks and sizes: the rung that a question names, and no other."""

from __future__ import annotations

import pytest

from app.assistant import Assistant
from app.models import Status
from tests.conftest import OpenPolicy

_SOURCE = """松江口市促进灯具产业若干措施

一、培育企业。对首次认定的独角兽企业、准独角兽企业、潜在瞪羚企业、瞪羚企业，分别给予一次性奖励300万元、80万元、15万元、25万元。\
灯具企业年度营业收入首次达到2000万元、1亿元、5亿元的，分别给予10万元、60万元、120万元奖励。（责任单位：市经信局）
二、争先进位。对首次上榜中国照明百强的企业，进入前10名、11-40名、41-100名的，分别给予90万元、70万元、30万元奖励。\
获得中国灯具设计大奖一等奖、二等奖、三等奖的设计师，分别给予8万元、6万元、4万元奖励。\
对新引进的博士、硕士、本科毕业生，分别给予7万元、5万元、2万元安家补贴。（责任单位：市商务局）
三、照护老师傅。退休灯匠津贴按照下列标准发放：
（一）年满60周岁不满70周岁的，每人每月90元；
（二）年满70周岁不满80周岁的，每人每月150元；
（三）年满80周岁的，每人每月260元。
四、附则。已领取津贴的，自2026年1月1日起执行新标准。本措施自2025年2月1日起施行，有效期二年。
"""


@pytest.fixture(scope="module")
def assistant(open_policy: OpenPolicy) -> Assistant:
    return open_policy("lamps", _SOURCE, ["松江口市", "松江口", "Songjiangkou"], ["灯具", "照明"])


@pytest.mark.parametrize(
    ("question", "sums"),
    [
        ("独角兽企业奖多少", {3_000_000}),
        ("我们刚评上准独角兽，能拿多少", {800_000}),
        ("瞪羚企业给多少钱", {250_000}),
        ("潜在瞪羚给多少钱", {150_000}),
        ("我们今年营业收入第一次做到2个亿，奖多少", {600_000}),
        ("营业收入首次达到3000万，给多少奖励", {100_000}),
        ("中国照明百强排第33，奖多少", {700_000}),
        ("上了照明百强，第7名，有多少钱", {900_000}),
        ("设计大奖拿了二等奖，给多少", {60_000}),
        ("硕士刚毕业，被灯具厂招来，安家补贴多少", {50_000}),
        ("老师傅今年70岁，灯匠津贴每月多少", {150}),
        ("退休灯匠69岁，津贴给多少", {90}),
        ("退休灯匠津贴，93岁给多少", {260}),
    ],
)
def test_only_the_rung_that_is_named(assistant: Assistant, question: str, sums: set[int]) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert {int(f.value) for f in answer.facts if f.kind == "amount" and f.value is not None} == sums


def test_every_rung_where_none_is_named(assistant: Assistant) -> None:
    answer = assistant.ask("上榜中国照明百强奖多少")
    assert {f.value for f in answer.facts if f.kind == "amount"} == {900_000, 700_000, 300_000}


def test_a_figure_below_the_lowest_rung_picks_none(assistant: Assistant) -> None:
    answer = assistant.ask("营业收入首次达到500万，给多少奖励")
    assert {f.value for f in answer.facts if f.kind == "amount"} == {100_000, 600_000, 1_200_000}


def test_a_sum_told_apart_keeps_what_it_is_counted_for(assistant: Assistant) -> None:
    assert "每人每月150元" in assistant.ask("老师傅今年70岁，灯匠津贴每月多少").answer


def test_a_date_of_one_part_is_not_that_of_the_whole(assistant: Assistant) -> None:
    assert "2027年1月31日" in assistant.ask("政策什么时候到期").answer
