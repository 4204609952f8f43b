"""Slips of the keyboard and of speech recognition, put right where the policy has the word that was meant.

Chinese: characters that sound like a term of the policy (小具人, 小巨人) become the term. English: words one or
two letters away from a word of the policy become that word. Words that are known are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from corpus.terms import HAN, Tokenizer

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_HAN_RUN = re.compile(f"[{HAN}]+")
_WORD = re.compile(r"[a-z]{4,}")
_MAX_TERM = 8
# Sounds that speech recognition and many speakers do not keep apart.
_MERGED = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"(?<=[aei])ng$"), "n"))


class SpellingCorrector:
    """Corrects folded text towards a vocabulary. Built at first use; threads may share it.

    ``chinese`` are terms of two characters or more, those preferred first; ``english`` lower-case words; ordinary
    words of the tokenizer's dictionary are left alone. Of equally near English words those ``preferred`` are meant.
    """

    def __init__(
        self,
        chinese: Iterable[str],
        english: Iterable[str],
        tokenizer: Tokenizer,
        preferred: frozenset[str] = frozenset(),
    ) -> None:
        self._chinese = tuple(chinese)
        self._preferred = preferred
        self._english = frozenset(w for w in english if _WORD.fullmatch(w))
        self._tokenizer = tokenizer

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], list[str]]:
        sounds: dict[tuple[str, ...], list[str]] = {}
        for term in self._chinese:
            if 2 <= len(term) <= _MAX_TERM and _HAN_RUN.fullmatch(term):
                sounds.setdefault(self._sound(term), []).append(term)
        return sounds

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(self._chinese)

    @cached_property
    def _ordinary(self) -> SpellChecker:
        """English words as such: one that means something else is no slip for a word of the policy."""
        from spellchecker import SpellChecker

        return SpellChecker(language="en", distance=1)

    @staticmethod
    def _sound(text: str) -> tuple[str, ...]:
        from pypinyin import lazy_pinyin

        syllables = []
        for syllable in lazy_pinyin(text):
            for pattern, merged in _MERGED:
                syllable = pattern.sub(merged, syllable)
            syllables.append(syllable)
        return tuple(syllables)

    def correct(self, text: str) -> str:
        """The text with slips put right; the same text where there are none."""
        text = _HAN_RUN.sub(lambda run: self._correct_chinese(run.group()), text)
        return _WORD.sub(lambda word: self._correct_english(word.group()), text)

    def _correct_chinese(self, run: str) -> str:
        sound = self._sound(run)
        if len(sound) != len(run):
            return run
        # A slip never takes half of an ordinary word with it: 应 + 寄往 is not 应寄 (应急).
        bounds = {0}
        for word in self._tokenizer.known_words(run):
            bounds.add(max(bounds) + len(word))
        out, at = [], 0
        while at < len(run):
            sizes = range(min(_MAX_TERM, len(run) - at), 1, -1) if at in bounds else ()
            for size in (s for s in sizes if at + s in bounds):
                heard = run[at : at + size]
                meant = heard if heard in self._terms else self._meant(heard, sound[at : at + size])
                if meant:
                    out.append(meant)
                    at += size
                    break
            else:
                out.append(run[at])
                at += 1
        return "".join(out)

    def _meant(self, heard: str, sound: tuple[str, ...]) -> str | None:
        """The term that a string of this sound is likely to be a slip for: it shares a character with it where it
        is short, two where it is longer, and is no word of its own."""
        candidates = self._by_sound.get(sound)
        if not candidates or self._tokenizer.knows(heard):
            return None
        # max keeps the first of equals, and those preferred come first.
        best = max(candidates, key=lambda term: _shared(heard, term))
        # A word as common as 在 is hardly ever a slip: 公司在 is not 公司债.
        if any(a != b and a in self._preferred for a, b in zip(heard, best, strict=True)):
            return None
        return best if _shared(heard, best) >= (1 if len(heard) <= 3 else 2) else None

    def _correct_english(self, word: str) -> str:
        if word in self._english or word in self._ordinary:
            return word
        from rapidfuzz.distance import OSA

        limit = 1 if len(word) < 7 else 2
        near = [w for w in self._english if w[0] == word[0] and abs(len(w) - len(word)) <= limit]
        scored = [
            (d, w not in self._preferred, w) for w in near if (d := OSA.distance(word, w, score_cutoff=limit)) <= limit
        ]
        return min(scored)[2] if scored else word


def _shared(heard: str, meant: str) -> int:
    return sum(a == b for a, b in zip(heard, meant, strict=True))
