"""A gate before gradio: it answers for the page alone, and its page asks for nothing from outside.

gradio brings uploads, a file proxy, run recording, editing tools and an open API; this page uses none of
them. The gate lets through what the page needs, and everything else is not found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# OpenAI clients tell errors apart by status; the names of the types are for whoever reads them.
OPENAI_PATH = re.compile(r"/v1(?:/|$)")
OPENAI_KIND = "invalid_request_error"
OPENAI_KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
INNER_ERRORS = {
    404: ("not_found", "there is no such page"),
    405: ("method_not_allowed", "this method is not for this page"),
    406: ("not_acceptable", "the client has to accept application/json"),
}
NOT_JSON = "the body has to be JSON, with content-type: application/json"
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


class Refusal(JSONResponse):
    """An error as the API words it. Under ``/v1`` it is what an OpenAI client reads: ``param`` and ``code`` beside
    ``type`` and ``message``, OpenAI's names of the types, and 400 where the API says 422."""

    def __init__(self, status: int, kind: str, message: str, param: str | None = None) -> None:
        super().__init__({"error": {"type": kind, "message": message}}, status_code=status)
        self._kind = kind
        self._message = message
        self._param = param

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A middleware may refuse before the prefix of a proxy is known or taken off.
        if OPENAI_PATH.match(scope["path"].removeprefix(scope.get("root_path", ""))):
            self.status_code = 400 if self.status_code == 422 else self.status_code
            kind = OPENAI_KINDS.get(self.status_code, "server_error" if self.status_code >= 500 else OPENAI_KIND)
            error = {"message": self._message, "type": kind, "param": self._param, "code": self._kind}
            self.body = self.render({"error": error})
            self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def refuse(status: int, kind: str, message: str, param: str | None = None) -> Refusal:
    """An error as the API words it; ``param`` is the part of the request that is wrong, which OpenAI clients see."""
    return Refusal(status, kind, message, param)


def refuse_invalid(errors: Sequence[Mapping[str, Any]], body: object) -> Refusal:
    """What FastAPI found wrong with a request: its first error, or that the body is no JSON at all."""
    if body and isinstance(body, bytes):
        return refuse(415, "unsupported_media_type", NOT_JSON)
    # The input itself is not repeated: it may be what can't be encoded.
    place = ".".join(str(step) for step in errors[0]["loc"] if step != "body") or "body"
    message, param = (text.encode(errors="replace").decode() for text in (f"{place}: {errors[0]['msg']}", place))
    return refuse(422, "invalid_request", message, param)


class ErrorsWorded:
    """ASGI application whose errors are in the API's form. An error that comes as JSON with an ``error`` of its own
    (JSON-RPC) stays as it is."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        error: Message | None = None
        body = bytearray()

        async def held(message: Message) -> None:
            nonlocal error
            if message["type"] == "http.response.start" and message["status"] >= 400:
                error = message
            elif error is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))

        try:
            await self._inner(scope, receive, held)
        finally:
            # What fails sends its error first and raises then.
            if error is not None:
                asked = f"{scope['method']} {shown(scope['path'])}"
                await _error_of(error, bytes(body), asked)(scope, receive, send)


def _error_of(started: Message, body: bytes, asked: str) -> Response:
    status = started["status"]
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and isinstance(content.get("error"), dict):
        return Response(body, status, media_type="application/json")
    kind, message = INNER_ERRORS.get(status, ("invalid_request", "the request can't be read"))
    if status >= 500:
        kind, message = "internal", "something went wrong here; it has been logged"
    response = refuse(status, kind, f"{asked}: {message}")
    # What may be asked instead (Allow) is kept, what describes the old words is not.
    response.raw_headers.extend((n, v) for n, v in started["headers"] if n.lower() == b"allow")
    return response


def shown(value: str) -> str:
    """What was asked for, as an error repeats it: not in full where it is long, and printable."""
    return repr(value[:80].encode(errors="replace").decode())


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
