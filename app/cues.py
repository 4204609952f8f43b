"""Cues: how people say what they want to know, compiled from ``cues.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Characters (folded) of written Cantonese that Mandarin has no use for.
_CANTONESE = re.compile("[嘅咗喺哋啲冇嚟佢嗰𠮶嘢攞畀俾咁乜咩噃㗎唔咪搵]|系咪|几多|边[个度日样间条啲一二两三]|几时")

CUES_FILE = Path(__file__).with_name("cues.toml")


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something often asked for that few texts give. ``present`` finds words of a text that do give it."""

    name: str
    cue: re.Pattern[str]
    present: re.Pattern[str]
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Comparator:
    """How a figure is bounded in a question, by words before it or after it."""

    name: str
    before: re.Pattern[str]
    after: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of honours, standards or programmes. ``noun`` is what stays of a question without it: a level of
    standards leaves the standard, one that ranks places leaves nothing."""

    name: str
    cue: re.Pattern[str]
    noun: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What else in a question tells how it is meant: ``[hint]``, where each says what it is for."""

    asks_what: re.Pattern[str]
    asks_whether: re.Pattern[str]
    asks_when: re.Pattern[str]
    asking: re.Pattern[str]
    plea: re.Pattern[str]
    how_much: re.Pattern[str]
    supposed: re.Pattern[str]
    superlative: re.Pattern[str]
    where: re.Pattern[str]
    said: re.Pattern[str]
    where_said: re.Pattern[str]
    nth_turn: re.Pattern[str]
    dangling: re.Pattern[str]
    tax_rule: re.Pattern[str]
    procedure: re.Pattern[str]
    n_departments: re.Pattern[str]
    apart: re.Pattern[str]
    nth_listed: re.Pattern[str]
    bare_number: re.Pattern[str]
    that_clause: re.Pattern[str]
    basis: re.Pattern[str]
    not_given: re.Pattern[str]
    elliptic: re.Pattern[str]
    document: re.Pattern[str]
    clause: re.Pattern[str]
    money: re.Pattern[str]
    place_policy: re.Pattern[str]
    cluster_policy: re.Pattern[str]
    from_place: re.Pattern[str]
    way_to_place: re.Pattern[str]
    asker_in_place: re.Pattern[str]
    own_place: re.Pattern[str]
    parting: re.Pattern[str]
    involved: re.Pattern[str]
    responsible: re.Pattern[str]
    districts: re.Pattern[str]
    waved_away: re.Pattern[str]
    waved_from: re.Pattern[str]
    inclusion: re.Pattern[str]
    not_that_label: re.Pattern[str]
    before_part: re.Pattern[str]
    negated: re.Pattern[str]
    bare_recipient: re.Pattern[str]
    approval: re.Pattern[str]
    matched: re.Pattern[str]
    matching: re.Pattern[str]
    instead_of_noun: re.Pattern[str]
    denied_before: re.Pattern[str]
    about_asker: re.Pattern[str]
    rank: re.Pattern[str]
    multiple: re.Pattern[str]
    every: re.Pattern[str]
    circumstance: re.Pattern[str]
    each_level: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Where a question may be parted: into asks, into parts, into matters put one by one, into the segments that each
    name something."""

    ask: re.Pattern[str]
    part: re.Pattern[str]
    item: re.Pattern[str]
    segment: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class SourceSigns:
    """Words of the policies' own texts, where all else are words of questions."""

    grant: re.Pattern[str]
    approval: re.Pattern[str]
    timing: re.Pattern[str]
    from_after: re.Pattern[str]
    case_by_case: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cues:
    """All cues. A pattern serves every language: the question is folded, so none can take the other for its own.

    ``quantities`` are the names of the attributes that ask for a number of something other than money, ``lesser``
    the grades that a thing is not of unless that is said."""

    facets: dict[str, re.Pattern[str]]
    attributes: tuple[Attribute, ...]
    quantities: frozenset[str]
    documents: dict[str, re.Pattern[str]]
    operations: dict[str, re.Pattern[str]]
    filters: dict[str, re.Pattern[str]]
    comparators: tuple[Comparator, ...]
    turns: dict[str, re.Pattern[str]]
    parts: dict[str, re.Pattern[str]]
    levels: tuple[Level, ...]
    grades: dict[str, re.Pattern[str]]
    lesser: frozenset[str]
    hints: Hints
    boundaries: Boundaries
    source: SourceSigns
    orders: dict[str, re.Pattern[str]]
    sentences: dict[str, re.Pattern[str]]
    generic: frozenset[str]
    honours: frozenset[str]
    cantonese: tuple[tuple[re.Pattern[str], str], ...]
    colloquial: tuple[tuple[re.Pattern[str], str], ...]
    idioms: tuple[tuple[re.Pattern[str], str], ...]

    def mandarin(self, text: str) -> str:
        """A folded text with Cantonese and colloquial words and English idioms replaced by plain ones."""
        if _CANTONESE.search(text):
            for cantonese, mandarin in self.cantonese:
                text = cantonese.sub(mandarin, text)
        for word, plain in self.colloquial:
            text = word.sub(plain, text)
        for idiom, plain in self.idioms:
            text = idiom.sub(plain, text)
        return text


