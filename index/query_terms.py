"""A question as lexical query terms: its own words, what the policy calls them, and their translations."""

from __future__ import annotations

from functools import cached_property

from corpus.glossary import Glossary, Match, PhraseTable
from corpus.terms import Tokenizer, english_stems, fold
from index.lexical import QueryTerm, plain


class QueryAnalyzer:
    """Turns questions into query terms for documents of either language. Threads may share it."""

    def __init__(self, tokenizer: Tokenizer, glossary: Glossary) -> None:
        self._tokenizer = tokenizer
        self._glossary = glossary

    def terms(self, query: str, language: str, document_language: str) -> list[QueryTerm]:
        """``query`` in ``language`` (zh or en) as asked of documents in ``document_language``.

        In one language a lay expression also counts when the document has the official term instead. From
        English to Chinese each phrase counts as the best of its translations, and a word without one as
        itself. From Chinese to English only names and figures can meet.
        """
        if language == document_language:
            return self._chinese(query) if language == "zh" else self._english(query)
        return self._translated(query) if language == "en" else plain(self._tokenizer.terms(query, "zh"))

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

    def _translated(self, query: str) -> list[QueryTerm]:
        stems = english_stems(query)
        matches = list(self._dictionary.matches(stems))
        translated = [self._alternatives(match.candidates, "zh") for match in matches]
        return plain(_outside(stems, matches)) + translated

    def _alternatives(self, wordings: tuple[str, ...], language: str) -> QueryTerm:
        return QueryTerm(self._tokenized(wordings, language))

    def _tokenized(self, wordings: tuple[str, ...], language: str) -> tuple[tuple[str, ...], ...]:
        tokenized = (tuple(dict.fromkeys(self._tokenizer.terms(wording, language))) for wording in wordings)
        return tuple(terms for terms in tokenized if terms)

    # The tables are made at first use: a command that asks nothing in English never needs the English ones.

    @cached_property
    def _dictionary(self) -> PhraseTable:
        return self._glossary.english_to_chinese()

    @cached_property
    def _lay_chinese(self) -> PhraseTable:
        return self._glossary.lay_to_official_chinese()

    @cached_property
    def _lay_english(self) -> PhraseTable:
        return self._glossary.lay_to_official_english()


def _outside(tokens: list[str], matches: list[Match]) -> list[str]:
    inside = {i for match in matches for i in range(match.start, match.end)}
    return [token for i, token in enumerate(tokens) if i not in inside]
