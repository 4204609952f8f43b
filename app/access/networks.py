"""Addresses: which are this machine's own, which belong to proxies that are believed, and who counts as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

# One subscriber has a network of this length, and could otherwise be as many clients as it has addresses.
IPV6_SUBSCRIBER_BITS = 64


@dataclass(frozen=True, slots=True)
class Networks:
    """Addresses and networks; ``address in networks`` takes any text."""

    members: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Networks:
        """``10.0.0.5, 10.1.0.0/16, ::1``. ValueError naming what is neither an address nor a network."""
        members = []
        for part in (part.strip() for part in text.split(",")):
            try:
                members += [ip_network(part)] if part else []
            except ValueError as error:
                raise ValueError(f"{part!r} is no address and no network such as 10.1.0.0/16 ({error})") from None
        return cls(tuple(members))

    def __contains__(self, address: str) -> bool:
        if not self.members:
            return False
        try:
            found = ip_address(plain_address(address))
        except ValueError:
            return False
        return any(found in network for network in self.members)

    def __bool__(self) -> bool:
        return bool(self.members)


@lru_cache(maxsize=4096)
def plain_address(text: str) -> str:
    """An address in its usual form: without brackets and port, and as IPv4 where it is one inside IPv6. Anything
    else comes back as it is."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return text.strip()
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def is_loopback(address: str) -> bool:
    """Whether it is an address of the machine itself. ``localhost`` is; any other name is not."""
    if address.lower() == "localhost":
        return True
    try:
        return ip_address(plain_address(address)).is_loopback
    except ValueError:
        return False


def subscriber(address: str) -> str:
    """Who counts as one client: the address itself, and of IPv6 the network that one subscriber has."""
    try:
        found = ip_address(plain_address(address))
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(ip_network((found, IPV6_SUBSCRIBER_BITS), strict=False))
    return str(found)