def load_cues(path: Path = CUES_FILE) -> Cues:
    """Compile the cue file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))

    def table(name: str) -> dict[str, re.Pattern[str]]:
        return {key: _pattern(entry) for key, entry in data[name].items()}

    return Cues(
        facets=table("facet"),
        attributes=(
            *(
                Attribute(name, _pattern(a), re.compile(a["present"]), a["name_zh"], a["name_en"])
                for name, a in data["attribute"].items()
            ),
            *(_quantity(name, q) for name, q in data["quantity"].items()),
        ),
        quantities=frozenset(data["quantity"]),
        documents=table("document"),
        operations=table("operation"),
        filters=table("filter"),
        comparators=tuple(
            Comparator(name, _ending(c["zh_before"], c["en_before"]), _starting(c["zh_after"], c["en_after"]))
            for name, c in data["comparator"].items()
        ),
        turns=table("turn"),
        parts=table("part"),
        levels=tuple(
            Level(name, _pattern(entry), entry.get("noun", ""), entry["name_zh"], entry["name_en"])
            for name, entry in data["level"].items()
        ),
        grades=table("grade"),
        lesser=frozenset(name for name, entry in data["grade"].items() if entry.get("lesser")),
        # A table that the file lacks, or one that nobody reads, is a TypeError here.
        hints=Hints(**table("hint")),
        boundaries=Boundaries(**table("boundary")),
        source=SourceSigns(**table("source")),
        orders=table("order"),
        sentences=table("sentence"),
        generic=frozenset(data["generic"]["zh"].split()) | frozenset(data["generic"]["en"].split()),
        honours=frozenset(data["generic"]["honours"]),
        cantonese=tuple((re.compile(c), m) for c, m in data["cantonese"].items()),
        colloquial=tuple((re.compile(c), plain) for c, plain in data["colloquial"].items()),
        idioms=tuple((re.compile(rf"(?<![a-z]){i}(?![a-z])"), plain) for i, plain in data["english"].items()),
    )


def _quantity(name: str, entry: dict[str, Any]) -> Attribute:
    """How many of something, whichever way round it is asked: 专利多少件, 多少件专利, how many patents."""
    noun, unit, english = entry["noun_zh"], entry["unit_zh"], entry["noun_en"]
    least = (
        "(?:最少|至少|起码|最低|不少于|不低于|超过|达到|做到|大概|一般|总共|应该|需要|必须|要求|[要得须需满够有是到占])"
    )
    how = "(?:多少|几|多大|多高|多长|多久|什么数)"
    cue = [
        f"(?:{noun})(?:的?(?:数量?|人数|总数|规模|水平|门槛|指标|下限))?(?:{least}){{0,4}}{how}(?:个|以上)?(?:{unit})?",
        f"(?:{noun})(?:的?(?:数量?|人数|总数|规模|门槛|下限))?(?:有没有|有无|有)(?:最低|下限|门槛|要求|限制|规定)",
        f"(?:{noun})(?:的?数量?|人数)?(?:会不会|是不是|算不算)?(?:不够|够不够|太少|太小|够吗)",
        # 我们几个博士: some of us, no question.
        f"(?<![我你他咱们这那好十])(?:(?:多少|几)个?|多[高大长强厚宽]的?)(?:{noun})",
    ]
    if unit:
        # A unit that measures and departments are counted in too asks for this only where a least is asked for.
        bare = entry.get("unit_alone", "")
        cue += [f"(?:{least}){{1,4}}(?:多少|几)(?:个|多)?(?:{unit})"] + ([f"(?:多少|几)个?(?:{bare})"] if bare else [])
    many = (
        f"how many (?:\\w+[ -]){{0,3}}?(?:{english})",
        "(?:minimum|least|required|smallest|what|how (?:big|large|high|long)(?: a| an)?) "
        f"(?:\\w+ ){{0,2}}?(?:{english})",
    )
    cue += entry.get("zh", [])
    cue.append(f"(?<![a-z])(?:{'|'.join([*many, *entry.get('en', [])])})(?![a-z])")
    figure = "\\d+(?:\\.\\d+)?\\s*"
    # A figure in the unit; where none is used for nothing else, one soon after the noun (持股比例达25%).
    present = f"{figure}(?:个|多)?(?:{unit})" if unit else f"(?:{noun})[^。；;，,]{{0,12}}?{figure}(?:%|元|年)"
    return Attribute(name, re.compile("|".join(cue)), re.compile(present), entry["name_zh"], entry["name_en"])


def _pattern(entry: dict[str, Any]) -> re.Pattern[str]:
    # An English cue starts where a word starts: in force is not in join forces. That is said once for all of them,
    # because every command compiles all cues.
    english = entry.get("en", [])
    whole_words = [f"(?<![a-z])(?:{'|'.join(english)})"] if english else []
    return re.compile("|".join([*entry.get("zh", []), *whole_words, *entry.get("raw", [])]))


def _ending(zh: list[str], en: list[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join((*zh, *en))})\\s*(?:的|到|了|为|rmb|cny|¥|the)?\\s*$")


def _starting(zh: list[str], en: list[str]) -> re.Pattern[str]:
    return re.compile(f"^\\s*(?:rmb|yuan|元)?\\s*(?:[(（]含(?:本数)?[)）])?\\s*(?:{'|'.join((*zh, *en))})")
