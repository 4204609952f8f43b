"""The policies, and how a text becomes clauses and facts. Imports nothing else of the product."""

from corpus.errors import CorpusError
from corpus.library import Library, read_policy
from corpus.shelf import Fate, Shelf

__all__ = ["CorpusError", "Fate", "Library", "Shelf", "read_policy"]
