"""Clauses made searchable: ``PolicyIndex.open(...).search(...)``."""

from index.chunks import chunks_of
from index.embedders import Embedder, embedder_from_spec
from index.errors import EmbedderUnavailable, IndexMismatch, IndexUnavailable, PolicyIndexError
from index.models import Chunk, Grain, Hit, Score
from index.retriever import PolicyIndex

__all__ = [
    "Chunk",
    "Embedder",
    "EmbedderUnavailable",
    "Grain",
    "Hit",
    "IndexMismatch",
    "IndexUnavailable",
    "PolicyIndex",
    "PolicyIndexError",
    "Score",
    "chunks_of",
    "embedder_from_spec",
]
