"""What is not found below an address of ours is said in the API's words, before the page mounted at ``/`` answers."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from app.refusals import shown


def refuse_unknown_routes(app: FastAPI, *addresses: str) -> None:
    """Answer 404, or 405 where another method is for the route, at and below each of ``addresses``, whatever the
    method. To be called when all routes there are."""
    unknown = _Unknown(app)
    for address in addresses:
        for path in (address, f"{address}/{{path:path}}"):
            app.router.routes.append(Route(path, unknown))


class _Unknown:
    """ASGI application that answers with what is wrong."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        matching = [route for route in self._app.routes if route.matches(scope)[0] is Match.PARTIAL]
        if not matching:
            raise HTTPException(404, f"{request.method} {shown(request.url.path)}: there is no such route")
        allowed = ", ".join(sorted({method for route in matching for method in getattr(route, "methods", ())}))
        message = f"{shown(request.method)} is not for this route; {allowed} is"
        raise HTTPException(405, message, headers={"Allow": allowed})
