"""Embedders from sentence-transformers: stronger models, at the price of torch. Imported only when asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.terms import encodable
from index.embedders import EmbedderIdentity, Vectors, unit_rows
from index.errors import EmbedderUnavailable
from index.fusion import Scale

# The E5 family wants these prefixes, and most of its models don't say so in their configuration.
E5_PROMPTS = {"query": "query: ", "document": "passage: "}
# Models cut at their own token limit; the bound keeps the splitting before it from taking minutes.
MAX_CHARACTERS = 20_000


class SentenceTransformersEmbedder:
    """A sentence-transformers model by hub name or folder, loaded at first use. Threads may share it.

    Prompts for questions and passages are those of the model's configuration. EmbedderUnavailable when the
    model can't be loaded.
    """

    scale: Scale | None = None

    def __init__(self, name_or_path: str, device: str | None = None) -> None:
        """``device`` as torch names it; None: a GPU when there is one."""
        self._name = name_or_path
        self._device = device
        self._lock = threading.Lock()
        self._model: Any = None

    @property
    def identity(self) -> EmbedderIdentity:
        from importlib.metadata import version

        dimension = int(self._loaded().get_embedding_dimension())
        package = f"sentence-transformers {version('sentence-transformers')}"
        return EmbedderIdentity(f"sentence-transformers:{self._name}", package, dimension)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._loaded().encode_query, texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._loaded().encode_document, texts)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.identity.dimension), dtype=np.float32)
        prepared = [encodable(text[:MAX_CHARACTERS]) for text in texts]
        return unit_rows(encode(prepared, show_progress_bar=False, convert_to_numpy=True))

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                self._model = self._load()
        return self._model

    def _load(self) -> Any:
        from sentence_transformers import SentenceTransformer

        _silence_loading()
        try:
            model = SentenceTransformer(self._name, device=self._device)
        except (OSError, ValueError, RuntimeError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise EmbedderUnavailable(
                f"the model {self._name} can't be loaded ({reason}); give a folder that holds it, "
                "or the name of a model that is in the local cache or can be downloaded"
            ) from error
        if "e5" in Path(self._name).name.lower().split("-") and not any(model.prompts.values()):
            model.prompts.update(E5_PROMPTS)
        return model


def _silence_loading() -> None:
    """Loading draws a bar on stderr, where there is to be nothing when all is well."""
    from transformers.utils import logging

    disable: Callable[[], None] = logging.disable_progress_bar
    disable()
