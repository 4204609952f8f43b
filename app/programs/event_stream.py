"""Server-sent events from a generator that blocks, for one reader who may go away."""

from __future__ import annotations

from collections.abc import Generator

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# No proxy may keep back what has been said: a cache not, and nginx not either.
UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class EventStream(Response):
    """Sends each event as soon as ``events`` gives it. The generator runs in threads of ``threads``, so that slow
    answers hold up nobody else, and is closed when the reader has gone, at the latest with its next event."""

    media_type = "text/event-stream"

    def __init__(self, events: Generator[str, None, None], threads: CapacityLimiter) -> None:
        self._events = events
        self._threads = threads
        self.status_code = 200
        self.background = None
        self.init_headers(UNBUFFERED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with anyio.create_task_group() as tasks:

                async def stop_when_gone() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    tasks.cancel_scope.cancel()

                tasks.start_soon(stop_when_gone)
                await self._send(send)
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await run_sync(self._events.close, limiter=self._threads)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while (event := await run_sync(next, self._events, None, limiter=self._threads)) is not None:
            await send({"type": "http.response.body", "body": event.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
