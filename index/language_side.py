"""The chunks of one language at one grain, ready to be searched from either language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.embedders import Vectors
from index.fusion import Floats, Scale, centred, fixed_scale_sum, ranking
from index.lexical import LexicalIndex, QueryTerm
from index.models import Chunk, Hit
from index.tables import Table

# Centred cosines between a question and a text in another language: unrelated ones lie around .05, right ones
# around .35, and what says the very same seldom above .6.
CROSS_SCALE = Scale(floor=0.05, ceiling=0.6)

Key = tuple[str, str | None]


def about(chunk: Chunk) -> Key:
    """What a chunk speaks of, whatever its language: a clause, or a provision of one."""
    return chunk.clause_id, chunk.provision_id


class LanguageSide:
    """Vectors and postings of one collection. Rows are in document order."""

    def __init__(self, table: Table, language: str, mean: Vectors) -> None:
        """``mean`` is the mean vector of passages in ``language``, taken off across languages."""
        self.language = language
        self.chunks = tuple(record.chunk for record in table.records)
        self.positions = tuple(record.position for record in table.records)
        self.policies = np.array([chunk.policy_id for chunk in self.chunks], dtype=np.str_)
        self.rows: dict[Key, list[int]] = {}
        for row, chunk in enumerate(self.chunks):
            self.rows.setdefault(about(chunk), []).append(row)
        places = {key: place for place, key in enumerate(self.rows)}
        self.places = np.array([places[about(chunk)] for chunk in self.chunks], dtype=np.intp)
        self._vectors = table.vectors
        self._centred = centred(table.vectors, mean)
        self._lexical = LexicalIndex([record.terms for record in table.records])

    def score(self, vector: Vectors, terms: Sequence[QueryTerm], scale: Scale) -> ScoredSide:
        """All rows against a question in the language of this side."""
        cosines, shares = self._vectors @ vector, self._lexical.share(terms)
        return ScoredSide(self, fixed_scale_sum(cosines, shares, scale), cosines, shares)

    def score_across(self, vector: Vectors, query_mean: Vectors, terms: Sequence[QueryTerm]) -> ScoredSide:
        """All rows against a question in another language, whose mean question vector is ``query_mean``."""
        moved, shares = self._centred @ centred(vector, query_mean), self._lexical.share(terms)
        return ScoredSide(self, fixed_scale_sum(moved, shares, CROSS_SCALE), self._vectors @ vector, shares)


@dataclass(frozen=True, slots=True, eq=False)
class ScoredSide:
    """A side with the scores of one question, row by row; a row that may not be found has the score -inf."""

    side: LanguageSide
    scores: Floats
    cosines: Floats
    shares: Floats

    def only(self, allowed: NDArray[np.bool_]) -> ScoredSide:
        """The same with the rows that are not ``allowed`` left out."""
        return ScoredSide(self.side, np.where(allowed, self.scores, -np.inf), self.cosines, self.shares)

    def best(self, count: int) -> list[Key]:
        """The ``count`` best things that rows speak of, each once, best first."""
        keys: dict[Key, None] = {}
        for row in ranking(self.scores):
            if len(keys) == count or not np.isfinite(self.scores[row]):
                break
            keys[about(self.side.chunks[row])] = None
        return list(keys)

    def best_row(self, key: Key) -> int | None:
        """The best row that speaks of ``key``; the first of equals."""
        rows = [row for row in self.side.rows.get(key, ()) if np.isfinite(self.scores[row])]
        return max(rows, key=lambda row: self.scores[row], default=None)

    def best_rows(self) -> dict[Key, int]:
        """``best_row`` of everything that may be found, at once; in document order."""
        order = ranking(self.scores)[::-1]
        best = np.empty(len(self.side.rows), dtype=np.intp)
        # The last to be written stays: the first of the ranking.
        best[self.side.places[order]] = order
        found = np.isfinite(self.scores[best]).tolist()
        return {key: row for key, row, there in zip(self.side.rows, best.tolist(), found, strict=True) if there}

    def hit(self, row: int, score: float) -> Hit:
        """The chunk of ``row`` as a hit with this fused score."""
        return Hit(self.side.chunks[row], score, float(self.cosines[row]), float(self.shares[row]))
