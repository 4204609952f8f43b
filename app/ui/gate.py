"""A gate before gradio: it answers for the page alone, and its page asks for nothing from outside.

gradio brings uploads, a file proxy, run recording, editing tools and an open API; this page uses none of
them. The gate lets through what the page needs, and everything else is not found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from html import escape
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.refusals import ErrorsWorded, refuse, shown

CALL_PATH = "/gradio_api/component_server"
GET_PATHS = frozenset({"/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt"})
GET_PREFIXES = ("/assets/", "/static/", "/svelte/")
# gradio's page describes itself to social networks with pictures from another host, and links a manifest
# that it serves only to installed web apps.
OUTSIDE = re.compile(
    r'<meta\s+(?:property="og:[^>]*|name="twitter:[^>]*)>\s*|<link rel="manifest"[^>]*>\s*', re.IGNORECASE
)


# The reader's choice of light or dark holds from the first paint on; the names are those of shell.js.
THEME = (
    '<script>{let w=null;try{w=localStorage.getItem("policy-theme")}catch{}'
    'document.documentElement.classList.toggle("dark",'
    'w?w==="dark":matchMedia("(prefers-color-scheme: dark)").matches)}</script>'
)


class PageGate:
    """ASGI application before gradio's. ``calls`` are the functions of component ``component_id`` that the
    page's script may call; ``title``, ``css`` and ``icon``, an SVG, are put into the page's head, so that it
    never shows without."""

    def __init__(
        self, inner: ASGIApp, title: str, css: str, icon: str, component_id: int, calls: Collection[str]
    ) -> None:
        self._inner = ErrorsWorded(inner)
        self._head = (
            f"<title>{escape(title)}</title>\n"
            f'<link rel="icon" href="data:image/svg+xml,{quote(icon)}">\n<style>{css}</style>\n{THEME}\n</head>'
        )
        self._component_id = component_id
        self._calls = frozenset(calls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        method = scope["method"]
        if method == "GET" and path == "/":
            await self._page(scope, receive, send)
        elif method in ("GET", "HEAD") and (path in GET_PATHS or path.startswith(GET_PREFIXES)):
            await self._inner(scope, receive, send)
        elif method == "POST" and path.rstrip("/") == CALL_PATH:
            await self._call(scope, receive, send)
        elif path in GET_PATHS or path.startswith(GET_PREFIXES) or path.rstrip("/") == CALL_PATH:
            allowed = "POST" if path.rstrip("/") == CALL_PATH else "GET, HEAD"
            refusal = refuse(405, "method_not_allowed", f"{method} is not for this page; {allowed} is")
            refusal.headers["allow"] = allowed
            await refusal(scope, receive, send)
        else:
            await refuse(404, "not_found", f"{method} {shown(path)}: there is no such page")(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if not self._is_call(body):
            await refuse(400, "invalid_request", "not a call of this page")(scope, receive, send)
            return
        await self._inner(scope, _replay(body, receive), send)

    def _is_call(self, body: bytes) -> bool:
        try:
            # gradio would answer a call that it can't place with a server error.
            call = json.loads(body)
            # What can't be sent back as JSON can't be taken either.
            json.dumps(call, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            return False
        return (
            isinstance(call, dict)
            and type(call.get("component_id")) is int
            and call["component_id"] == self._component_id
            and isinstance(call.get("fn_name"), str)
            and call["fn_name"] in self._calls
            and isinstance(call.get("session_hash"), str)
            and isinstance(call.get("data"), dict)
        )

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """gradio's page without its outside addresses, with our style and language in its first bytes."""
        started: list[Message] = []
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            else:
                body.extend(message.get("body", b""))

        # Unpacked, or there would be no text to change; and no query: it would choose gradio's pages and themes.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._inner({**scope, "headers": headers, "query_string": b""}, receive, keep)
        html = OUTSIDE.sub("", body.decode())
        html = html.replace('lang="en"', 'lang="zh-Hans"', 1)
        html = html.replace("</head>", self._head, 1)
        content = html.encode()
        response_headers = [(n, v) for n, v in started[0]["headers"] if n != b"content-length"]
        response_headers.append((b"content-length", str(len(content)).encode()))
        await send({**started[0], "headers": response_headers})
        await send({"type": "http.response.body", "body": content})


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message: dict[str, Any] = dict(await receive())
        if message["type"] == "http.disconnect":
            return b""
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
