"""Finding the reviewed answer to a question: the same, nearly the same, or meaning the same."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from app.records.models import ApprovedAnswer
from app.records.spelling_key import question_digest, spelling_key
from app.records.store import Records
from corpus.models import Clause, Policy
from corpus.terms import fold

log = logging.getLogger(__name__)

EXACT, CLOSE, MEANING = "exact", "close", "meaning"
# Of 100. Below it questions that differ by more than a slip or a word of courtesy begin.
CLOSE_RATIO = 82.0
# A beginning that is typed so far counts as close to the whole once it is this share of it.
CONTAINED_SHARE = 0.5
CONTAINED_CHARS = 6
# Cosine of the two questions less what their language adds. Of 16 made-up pairs that ask the same, 14 lie above; of
# 17 pairs that were made to look alike and don't, 4, which is why the reviewed question is shown with the answer.
MEANING_COSINE = 0.52
# Any figure, in either script: what asks about another sum, year or clause is another question.
_FIGURE = re.compile(r"\d+(?:\.\d+)?|[零〇一二三四五六七八九十百千万亿]{2,}")


class Meaning(Protocol):
    """What turns a question into a vector: an index does."""

    def embed_meaning(self, text: str) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Match:
    """An approved answer and how its question matched; ``score`` orders the matches of one kind."""

    row: ApprovedAnswer
    match: str
    score: float
    stale: bool


def clause_digest(clause: Clause) -> str:
    """The same while the text of a clause stays the same."""
    return hashlib.sha256(clause.text.encode()).hexdigest()


def clause_record(clause: Clause) -> dict[str, Any]:
    """A clause as an approved answer cites it."""
    return {"id": clause.id, "label": clause.label, "title": clause.title, "digest": clause_digest(clause)}


def is_stale(row: ApprovedAnswer, policies: Iterable[Policy]) -> bool:
    """Whether a clause that the answer cites has been changed or is gone since the review."""
    current = {clause.id: clause for policy in policies for clause in policy.clauses}
    return any(
        cited["id"] not in current or clause_digest(current[cited["id"]]) != cited["digest"] for cited in row.clauses
    )


class ApprovedAnswers:
    """The approved answers of ``records``, found by question. ``meaning`` and ``embedder``, its identity, are None
    where there is no index: then questions match by their words alone."""

    def __init__(
        self, records: Records, policies: Sequence[Policy], meaning: Meaning | None = None, embedder: str | None = None
    ) -> None:
        self._records = records
        self._policies = policies
        self._meaning = meaning
        self._embedder = embedder

    def find(self, question: str, k: int = 3) -> list[Match]:
        """At most ``k`` answers, the surest first; empty for a blank question. RecordsUnavailable."""
        # What is stored is masked, so that only what is masked can be the same.
        question = self._records.mask(question)
        if not question.strip() or k <= 0:
            return []
        rows = self._records.approved()
        matches: dict[int, Match] = {}
        for row in rows:
            found = self._by_words(question, row)
            if found:
                matches[row.id] = found
        if not any(match.match == EXACT for match in matches.values()):
            for match in self._by_meaning(question, [row for row in rows if row.id not in matches]):
                matches[match.row.id] = match
        order = (EXACT, CLOSE, MEANING)
        return sorted(matches.values(), key=lambda m: (order.index(m.match), -m.score, -m.row.id))[:k]

    def _by_words(self, question: str, row: ApprovedAnswer) -> Match | None:
        if row.digest == question_digest(question):
            return Match(row, EXACT, 100.0, is_stale(row, self._policies))
        asked, reviewed = spelling_key(question), spelling_key(row.question)
        score = fuzz.ratio(asked, reviewed)
        if asked in reviewed and len(asked) >= max(CONTAINED_CHARS, CONTAINED_SHARE * len(reviewed)):
            score = max(score, CLOSE_RATIO)
        if score < CLOSE_RATIO or _word_replaced(asked, reviewed) or self._differ(question, row):
            return None
        return Match(row, CLOSE, score, is_stale(row, self._policies))

    def _by_meaning(self, question: str, rows: Sequence[ApprovedAnswer]) -> list[Match]:
        if self._meaning is None or self._embedder is None or not rows:
            return []
        try:
            vectors = self._vectors(rows)
            asked = self._meaning.embed_meaning(question)
        except Exception:
            # An embedder that is a server may be away; the words still match.
            log.exception("approved answers could not be compared by meaning")
            return []
        cosines = {row.id: float(vectors[row.id] @ asked) for row in rows}
        return [
            Match(row, MEANING, cosines[row.id], is_stale(row, self._policies))
            for row in rows
            if cosines[row.id] >= MEANING_COSINE and not self._differ(question, row)
        ]

    def _vectors(self, rows: Sequence[ApprovedAnswer]) -> Mapping[int, NDArray[np.float32]]:
        """The vector of each row, from the records or made and left there."""
        assert self._meaning is not None
        assert self._embedder is not None
        kept = self._records.vectors(self._embedder)
        found: dict[int, NDArray[np.float32]] = {}
        made: list[tuple[int, str, bytes]] = []
        for row in rows:
            digest, vector = kept.get(row.id, ("", b""))
            if digest == row.digest:
                found[row.id] = np.frombuffer(vector, dtype="<f4")
            else:
                found[row.id] = self._meaning.embed_meaning(row.question)
                made.append((row.id, row.digest, found[row.id].astype("<f4").tobytes()))
        if made:
            self._records.keep_vectors(self._embedder, made)
        return found

    def _differ(self, question: str, row: ApprovedAnswer) -> bool:
        """Whether the two ask about different figures, or about different items of a clause that the answer cites:
        国际标准 and 国家标准 are one character apart, and half the money."""
        if set(_FIGURE.findall(fold(question))) != set(_FIGURE.findall(fold(row.question))):
            return True
        asked, reviewed = _pairs(question), _pairs(row.question)
        return any(asked & telling - reviewed and reviewed & telling - asked for telling in self._telling(row))

    def _telling(self, row: ApprovedAnswer) -> Iterable[set[str]]:
        """For each cited clause the pairs of characters that stand in some of its items but not in all."""
        cited = {clause["id"] for clause in row.clauses}
        for policy in self._policies:
            for clause in policy.clauses:
                items = [_pairs(provision.what) for provision in clause.provisions if provision.amount]
                if clause.id in cited and len(items) > 1:
                    yield items[0].union(*items) - items[0].intersection(*items)


def _pairs(text: str) -> set[str]:
    key = spelling_key(text)
    return {key[i : i + 2] for i in range(len(key) - 1)}


def _word_replaced(asked: str, reviewed: str) -> bool:
    """Whether a whole word stands where the other has another one, which is no slip of the pen."""
    if asked.isascii():
        # English: a letter or two of a word are a slip.
        return Indel.distance(asked, reviewed, score_cutoff=6) > 6
    return any(
        step.tag == "replace" and min(step.src_end - step.src_start, step.dest_end - step.dest_start) > 1
        for step in Levenshtein.opcodes(asked, reviewed)
    )
