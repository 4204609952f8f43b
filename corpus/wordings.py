"""Lay wordings: how people name what a provision is about. They help to find it and state nothing."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.anchors import anchored_provision
from corpus.entries import Entry
from corpus.models import Clause, LayWording


def lay_wordings(clauses: Sequence[Clause], data: Entry) -> tuple[LayWording, ...]:
    """The wordings of ``lay.toml`` with the clause or provision each belongs to.

    An entry for a provision that is not there (any more) counts for its clause; one for no clause is left out.
    Raises BadData for an entry that is not as it has to be.
    """
    by_path = {c.path: c for c in clauses}
    made = []
    for entry in data.tables("lay"):
        wordings = [(language, text) for language in ("zh", "en") for text in entry.texts(language)]
        clause = by_path.get(entry.text("clause"))
        if clause is None:
            continue
        provision = anchored_provision(clause, entry)
        made += [
            LayWording(clause.id, provision.id if provision else None, language, text) for language, text in wordings
        ]
    return tuple(made)
