"""Sessions of the pages: a signed cookie that comes with a page's HTML and is good for what pages ask, nothing else.

It says that a browser has loaded a page, not who sits there. Nothing is kept of it on the server.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

COOKIE_PREFIX = "policy_page_"
# A hotline's tab stays open for days; it is renewed while it is used.
LIFE_SECONDS = 7 * 24 * 3600
SECRET_FILE = "page-secret"
SECRET_CHARS = 32
_FORM = re.compile(r"([A-Za-z0-9_-]{8,40})\.(\d{1,12})\.([0-9a-f]{64})")


class SecretUnavailable(OSError):
    """The secret of the pages can't be read or kept; the message is one line."""


@dataclass(frozen=True, slots=True)
class PageSession:
    """A browser that has loaded a page. ``is_old`` when its cookie should be renewed."""

    id: str
    is_old: bool


class PageSessions:
    """Makes and reads the cookies; whoever has the same secret reads them too."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock
        # Browsers send a cookie to every port of a host: two servers there must not take each other's.
        self.cookie_name = COOKIE_PREFIX + sha256(b"name:" + secret).hexdigest()[:6]

    def new_id(self) -> str:
        """A name for a session that nobody can know beforehand."""
        return secrets.token_urlsafe(12)

    def shared_id(self, subscriber: str) -> str:
        """The one session of all those from an address that has had more than its share of them."""
        return f"shared-{self._sign(f'address:{subscriber}')[:24]}"

    def cookie(self, session_id: str) -> str:
        """The session as a cookie's value."""
        plain = f"{session_id}.{int(self._clock())}"
        return f"{plain}.{self._sign(plain)}"

    def read(self, cookie: str | None) -> PageSession | None:
        """The session of a cookie; None when we didn't write it or it has expired."""
        parts = _FORM.fullmatch(cookie or "")
        if parts is None:
            return None
        session_id, made, signature = parts.groups()
        if not hmac.compare_digest(signature, self._sign(f"{session_id}.{made}")):
            return None
        age = self._clock() - int(made)
        return PageSession(session_id, age > LIFE_SECONDS / 2) if age <= LIFE_SECONDS else None

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, f"page:{text}".encode(), sha256).hexdigest()


def kept_secret(data_dir: Path) -> bytes:
    """The secret kept in the data folder, made at first use, so that a restart ends no session and processes over
    one folder agree. SecretUnavailable when it can't be had."""
    path = data_dir / SECRET_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _keep(path, secrets.token_hex(SECRET_CHARS))
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SecretUnavailable(f"{path} can't be used ({why}); mend it, or set POLICY_PAGE_SECRET") from error
    if len(text) < SECRET_CHARS:
        raise SecretUnavailable(f"{path} is damaged; delete it, and another one is made")
    return text.encode()


def _keep(path: Path, text: str) -> None:
    # Written whole before it has its name, and never over another process's.
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
