"""Lexical terms of Chinese and English text, the same for what is indexed and what is asked.

Chinese: jieba's search-mode words plus character bigrams, so that a word jieba does not know is still found
by its pieces. English: stemmed words. Both are folded first (see ``fold``).
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.prepared import Grouped, grouped, prepared
from corpus.stemming import stem
from corpus.stopwords import CHINESE_STOP_WORDS, ENGLISH_STOP_WORDS

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"

_HAN_RUN = re.compile(f"[{HAN}]+")
# A latin word or figure keeps what joins it: 20+8, 1:1, co-operate, 0.5.
_PIECES = re.compile(f"(?P<han>[{HAN}]+)|(?P<latin>(?:(?![{HAN}])[^\\W_])+(?:[.+:/&'’\\-](?:(?![{HAN}])[^\\W_])+)*)")
_PARTS = re.compile(r"[^\W_]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def fold(text: str) -> str:
    """``text`` for matching: NFKC, lower case, simplified characters.

    The length may change, so offsets into the result are not offsets into ``text``. Never raises: a lone
    surrogate becomes U+FFFD.
    """
    return to_simplified(unicodedata.normalize("NFKC", encodable(text)).lower())


def encodable(text: str) -> str:
    """``text`` without what libraries choke on: NUL, which ends a C string, becomes a space; a lone surrogate, which
    can't be encoded, U+FFFD."""
    return _SURROGATE.sub("\ufffd", text.replace("\0", " "))


def to_simplified(text: str) -> str:
    """``text`` with traditional characters made simplified; the rest as ``encodable`` gives it."""
    return str(_converter().convert(encodable(text))) if _HAN_RUN.search(text) else text


def language_of(text: str, otherwise: str = "en") -> str:
    """``zh`` when a tenth of the letters of ``text`` are Chinese, else ``otherwise``."""
    chinese = sum(map(len, _HAN_RUN.findall(text)))
    return "zh" if chinese and chinese * 10 >= sum(map(str.isalpha, text)) else otherwise


def english_stems(text: str) -> list[str]:
    """The stems of the latin words of ``text`` in reading order, stop words left out: the key of a phrase."""
    return [
        stem(part)
        for part in _PARTS.findall(fold(text))
        if part not in ENGLISH_STOP_WORDS and not _HAN_RUN.search(part)
    ]


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


class Tokenizer:
    """Splits text into lexical terms. Owns its dictionary: nothing is shared with other users of jieba.

    ``policy_terms`` are kept whole in addition to the dictionary's words. The dictionary is loaded at first
    use, from a prepared file under ``cache_dir`` (None: a private folder in the system's temporary
    directory) that is written when it is missing; where it can't be written, each process prepares its own.
    Threads may share a tokenizer.
    """

    def __init__(self, policy_terms: Iterable[str] = (), cache_dir: Path | None = None) -> None:
        self._policy_terms = tuple(dict.fromkeys(fold(term) for term in policy_terms))
        self._cache_dir = cache_dir
        self._lock = threading.Lock()
        self._jieba: Any = None

    def words(self, text: str) -> list[str]:
        """The words of ``text`` in reading order, folded, without overlaps, punctuation and spaces."""
        words: list[str] = []
        for kind, piece in _pieces(fold(text)):
            if kind == "han":
                words.extend(self._loaded().lcut(piece))
            else:
                words.append(piece)
        return words

    def known_words(self, run: str) -> list[str]:
        """The words of a run of Chinese characters by the dictionary alone, nothing guessed; together the run."""
        return list(self._loaded().lcut(run, HMM=False))

    def knows(self, word: str) -> bool:
        """Whether the dictionary has ``word`` (folded) as a word."""
        return bool(self._loaded().FREQ.get(word, 0))

    def frequency(self, word: str) -> int:
        """How often the dictionary met ``word`` (folded) in the texts it was made from; 0 for one it does not have."""
        return int(self._loaded().FREQ.get(word, 0))

    def terms(self, text: str, language: str) -> list[str]:
        """The terms that are indexed and searched, repeats kept (their number is the term frequency).

        ``language`` is that of the text as a whole; pieces in the other script are split by their own
        rules, so mixed text works in either. Stop words are left out. Empty when nothing is left.
        """
        terms: list[str] = []
        for kind, piece in _pieces(fold(text)):
            if kind == "han":
                terms.extend(self._chinese_terms(piece))
            else:
                terms.extend(_latin_terms(piece, language))
        return terms

    def _chinese_terms(self, run: str) -> Iterator[str]:
        for word in self._loaded().lcut_for_search(run):
            # One character says little by itself, and the bigrams hold it; a run of one has nothing else.
            if word not in CHINESE_STOP_WORDS and (len(word) > 1 or len(run) == 1):
                yield word
        for i in range(len(run) - 1):
            bigram = run[i : i + 2]
            if bigram not in CHINESE_STOP_WORDS:
                yield bigram

    def _loaded(self) -> Any:
        if self._jieba is None:
            with self._lock:
                if self._jieba is None:
                    self._jieba = _load_jieba(self._policy_terms, self._cache_dir)
        return self._jieba


def _pieces(folded: str) -> Iterator[tuple[str, str]]:
    for match in _PIECES.finditer(folded):
        yield str(match.lastgroup), match.group()


def _latin_terms(piece: str, language: str) -> Iterator[str]:
    parts = _PARTS.findall(piece)
    if len(parts) > 1:
        # 20+8 and 1:1 as such; co-operate also by its parts.
        yield piece
    for part in parts:
        # In a Chinese text a latin word is a name (OLED, GB); English function words there mean nothing either.
        if part not in ENGLISH_STOP_WORDS:
            yield stem(part)


# --- jieba's dictionary, loaded fast -----------------------------------------------------------------------
#
# jieba loads half a million prefixes into one dict, 0.5 s for every command.

_FORMAT = 1
# High enough for a policy term to win over any two words it could be cut into, of which even the commonest make up
# half a percent of a text. Asking jieba for the least frequency that wins takes 0.1 ms a term.
POLICY_TERM_FREQUENCY = 3_000


def _load_jieba(policy_terms: Iterable[str], cache_dir: Path | None) -> Any:
    import jieba

    # jieba installs a handler of its own that writes to stderr.
    logging.getLogger("jieba").setLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()

    def make() -> tuple[dict[str, bytes], int]:
        with tokenizer.get_dict_file() as dictionary:
            frequencies, total = tokenizer.gen_pfdict(dictionary)
        return grouped(frequencies), total

    packed, tokenizer.total = prepared(f"jieba-{jieba.__version__}-{_FORMAT}", cache_dir, make)
    # Every word with its frequency, every proper prefix of a word with 0.
    tokenizer.FREQ = Grouped(packed)
    tokenizer.initialized = True
    for term in policy_terms:
        if _HAN_RUN.fullmatch(term):
            tokenizer.add_word(term, max(POLICY_TERM_FREQUENCY, tokenizer.FREQ.get(term, 0)))
    return tokenizer
