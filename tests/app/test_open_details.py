"""What a text leaves open is said to be open, by its own name, and is not mistaken for the sum that stands near it."""

from __future__ import annotations

import pytest

from app.assistant import Assistant
from app.models import Answer, Status


def sums(answer: Answer) -> list[object]:
    return [fact.value for fact in answer.facts if fact.kind == "amount"]


@pytest.mark.parametrize(
    ("question", "clause", "name"),
    [
        ("论文几篇以上才给建概念验证中心", "(七)", "专利、论文等成果数量"),
        ("建概念验证中心要多少名工程师", "(七)", "人数"),
        ("中小试基地厂房面积够多大才认", "(十八)", "面积"),
        ("首批次产品的企业，成立满几年才行", "(十五)", "年限"),
        ("How many engineers must a proof-of-concept centre employ?", "(七)", "how many people"),
        ("What floor area must a small- and pilot-scale testing base have?", "(十八)", "area"),
    ],
)
def test_a_number_of_something_else_is_not_answered_with_a_sum(
    assistant: Assistant, question: str, clause: str, name: str
) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_SPECIFIED
    assert clause in {c.label for c in answer.citations}
    assert sums(answer) == []
    assert name in answer.answer


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("我们几个工程师想建概念验证中心，最多给多少", 5_000_000),
        ("小巨人名单公示了，我们该领多少", 500_000),
    ],
)
def test_what_is_only_stated_is_no_ask(assistant: Assistant, question: str, value: int) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert value in sums(answer)


def test_one_open_detail_is_named_once(assistant: Assistant) -> None:
    answer = assistant.ask("建概念验证中心至少要几个博士")
    assert answer.answer.count("没有规定") == 1


def test_who_has_to_approve_is_said_where_the_text_says_it(assistant: Assistant) -> None:
    answer = assistant.ask("一企一策要谁点头")
    assert answer.status is Status.ANSWERED
    assert "报市政府审定" in answer.answer


def test_money_of_a_higher_level_brings_the_matching_share(assistant: Assistant) -> None:
    answer = assistant.ask("中央财政给了制造业创新中心一笔钱，市里最高再给多少")
    assert "1:1" in answer.answer.replace("：", ":").replace("∶", ":")


def test_several_of_one_kind_are_not_multiplied(assistant: Assistant) -> None:
    answer = assistant.ask("主导两项行业标准是不是就有60万")
    assert sums(answer) == [300_000]
    assert "能否累计，原文没有写明" in answer.answer
    assert "600" not in answer.answer
    assert "60万" not in answer.answer
    altered = answer.answer.replace("不超过30万元说的是一项", "不超过50万元说的是一项")
    assert altered != answer.answer
    assert not assistant.check(altered, answer).passed


def test_departments_that_take_no_part_are_left_out(assistant: Assistant) -> None:
    with_it = assistant.ask("科创委负责的有哪些条")
    without = assistant.ask("科创委不插手的有哪些条")
    taking_part, others = ({c.label for c in a.citations} for a in (with_it, without))
    assert taking_part
    assert others
    assert not taking_part & others
    assert len(taking_part | others) == 20


def test_a_level_said_of_what_was_named_before_picks_its_item(assistant: Assistant) -> None:
    answer = assistant.ask("国家的单项冠军产品和深圳自己的，奖励差多少")
    assert sorted(map(str, sums(answer))) == ["1000000", "2000000"]


def test_the_nearest_measure_is_said_to_be_a_guess(assistant: Assistant) -> None:
    answer = assistant.ask("账上快没现金了，银行一听材料行业就摇头，市里指望银行怎么帮我们一把")
    assert answer.answer.startswith("您问的可能是(二十)")


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("省级单项冠军奖多少", {3_000_000, 2_000_000, 1_000_000}),
        ("省级小巨人奖多少", {500_000}),
        ("What does a provincial single champion product earn?", {2_000_000, 1_000_000}),
    ],
)
def test_a_level_that_is_not_there_brings_what_is_there_of_its_kind(
    assistant: Assistant, question: str, values: set[int]
) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_SPECIFIED
    assert set(sums(answer)) == values


def test_who_asks_is_not_what_for(assistant: Assistant) -> None:
    answer = assistant.ask("我们做绿色建材的，节能改造补多少")
    assert sums(answer) == []
    assert "按现行政策" in answer.answer


def test_a_share_claimed_meets_the_share_of_the_text(assistant: Assistant) -> None:
    answer = assistant.ask("国家给创新中心的钱，市里按1:3配套对吗")
    assert "1:1" in answer.answer.replace("：", ":").replace("∶", ":")


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("深圳低空经济产业集群政策给多少钱", Status.OUT_OF_SCOPE),
        ("What does Shenzhen's robotics cluster policy pay for?", Status.OUT_OF_SCOPE),
        ("新材料产业集群政策有效期到什么时候", Status.ANSWERED),
    ],
)
def test_the_policy_of_another_cluster_is_another_policy(assistant: Assistant, question: str, status: Status) -> None:
    assert assistant.ask(question).status is status


@pytest.mark.parametrize(
    ("question", "clause", "name"),
    [
        ("钙钛矿的赛马，一共几家一起跑", "(一)", "竞争"),
        ("科学技术奖的一等奖和二等奖各给多少", "(七)", "等级"),
        ("以前买的首批次产品，2021年就卖了的，还能不能往回算", "(十五)", "以前"),
        ("单项冠军要多高的市占率", "(十六)", "指标"),
        ("What penalty is there for cheating with pilot-scale projects?", "(十四)", "penalty"),
        ("How many teams race against each other for perovskite projects?", "(一)", "compete"),
        ("What land price per mu do the enclave parks charge?", "(十七)", "price"),
    ],
)
def test_what_is_left_open_has_a_name_of_its_own(assistant: Assistant, question: str, clause: str, name: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_SPECIFIED
    assert clause in {c.label for c in answer.citations}
    assert name in answer.answer


def test_before_or_after_answers_when_it_is_paid(assistant: Assistant) -> None:
    answer = assistant.ask("智能化改造的资助什么时候给，先给还是后给")
    assert answer.status is Status.ANSWERED
    assert "事后" in answer.answer


def test_the_basis_is_told_not_a_sum_or_a_criterion(assistant: Assistant) -> None:
    answer = assistant.ask("中试的补助是按总投资算，还是按利润算")
    assert answer.status is Status.ANSWERED
    assert "项目总投资一定比例" in answer.answer


@pytest.mark.parametrize(
    ("question", "name"),
    [("骗补的中试项目会怎么处罚", "弄虚作假"), ("去年中试项目一共发了多少出去", "已经发放")],
)
def test_what_no_clause_would_have_is_said_of_the_whole_text(assistant: Assistant, question: str, name: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_SPECIFIED
    assert sums(answer) == []
    assert name in answer.answer
