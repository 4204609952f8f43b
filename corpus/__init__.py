"""The policies, and how a text becomes clauses and facts. Imports nothing else of the product."""

from corpus.errors import CorpusError
from corpus.library import Library, read_policy

__all__ = ["CorpusError", "Library", "read_policy"]
