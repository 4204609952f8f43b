"""How data that stands beside a policy (translations, lay wordings) says which provision it belongs to."""

from __future__ import annotations

from corpus.entries import Entry
from corpus.models import Clause, Provision


def anchored_provision(clause: Clause, entry: Entry) -> Provision | None:
    """The provision an entry names: by ``amount``, the number of its sum in the clause counting from 1, or by
    ``quote``, words that stand in it. None when it names none, or none that is there. Raises BadData."""
    if "amount" in entry:
        amounts = [p for p in clause.provisions if p.amount]
        n = entry.number("amount")
        return amounts[n - 1] if 0 < n <= len(amounts) else None
    quote = entry.optional_text("quote")
    at = clause.text.find(quote) if quote else -1
    if at < 0:
        return None
    at += clause.start
    inside = [p for p in clause.provisions if p.span.start <= at < p.span.end]
    # The words may stand in a sentence that several provisions share; one without a sum is meant first.
    return next((p for p in inside if p.amount is None), inside[0] if inside else None)
