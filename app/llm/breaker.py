"""A server that fails again and again is left alone for a while, so that it slows no more questions."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

FAILURES = 3
REST_SECONDS = 30.0


class CircuitBreaker:
    """Open after ``failures`` faults in a row. After ``rest_seconds`` one call is let through: it closes the breaker
    when it succeeds, and opens it for as long again when it fails. ``clock`` gives seconds."""

    def __init__(
        self, failures: int = FAILURES, rest_seconds: float = REST_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._rest = rest_seconds
        self._clock = clock
        self._lock = Lock()
        self._failed = 0
        self._again_at = 0.0

    def allows(self) -> bool:
        """Whether a call may be made now. Half open, the one that asks first is the trial."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._clock() < self._again_at:
                return False
            # A trial that never reports back (its reader went away) is followed by another after the same rest.
            self._again_at = self._clock() + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        with self._lock:
            self._failed += 1
            self._again_at = self._clock() + self._rest
