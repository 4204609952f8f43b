"""Every error in one form: ``{"error": {"type", "message"}}``, and under ``/v1`` as OpenAI's clients read it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

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


class Refusal(JSONResponse):
    """An error as the API words it. Under ``/v1`` it is what an OpenAI client reads: ``param`` and ``code`` beside
    ``type`` and ``message``, OpenAI's names of the types, and 400 where the API says 422."""

    def __init__(
        self, status: int, kind: str, message: str, param: str | None = None, request_id: str | None = None
    ) -> None:
        self._told = {"request_id": request_id} if request_id else {}
        super().__init__({"error": {"type": kind, "message": message, **self._told}}, status_code=status)
        self._kind = kind
        self._message = message
        self._param = param

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if OPENAI_PATH.match(scope["path"].removeprefix(scope.get("root_path", ""))):
            self.status_code = 400 if self.status_code == 422 else self.status_code
            kind = OPENAI_KINDS.get(self.status_code, "server_error" if self.status_code >= 500 else OPENAI_KIND)
            error = {"message": self._message, "type": kind, "param": self._param, "code": self._kind, **self._told}
            self.body = self.render({"error": error})
            self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def refuse(status: int, kind: str, message: str, param: str | None = None, request_id: str | None = None) -> Refusal:
    """An error as the API words it; ``param`` is the part of the request that is wrong, which OpenAI clients see, and
    ``request_id`` under what the log tells more."""
    return Refusal(status, kind, message, param, request_id)


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
