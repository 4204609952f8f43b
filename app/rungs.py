"""Which rung of a ladder a question stands on: prizes, grades, kinds and ranks that tell a list's items apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.cues import Cues
from corpus.models import Provision
from corpus.numerals import half_width
from corpus.terms import fold

# Figures of an item, in place of which the items of one ladder read alike.
_FIGURES = re.compile(r"前?\d+(?:\s*[-－—–~～至到]\s*\d+)?")
_FROM_TO = re.compile(r"(\d+)\s*[-－—–~～至到]\s*(\d+)\s*[名位强]")
_TOP = re.compile(r"前\s*(\d+)")
# How old somebody is, in a question; from and below which age an item is for, 以上 and 满 with that age itself.
_AGE = re.compile(
    r"(?<!满)(?<![\d-])(\d{1,3})\s*(?:周?岁(?!以|及)|[- ]years?[- ]old)|今年(?:都|已经?|刚)?(\d{2,3})(?=了|[,，。]|$)"
)
_AGE_FROM = re.compile(
    r"(?<![不未])满(\d{1,3})周?岁|(\d{1,3})周?岁(?:\(含\))?及?以上|(\d{1,3})(?:周?岁)?[至到~-](?=\d+周?岁)"
)
_AGE_BELOW = re.compile(r"(?:不满|未满|不足)(\d{1,3})周?岁|(\d{1,3})周?岁以下")
_AGE_TO = re.compile(r"[至到~-](\d{1,3})周?岁")


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

    def aged(self, plain: str, found: Sequence[Provision], among: Sequence[Provision]) -> list[Provision]:
        """Of items for people of different ages in ``found``, only the one for the age that the question names; all of
        ``found`` where it names none, or several, or no item is for that age."""
        ages = {int(m[1] or m[2]) for m in _AGE.finditer(plain)}
        if len(ages) != 1:
            return list(found)
        by_age = {p.id: years for p in among if (years := _ages(p)) is not None}
        if len(by_age) < 2 or not any(p.id in by_age for p in found):
            return list(found)
        fitting = [p for p in among if p.id in by_age and min(ages) in by_age[p.id]]
        rung = max(fitting, key=lambda p: by_age[p.id].start, default=None)
        return [p for p in among if p is rung or (p in found and p.id not in by_age)] if rung else list(found)

    def _grades(self, folded: str) -> frozenset[str]:
        return frozenset(name for name, cue in self.cues.grades.items() if cue.search(folded))


def _shape(provision: Provision) -> tuple[str, int]:
    """An item's words without figures, and where its sentence starts."""
    return _FIGURES.sub("#", fold(provision.what)), provision.span.start


def _ages(provision: Provision) -> range | None:
    """The ages in years that an item is for, None where it says none."""
    words = half_width(provision.what)
    low, below, to = _AGE_FROM.search(words), _AGE_BELOW.search(words), _AGE_TO.search(words)
    if not (low or below):
        return None
    first = int(next(filter(None, low.groups()))) if low else 0
    last = int(next(filter(None, below.groups()))) if below else int(to[1]) + 1 if to else 200
    return range(first, last)


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
