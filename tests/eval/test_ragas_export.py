"""Rows in the form of ragas' single-turn samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.models import Answer, Message
from corpus.models import Policy
from eval.export import ragas_rows
from eval.gold import GoldItem

# The fields of a SingleTurnSample that are filled here; ``id`` is ours and ignored there.
KNOWN = {
    "id",
    "user_input",
    "response",
    "retrieved_contexts",
    "retrieved_context_ids",
    "reference",
    "reference_contexts",
    "reference_context_ids",
}


def test_a_row_has_question_answer_contexts_and_references(
    gold_item: Callable[..., GoldItem], make_answer: Callable[..., Answer], policy: Policy
) -> None:
    item = gold_item(clauses=("(十九)",))
    (row,) = ragas_rows([item], {"q1": make_answer("不超过50万元", ["(十九)"]).as_dict()}, policy)
    assert set(row) == KNOWN
    assert row["user_input"] == item.question
    assert row["response"] == "不超过50万元"
    assert row["retrieved_context_ids"] == row["reference_context_ids"] == ["(十九)"]
    assert "50万元" in row["reference"]
    assert row["retrieved_contexts"] == row["reference_contexts"]


def test_a_follow_up_goes_in_as_it_was_completed(
    gold_item: Callable[..., GoldItem], make_answer: Callable[..., Answer]
) -> None:
    answer = replace(make_answer("…"), standalone_question="国标由谁负责？").as_dict()
    follow_up = gold_item(history=(Message("user", "国标"),))
    assert next(ragas_rows([follow_up], {"q1": answer}))["user_input"] == "国标由谁负责？"
    first = gold_item()
    assert next(ragas_rows([first], {"q1": answer}))["user_input"] == first.question


def test_without_a_required_clause_there_is_no_reference(
    gold_item: Callable[..., GoldItem], make_answer: Callable[..., Answer], policy: Policy
) -> None:
    (row,) = ragas_rows([gold_item(status="out_of_scope")], {"q1": make_answer("不在范围").as_dict()}, policy)
    assert "reference" not in row
    assert row["retrieved_contexts"] == []


def test_items_without_an_answer_are_left_out(gold_item: Callable[..., GoldItem]) -> None:
    assert list(ragas_rows([gold_item()], {})) == []
