"""Clients that ask without a pause: each on a connection of its own, the next question when the answer is there.

The protocol is spoken by hand, HTTP/1.1 with lengths: a client library would cost more than some servers do, and on
the same cores.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

REPLY_SECONDS = 120.0


@dataclass
class Load:
    """What clients met. ``latencies`` are in seconds, of good answers; ``errors`` are counted by status or by the
    kind of trouble."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def own_milliseconds(self) -> float:
        """What the clients themselves cost, in milliseconds of processor time a request."""
        return 1000 * self.cpu_seconds / max(1, len(self.latencies) + self.errors.total())

    def percentile(self, percent: float) -> float:
        """Milliseconds within which so many of the answers came."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else float("nan")


def body_for(path: str, question: str) -> bytes:
    """The request's body at this address, a chat completion's at ``/v1``."""
    if path.startswith("/v1/"):
        document: dict[str, object] = {"model": "policy", "messages": [{"role": "user", "content": question}]}
    else:
        document = {"question": question}
    return json.dumps(document, ensure_ascii=False).encode()


def ask(url: str, questions: Sequence[str], connections: int, seconds: float, key: str | None = None) -> Load:
    """Ask ``url`` for so long on so many connections. Blocks until the last answer is there."""
    path = urlsplit(url).path
    requests = cycle([_request(url, body_for(path, question), key) for question in questions])
    return asyncio.run(_all(url, requests, connections, seconds))


def _request(url: str, body: bytes, key: str | None) -> bytes:
    parts = urlsplit(url)
    authorization = f"authorization: Bearer {key}\r\n" if key else ""
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
        f"{authorization}content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _all(url: str, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    load = Load()
    started, worked = time.perf_counter(), time.process_time()
    until = started + seconds
    await asyncio.gather(*(_client(url, requests, until, load) for _ in range(connections)))
    load.seconds = time.perf_counter() - started
    load.cpu_seconds = time.process_time() - worked
    return load


async def _client(url: str, requests: Iterator[bytes], until: float, load: Load) -> None:
    parts = urlsplit(url)
    writer = None
    while time.perf_counter() < until:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            started = time.perf_counter()
            writer.write(next(requests))
            status, stays = await asyncio.wait_for(_reply(reader), REPLY_SECONDS)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            load.errors[type(error).__name__] += 1
            if writer is not None:
                writer.close()
            writer = None
            await asyncio.sleep(0.05)
            continue
        if status == 200:
            load.latencies.append(time.perf_counter() - started)
        else:
            load.errors[str(status)] += 1
        if not stays:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def _reply(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((line[15:] for line in head.split("\r\n") if line.startswith("content-length:")), "0")
    await reader.readexactly(int(length))
    return int(head.split(" ", 2)[1]), "connection: close" not in head
