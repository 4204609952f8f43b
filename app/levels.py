"""Levels of honours, standards and programmes: whose they are. Every policy of this kind ranks by them, and a
question may name one that the clause leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from app.cues import Cues, Level


@dataclass(frozen=True, slots=True)
class Levels:
    """Finds levels in folded texts and takes them out. ``own_place`` is our own place named by itself."""

    known: tuple[Level, ...]
    own_place: re.Pattern[str]

    @classmethod
    def of(cls, cues: Cues) -> Self:
        return cls(cues.levels, cues.hints.own_place)

    def meant_in(self, folded: str) -> frozenset[str]:
        """The levels a text means. Our own place named by itself is one only where no other is named: 国家级的称号，
        深圳给多少 asks for the national ones, and Shenzhen pays."""
        named = self.named_in(folded)
        return named or (frozenset({"municipal"}) if self.own_place.search(folded) else named)

    def named_in(self, folded: str) -> frozenset[str]:
        """The levels a text names by more than the name of our own place."""
        return frozenset(level.name for level in self.known if level.cue.search(folded))

    def mentions(self, folded: str) -> list[tuple[str, int, int]]:
        """Each level that a text names, with start and end of its words."""
        return [(level.name, m.start(), m.end()) for level in self.known for m in level.cue.finditer(folded)]

    def without_places(self, folded: str) -> str:
        """A text without the words that rank by place; a kind of standard stays what it is."""
        for level in self.known:
            if not level.noun:
                # 国标 holds its noun.
                folded = level.cue.sub(lambda m: " 标准 " if m.group().endswith("标") else " ", folded)
        return self.own_place.sub(" ", folded)

    def without_levels(self, folded: str) -> str:
        """A text without any words for levels; the noun that a level was said of stays."""
        folded = self.without_places(folded)
        for level in self.known:
            if level.noun:
                folded = level.cue.sub(f" {level.noun} ", folded)
        return folded

    def display_names(self, names: list[str], english: bool) -> list[str]:
        """How these levels are called in an answer, in the order given."""
        by_name = {level.name: level for level in self.known}
        return [by_name[n].name_en if english else by_name[n].name_zh for n in names]
