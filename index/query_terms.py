"""A question as lexical query terms: its own words, what the policy calls them, and their translations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from corpus.dictionary import Dictionary
from corpus.glossary import Glossary, Match, PhraseTable
from corpus.stopwords import CHINESE_STOP_WORDS
from corpus.terms import Tokenizer, english_stems, fold
from index.lexical import QueryTerm, plain

# No phrase of the general dictionary that is worth looking for is longer, in characters.
_LONGEST_ENGLISH = 40
_LONGEST_CHINESE = 8


class QueryAnalyzer:
    """Turns questions into query terms for documents of either language. Threads may share it."""

    def __init__(self, tokenizer: Tokenizer, glossary: Glossary, dictionary: Dictionary | None = None) -> None:
        self._tokenizer = tokenizer
        self._glossary = glossary
        self.dictionary = dictionary or Dictionary()

    def terms(self, query: str, language: str, document_language: str) -> list[QueryTerm]:
        """``query`` in ``language`` (zh or en) as asked of documents in ``document_language``.

        In one language a lay expression also counts when the document has the official term instead. Across
        languages each phrase counts as the best of its translations, those of the glossary before those of the
        general dictionary, and a word without one as itself.
        """
        if language == document_language:
            return self._chinese(query) if language == "zh" else self._english(query)
        return self._in_chinese(query) if language == "en" else self._in_english(query)

    def _chinese(self, query: str) -> list[QueryTerm]:
        rest = fold(query)
        words = self._tokenizer.words(query)
        expanded = []
        for match in self._lay_chinese.matches(words):
            lay = "".join(words[match.start : match.end])
            rest = rest.replace(lay, " ", 1)
            expanded.append(self._alternatives((lay, *match.candidates), "zh"))
        return plain(self._tokenizer.terms(rest, "zh")) + expanded

    def _english(self, query: str) -> list[QueryTerm]:
        stems = english_stems(query)
        matches = list(self._lay_english.matches(stems))
        expanded = [
            QueryTerm((tuple(stems[match.start : match.end]), *self._tokenized(match.candidates, "en")))
            for match in matches
        ]
        return plain(_outside(stems, matches)) + expanded

    def _in_chinese(self, query: str) -> list[QueryTerm]:
        translated, rest = _looked_up(english_stems(query), self._english_terms, self._english_words)
        return plain(stem for _, stem in rest) + [self._alternatives(m.candidates, "zh") for m in translated]

    def _in_english(self, query: str) -> list[QueryTerm]:
        words = [w for w in self._tokenizer.words(query) if w not in CHINESE_STOP_WORDS]
        translated, rest = _looked_up(words, self._chinese_terms, self._chinese_words)
        terms: list[QueryTerm] = []
        for word in dict.fromkeys(word for _, word in rest):
            # A compound that nobody has translated counts by its parts; a name or a figure as itself.
            parts = [t for t in self._tokenizer.terms(word, "zh") if t in self.dictionary.to_english]
            known = [self._alternatives(self.dictionary.to_english[part], "en") for part in parts]
            terms += known or plain(self._tokenizer.terms(word, "en"))
        return terms + [self._alternatives(m.candidates, "en") for m in translated]

    def _alternatives(self, wordings: tuple[str, ...], language: str) -> QueryTerm:
        return QueryTerm(self._tokenized(wordings, language))

    def _tokenized(self, wordings: tuple[str, ...], language: str) -> tuple[tuple[str, ...], ...]:
        tokenized = (tuple(dict.fromkeys(self._tokenizer.terms(wording, language))) for wording in wordings)
        return tuple(terms for terms in tokenized if terms)

    # The tables are made at first use: a command that asks nothing in English never needs the English ones.

    @cached_property
    def _english_terms(self) -> PhraseTable:
        return self._glossary.english_to_chinese()

    @cached_property
    def _english_words(self) -> PhraseTable:
        return PhraseTable(self.dictionary.to_chinese, " ", _LONGEST_ENGLISH)

    @cached_property
    def _chinese_terms(self) -> PhraseTable:
        return self._glossary.chinese_to_english()

    @cached_property
    def _chinese_words(self) -> PhraseTable:
        return PhraseTable(self.dictionary.to_english, "", _LONGEST_CHINESE)

    @cached_property
    def _lay_chinese(self) -> PhraseTable:
        return self._glossary.lay_to_official_chinese()

    @cached_property
    def _lay_english(self) -> PhraseTable:
        return self._glossary.lay_to_official_english()


def _outside(tokens: list[str], matches: list[Match]) -> list[str]:
    inside = {i for match in matches for i in range(match.start, match.end)}
    return [token for i, token in enumerate(tokens) if i not in inside]


def _looked_up(tokens: list[str], terms: PhraseTable, words: PhraseTable) -> tuple[list[Match], list[tuple[int, str]]]:
    """What ``terms`` know of the tokens and, of what they leave, what ``words`` know; and the tokens in neither, with
    their places."""
    found = list(terms.matches(tokens))
    left = [(i, t) for i, t in enumerate(tokens) if not any(m.start <= i < m.end for m in found)]
    for run in _runs(left):
        found += [
            Match(run[m.start][0], run[m.end - 1][0] + 1, m.candidates) for m in words.matches([t for _, t in run])
        ]
    return found, [(i, t) for i, t in left if not any(m.start <= i < m.end for m in found)]


def _runs(places: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Stretches of tokens that stood next to each other."""
    run: list[tuple[int, str]] = []
    for place in places:
        if run and place[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(place)
    if run:
        yield run
