"""Lay wordings: how people name what a provision is about. They help to find it and state nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.anchors import anchored_provision
from corpus.models import Clause, LayWording


def lay_wordings(clauses: Sequence[Clause], data: dict[str, Any]) -> tuple[LayWording, ...]:
    """The wordings of ``lay.toml`` with the clause or provision each belongs to.

    An entry for a provision that is not there (any more) counts for its clause; one for no clause is left out.
    """
    by_path = {c.path: c for c in clauses}
    made = []
    for entry in data.get("lay", []):
        clause = by_path.get(str(entry.get("clause")))
        if clause is None:
            continue
        provision = anchored_provision(clause, entry)
        for language in ("zh", "en"):
            made += [
                LayWording(clause.id, provision.id if provision else None, language, text)
                for text in entry.get(language, ())
            ]
    return tuple(made)
