"""Records that cross the index's door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Grain(StrEnum):
    """A clause whole, or one provision of it."""

    CLAUSE = "clause"
    PROVISION = "provision"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One searchable text.

    ``id`` is unique in the index; ``language`` is ``zh`` or ``en`` (an English gloss of a Chinese clause is
    a chunk of its own with the same ``clause_id``). ``text`` is what is embedded and tokenised. ``heading``
    is put before the text for both, so that a clause is not found without its title.
    """

    id: str
    policy_id: str
    clause_id: str
    grain: Grain
    language: str
    text: str
    heading: str = ""
    provision_id: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that answers a query, best first in any list of hits.

    ``score`` is the fused score in 0..1, higher is better; ``cosine`` the raw cosine similarity and
    ``lexical`` the share of the query's term weight found in the chunk (0..1), both of the chunk's own
    language; they tell how far a question is from everything that is there.
    """

    chunk: Chunk
    score: float
    cosine: float
    lexical: float


class Score(NamedTuple):
    """How well a clause, or a provision of one, answers a query: a hit's figures without its text."""

    clause_id: str
    provision_id: str | None
    score: float
    cosine: float
    lexical: float
