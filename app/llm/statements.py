"""An extractive answer as the statements it consists of, and what each of them claims."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from app.amounts import money_in
from app.checks import bounded, dates_in
from app.llm.vocabulary import Vocabulary
from app.models import Answer
from corpus.departments import Directory
from corpus.labels import label_numbers
from corpus.numerals import half_width
from corpus.terms import to_simplified

# A longer statement is the clause's own text: nobody says that better than the clause.
_MOST_CHINESE, _MOST_ENGLISH = 160, 480
_LIST_LINE = re.compile(r"^\s*[-•·*]\s|[:：]\s*$")
_NUMBER = re.compile(r"\d[\d.,:/\-]*\d%?|\d%?")
_CHINESE_NUMBER = re.compile("[零〇一二两三四五六七八九十百千万亿半廿卅壹贰叁肆伍陆柒捌玖拾佰仟]+")


def plain_form(text: str) -> str:
    """The text as it is compared: simplified characters, half-width, of about the same length."""
    return half_width(to_simplified(text))


@dataclass(frozen=True)
class Claims:
    """What a stretch of text claims that can be wrong by itself: sums with whether they are bounded, departments in
    their order with whether they lead. ``rest`` is the stretch with all of it taken out."""

    amounts: frozenset[tuple[int, bool]]
    departments: tuple[tuple[str, bool], ...]
    dates: frozenset[tuple[int, int, int]]
    labels: frozenset[int]
    numbers: frozenset[str]
    denials: int
    loose_lead: bool
    rest: str


class ClaimReader:
    """Reads what texts claim, by one policy's directory of departments."""

    def __init__(self, directory: Directory, vocabulary: Vocabulary) -> None:
        self._directory = directory
        self._vocabulary = vocabulary

    def read(self, plain: str) -> Claims:
        """The claims of a text in its plain form. What is taken out leaves a line feed behind."""
        words = self._vocabulary
        spans: list[tuple[int, int]] = []
        labels = set()
        for number, start, end in label_numbers(plain):
            labels.add(number)
            spans.append((start, end))
        dates = set()
        for day, start, end in dates_in(plain):
            dates.add(day)
            spans.append((start, end))
        amounts: set[tuple[int, bool]] = set()
        for mention in money_in(plain):
            # Beside an English figure its original, which has no bound of its own.
            beside = re.search(r"[(（]\s*$", plain[: mention.start]) is not None
            if beside and any(value == mention.value for value, _ in amounts):
                spans.append((mention.start, mention.end))
                continue
            amounts.add((mention.value, bounded(plain[: mention.start])))
            spans.append((mention.start, mention.end))
        departments: dict[str, bool] = {}
        led: list[tuple[int, int]] = []
        for named in self._directory.mentions(plain):
            after = words.lead_after.search(plain[named.end :])
            before = words.lead_before.search(plain[: named.start])
            if after:
                led.append((named.end, named.end + after.end()))
            if before:
                led.append((named.start - len(before.group()), named.start))
            key = named.department.key
            departments[key] = bool(after or before) or departments.get(key, False)
            spans.append((named.start, named.end))
        loose = any(not any(s <= m.start() < e for s, e in led) for m in words.lead_word.finditer(plain))
        rest = _without(plain, spans)
        numbers = {m.group() for m in _NUMBER.finditer(rest)}
        numbers |= {rest[m.start() : m.end() + 1] for m in _CHINESE_NUMBER.finditer(rest)}
        return Claims(
            frozenset(amounts),
            tuple(departments.items()),
            frozenset(dates),
            frozenset(labels),
            frozenset(numbers),
            words.denials(plain),
            loose,
            rest,
        )


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    taken, at = "", 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        taken += text[at : max(start, at)] + "\n"
        at = end
    return taken + text[at:]


@dataclass(frozen=True)
class Statement:
    """One line of an extractive answer. ``labels`` are those of cited clauses that stand in it, as written.

    One that is ``fixed`` is never reworded: it cites nothing, or it is a list of sums, or the clause's own long text.
    """

    text: str
    plain: str
    labels: tuple[str, ...]
    claims: Claims
    fixed: bool

    @cached_property
    def words(self) -> frozenset[str]:
        """What its wording is measured by: bigrams of Chinese characters, latin words."""
        return grams(self.claims.rest)


def grams(rest: str) -> frozenset[str]:
    """Bigrams of Chinese characters and the latin words of a text."""
    found = set()
    for run in re.findall(r"[\u4e00-\u9fff]+", rest):
        found |= {run[i : i + 2] for i in range(len(run) - 1)}
    return frozenset(found | {w.lower() for w in re.findall(r"[A-Za-z]{3,}", rest)})


def statements_of(answer: Answer, reader: ClaimReader) -> list[Statement]:
    """The statements of an answer, one a line; none where it is a list, which a model could only copy."""
    lines = answer.answer.split("\n")
    if any(_LIST_LINE.search(line) for line in lines):
        return []
    longest = _MOST_ENGLISH if answer.language == "en" else _MOST_CHINESE
    cited = list(dict.fromkeys(c.label for c in answer.citations))
    found = []
    for line in lines:
        plain = plain_form(line)
        claims = reader.read(plain)
        labels = tuple(label for label in cited if label in line)
        values = {value for value, _ in claims.amounts}
        fixed = not labels or len(labels) > 1 or len(values) > 1 or len(line) > longest
        found.append(Statement(line, plain, labels, claims, fixed))
    return found
