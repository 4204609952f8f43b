"""Answers' sentences in the language of the question, from one table; quotations and labels stay untouched."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.language import to_traditional
from corpus.models import Amount, Clause, Policy
from corpus.money import chinese_amount, chinese_figure, english_amount, english_figure

PHRASES_FILE = Path(__file__).with_name("phrases.toml")
# Around words of the source: what lies between them is never converted to traditional characters.
_OPEN, _CLOSE = "\ue000", "\ue001"
_KEPT = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
MONTHS = ("January February March April May June July August September October November December").split()


def keep(text: str) -> str:
    """Mark words of the source as such, for ``finish``."""
    return f"{_OPEN}{text.replace(_OPEN, '').replace(_CLOSE, '')}{_CLOSE}"


def load_phrases(path: Path = PHRASES_FILE) -> dict[str, dict[str, str]]:
    """The table of sentences: key to language (zh, en) to template."""
    data: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return data


@dataclass(frozen=True)
class Wording:
    """Says things in one language."""

    phrases: dict[str, dict[str, str]]
    language: str

    @property
    def english(self) -> bool:
        return self.language == "en"

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the table, filled in. KeyError for one that is not there."""
        return self.phrases[key]["en" if self.english else "zh"].format(**values)

    def finish(self, text: str) -> str:
        """The text as shown: traditional characters where asked for, except in words of the source."""
        if self.language != "zh-Hant":
            return text.replace(_OPEN, "").replace(_CLOSE, "")
        parts, at = [], 0
        for match in _KEPT.finditer(text):
            parts += [to_traditional(text[at : match.start()]), match.group(1)]
            at = match.end()
        return "".join([*parts, to_traditional(text[at:])])

    def ref(self, clause: Clause) -> str:
        """How a sentence refers to a clause: ``(十九)``, ``Measure 19 (十九)``; the label is the source's own."""
        label = keep(clause.label)
        if not self.english:
            return label if clause.label.startswith(("(", "（")) else f"（{label}）"
        if clause.number is None:
            return f"{self.title_of_part(clause)} ({label})"
        noun = "Article" if "条" in clause.label else "Measure"
        return f"{noun} {clause.number} {label if clause.label.startswith('(') else f'({label})'}"

    @staticmethod
    def title_of_part(clause: Clause) -> str:
        """English for a part without a number."""
        return _PARTS.get(clause.path, "the section")

    def amount(self, amount: Amount) -> str:
        """A sum with its bound."""
        return english_amount(amount) if self.english else chinese_amount(amount)

    def figure(self, value: int) -> str:
        """A bare sum of yuan."""
        return f"{english_figure(value)} ({chinese_figure(value)})" if self.english else chinese_figure(value)

    def day(self, day: date) -> str:
        """A date as people read it."""
        return (
            f"{day.day} {MONTHS[day.month - 1]} {day.year}"
            if self.english
            else f"{day.year}年{day.month}月{day.day}日"
        )

    def month(self, year: int, month: int) -> str:
        """A month of a year as people read it."""
        return f"{MONTHS[month - 1]} {year}" if self.english else f"{year}年{month}月"

    def joined(self, parts: list[str]) -> str:
        """A list in running text."""
        if not self.english:
            return "、".join(parts)
        return "; ".join(parts)

    def title(self, policy: Policy, clause: Clause) -> str:
        """A clause's title, in English where a reference translation is at hand."""
        if self.english and clause.id in policy.translations:
            title = policy.translations[clause.id].title
            return title[:1].lower() + title[1:] if title[1:2].islower() else title
        return clause.title


_PARTS = {
    "notice": "the covering notice",
    "preamble": "the preamble",
    "scope": "the key areas of support",
    "closing": "the supplementary provisions",
    "body": "the text",
    "imprint": "the imprint",
}
