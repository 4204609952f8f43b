"""The layers before the routes, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.access.guard import Guard
from app.access.rules import Access, is_under
from app.metrics import Metrics
from app.serving.admission import Admission
from app.serving.bodies import Bodies
from app.serving.envelope import Envelope

CROSS_ORIGIN = ("/api", "/v1", "/mcp")
# Signs that a log-in gives out stand in the desk's pages, next to what others typed: compressed together, their
# lengths would tell of each other.
UNCOMPRESSED = ("/admin",)
COMPRESS_FROM_BYTES = 1024
# Most of what level 9 saves at a third of its time.
COMPRESS_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much work is taken on: questions worked on ``at_once``, ``waiting`` beyond them, and the ``seconds`` that
    a request may take to arrive, to get its turn, and to be answered."""

    at_once: int = 8
    waiting: int = 256
    seconds: float = 60.0


def add_stack(
    app: FastAPI, *, access: Access | None, capacity: Capacity, metrics: Metrics, root_path: str = ""
) -> None:
    """Add the layers. Without ``access`` everybody may ask for everything, as often as they like."""
    # The last one added is the first that a request meets.
    app.add_middleware(
        Admission,
        at_once=capacity.at_once,
        waiting=capacity.waiting,
        seconds=capacity.seconds,
        root_path=root_path,
        metrics=metrics,
    )
    app.add_middleware(Bodies, seconds=capacity.seconds, refused=metrics.refused)
    if access is not None:
        app.add_middleware(Guard, access=access, root_path=root_path, refused=metrics.refused)
        if access.cors_origins:
            app.add_middleware(_CrossOrigin, origins=access.cors_origins, root_path=root_path)
    app.add_middleware(_Compressed, root_path=root_path)
    app.add_middleware(Envelope, root_path=root_path, requested=metrics.requested)


class _CrossOrigin:
    """CORS for the addresses that programs use; a page of another site gets nothing else."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...], root_path: str) -> None:
        self._app = app
        self._root_path = root_path
        self._answering = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=(
                "Authorization",
                "Content-Type",
                "X-API-Key",
                "X-Request-ID",
                "Last-Event-ID",
                "Mcp-Session-Id",
                "Mcp-Protocol-Version",
            ),
            expose_headers=("X-Request-ID", "Retry-After", "Mcp-Session-Id"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = scope["type"] == "http" and is_under(scope["path"].removeprefix(self._root_path), CROSS_ORIGIN)
        await (self._answering if is_ours else self._app)(scope, receive, send)


class _Compressed:
    """gzip for what is worth it; event streams and what is compressed already are left alone."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path
        self._packing = GZipMiddleware(app, minimum_size=COMPRESS_FROM_BYTES, compresslevel=COMPRESS_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        packs = scope["type"] == "http" and not is_under(scope["path"].removeprefix(self._root_path), UNCOMPRESSED)
        await (self._packing if packs else self._app)(scope, receive, send)
