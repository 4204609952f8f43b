"""Questions about the whole policy: each condition counts as the part of the question says that has it."""

from __future__ import annotations

import pytest

from app.assistant import Assistant
from app.models import Answer, Status
from corpus.models import Policy

BUREAU, COMMISSION = "市工业和信息化局", "市发展改革委"


def listed(answer: Answer) -> set[int]:
    return {c.number for c in answer.citations if c.number is not None}


def keys(policy: Policy, number: int) -> set[str]:
    return {d.name for c in policy.numbered if c.number == number for d in c.departments}


def numbers(policy: Policy, **conditions: set[str]) -> set[int]:
    """The clauses whose departments are all of ``named`` and none of ``others``."""
    named, others = conditions.get("named", set()), conditions.get("others", set())
    return {
        c.number
        for c in policy.numbered
        if c.number and named <= keys(policy, c.number) and not others & keys(policy, c.number)
    }


@pytest.mark.parametrize(
    "question",
    [
        "发改委未参与的条款都列出来",
        "发改委压根没挂名的是哪几条",
        "Which clauses do not name the Development and Reform Commission?",
    ],
)
def test_a_department_may_be_wanted_absent(assistant: Assistant, founding: Policy, question: str) -> None:
    assert listed(assistant.ask(question)) == numbers(founding, others={COMMISSION})


def test_one_department_is_wanted_and_another_not(assistant: Assistant, founding: Policy) -> None:
    answer = assistant.ask("有发改委参与，但工信局不沾边的是哪几条")
    assert listed(answer) == numbers(founding, named={COMMISSION}, others={BUREAU})
    assert BUREAU in answer.answer


def test_departments_asked_about_apart_have_a_list_each(assistant: Assistant, founding: Policy) -> None:
    answer = assistant.ask("商务局和市场监管局各自在哪几条里挂名")
    expected = numbers(founding, named={"市商务局"}) | numbers(founding, named={"市市场监管局"})
    assert listed(answer) == expected
    assert answer.answer.count("共") == 2


def test_clauses_by_the_number_of_their_departments(assistant: Assistant, founding: Policy) -> None:
    answer = assistant.ask("哪些条款刚好两家单位一起负责")
    assert listed(answer) == {c.number for c in founding.numbered if len(c.departments) == 2}


def test_all_departments_are_counted_once_each(assistant: Assistant, founding: Policy) -> None:
    answer = assistant.ask("How many different bodies have been given responsibilities in total?")
    assert str(len({d.key for c in founding.numbered for d in c.departments})) in answer.answer


def test_topic_words_of_nobody_leave_the_conditions_to_decide(assistant: Assistant, founding: Policy) -> None:
    lead = {
        c.number
        for c in founding.numbered
        if any(d.name == COMMISSION and d.role.value == "lead" for d in c.departments)
    }
    assert listed(assistant.ask("发改委牵头的貌似就那么两条，哪两条")) == lead


@pytest.mark.parametrize(("words", "included"), [("高过", False), ("不低于", True), ("1500万以上", True)])
def test_a_bound_has_its_own_figure_or_not(assistant: Assistant, words: str, included: bool) -> None:
    question = f"封顶{words}的条款全列一遍" if "万" in words else f"封顶{words}1500万的条款全列一遍"
    values = {f.value for f in assistant.ask(question).facts if f.kind == "amount"}
    assert values
    assert (15_000_000 in values) is included
    assert all(isinstance(v, int) and v >= 15_000_000 for v in values)


def test_the_highest_and_the_lowest_at_once(assistant: Assistant) -> None:
    answer = assistant.ask("单笔最高和最低分别是多少，各在哪条")
    values = {f.value for f in answer.facts if f.kind == "amount"}
    assert values == {50_000_000, 100_000}


def test_a_sum_in_quotation_marks_is_a_sum(assistant: Assistant) -> None:
    answer = assistant.ask("写着“最高1000万”的条款，帮我凑齐")
    assert {f.value for f in answer.facts if f.kind == "amount"} == {10_000_000}
    assert len(listed(answer)) > 1


def test_what_points_at_nothing_is_asked_back(assistant: Assistant) -> None:
    assert assistant.ask("这个最多能给多少钱啊").status is Status.CLARIFY
