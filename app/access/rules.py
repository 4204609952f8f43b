"""What is open to whom: the rules, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from app.access.networks import Networks, is_loopback

DEFAULT_RATE_LIMIT = 120
NOBODY = Networks()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask for what.

    ``host`` is the address listened on: on loopback, and without ``keys``, programs of the machine itself need no
    key. ``rate_limit`` is in requests a minute for one key, page session or address; such local programs are held
    to it only with ``limit_local``. ``page_secret`` signs the cookies of the pages. ``allowed_hosts`` are names
    without a port, ``cors_origins`` as browsers send them (``https://example.org``).
    """

    page_secret: bytes = field(repr=False)
    host: str = "127.0.0.1"
    keys: tuple[str, ...] = field(default=(), repr=False)
    rate_limit: int = DEFAULT_RATE_LIMIT
    limit_local: bool = False
    trusted_proxies: Networks = NOBODY
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()

    @property
    def is_local_only(self) -> bool:
        """Whether nobody but the machine itself can connect."""
        return is_loopback(self.host)


class Kind(Enum):
    """What an address is, as far as access goes."""

    OPEN = "open"  # health, static files, descriptions, the desk with its own log-in
    PAGE = "page"  # HTML that starts a session
    CALL = "call"  # what pages ask for; for programs with a key too
    API = "api"  # for programs
    METRICS = "metrics"


PAGES = frozenset(("/", "/hotline", "/measures"))
_GUARDED = ("/api", "/v1", "/mcp", "/gradio_api", "/transcript")
# Every address that a script in app/ui asks for, and no other.
_CALLS = frozenset(
    (
        ("GET", "/api/approved"),
        ("GET", "/api/measures"),
        ("GET", "/api/measures/fit"),
        ("GET", "/api/policies"),
        ("GET", "/api/search"),
        ("POST", "/api/calls"),
        ("POST", "/api/feedback"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/transcript/docx"),
        ("POST", "/transcript/md"),
    )
)
TYPED = frozenset(("/api/search", "/api/approved"))


def kind_of(method: str, path: str) -> Kind:
    """What the address is. ``path`` is without the prefix of a proxy."""
    bare = path.rstrip("/") or "/"
    asked = "GET" if method == "HEAD" else method
    if bare in PAGES:
        return Kind.PAGE if asked == "GET" else Kind.OPEN
    if (asked, bare) in _CALLS:
        return Kind.CALL
    if bare == "/metrics":
        return Kind.METRICS
    return Kind.API if is_under(bare, _GUARDED) else Kind.OPEN


def is_under(path: str, prefixes: tuple[str, ...]) -> bool:
    """Whether ``path`` is one of ``prefixes`` or lies below one."""
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)
