"""BM25 as a share: how much of a query's term weight a document holds, 0..1.

The formula is Lucene's (k1 1.5, b 0.75, no ``k1 + 1`` in the numerator), so each term gives less than its idf
and the sum over the query's idf stays below one. An index of our own rather than bm25s: a query here is made
of alternatives (an English term is worth the best of its Chinese candidates, per document), which a matrix of
finished scores can't express, and it spares every command the import of scipy. Tests hold it to bm25s.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K1 = 1.5
B = 0.75


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """One thing a query asks for, in one or more wordings: each alternative is the terms of one wording."""

    alternatives: tuple[tuple[str, ...], ...]


def plain(terms: Iterable[str]) -> list[QueryTerm]:
    """Each term as itself, repeats once."""
    return [QueryTerm(((term,),)) for term in dict.fromkeys(terms)]


class LexicalIndex:
    """Postings of tokenised documents. Documents are known by their position."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._size = len(documents)
        lengths = np.array([len(document) for document in documents], dtype=np.float64)
        mean_length = float(lengths.mean()) if self._size and lengths.any() else 1.0
        postings: dict[str, tuple[list[int], list[int]]] = {}
        for position, document in enumerate(documents):
            for term, frequency in Counter(document).items():
                positions, frequencies = postings.setdefault(term, ([], []))
                positions.append(position)
                frequencies.append(frequency)
        self._saturation = K1 * (1 - B + B * lengths / mean_length)
        self._postings = postings

    def __len__(self) -> int:
        return self._size

    def idf(self, term: str) -> float:
        """Lucene's inverse document frequency, above 0; highest for a term that no document has."""
        posting = self._postings.get(term)
        holders = len(posting[0]) if posting else 0
        return math.log(1 + (self._size - holders + 0.5) / (holders + 0.5))

    def share(self, query: Sequence[QueryTerm]) -> NDArray[np.float64]:
        """BM25 of each document over the sum of idf of the query: shape ``(len(self),)``, 0..1.

        Terms that no document has count in the sum: a question about something else gets a low share
        everywhere. All zero when the query is empty.
        """
        found = np.zeros(self._size)
        weight = 0.0
        for term in query:
            term_found, term_weight = self._best(term)
            found += term_found
            weight += term_weight
        return np.minimum(found / weight, 1.0) if weight else found

    def _best(self, term: QueryTerm) -> tuple[NDArray[np.float64], float]:
        """BM25 of the best alternative per document, and the weight the term has in the query."""
        known = [a for a in term.alternatives if any(t in self._postings for t in a)]
        if not known:
            return np.zeros(self._size), min((self._weight(a) for a in term.alternatives if a), default=0.0)
        # Wordings of different length are compared by how much of each is there, not by their sums.
        weight = max(self._weight(alternative) for alternative in known)
        shares = [self._bm25(alternative) / self._weight(alternative) for alternative in known]
        return weight * np.maximum.reduce(shares), weight

    def _weight(self, terms: Iterable[str]) -> float:
        return sum(self.idf(term) for term in terms)

    def _bm25(self, terms: Iterable[str]) -> NDArray[np.float64]:
        scores = np.zeros(self._size)
        for term in terms:
            posting = self._postings.get(term)
            if posting is None:
                continue
            positions = np.array(posting[0], dtype=np.intp)
            frequencies = np.array(posting[1], dtype=np.float64)
            scores[positions] += self.idf(term) * frequencies / (frequencies + self._saturation[positions])
        return scores
