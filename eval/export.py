"""Runs in the form that ragas reads: one single-turn sample a line (``EvaluationDataset.from_jsonl``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus.models import Policy
from eval.gold import GoldItem, normal_label


def ragas_rows(
    items: Sequence[GoldItem], answers: Mapping[str, Mapping[str, Any]], policy: Policy | None = None
) -> Iterator[dict[str, Any]]:
    """A sample for every item that has an answer, in the items' order.

    A data set of ragas is all single-turn or all multi-turn, so a follow-up goes in as the question it was
    completed to. ``retrieved_contexts`` are the words cited, ``reference_contexts`` the required clauses whole;
    ``reference`` is their text too, since the gold set has no answers of its own, and is left out where no clause
    is required. Without a policy there are no references, only their ids.
    """
    clauses = {normal_label(clause.label): clause.text for clause in policy.clauses} if policy else {}
    for item in items:
        answer = answers.get(item.id)
        if answer is None:
            continue
        citations = answer.get("citations") or ()
        row: dict[str, Any] = {
            "id": item.id,
            "user_input": (answer.get("standalone_question") if item.history else None) or item.question,
            "response": str(answer.get("answer") or ""),
            "retrieved_contexts": [str(citation.get("quote") or "") for citation in citations],
            "retrieved_context_ids": [str(citation.get("label") or "") for citation in citations],
            "reference_context_ids": list(item.expect.clauses),
        }
        texts = [clauses[label] for label in item.expect.clauses if label in clauses]
        if texts:
            row |= {"reference_contexts": texts, "reference": "\n\n".join(texts)}
        yield row
