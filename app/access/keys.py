"""Keys of the API: read from a setting, found in a request, compared without telling how near a guess was."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

FINGERPRINT_CHARS = 8


def parse_keys(text: str) -> tuple[str, ...]:
    """Comma-separated keys. ValueError when there is none, or one has white space in it; it names no key."""
    keys = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not keys:
        raise ValueError("holds no key; separate keys by commas, or leave the setting out")
    if any(character.isspace() or not character.isprintable() for key in keys for character in key):
        raise ValueError("a key has white space or a control character in it")
    return keys


class Keys:
    """The keys that are good."""

    def __init__(self, keys: Iterable[str]) -> None:
        # Digests are of one length, and comparing them tells nothing of the keys.
        self._known = {sha256(key.encode()).digest(): fingerprint(key) for key in keys}

    def __bool__(self) -> bool:
        return bool(self._known)

    def match(self, given: Iterable[bytes]) -> str | None:
        """The fingerprint of the first key among ``given``; None when none of them is one. Takes as long whichever
        it is."""
        found = None
        for key in given:
            digest = sha256(key).digest()
            for known, name in self._known.items():
                if hmac.compare_digest(digest, known) and found is None:
                    found = name
        return found


def fingerprint(key: str) -> str:
    """A short name of a key that leads nowhere back to it: for logs and counters."""
    return sha256(b"policy-assistant key:" + key.encode()).hexdigest()[:FINGERPRINT_CHARS]


def keys_given(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """What a request offers as keys: ``Authorization: Bearer KEY`` and ``X-API-Key: KEY``."""
    given = []
    for name, value in headers:
        if name == b"x-api-key":
            given.append(value.strip())
        elif name == b"authorization":
            scheme, _, key = value.strip().partition(b" ")
            if scheme.lower() == b"bearer":
                given.append(key.strip())
    return given
