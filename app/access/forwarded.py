"""What a proxy says of the client before it, believed from named proxies alone.

uvicorn's own reading of these headers does not know X-Forwarded-Host or IPv4 addresses inside IPv6, and takes what
is no address for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.types import Scope

from app.access.networks import Networks, plain_address

_HOST = re.compile(rb"[A-Za-z0-9._-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
# A request that has one of these has come through a proxy, whether or not anybody believes it.
TRACES = frozenset((b"x-forwarded-for", b"x-real-ip", b"forwarded", b"via"))


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks. ``direct``: nothing is known to stand between; ``trusted``: a proxy that is believed does."""

    address: str
    direct: bool
    trusted: bool


def client_of(scope: Scope, proxies: Networks) -> Client:
    """The client of a request: the connected address, or behind a proxy of ours the right-most address of
    X-Forwarded-For that is none of our proxies; scheme and Host of the scope then become the forwarded ones.

    Each proxy adds the address it was asked from at the right, so what stands further left may be invented.
    """
    peer = scope.get("client")
    address = plain_address(peer[0]) if peer else ""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if address not in proxies:
        return Client(address, not any(name in TRACES for name, _ in headers), False)
    protocol = _last(headers, b"x-forwarded-proto")
    if protocol in (b"http", b"https"):
        scope["scheme"] = protocol.decode()
    host = _last(headers, b"x-forwarded-host")
    if host is not None and _HOST.fullmatch(host):
        scope["headers"] = [(name, value) for name, value in headers if name != b"host"] + [(b"host", host)]
    chain = _values(headers, b"x-forwarded-for")
    for value in reversed(chain):
        hop = plain_address(value.decode("latin-1"))
        if not _is_address(hop):
            # A proxy that hides its client ("unknown") still is no local program.
            return Client("", False, True)
        if hop not in proxies:
            address = hop
            break
    if peer is not None:
        scope["client"] = (address, 0)
    return Client(address, False, True)


def _values(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> list[bytes]:
    return [part.strip() for name, value in headers if name == wanted for part in value.split(b",") if part.strip()]


def _last(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes | None:
    values = _values(headers, wanted)
    return values[-1] if values else None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
