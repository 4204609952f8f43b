"""What is asked: a question typed by what it says. Rules only, no model; each finding can be shown in a trace."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from app.amounts import money_in
from app.cues import Cues
from app.language import detect_language
from app.orders import OrderFilter
from corpus.departments import Directory, Mention
from corpus.labels import english_number, label_numbers
from corpus.numerals import chinese_to_int
from corpus.stemming import stem
from corpus.terms import HAN, Tokenizer, fold

# A part of the document by its number: 第三部分, Part Three. Clauses are named otherwise (第三条, measure 3).
_SECTION = re.compile(
    r"第\s*(?P<zh>[一二三四五六七八九十\d]{1,3})\s*(?:大)?(?:部分|章|板块|块)"
    r"|(?<![a-z])(?:part|chapter|section)\s+"
    r"(?P<en>one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}|[ivx]{1,4})(?![a-z0-9])"
)
# 1000万到2000万, RMB 10 to 20 million: the scale of the second figure is that of the first where that has none.
_RANGE = re.compile(
    r"(?P<low>\d[\d,.]*|[一二两三四五六七八九十百千]+)\s*"
    r"(?P<low_scale>[十百千]?[万亿]|million|m(?![a-z])|k(?![a-z]))?\s*元?(?:rmb|yuan)?\s*"
    r"(?:-|–|—|~|～|至|到|\bto\b|\band\b)\s*(?:rmb|cny|¥)?\s*"
    r"(?P<high>\d[\d,.]*|[一二两三四五六七八九十百千]+)\s*"
    r"(?P<scale>[十百千]?[万亿]|million|m(?![a-z])|k(?![a-z]))\s*(?:元|rmb|yuan)?"
)
_LATIN = re.compile(r"[a-z][a-z0-9\-]*(?:['’][a-z]+)?")
# Markup, emoji and the like decorate; they ask for nothing.
_TAG = re.compile(r"</?[a-z][^<>]{0,60}>")
_DECORATION = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")
# A stop said several times (？？？, ……) says no more than once.
_REPEATED = re.compile(r"([?!~。.…])\1+")
_CLITIC = re.compile(r"['’](?:s|re|ve|ll|d|m|t)$|n['’]t$")
# Cues longer than this, in characters, span words that are not theirs.
_LONG_MATCH = 14
_CUE_HEAD = 3
# Facets that are asked for by themselves; whether one may apply turns on what is stated beside it.
_PLAIN_ASKS = ("amount", "department", "mode")
# What one has already is stated before it is asked whether this may come on top.
_STATED = ("no_double_funding",)
# A fact of the document whose words are those of others, too.
_REPEALS = "repeals"
_HAN_RUN = re.compile(f"[{HAN}]+")
# The attribute of whatever else notices leave to operating rules.
_SELDOM_GIVEN = "details"


def _says_nothing(words: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class AskedMoney:
    """A sum the question names and how it bounds it: ``at_least``, ``at_most``, ``exactly``."""

    value: int
    comparator: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    ``plain`` is the folded text that everything was matched in, ``uncued`` the same without the words of its
    document and attribute cues. Sets hold the names of cues met; ``sections`` are numbers of parts of the document.
    ``topic`` are the words left when everything that names no subject is taken away.
    """

    text: str
    plain: str
    uncued: str
    language: str
    numbers: tuple[int, ...]
    parts: tuple[str, ...]
    sections: tuple[int, ...]
    departments: tuple[Mention, ...]
    money: tuple[AskedMoney, ...]
    facets: frozenset[str]
    attributes: frozenset[str]
    documents: frozenset[str]
    operations: frozenset[str]
    filters: frozenset[str]
    turns: frozenset[str]
    places: tuple[str, ...]
    topic: tuple[str, ...]

    @property
    def wanted(self) -> frozenset[str]:
        """All that a cue asks for: facets, attributes and facts of the document."""
        return self.facets | self.attributes | self.documents

    def summary(self) -> dict[str, Any]:
        """What was understood, for the trace."""
        return {
            "language": self.language,
            "clauses": list(self.numbers) + list(self.parts),
            "sections": list(self.sections),
            "departments": [m.department.name for m in self.departments],
            "amounts": [{"value": m.value, "comparator": m.comparator} for m in self.money],
            "facets": sorted(self.wanted),
            "operations": sorted(self.operations | self.filters),
            "topic": list(self.topic),
        }


