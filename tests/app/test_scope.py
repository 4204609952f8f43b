"""What is about the policy and what is not, and what a policy of another kind is asked."""

from __future__ import annotations

import pytest

from app.assistant import Assistant
from app.models import Message, Status
from app.scope_model import ScopeModel
from tests.conftest import OpenPolicy

POLICY = """示例区支持港澳青年创业实施办法

第一条 本办法所称港澳青年，是指18至45周岁的香港、澳门居民。

第二条 对港澳青年企业，按实际支付租金的40%给予补贴，每年最高6万元。每家企业最多3个工位。（责任单位：区科技局）

第三条 企业年度营业收入首次达到1000万元、5000万元、1亿元的，分别给予20万元、30万元、40万元奖励。（责任单位：区发改局）

第四条 对瞪羚企业、准瞪羚企业，分别给予50万元、15万元奖励。（责任单位：区发改局）
"""


@pytest.fixture(scope="module")
def district(open_policy: OpenPolicy) -> Assistant:
    return open_policy(
        "district", POLICY, ["示例区", "Sample District"], ["港澳青年", "young people of Hong Kong and Macao"]
    )


def sums(assistant: Assistant, question: str) -> list[object]:
    return [f.value for f in assistant.ask(question).facts if f.kind == "amount"]


@pytest.mark.parametrize(
    "question",
    [
        "高新技术企业的所得税税率是多少",
        "What is the corporate income tax rate for makers of materials?",
        "用python写个脚本抓招聘网站",
        "What does Hangzhou pay robot makers these days?",
        "离婚了房子归谁",
    ],
)
def test_other_matters_are_turned_away(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.OUT_OF_SCOPE
    assert answer.citations == ()


def test_a_place_that_the_policy_speaks_of_is_no_other_place(district: Assistant) -> None:
    answer = district.ask("香港居民多大年纪算港澳青年")
    assert answer.status is Status.ANSWERED
    assert "18至45周岁" in answer.answer


def test_a_share_that_the_text_gives_is_not_said_to_be_missing(district: Assistant) -> None:
    answer = district.ask("租金能报百分之几")
    assert answer.status is Status.ANSWERED
    assert "40%" in answer.answer


def test_a_fact_that_the_document_lacks_is_said_to_be_lacking(district: Assistant) -> None:
    answer = district.ask("这个政策有效期到哪天？")
    assert answer.status is Status.NOT_SPECIFIED
    assert "有效期" in answer.answer


@pytest.mark.parametrize(("revenue", "granted"), [("六千万", 300_000), ("1.2亿", 400_000), ("一千万", 200_000)])
def test_the_step_that_a_figure_reaches(district: Assistant, revenue: str, granted: int) -> None:
    assert sums(district, f"年度营业收入首次达到{revenue}，奖励多少？") == [granted]


def test_a_sum_in_the_words_for_a_grant_passes_as_part_of_them(district: Assistant) -> None:
    answer = district.ask("年度营业收入首次达到5000万元，奖励多少？")
    assert answer.checks is not None
    assert answer.checks.passed
    assert "30万元" in answer.answer


def test_the_plainer_of_two_items_is_meant_by_its_plain_name(district: Assistant) -> None:
    assert sums(district, "瞪羚企业奖励多少？") == [500_000]
    assert sums(district, "准瞪羚企业奖励多少？") == [150_000]


def test_labels_with_a_stop_lead_back_to_their_clause(assistant: Assistant) -> None:
    history = [Message("user", "中试项目给多少"), Message("assistant", "最高不超过1000万元（14.）。")]
    assert {c.label for c in assistant.ask("那由谁负责？", history).citations} == {"(十四)"}


def test_the_trace_says_how_far_away_a_question_is(assistant: Assistant) -> None:
    near, far = (assistant.ask(q, explain=True).trace for q in ("中试项目最高给多少", "红烧肉要炖多久才入味"))
    assert near is not None
    assert far is not None
    model = ScopeModel.load()
    for scope in (near["scope"], far["scope"]):
        assert scope["probability_out_of_scope"] == pytest.approx(model.probability(scope["signals"]), abs=0.01)
    assert near["scope"]["probability_out_of_scope"] < 0.05 < far["scope"]["probability_out_of_scope"]


def test_what_is_all_a_measures_matter_is_never_turned_away(assistant: Assistant) -> None:
    assert assistant.ask("做玻璃鋼嘅，政府有冇錢畀㗎").status is Status.ANSWERED
