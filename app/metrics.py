"""Counters and times of a running server, as Prometheus reads them at ``/metrics``.

Every label is a word of ours: a route's template, a status, a stage. What a person wrote never becomes one.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from app.models import Answer

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# From a look-up of a millisecond to a language model that takes its time, in seconds.
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
STAGE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
# A kind of fault is a word of the program; more of them than this, and somebody passes on a message.
MAX_FAULT_KINDS = 20
_WORD = re.compile(r"[a-z][a-z_]{0,39}")


class Metrics:
    """What is counted, in a registry of its own: two servers in one process don't share a figure.

    Threads may share it. Nothing here raises over a value that it was not made for.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "policy_requests", "Requests answered", ("route", "method", "status"), registry=self.registry
        )
        self._request_seconds = Histogram(
            "policy_request_seconds",
            "From a request's first byte to its answer's last",
            ("route",),
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        self._refused = Counter(
            "policy_refused", "Requests turned away before they were worked on", ("reason",), registry=self.registry
        )
        self._answers = Counter(
            "policy_answers", "Questions answered", ("status", "surface", "language", "mode"), registry=self.registry
        )
        self._stage_seconds = Histogram(
            "policy_answer_stage_seconds",
            "Time of each stage of an answer",
            ("stage",),
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        self._withheld = Counter(
            "policy_withheld_sentences", "Sentences of a language model that failed their check", registry=self.registry
        )
        self._faults = Counter(
            "policy_model_faults", "Times that the language model was no help", ("kind",), registry=self.registry
        )
        self._fault_kinds: set[str] = set()
        self._running = Gauge("policy_questions_running", "Questions worked on", registry=self.registry)
        self._waiting = Gauge("policy_questions_waiting", "Questions waiting for their turn", registry=self.registry)
        self._index = Info("policy_index", "The index that answers", registry=self.registry)
        Info("policy_build", "What runs here", registry=self.registry).info(
            {"version": _version(), "python": platform.python_version()}
        )

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is a template such as ``/api/clauses/{clause_id}``, never a path."""
        self._requests.labels(route, method if method in METHODS else "other", str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def refused(self, reason: str) -> None:
        """Count a request that was turned away; ``reason`` is one word: key, rate, queue, host, origin, slow …"""
        self._refused.labels(_word(reason)).inc()

    def answered(self, answer: Answer, surface: str) -> None:
        """Count an answer that was given on ``surface`` (api, chat, v1, mcp), and the time of its stages."""
        self._answers.labels(answer.status, _word(surface), answer.language, answer.mode).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stage_seconds.labels(_word(stage)).observe(milliseconds / 1000)

    def withheld(self, sentences: int = 1) -> None:
        """Count sentences of a language model that were not shown because their check failed."""
        self._withheld.inc(max(0, sentences))

    def model_fault(self, kind: str) -> None:
        """Count a fault of the language model. ``kind`` is one word in lower case: timeout, unreachable, refused …"""
        kind = _word(kind)
        if kind not in self._fault_kinds and len(self._fault_kinds) >= MAX_FAULT_KINDS:
            kind = "other"
        self._fault_kinds.add(kind)
        self._faults.labels(kind).inc()

    def count_queue(self, running: Callable[[], float], waiting: Callable[[], float]) -> None:
        """Take the two figures from their owner whenever they are read."""
        self._running.set_function(running)
        self._waiting.set_function(waiting)

    def index_opened(self, embedder: str, generation: str) -> None:
        """Say which index answers."""
        self._index.info({"embedder": embedder, "generation": generation})

    def exposition(self) -> bytes:
        """Everything in Prometheus' text form."""
        return generate_latest(self.registry)


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) or text in ("v1",) else "other"


def _version() -> str:
    try:
        return version("policy-assistant")
    except PackageNotFoundError:
        return "unknown"