@dataclass(frozen=True)
class QuestionReader:
    """Reads questions: holds the cues and the names that are known. ``says`` tells whether the policy's own text has
    folded words."""

    cues: Cues
    directory: Directory
    tokenizer: Tokenizer
    jurisdictions: tuple[str, ...] = ()
    says: Callable[[str], bool] = _says_nothing
    places_file: Path = field(default=Path(__file__).with_name("places.toml"))

    @cached_property
    def _places(self) -> re.Pattern[str]:
        data = tomllib.loads(self.places_file.read_text(encoding="utf-8"))
        zh = "|".join(sorted(data["zh"].split(), key=len, reverse=True))
        en = "|".join(map(re.escape, [*data["en"].split(), *data["en_phrases"]]))
        return re.compile(rf"(?:{zh})(?!{'|'.join(data['zh_no_place_before'])})|(?<![a-z])(?:{en})(?![a-z])")

    @cached_property
    def _orders(self) -> OrderFilter:
        return OrderFilter(self.cues.orders, self.cues.sentences, self.cues.mandarin)

    def _is_given(self, attribute: str, said: str) -> bool:
        """Whether what texts hardly ever tell (租金, a quota) is a matter of this one: it is a subject like others."""
        return attribute == _SELDOM_GIVEN and len(said) > 1 and self.says(said)

    def only_orders(self, text: str) -> bool:
        """Whether a text gives orders to the assistant and asks nothing."""
        return not self._orders.without_orders(text) and self._orders.gives_orders(text)

    def asks(self, text: str) -> bool:
        """Whether a text asks for something: by its words for asking, or as a bare note of what is wanted (the cap
        for pilot projects), which names no sum."""
        if self._orders.asks(text) or self._orders.handles(text):
            return self._orders.asks(text)
        read = self.read(text)
        return bool(read.wanted) and not read.money

    def read(self, text: str, language: str = "auto", corrected: str | None = None) -> Question:
        """Type a question. Any text will do. ``corrected`` is its folded text with slips put right."""
        told = detect_language(unicodedata.normalize("NFKC", text)) if language == "auto" else language
        said = self.cues.mandarin(fold(text).strip())
        plain = corrected if corrected is not None else self._without_politeness(said)
        departments = self._departments(plain)
        money = tuple(self._money(plain))
        cues = self.cues

        documents, rest = _met(self._asked(cues.documents, plain), plain)
        if _REPEALS in documents:
            # Which old paper lapses with it: neither how long this one holds nor what it rests on.
            others = {name: cue for name, cue in cues.documents.items() if name != _REPEALS}
            documents = frozenset({_REPEALS}) | _met(others, cues.documents[_REPEALS].sub(" ", plain))[0]
        attributes, rest = _met(
            self._asked({a.name: a.cue for a in cues.attributes}, rest),
            rest,
            lambda name, said: not self._is_given(name, said),
        )
        # What a more special cue has taken (哪几个部门联合发的) says nothing to a general one (哪几个部门).
        facets = self._facets_apart(plain, rest, attributes)
        # The words of a department's name are no subject of their own.
        rest = _without(rest, [(m.start, m.end) for m in departments])
        labelled = _SECTION.sub(" ", cues.hints.not_that_label.sub(" ", plain))
        parts = self._parts_in(plain)

        return Question(
            text=text,
            plain=plain,
            uncued=rest,
            language=told,
            numbers=tuple(dict.fromkeys(n for n, _, _ in label_numbers(labelled))),
            parts=parts,
            sections=() if "preamble" in parts else tuple(_sections(plain)),
            departments=departments,
            money=money,
            facets=_sharpened(facets),
            attributes=attributes,
            documents=documents,
            operations=_met(cues.operations, plain)[0],
            filters=_met(cues.filters, plain)[0],
            # What was taken away before the question was read (不问天气了) is still a greeting, but no task.
            turns=_met(cues.turns, plain)[0] | (_met(cues.turns, said)[0] - {"task"}),
            places=tuple(self._foreign_places(plain)),
            topic=tuple(self._topic(plain, rest, departments, money)),
        )

    def without_orders(self, text: str, answer: bool = False) -> str:
        """A question, or an earlier ``answer``, without what gives orders to the assistant; they are text, never
        instruction. Empty when nothing else is left."""
        return self._orders.without_orders(text, answer)

    def _without_politeness(self, said: str) -> str:
        """A folded text without greetings, thanks and the like around what is asked; unchanged when nothing else
        is left."""
        rest, before = _REPEATED.sub(r"\1", _DECORATION.sub(" ", _TAG.sub(" ", said))), ""
        while rest != before:
            # What stands behind a greeting may begin as politely.
            before, rest = rest, self.cues.turns["politeness"].sub(" ", rest).strip(" ,，。!！~…:")
        return rest if len(rest) > 1 else said

    def _parts_in(self, plain: str) -> tuple[str, ...]:
        """The unnumbered parts that a question names; the one it only uses to say what stands before it is not
        meant."""
        found = tuple(name for name, pattern in self.cues.parts.items() if pattern.search(plain))
        if {"preamble", "scope"} <= set(found) and self.cues.hints.before_part.search(plain):
            return tuple(name for name in found if name != "scope")
        return found

    def _asked(self, cues: Mapping[str, re.Pattern[str]], text: str) -> dict[str, re.Pattern[str]]:
        """The cues with words in a question, but for those that it only states: in 上了名单,该奖多少 the list is no
        ask, since another part asks, for something of its own. What makes somebody eligible is stated, too."""
        met = {name: cue for name, cue in cues.items() if cue.search(text)}
        parts = self.cues.boundaries.part.split(text) if met else []
        asking = [
            part
            for part in parts
            if self._orders.asks(part) and any(self.cues.facets[name].search(part) for name in _PLAIN_ASKS)
        ]
        return {
            name: cue
            for name, cue in met.items()
            if not asking
            or name in _STATED
            or not any(cue.search(part) for part in parts)
            or any(cue.search(part) and (part in asking or self._orders.asks(part)) for part in parts)
        }

    def _facets_apart(self, plain: str, rest: str, attributes: frozenset[str]) -> frozenset[str]:
        """The facets asked for in the parts of a question that ask for no attribute: in 能报销几成 and what share is
        reimbursed the share is asked, not the way of paying. A department is asked for wherever it is."""
        facets, _ = _met(self.cues.facets, rest)
        if not attributes or not facets:
            return facets
        apart: set[str] = set()
        at = 0
        for part in self.cues.boundaries.part.split(rest):
            # What was blanked out in this part was an attribute or a fact of the document.
            own = plain[at : at + len(part)] == part
            names = {name for name, pattern in self.cues.facets.items() if pattern.search(part)}
            apart |= names if own else names & {"department"}
            at += len(part)
        return frozenset(apart)

    def _departments(self, plain: str) -> tuple[Mention, ...]:
        """Departments named, and the districts' governments where districts are spoken of as responsible."""
        found = self.directory.mentions(plain)
        districts = self.directory.named("各区政府")
        hints = self.cues.hints
        match = hints.districts.search(plain)
        spoken_of = match is not None and hints.responsible.search(plain) is not None
        if districts and match and spoken_of and not any(m.department is districts for m in found):
            found.append(Mention(districts, *match.span()))
        return tuple(found)

    def _money(self, plain: str) -> list[AskedMoney]:
        hints = self.cues.hints
        found = [bound for match in _RANGE.finditer(plain) for bound in _bounds_of(match)]
        ranges = [(m.start, m.end) for m in found]
        for mention in money_in(plain):
            if any(start < mention.end and mention.start < end for start, end in ranges):
                continue
            before, after = plain[max(0, mention.start - 24) : mention.start], plain[mention.end : mention.end + 20]
            if found and hints.inclusion.search(before):
                continue
            if hints.waved_away.match(plain, mention.end) and ("以" in after[:3] or hints.waved_from.search(before)):
                found.append(AskedMoney(mention.value, "at_least", mention.start, mention.end))
                continue
            comparator = next(
                (c.name for c in self.cues.comparators if c.before.search(before) or c.after.search(after)), "exactly"
            )
            found.append(AskedMoney(mention.value, comparator, mention.start, mention.end))
        return found

    def _foreign_places(self, plain: str) -> list[str]:
        """Places whose own policy is asked about: not where the asker comes from, and not beside our own place."""
        if any(name.lower() in plain for name in self.jurisdictions):
            return []
        found, hints = [], self.cues.hints
        for match in self._places.finditer(plain):
            after, before = plain[match.end() :], plain[: match.start()]
            about_somebody = hints.from_place.match(after) or hints.asker_in_place.search(before)
            if about_somebody or hints.way_to_place.search(before):
                continue
            found.append(match.group())
        return found

    def _topic(
        self, plain: str, uncued: str, departments: tuple[Mention, ...], money: tuple[AskedMoney, ...]
    ) -> list[str]:
        masked = list(uncued)
        for start, end in (
            [(d.start, d.end) for d in departments]
            + [(m.start, m.end) for m in money]
            + [(s, e) for _, s, e in label_numbers(plain)]
        ):
            masked[start:end] = " " * (end - start)
        rest = "".join(masked)
        # The place whose policy it is holds of every clause.
        for name in sorted(self.jurisdictions, key=len, reverse=True):
            rest = rest.replace(fold(name), " ")
        generic = self.cues.generic
        words: list[str] = []
        for run in _HAN_RUN.findall(rest):
            # One character by itself is hardly ever a subject.
            words += [w for w in self.tokenizer.words(run) if len(w) > 1 and not self._is_generic(w)]
        for latin in _LATIN.findall(rest):
            word = _CLITIC.sub("", latin)
            if latin.endswith(("n't", "n’t")):
                continue
            if len(word) > 1 and word not in generic and stem(word) not in generic:
                words.append(word)
        return list(dict.fromkeys(words))

    def _is_generic(self, word: str) -> bool:
        """Whether a Chinese word is generic, or made of generic words only (我能, 几条, 哪天)."""
        generic = self.cues.generic
        reachable = {0}
        for end in range(1, len(word) + 1):
            if any(start in reachable and word[start:end] in generic for start in range(end)):
                reachable.add(end)
        return len(word) in reachable


