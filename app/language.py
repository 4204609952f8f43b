"""Which language a question is in, and how an answer gets into it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from corpus.terms import HAN, to_simplified

_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
# Words no Chinese sentence borrows: with two of them, the frame of the sentence is English.
_ENGLISH_FRAME = frozenset(
    (
        "what which who whom whose when where why how is are was were do does did can could will would "
        "shall should may might must the a an of for to in on with by from and or not if that this it we "
        "our us you your my me i am be been get have has"
    ).split()
)
# Characters of written Cantonese; whoever writes them reads traditional characters.
_CANTONESE = re.compile("[嘅咗喺哋啲冇嚟佢嗰嘢攞畀咁乜咩噃㗎邊係唔咪]")
_ASKED = (
    (
        "zh",
        re.compile(
            r"用(?:简体)?中文(?:告诉|回答|回复|答|说|讲|再)"
            r"|(?:answer|reply|respond|tell me) in chinese\b|^in chinese\b|in chinese please",
            re.IGNORECASE,
        ),
    ),
    (
        "zh-Hant",
        re.compile(r"用繁[体體](?:中文|字)?(?:告|回|答|说|說|讲|講|写|寫|再)|in traditional chinese", re.IGNORECASE),
    ),
    (
        "en",
        re.compile(
            r"用英[文语語](?:告|回|答|说|說|讲|講|再)"
            r"|(?:answer|reply|respond|tell me) in english\b|^in english\b|english,? please",
            re.IGNORECASE,
        ),
    ),
)
LANGUAGES = ("zh", "zh-Hant", "en")


def detect_language(text: str) -> str:
    """``zh``, ``zh-Hant`` or ``en``; what the question asks to be answered in comes first.

    Text without letters counts as ``zh``.
    """
    for language, pattern in _ASKED:
        if pattern.search(text):
            return language
    han = len(_HAN.findall(text))
    words = [w.lower() for w in _LATIN_WORD.findall(text)]
    frame = sum(w in _ENGLISH_FRAME for w in words)
    if words and (not han or (frame >= 2 and frame * 4 >= han / 2) or len(words) > han):
        return "en"
    if _CANTONESE.search(text):
        return "zh-Hant"
    traditional = _differing(text, to_simplified(text))
    # One traditional character among simplified ones is a slip of the input method.
    return "zh-Hant" if traditional and traditional >= _differing(text, to_traditional(text)) else "zh"


def _differing(text: str, converted: str) -> int:
    """How many characters a conversion changes."""
    return sum(a != b for a, b in zip(text, converted, strict=False))


@lru_cache(maxsize=1)
def _to_traditional() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


def to_traditional(text: str) -> str:
    """Our own words in traditional characters. Never for labels and quotations, which stay as in the source."""
    return str(_to_traditional().convert(text)) if text else text
