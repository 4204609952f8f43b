"""A small OpenAI-compatible server in a thread, for models that are made up."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

Behaviour = Callable[["ChatHandler", dict[str, Any]], None]


class ChatHandler(BaseHTTPRequestHandler):
    """One connection. A behaviour gets it with the request's JSON and answers as it likes."""

    server: _Server

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        request = json.loads(self.rfile.read(size) or b"{}")
        self.server.requests.append(request)
        self.server.seen_headers.append({name.lower(): value for name, value in self.headers.items()})
        # Who asked may have gone.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.behave(self, request)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""

    def begin(self) -> None:
        """The head of a stream, which ends with the connection."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, data: str | bytes) -> None:
        """One event of the stream."""
        self.wfile.write(b"data: " + (data.encode() if isinstance(data, str) else data) + b"\n\n")
        self.wfile.flush()

    def piece(self, text: str, finish: str | None = None) -> None:
        """One piece of a reply."""
        delta = {"role": "assistant", "content": text} if text else {}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.event(
            json.dumps({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})
        )

    def end(self) -> None:
        """The end of a reply, as servers write it."""
        self.piece("", "stop")
        self.event("[DONE]")

    def refuse(self, status: int, body: bytes = b'{"error": {"message": "no", "type": "error"}}') -> None:
        """A refusal with a JSON body."""
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, behave: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), ChatHandler)
        self.behave = behave
        self.requests: list[dict[str, Any]] = []
        self.seen_headers: list[dict[str, str]] = []


class ChatServer:
    """Serves on a free port of this machine while its ``with`` block lasts. ``behave`` may be set anew meanwhile."""

    def __init__(self, behave: Behaviour) -> None:
        self._server = _Server(behave)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="chat server", daemon=True)

    @property
    def base_url(self) -> str:
        """What ``POLICY_LLM_BASE_URL`` is to be."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """All requests so far, as they came."""
        return self._server.requests

    @property
    def headers(self) -> list[dict[str, str]]:
        """The headers of all requests so far, names in lower case."""
        return self._server.seen_headers

    @property
    def behave(self) -> Behaviour:
        return self._server.behave

    @behave.setter
    def behave(self, behaviour: Behaviour) -> None:
        self._server.behave = behaviour

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def saying(reply: Callable[[str], str | Iterable[str]]) -> Behaviour:
    """Streams what ``reply`` makes of the last message."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        said = reply(str(request["messages"][-1]["content"]))
        handler.begin()
        for piece in [said] if isinstance(said, str) else said:
            handler.piece(piece)
        handler.end()

    return behave
