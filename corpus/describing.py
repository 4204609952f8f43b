"""What a policy's own text tells of the place it governs and of its subject, for the ``policy.toml`` of one added.

Both only help to tell policies and places apart; a person may put them right in the file.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from corpus.entries import Entry
from corpus.glossary import Glossary
from corpus.models import Policy
from corpus.terms import fold

_WORDS_FILE = Path(__file__).with_name("describing.toml")
_LEVEL = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,7}?)(?P<kind>特别行政区|经济特区|自治区|自治州|自治县|地区|新区|省|市|县|区|旗)"
)
# 1. 示例市…, 中共示例市委…
_BEFORE_PLACE = re.compile(r"(?:[^\u4e00-\u9fff]*年)?[^\u4e00-\u9fff]*(?:中共)?")
_MAX_SUBJECT = 12
_HAN = re.compile(r"[\u4e00-\u9fff]")
_PARTING = re.compile(r"[、，,]|以及|[和与及暨]")
_ASIDE = re.compile(r"[(（〔\[【].*?[)）〕\]】]|[《》“”\"\s]|\d{4}\s*(?:[-—－至]\s*\d{4}\s*)?年?|\d+")


def places_of(policy: Policy) -> tuple[str, ...]:
    """Names of the place that a policy governs, the narrowest first: 示例市, 示例, Shili. From its issuers, else its
    title; empty for a national policy and where neither names a place."""
    levels = next((found for name in (*policy.issuers, policy.title) if (found := _levels(name))), [])
    names: list[str] = []
    for full, short in reversed(levels):
        names += [full, short] if len(short) > 1 else [full]
    if levels:
        names.append(_latin(levels[-1][1]))
    return tuple(dict.fromkeys(names))


def subjects_of(policy: Policy, glossary: Glossary) -> tuple[str, ...]:
    """Words for what a policy is about, from its title, each with its English where the glossary has it; empty where
    the title says nothing of its own."""
    # …局关于…: the body that speaks is not what it speaks of.
    title = _ASIDE.sub("", policy.title).rpartition("关于")[2]
    subjects: list[str] = []
    for part in _PARTING.split(title):
        core = _core(part)
        if 2 <= len(core) <= _MAX_SUBJECT and _HAN.match(core) and core not in _words("too_general"):
            subjects.append(core)
    english = {fold(term.zh): term.en for term in glossary.terms}
    return tuple(dict.fromkeys([*subjects, *(en for s in subjects for en in english.get(fold(s), ())[:2])]))


def _levels(name: str) -> list[tuple[str, str]]:
    """The places that a name begins with, the widest first, in full and without 省, 市, 区."""
    found: list[tuple[str, str]] = []
    before = _BEFORE_PLACE.match(name)
    at = before.end() if before else 0
    while match := _LEVEL.match(name, at):
        if any(word in match.group() for word in _words("no_place")):
            break
        found.append((match.group(), match["name"]))
        at = match.end()
    return found


def _core(title: str) -> str:
    """What is left of a title's words when places, and words that lead to a subject or follow it, are taken off."""
    while True:
        place = "".join(full for full, _ in _levels(title))
        start = place if place and title.startswith(place) else next(filter(title.startswith, _words("before")), "")
        end = next(filter(title.endswith, _words("after")), "")
        if not start and not end:
            return title
        if len(start) + len(end) >= len(title):
            return ""
        title = title[len(start) : len(title) - len(end)]


@cache
def _words(key: str) -> tuple[str, ...]:
    return tuple(sorted(Entry.read(_WORDS_FILE).text(key).split(), key=len, reverse=True))


def _latin(name: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).capitalize()
