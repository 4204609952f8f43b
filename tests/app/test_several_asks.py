"""Questions that put several matters or ask several things at once."""

from __future__ import annotations

import pytest

from app.assistant import Assistant
from app.models import Answer, Status


def _cited(answer: Answer) -> set[str]:
    return {c.label for c in answer.citations}


def _sums(answer: Answer) -> set[int]:
    return {int(f.value) for f in answer.facts if f.kind == "amount" and f.value is not None}


@pytest.mark.parametrize(
    "question",
    [
        "有两件事想打听：一是办新材料行业论坛，二是建中试基地，各自最多补多少",
        "甲要办新材料行业论坛，乙要建中试基地，上限分别是多少？",
    ],
)
def test_matters_put_one_by_one_each_get_their_sum(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert {3_000_000, 10_000_000} <= _sums(answer)
    assert _cited(answer) <= {"(十八)", "(十四)"}


def test_a_level_named_with_one_matter_is_none_of_the_others(assistant: Assistant) -> None:
    answer = assistant.ask(
        "We hold the national Little Giant title and helped write an industry standard. What is each of these worth?"
    )
    assert answer.status is Status.ANSWERED
    assert _cited(answer) == {"(十六)", "(十九)"}
    assert _sums(answer) >= {500_000, 300_000}


def test_the_level_of_one_matter_picks_no_item_of_the_other(assistant: Assistant) -> None:
    answer = assistant.ask(
        "Our product is a municipal single champion, we wrote an international standard: what is each of those worth?"
    )
    assert _cited(answer) == {"(十六)", "(十九)"}
    assert 200_000 not in _sums(answer)


@pytest.mark.parametrize(
    "question", ["标准资助，从国际到团体，各级多少？", "the whole ladder of standard grants, please"]
)
def test_every_step_of_a_ladder(assistant: Assistant, question: str) -> None:
    assert _sums(assistant.ask(question)) == {1_000_000, 500_000, 300_000, 200_000, 100_000}


@pytest.mark.parametrize(
    "question",
    ["这份文件出台后，哪份旧办法作废了？", "Which earlier rules did this replace?"],
)
def test_what_it_replaces_is_not_how_long_it_holds(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_SPECIFIED
    assert "2028" not in answer.answer


def test_two_facts_of_the_document_are_both_told(assistant: Assistant) -> None:
    answer = assistant.ask("What date does the notice carry, and did city hall sign off on it?")
    assert "12 September 2023" in answer.answer
    assert "经市政府同意" in answer.answer


def test_the_way_it_is_worded_is_no_ask_for_a_sum(assistant: Assistant) -> None:
    answer = assistant.ask("In what case would the city recommend a biomedical project to the ministry's challenge?")
    assert answer.status is Status.ANSWERED
    assert _cited(answer) == {"(四)"}
