"""The clients of the bench: what they count, against small servers that are known."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from eval.bench.clients import Load, ask, body_for
from eval.bench.soak import Soak


@contextmanager
def answering(reply: bytes) -> Iterator[str]:
    """A server that answers every request with these bytes."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    place: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(reply)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        place.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        ready.set()

    def run() -> None:
        loop.run_until_complete(main())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield place[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def test_good_answers_are_counted_and_timed() -> None:
    with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}") as site:
        load = ask(f"{site}/api/ask", ["one", "two"], connections=3, seconds=0.3)
    assert not load.errors
    assert len(load.latencies) >= 3
    assert load.rate == pytest.approx(len(load.latencies) / load.seconds)


def test_refusals_are_errors_by_their_status() -> None:
    with answering(b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n") as site:
        load = ask(f"{site}/api/ask", ["one"], connections=2, seconds=0.2)
    assert load.latencies == []
    assert set(load.errors) == {"429"}


def test_percentiles_are_those_of_the_answers() -> None:
    load = Load(seconds=2.0, latencies=[n / 1000 for n in range(1, 101)])
    assert (load.percentile(50), load.percentile(99), load.rate) == (51.0, 100.0, 50.0)


def test_each_address_gets_the_body_that_it_takes() -> None:
    assert json.loads(body_for("/api/ask", "问")) == {"question": "问"}
    assert json.loads(body_for("/v1/chat/completions", "问"))["messages"] == [{"role": "user", "content": "问"}]


def test_growth_is_from_the_first_third_to_the_last_after_the_warm_up() -> None:
    steady = Soak(megabytes=[100.0, 300.0, *[400.0] * 8])
    assert steady.growth_percent() == 0.0
    growing = Soak(megabytes=[0.0, 0.0, 100.0, 100.0, 105.0, 105.0, 105.0, 105.0, 110.0, 110.0])
    assert growing.growth_percent() == pytest.approx(10.0)
