"""A model's text as it comes, cut into sentences."""

from __future__ import annotations

import re

_OPENING, _CLOSING = "「“(（《〈【", "」”)）》〉】"
_CHINESE_STOPS = "。！？；"
# A reasoning model's thoughts are not its answer.
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_ABBREVIATION = re.compile(r"(?:\b(?:No|Nos|e\.g|i\.e|etc|vs|cf|Art|approx|Mr|Ms|Dr|R)|\b[A-Z])\.$")
# What stands before a sentence that is written as an item of a list.
_ITEM = re.compile(r"^\s*(?:[-*•·#>]+\s+|\[\d{1,2}\]\s*|\d{1,2}[.、)]\s+(?=\D)|\*\*)")
# A sentence that never ends is cut: it will not pass as it is, and must not hold up what comes after.
_MOST_CHARS = 800


class SentenceBuffer:
    """Takes text in pieces and gives whole sentences. A line ends a sentence, whatever stands at its end."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that ``piece`` completes."""
        self._text = _THOUGHTS.sub("", self._text + piece) if "</think>" in self._text + piece else self._text + piece
        if "<think>" in self._text:
            return []
        found = []
        while (end := _end_of_sentence(self._text)) is not None:
            found.append(self._text[:end])
            self._text = self._text[end:]
        return [s for s in map(_bare, found) if s]

    def rest(self) -> list[str]:
        """What is left at the end, a sentence or the beginning of one."""
        left, self._text = _THOUGHTS.sub("", self._text), ""
        return [s for s in map(_bare, left.split("\n")) if s]


def _end_of_sentence(text: str) -> int | None:
    """Where the first sentence of the text ends (exclusive); None while that can't be told."""
    depth = 0
    for i, char in enumerate(text):
        if char == "\n" or i >= _MOST_CHARS:
            return i + 1
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif char in _CHINESE_STOPS or _is_stop(text, i):
            return i + 1
    return None


def _is_stop(text: str, at: int) -> bool:
    """Whether an English sentence ends at a character; told by what follows it."""
    follows = text[at + 1 : at + 2]
    return text[at] in ".!?" and follows.isspace() and not _ABBREVIATION.search(text[: at + 1])


def _bare(sentence: str) -> str:
    """The sentence without marks of lists and of emphasis."""
    return _ITEM.sub("", sentence.replace("**", "")).strip()
