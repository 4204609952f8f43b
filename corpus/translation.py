"""The reference English of a policy. It never owns a figure: each ``{n}`` is filled from the parsed amounts.

A translation belongs to a wording. Each clause of ``en.toml`` may carry ``source``, a digest of the Chinese
clause with its sums masked: where the wording has changed since, the translation is stale and is not used;
where only a sum has changed, it is, with the new sum.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from corpus.anchors import anchored_provision
from corpus.entries import Entry
from corpus.errors import BadData
from corpus.models import Clause, ClauseTranslation, Provision
from corpus.money import english_amount

_SLOT = re.compile(r"\{(\d{1,2})\}")


def wording_digest(clause: Clause) -> str:
    """The first 16 hex digits of the SHA-256 of a clause's text with its granted sums masked."""
    text = clause.text
    for provision in sorted(clause.provisions, key=lambda p: -(p.amount.span.start if p.amount else 0)):
        if provision.amount:
            a, b = provision.amount.span.start - clause.start, provision.amount.span.end - clause.start
            text = f"{text[:a]}¤{text[b:]}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def translate(clauses: Sequence[Clause], data: Entry) -> dict[str, ClauseTranslation]:
    """Reference translations by clause id, for the clauses whose wording the file still fits.

    A provision's phrase is found by the number of its sum in the clause, or by the words it quotes. Raises BadData
    for an entry that is not as it has to be, whether it still fits or not.
    """
    by_path = {c.path: c for c in clauses}
    made: dict[str, ClauseTranslation] = {}
    for entry in data.tables("clause"):
        title, text, source = entry.text("title"), entry.text("text"), entry.optional_text("source")
        clause = by_path.get(entry.text("id"))
        if clause is None or (source is not None and source != wording_digest(clause)):
            continue
        amounts = [p for p in clause.provisions if p.amount]
        phrases: dict[str, str] = {}
        details: dict[str, dict[str, str]] = {}
        for item in entry.tables("provision"):
            provision = anchored_provision(clause, item)
            what = item.text("what")
            detail = {key: value for key in ("whom", "per") if (value := item.optional_text(key))}
            if provision is None:
                continue
            if provision.id in phrases:
                # Something else that the same sentence grants, beside its sum.
                details[provision.id]["also"] = "; ".join(filter(None, (details[provision.id].get("also"), what)))
            else:
                phrases[provision.id] = what
                details[provision.id] = detail
        made[clause.id] = ClauseTranslation(clause.id, title, _filled(text, amounts, entry.place), phrases, details)
    return made


def _filled(text: str, amounts: list[Provision], place: str) -> str:
    def fill(match: re.Match[str]) -> str:
        n = int(match.group(1))
        amount = amounts[n - 1].amount if 0 < n <= len(amounts) else None
        if amount is None:
            raise BadData(f"{place}: {{{n}}} has no amount in the Chinese clause; correct the number")
        return english_amount(amount)

    return _SLOT.sub(fill, text)
