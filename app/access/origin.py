"""Whether a browser asks for one of our own pages or for another site's: what it says itself."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_DEFAULT_PORTS = (":80", ":443")


def is_same_site(headers: Mapping[str, str], method: str) -> bool:
    """Whether the request can be a page's of this server. Browsers say so in Sec-Fetch-Site, on plain http to other
    machines only in Origin or Referer; what changes something has to be said to be ours, what reads may come
    without a word."""
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        # "none" is a reader who types the address.
        return fetched == "same-origin" or (fetched == "none" and method in ("GET", "HEAD"))
    said = headers.get("origin") or headers.get("referer")
    if said is None:
        return method in ("GET", "HEAD")
    return _site(said) == _plain(headers.get("host", ""))


def is_from_elsewhere(headers: Mapping[str, str], origins: tuple[str, ...]) -> bool:
    """Whether a browser says that a page of another site asks. A program that is no browser says nothing."""
    origin = headers.get("origin")
    if origin is not None and origin in origins:
        return False
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched not in ("same-origin", "none")
    return origin is not None and _site(origin) != _plain(headers.get("host", ""))


def host_name(host: str) -> str:
    """A Host header without its port, in lower case."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0].removeprefix("[")
    return name.partition(":")[0]


def _site(address: str) -> str | None:
    try:
        netloc = urlsplit(address).netloc
    except ValueError:
        return None
    return _plain(netloc) if netloc else None


def _plain(netloc: str) -> str:
    # A proxy that ends https may have us see http: the two default ports are one.
    plain = netloc.lower().rpartition("@")[2]
    for port in _DEFAULT_PORTS:
        plain = plain.removesuffix(port)
    return plain
