"""Questions take turns: no more at once than the machine can work on, and a bounded number waiting.

More threads than cores under an embedder make every answer slower and none faster.
"""

from __future__ import annotations

import asyncio
import logging

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.rules import is_under
from app.metrics import Metrics
from app.refusals import refuse

log = logging.getLogger(__name__)

# What embeds a question or words an answer. The rest is read from memory.
_WORKING = ("/api/ask", "/api/search", "/api/approved", "/v1", "/mcp", "/gradio_api")
_READING = ("/api/search", "/api/approved")
RETRY_SECONDS = 2


class Admission:
    """ASGI middleware. At most ``at_once`` requests that take work run; up to ``waiting`` more wait for them in the
    order in which they came, at most ``seconds``, and others are answered 429. One whose answer has not begun after
    ``seconds`` of work is answered 503, and keeps its place until its work is really done."""

    def __init__(
        self,
        app: ASGIApp,
        at_once: int,
        waiting: int,
        seconds: float,
        root_path: str,
        metrics: Metrics,
    ) -> None:
        self._app = app
        self._places = asyncio.Semaphore(at_once)
        self._most_waiting = waiting
        self._seconds = seconds
        self._root_path = root_path
        self._refused = metrics.refused
        self._late: set[asyncio.Task[None]] = set()
        self.running = 0
        self.waiting = 0
        metrics.count_queue(lambda: self.running, lambda: self.waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._takes_work(scope):
            await self._app(scope, receive, send)
            return
        if self._places.locked():
            if self.waiting >= self._most_waiting:
                self._refused("queue")
                await _later("too many questions are waiting already")(scope, receive, send)
                return
            if not await self._turn():
                self._refused("queue")
                await _later(f"no turn came within {self._seconds:g} s")(scope, receive, send)
                return
            receive = _Listening(receive)
            if await receive.has_left():
                # A reader who typed on asks again; this answer would be for nobody.
                self._places.release()
                return
        else:
            await self._places.acquire()
        await self._work(scope, receive, send)

    def _takes_work(self, scope: Scope) -> bool:
        path = scope["path"].removeprefix(self._root_path)
        # A GET of /mcp holds a stream open for messages, and works on nothing.
        return is_under(path, _WORKING) and (scope["method"] == "POST" or is_under(path, _READING))

    async def _turn(self) -> bool:
        self.waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
        return True

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = asyncio.Event()
        abandoned = False

        async def sending(message: Message) -> None:
            if not abandoned:
                begun.set()
                await send(message)

        async def working() -> None:
            self.running += 1
            try:
                await self._app(scope, receive, sending)
            finally:
                self.running -= 1
                self._places.release()

        task = asyncio.create_task(working())
        await asyncio.wait({task}, timeout=self._seconds)
        if task.done() or begun.is_set():
            await task
            return
        abandoned = True
        self._late.add(task)
        task.add_done_callback(self._ended_late)
        self._refused("timeout")
        late = refuse(503, "timeout", f"the question took longer than {self._seconds:g} s; ask again later")
        late.headers["Retry-After"] = str(RETRY_SECONDS)
        await late(scope, receive, send)

    def _ended_late(self, task: asyncio.Task[None]) -> None:
        self._late.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a question that took too long failed as well", exc_info=error)


class _Listening:
    """A ``receive`` that can be asked whether the client has left, without losing what comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []

    async def __call__(self) -> Message:
        return self._kept.pop(0) if self._kept else await self._receive()

    async def has_left(self) -> bool:
        """Whether the connection is closed already."""
        # The body, which is there whole, comes before the news that nobody waits any more.
        self._kept.append(await self._receive())
        if self._kept[-1]["type"] == "http.disconnect":
            return True
        asking = asyncio.ensure_future(self._receive())
        await asyncio.sleep(0)
        if asking.done():
            self._kept.append(asking.result())
            return bool(self._kept[-1]["type"] == "http.disconnect")
        asking.cancel()
        return False


def _later(why: str) -> JSONResponse:
    response = refuse(429, "busy", f"{why}; ask again in {RETRY_SECONDS} s")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
