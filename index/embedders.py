"""Texts to vectors. The bundled model by default; sentence-transformers and OpenAI-compatible servers by name."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.terms import encodable
from index.errors import EmbedderUnavailable
from index.fusion import Scale

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

Vectors = NDArray[np.float32]

SENTENCE_TRANSFORMERS = "sentence-transformers"
OPENAI = "openai"


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What makes vectors comparable: the same name, version and dimension. Recorded in the index."""

    name: str
    version: str
    dimension: int

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.dimension} dimensions)"


class Embedder(Protocol):
    """What the index asks of an embedder. Any text is fine: empty, very long, with NUL or lone surrogates."""

    @property
    def identity(self) -> EmbedderIdentity:
        """May load the model or ask the server, so it may raise EmbedderUnavailable."""

    @property
    def scale(self) -> Scale | None:
        """The useful stretch of its cosine, or None: then it is measured when an index is built."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """float32, ``(len(texts), dimension)``, rows of unit length."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As ``encode_queries``, for what is searched."""


def embedder_from_spec(spec: str, api_key: str | None = None, threads: int | None = None) -> Embedder:
    """The embedder that ``spec`` names; nothing is loaded yet.

    ``bundled`` | ``sentence-transformers:NAME_OR_PATH`` | ``openai:MODEL@URL`` (with ``api_key``, if the server
    wants one). ``threads`` is how many texts the bundled one works on at once; None: as many as there are cores.
    EmbedderUnavailable for any other form, and when the package that it takes is not installed.
    """
    kind, _, rest = spec.strip().partition(":")
    if kind == "bundled" and not rest:
        from index.bundled import BundledEmbedder

        return BundledEmbedder(threads)
    if kind == SENTENCE_TRANSFORMERS and rest:
        _require("sentence_transformers", advice="run: make serve EXTRAS=sentence-transformers")
        from index.sentence_transformers import SentenceTransformersEmbedder

        return SentenceTransformersEmbedder(rest)
    model, _, url = rest.rpartition("@")
    if kind == OPENAI and model and url.startswith(("http://", "https://")):
        _require("langchain_openai", advice="run: .venv/bin/pip install langchain-openai")
        return LangChainEmbedder(_openai_embeddings(model, url, api_key), name=f"{OPENAI}:{model}")
    raise EmbedderUnavailable(
        f"no embedder {spec!r}; use bundled, {SENTENCE_TRANSFORMERS}:NAME_OR_PATH or {OPENAI}:MODEL@URL"
    )


def _require(module: str, advice: str) -> None:
    # Only absence is turned into advice: a package that is there and fails to import says itself why.
    if importlib.util.find_spec(module) is None:
        raise EmbedderUnavailable(f"the package {module.replace('_', '-')} is not installed; {advice}")


def _openai_embeddings(model: str, url: str, api_key: str | None) -> Embeddings:
    # Imported by name: the package is optional, and type checking has to pass without it.
    openai = importlib.import_module("langchain_openai")
    # Texts are sent as they are: cutting them into OpenAI's own tokens first would need OpenAI's tables, and
    # other servers take plain text only. Servers without keys still need some value in the header.
    embeddings: Embeddings = openai.OpenAIEmbeddings(
        model=model, base_url=url, api_key=api_key or "none", check_embedding_ctx_length=False
    )
    return embeddings


class LangChainEmbedder:
    """Any LangChain ``Embeddings`` as an embedder. Its failures become EmbedderUnavailable."""

    scale: Scale | None = None

    def __init__(self, embeddings: Embeddings, name: str, version: str = "") -> None:
        self._embeddings = embeddings
        self._name = name
        self._version = version
        self._identity: EmbedderIdentity | None = None

    @property
    def identity(self) -> EmbedderIdentity:
        if self._identity is None:
            dimension = self.encode_queries(["dimension"]).shape[1]
            self._identity = EmbedderIdentity(self._name, self._version, dimension)
        return self._identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._call(lambda prepared: [self._embeddings.embed_query(text) for text in prepared], texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._call(self._embeddings.embed_documents, texts)

    def _call(self, embed: Callable[[list[str]], list[list[float]]], texts: Sequence[str]) -> Vectors:
        try:
            return unit_rows(embed([encodable(text) for text in texts]))
        except Exception as error:
            raise EmbedderUnavailable(
                f"embedder {self._name} failed ({_first_line(error)}); check that it runs"
            ) from error


def unit_rows(vectors: Sequence[Sequence[float]] | Vectors) -> Vectors:
    """Rows scaled to unit length, float32; a zero row stays zero."""
    rows = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1), dtype=np.float32)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