def _bounds_of(match: re.Match[str]) -> list[AskedMoney]:
    """The two bounds of a range of sums; none where it is no range of sums (3 to 5 million units, 五到三万)."""
    scale = match["scale"]
    values = []
    for figure, own in ((match["low"], match["low_scale"] or scale), (match["high"], scale)):
        unit = f" {own}" if own.isascii() else own
        amounts = money_in(f"rmb {figure}{unit}" if own.isascii() else f"{figure}{unit}元")
        if len(amounts) != 1:
            return []
        values.append(amounts[0].value)
    low, high = values
    if low >= high:
        return []
    start, end = match.span()
    return [AskedMoney(low, "at_least", start, end), AskedMoney(high, "at_most", start, end)]


def _sections(plain: str) -> list[int]:
    found = []
    for match in _SECTION.finditer(plain):
        number = chinese_to_int(match["zh"]) if match["zh"] else english_number(match["en"])
        if number is not None:
            found.append(number)
    return list(dict.fromkeys(found))


def _without(text: str, stretches: Sequence[tuple[int, int]]) -> str:
    """A text with these stretches blanked out."""
    taken = list(text)
    for start, end in stretches:
        taken[start:end] = " " * (end - start)
    return "".join(taken)


def _met(
    patterns: Mapping[str, re.Pattern[str]], text: str, counts: Callable[[str, str], bool] = lambda name, said: True
) -> tuple[frozenset[str], str]:
    """The names of the patterns found in a text, and the text with what they found blanked out. What a name found
    may not count."""
    names, taken = set(), list(text)
    for name, pattern in patterns.items():
        for match in pattern.finditer(text):
            if not counts(name, match.group()):
                continue
            names.add(name)
            for start, end in _own_words(text, *match.span()):
                taken[start:end] = " " * (end - start)
    return frozenset(names), "".join(taken)


def _own_words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of a cue's match that are words of the cue: its two ends where the match is long, since what a
    cue spans (when does the window for … open) may name the subject."""
    if end - start <= _LONG_MATCH:
        return [(start, end)]
    if text[start:end].isascii():
        head = text.find(" ", start, end)
        tail = text.rfind(" ", start, end)
        return [(start, head), (tail, end)] if start < head < tail else [(start, end)]
    return [(start, start + _CUE_HEAD), (end - _CUE_HEAD, end)]


def _sharpened(facets: frozenset[str]) -> frozenset[str]:
    """Without the facet that almost any question has words of: what is … is no question about content beside
    how much is …."""
    return facets - {"content"} if len(facets) > 1 else facets
