"""Which rung of a ladder a question stands on: prizes, grades, kinds and ranks that tell a list's items apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.cues import Cues
from corpus.models import Provision
from corpus.terms import fold

# Figures of an item, in place of which the items of one ladder read alike.
_FIGURES = re.compile(r"前?\d+(?:\s*[-－—–~～至到]\s*\d+)?")
_FROM_TO = re.compile(r"(\d+)\s*[-－—–~～至到]\s*(\d+)\s*[名位强]")
_TOP = re.compile(r"前\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Rungs:
    """Keeps, of items that only their rung tells apart, those on the rung that a folded question names."""

    cues: Cues

    def graded(self, part: str, found: Sequence[Provision], among: Iterable[Provision]) -> list[Provision]:
        """The items of the grade that a part of a question names, neighbours in the sentences of ``found`` included;
        without a name, those of no lesser kind: 独角兽 is no 准独角兽. All of ``found`` where grades tell nothing."""
        asked = self._grades(part)
        sentences = {p.span for p in found}
        listed = [p for p in among if p.span in sentences] if asked else list(found)
        grades = {p.id: self._grades(fold(p.what)) for p in listed}
        if len(set(grades.values())) < 2:
            return list(found)
        if asked:
            meant = {p.id for p in found}
            graded = [p for p in listed if grades[p.id] & asked]
            kept = [p for p in graded if p.id in meant] or graded
        else:
            kept = [p for p in listed if not grades[p.id] & self.cues.lesser]
        return kept or list(found)

    def ranked(self, plain: str, found: Sequence[Provision], among: Sequence[Provision]) -> list[Provision]:
        """Of a ladder of ranks in ``found``, only the rung of the one rank that the question names; all of ``found``
        where it names none, or several."""
        ranks = {int(m[1]) for m in self.cues.hints.rank.finditer(plain)}
        if len(ranks) != 1:
            return list(found)
        kept = list(found)
        for shape in dict.fromkeys(_shape(p) for p in found):
            ladder = [p for p in among if _shape(p) == shape]
            rung = _around(ladder, min(ranks)) if len(ladder) > 1 else None
            if rung is not None:
                kept = [p for p in among if p is rung or (p in kept and p not in ladder)]
        return kept

    def _grades(self, folded: str) -> frozenset[str]:
        return frozenset(name for name, cue in self.cues.grades.items() if cue.search(folded))


def _shape(provision: Provision) -> tuple[str, int]:
    """An item's words without figures, and where its sentence starts."""
    return _FIGURES.sub("#", fold(provision.what)), provision.span.start


def _around(ladder: Sequence[Provision], rank: int) -> Provision | None:
    """The narrowest item whose ranks ``rank`` is one of."""
    ranges = []
    for p in ladder:
        if between := _FROM_TO.search(p.what):
            ranges.append((int(between[1]), int(between[2]), p))
        elif top := _TOP.search(p.what):
            ranges.append((1, int(top[1]), p))
    around = [(last - first, p) for first, last, p in ranges if first <= rank <= last]
    return min(around, key=lambda x: x[0])[1] if around else None
