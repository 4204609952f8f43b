"""Cues: how people say what they want to know, compiled from ``cues.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

# Characters (folded) of written Cantonese that Mandarin has no use for.
_CANTONESE = re.compile("[嘅咗喺哋啲冇嚟佢嗰嘢攞畀俾咁乜咩噃㗎唔咪搵]|系咪|几多|边[个度日样间条啲一二两三]|几时")

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
class Cues:
    """All cues. A pattern serves every language: the question is folded, so none can take the other for its own."""

    facets: dict[str, re.Pattern[str]]
    attributes: tuple[Attribute, ...]
    documents: dict[str, re.Pattern[str]]
    operations: dict[str, re.Pattern[str]]
    filters: dict[str, re.Pattern[str]]
    comparators: tuple[Comparator, ...]
    turns: dict[str, re.Pattern[str]]
    orders: dict[str, re.Pattern[str]]
    sentences: dict[str, re.Pattern[str]]
    generic: frozenset[str]
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
        return {key: _either(entry["zh"], entry["en"]) for key, entry in data[name].items()}

    return Cues(
        facets=table("facet"),
        attributes=tuple(
            Attribute(name, _either(a["zh"], a["en"]), re.compile(a["present"]), a["name_zh"], a["name_en"])
            for name, a in data["attribute"].items()
        ),
        documents=table("document"),
        operations=table("operation"),
        filters=table("filter"),
        comparators=tuple(
            Comparator(name, _ending(c["zh_before"], c["en_before"]), _starting(c["zh_after"], c["en_after"]))
            for name, c in data["comparator"].items()
        ),
        turns=table("turn"),
        orders=table("order"),
        sentences=table("sentence"),
        generic=frozenset(data["generic"]["zh"].split()) | frozenset(data["generic"]["en"].split()),
        cantonese=tuple((re.compile(c), m) for c, m in data["cantonese"].items()),
        colloquial=tuple((re.compile(c), plain) for c, plain in data["colloquial"].items()),
        idioms=tuple((re.compile(rf"(?<![a-z]){i}(?![a-z])"), plain) for i, plain in data["english"].items()),
    )


def _either(zh: list[str], en: list[str]) -> re.Pattern[str]:
    # An English cue starts where a word starts: in force is not in join forces. That is said once for all of them,
    # because every command compiles all cues.
    return re.compile("|".join([*zh, f"(?<![a-z])(?:{'|'.join(en)})"] if en else zh))


def _ending(zh: list[str], en: list[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join((*zh, *en))})\\s*(?:的|到|了|为|rmb|cny|¥|the)?\\s*$")


def _starting(zh: list[str], en: list[str]) -> re.Pattern[str]:
    return re.compile(f"^\\s*(?:rmb|yuan|元)?\\s*(?:[(（]含(?:本数)?[)）])?\\s*(?:{'|'.join((*zh, *en))})")
