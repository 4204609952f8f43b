"""Bodies are taken in whole before anything is done with them: not too large, and not too slowly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.refusals import refuse

# Far above any question with its history, far below what would strain a worker.
MAX_BODY_BYTES = 1_000_000
TOO_LARGE = f"the request is larger than {MAX_BODY_BYTES:,} bytes"


class Bodies:
    """ASGI middleware. A body larger than ``MAX_BODY_BYTES`` is answered 413, one that is not there after
    ``seconds`` 408, and the connection is closed."""

    def __init__(self, app: ASGIApp, seconds: float, refused: Callable[[str], None]) -> None:
        self._app = app
        self._seconds = seconds
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await _whole(scope, receive)
        except TimeoutError:
            self._refused("slow")
            late = refuse(408, "timeout", f"the request was not there whole after {self._seconds:g} s")
            late.headers["Connection"] = "close"
            await late(scope, receive, send)
            return
        except _TooLarge:
            self._refused("size")
            await refuse(413, "too_large", TOO_LARGE)(scope, receive, send)
            return
        except _Gone:
            return
        await self._app(scope, _replaying(body, receive), send)


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    """The client has left in the middle of its request."""


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


async def _whole(scope: Scope, receive: Receive) -> bytes:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        raise _TooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise _TooLarge
        if not message.get("more_body"):
            return bytes(body)


def _replaying(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
