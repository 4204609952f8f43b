"""What a line says of departments: which it names, and whether it says that they are, or are not, responsible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.departments import Mention

# Departments are masked while a line is read, letter by letter, so that offsets stay.
_MASK = "\1"
_NEXT = rf"\s*(?:the |and |or |with )*{_MASK}"
# An answer by yes or no is a phrase of its own; a list of departments is one, its commas part nothing.
_YES_NO = re.compile(r"\s*(?:是的|不是|不对|对|没有|yes|no)\s*[，,]", re.IGNORECASE)
_LISTED = rf"(?<=[{_MASK})])\s*(?:[，,、]|and|but)(?={_NEXT})"
_SEPARATOR = re.compile(
    rf"{_LISTED}|(?P<end>[。；;：:，,、]|但|(?<![a-z])(?:and|but)(?![a-z]))",
    re.IGNORECASE,
)
_DENIAL = re.compile(r"不是|不在|不对|不由|没有|并非|不含|不包括|(?<![a-z])(?:not|no)(?![a-z])", re.IGNORECASE)
# What denies the departments themselves, right before their list or after it, and not something else about them.
_DENIED_AFTER = re.compile(
    rf"(?:没有|不含|不包括|不是|并非|不由|不是由|并非由|(?<![a-z])not (?:name|include|list|by|of))\s*(?:the\s)?"
    rf"(?:[\s、,，和及与()]|and|or|the|{_MASK})*$",
    re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    rf"(?:[\s、,，和及与()]|and|the|{_MASK})*(?:都|均|并)?"
    r"(?:不是|不在|并非|不属于|(?:is|are|was|were)(?: not|n't)(?![a-z]))",
    re.IGNORECASE,
)
_LEADING = re.compile(r"牵头|(?<![a-z])(?:lead|leads|led)(?![a-z])", re.IGNORECASE)
_ALONE = re.compile(r"[仅只]由|(?<![a-z])(?:alone|only|solely)(?![a-z])", re.IGNORECASE)
_SAME_AGAIN = re.compile(r"\s*[(（]\s*")


@dataclass(frozen=True, slots=True)
class DepartmentClaim:
    """One department in a line. ``doubted``: its phrase denies something; ``denied``: it denies this department.
    ``leading`` and ``alone``: the phrase is about who leads, or who is responsible alone."""

    mention: Mention
    doubted: bool
    denied: bool
    leading: bool
    alone: bool


def department_claims(line: str, mentions: Sequence[Mention]) -> list[DepartmentClaim]:
    """What a line (half-width) says of each department that is named in it, in order."""
    masked = line
    for m in mentions:
        masked = f"{masked[: m.start]}{_MASK * (m.end - m.start)}{masked[m.end :]}"
    claims = []
    for start, end in _phrases(masked):
        phrase = masked[start:end]
        for m in mentions:
            if start <= m.start < end:
                denied = _DENIED_AFTER.search(masked, start, m.start) or _DENIED_BEFORE.match(masked, m.end, end)
                claims.append(
                    DepartmentClaim(
                        mention=m,
                        doubted=_DENIAL.search(phrase) is not None,
                        denied=denied is not None,
                        leading=_LEADING.search(phrase) is not None,
                        alone=_ALONE.search(phrase) is not None,
                    )
                )
    return claims


def said_twice(line: str, mentions: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Departments followed in brackets by their names in the other language."""
    for one, other in pairwise(mentions):
        in_two_languages = line[one.start].isascii() != line[other.start].isascii()
        if in_two_languages and _SAME_AGAIN.fullmatch(line, one.end, other.start):
            yield one, other


def _phrases(masked: str) -> Iterator[tuple[int, int]]:
    answer = _YES_NO.match(masked)
    start = answer.end() if answer else 0
    for separator in _SEPARATOR.finditer(masked, start):
        if separator["end"]:
            yield start, separator.start()
            start = separator.end()
    yield start, len(masked)
