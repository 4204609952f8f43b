"""Who is at the desk: signed cookies, tokens of forms, a brake on guessing the password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

SESSION_SECONDS = 8 * 3600
# Failed logins within the window: from one address, and from all of them together.
WINDOW_SECONDS = 300.0
FAILURES_OF_ONE = 5
FAILURES_OF_ALL = 100


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that holds a cookie of ours. ``reviewer`` is None until it has logged in."""

    nonce: str
    expires: int
    reviewer: str | None = None


class Sessions:
    """Makes and reads the cookies. The key lives as long as the process, so a restart ends every session."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock
        self._ended: dict[str, int] = {}
        self._lock = threading.Lock()

    def start(self, reviewer: str | None = None) -> Visit:
        """A new visit, with a name of its own that nobody can know beforehand."""
        return Visit(secrets.token_urlsafe(18), int(self._clock()) + SESSION_SECONDS, reviewer)

    def cookie(self, visit: Visit) -> str:
        """The visit as a cookie's value."""
        plain = json.dumps([visit.nonce, visit.expires, visit.reviewer]).encode()
        payload = base64.urlsafe_b64encode(plain).decode()
        return f"{payload}.{self._sign('cookie', payload)}"

    def read(self, cookie: str | None) -> Visit | None:
        """The visit of a cookie; None when we didn't write it, or it has expired or ended."""
        payload, _, signature = (cookie or "").partition(".")
        if not same(signature, self._sign("cookie", payload)):
            return None
        visit = Visit(*json.loads(base64.urlsafe_b64decode(payload)))
        with self._lock:
            over = visit.nonce in self._ended
        return None if over or visit.expires <= self._clock() else visit

    def end(self, visit: Visit) -> None:
        """Let the visit's cookie be worth nothing from now on, wherever copies of it are."""
        now = self._clock()
        with self._lock:
            self._ended = {nonce: expires for nonce, expires in self._ended.items() if expires > now}
            self._ended[visit.nonce] = visit.expires

    def token(self, visit: Visit) -> str:
        """What every form of the visit carries: another site can't know it."""
        return self._sign("form", visit.nonce)

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(errors="replace"), hashlib.sha256).hexdigest()


class LoginBrake:
    """Counts failed logins. Refuses whoever has failed too often lately, the right password included."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[str, deque[float]] = {}
        self._of_all: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 when it may now."""
        with self._lock:
            now = self._forget()
            waits = [
                failures[-limit] + WINDOW_SECONDS - now
                for failures, limit in ((self._of.get(address), FAILURES_OF_ONE), (self._of_all, FAILURES_OF_ALL))
                if failures and len(failures) >= limit
            ]
        return max((int(seconds) + 1 for seconds in waits), default=0)

    def failed(self, address: str) -> None:
        """Count a failed login."""
        with self._lock:
            now = self._forget()
            self._of.setdefault(address, deque()).append(now)
            self._of_all.append(now)

    def _forget(self) -> float:
        now = self._clock()
        for address in list(self._of):
            failures = self._of[address]
            while failures and failures[0] <= now - WINDOW_SECONDS:
                failures.popleft()
            if not failures:
                del self._of[address]
        while self._of_all and self._of_all[0] <= now - WINDOW_SECONDS:
            self._of_all.popleft()
        return now


def same(given: str, wanted: str) -> bool:
    """Whether two texts are equal; takes as long whichever they are, so that time tells nothing."""

    def digest(text: str) -> bytes:
        return hashlib.sha256(text.encode(errors="replace")).digest()

    return hmac.compare_digest(digest(given), digest(wanted))
