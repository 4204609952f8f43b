"""Writes the question log beside the answers: no answer waits for it, and none fails with it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any

from app.models import Answer, Message
from app.records.store import Asked, Records
from app.ui.page import Asks
from corpus.models import Policy

log = logging.getLogger(__name__)

# What may wait to be written while the database stands still; beyond that questions go unrecorded.
WAITING = 1000
PURGE_SECONDS = 24 * 3600
# Questions that come within this time are written together: a transaction costs more than what it writes.
TOGETHER_SECONDS = 0.1
TOGETHER_MOST = 200


class Recorder:
    """Keeps questions in a thread of its own, which also removes once a day what is past its retention."""

    def __init__(
        self,
        records: Records,
        purge_seconds: float = PURGE_SECONDS,
        heard: Callable[[Answer, str], None] | None = None,
    ) -> None:
        """``heard`` is told of every answer and its surface, recorded or not."""
        self._records = records
        self._heard = heard
        self._purge_seconds = purge_seconds
        # An event is put where somebody waits for what stands before it; None ends the thread.
        self._waiting: Queue[Asked | Event | None] = Queue(WAITING)
        self._thread = Thread(target=self._run, name="records", daemon=True)
        self._thread.start()

    def asked(self, answer: Answer, question: str, surface: str, latency_ms: float) -> None:
        """Keep a question and its answer, soon. Never raises."""
        if self._heard is not None:
            self._heard(answer, surface)
        try:
            self._waiting.put_nowait(Asked(answer, question, surface, latency_ms, datetime.now(UTC)))
        except Full:
            log.error("a question was not recorded: the records are too slow")

    def flush(self, timeout: float = 2.0) -> bool:
        """Wait until what was asked so far is written; False when that takes longer."""
        written = Event()
        try:
            self._waiting.put(written, timeout=timeout)
        except Full:
            return False
        return written.wait(timeout)

    def close(self, timeout: float = 2.0) -> None:
        """Write what waits, and end the thread."""
        try:
            self._waiting.put(None, timeout=timeout)
        except Full:
            return
        self._thread.join(timeout)

    def _run(self) -> None:
        purge_at = time.monotonic() + self._purge_seconds
        while True:
            try:
                item = self._waiting.get(timeout=max(0.0, purge_at - time.monotonic()))
            except Empty:
                purge_at = time.monotonic() + self._purge_seconds
                self._guarded(self._records.purge)
                continue
            asked, ends = self._gathered(item)
            if asked:
                self._guarded(self._records.add_questions, asked)
            for end in ends:
                if end is None:
                    return
                end.set()

    def _gathered(self, item: Asked | Event | None) -> tuple[list[Asked], list[Event | None]]:
        """What is asked soon after ``item``, and whoever came to wait for it to be written, which ends the wait."""
        asked: list[Asked] = []
        until = time.monotonic() + TOGETHER_SECONDS
        while isinstance(item, Asked):
            asked.append(item)
            if len(asked) == TOGETHER_MOST:
                return asked, []
            try:
                item = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                return asked, []
        return asked, [item]

    def _guarded(self, act: Callable[..., Any], *values: Any) -> None:
        try:
            act(*values)
        except Exception:
            log.exception("the records failed; questions are answered all the same")


class RecordedAsks:
    """An assistant whose questions are recorded; in everything else it is the one it stands for."""

    def __init__(self, assistant: Asks, recorder: Recorder, surface: str) -> None:
        self._assistant = assistant
        self._recorder = recorder
        self._surface = surface

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    @property
    def policies(self) -> tuple[Policy, ...]:
        return self._assistant.policies

    def policy(self, policy_id: str) -> Policy:
        return self._assistant.policy(policy_id)

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        policy: str | None = None,
        language: str = "auto",
        **more: Any,
    ) -> Answer:
        """As the assistant's own."""
        started = time.perf_counter()
        answer = self._assistant.ask(question, history, policy=policy, language=language, **more)
        self._recorder.asked(answer, question, self._surface, (time.perf_counter() - started) * 1000)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        policy: str | None = None,
        language: str = "auto",
        **more: Any,
    ) -> Iterator[str | Answer]:
        """As the assistant's own."""
        started = time.perf_counter()
        for piece in self._assistant.stream(question, history, policy=policy, language=language, **more):
            if isinstance(piece, Answer):
                self._recorder.asked(piece, question, self._surface, (time.perf_counter() - started) * 1000)
            yield piece


def recorded(source: Callable[[], Asks], recorder: Recorder | None, surface: str) -> Callable[[], Asks]:
    """``source`` with its questions recorded as from ``surface``; itself where there is no recorder."""
    if recorder is None:
        return source
    return lambda: RecordedAsks(source(), recorder, surface)
