"""The outermost layer: a request's id, path and log line, the security headers, an answer when something fails."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.guard import CALLER, HEALTH
from app.logs import REQUEST_ID
from app.refusals import refuse

log = logging.getLogger("app.requests")

REQUEST_ID_FORM = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# nginx's number for a client that has left before it was answered; nobody receives it.
CLIENT_LEFT = 499
FAILED = "something went wrong here; it has been logged"
HEADERS = (
    # The page's script is compiled in the browser by gradio (unsafe-eval) and its style stands in the page
    # (unsafe-inline); what matters here is that nothing is ever fetched from another host.
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
# What gradio serves below the page has no route of ours to be called by.
_MOUNTED = ("/assets", "/static", "/svelte", "/gradio_api/component_server", "/config", "/theme.css")


class Envelope:
    """ASGI middleware around all others.

    ``root_path`` is the prefix of a proxy, which may strip it from the path or leave it there. ``requested`` is told
    of every request: route template, method, status, seconds.
    """

    def __init__(self, app: ASGIApp, root_path: str, requested: Callable[[str, str, int, float], None]) -> None:
        self._app = app
        self._root_path = root_path
        self._requested = requested

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # No route takes a websocket.
            await send({"type": "websocket.close", "code": 1000})
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        mark = REQUEST_ID.set(request_id)
        status = 0
        own_headers = (*HEADERS, (b"x-request-id", request_id.encode()))

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], *own_headers]}
            await send(message)

        scope = {**scope, "root_path": self._root_path, "path": self._full(scope["path"])}
        try:
            if scope["path"] == self._root_path and self._root_path:
                await self._to_the_slash(scope)(scope, receive, with_headers)
            else:
                await self._app(scope, receive, with_headers)
        except Exception:
            log.exception("a request failed")
            if status:
                # Half an answer is out: a closed connection says that it is not whole.
                raise
            await refuse(500, "internal", FAILED, request_id=request_id)(scope, receive, with_headers)
        finally:
            self._finish(scope, status or CLIENT_LEFT, time.perf_counter() - started)
            REQUEST_ID.reset(mark)

    def _full(self, path: str) -> str:
        if not self._root_path or path.startswith(f"{self._root_path}/") or path == self._root_path:
            return path
        return self._root_path + path

    def _to_the_slash(self, scope: Scope) -> RedirectResponse:
        # The addresses in gradio's page are relative to the slash.
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse(f"{self._root_path}/" + (f"?{query}" if query else ""), 307)

    def _finish(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = self._template(scope), scope["method"]
        self._requested(route, method, status, seconds)
        # A probe asks every few seconds, and says nothing of anybody.
        level = logging.DEBUG if route in HEALTH else logging.INFO
        if log.isEnabledFor(level):
            caller = scope.get("state", {}).get(CALLER, "nobody")
            milliseconds = round(seconds * 1000, 1)
            log.log(
                level,
                "%s %s %d %.1f ms %s",
                method,
                route,
                status,
                milliseconds,
                caller,
                extra={
                    "route": route,
                    "method": method,
                    "status": status,
                    "milliseconds": milliseconds,
                    "caller": caller,
                },
            )

    def _template(self, scope: Scope) -> str:
        """The route's pattern; a path would hold what people wrote, and be without number."""
        pattern = getattr(scope.get("route"), "path", None)
        if pattern:
            return str(pattern)
        path: str = scope["path"].removeprefix(self._root_path)
        if path == "/":
            return path
        return next((known for known in _MOUNTED if path == known or path.startswith(f"{known}/")), "other")


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if REQUEST_ID_FORM.fullmatch(given) else uuid.uuid4().hex
