"""What is not found below a prefix of ours is said in the API's words, before the page mounted at ``/`` answers."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException, Request
from starlette.routing import Match

from app.ui.gate import shown

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def refuse_unknown_routes(app: FastAPI, prefix: str) -> None:
    """Answer 404, or 405 where another method is for the route, below ``prefix``. To be called when all routes
    below it are there."""

    def unknown(request: Request) -> None:
        matching = [route for route in app.routes if route.matches(request.scope)[0] is Match.PARTIAL]
        if not matching:
            raise HTTPException(404, f"{request.method} {shown(request.url.path)}: there is no such route")
        allowed = ", ".join(sorted({method for route in matching for method in getattr(route, "methods", ())}))
        raise HTTPException(405, f"{request.method} is not for this route; {allowed} is", headers={"Allow": allowed})

    for path in (prefix, f"{prefix}/{{path:path}}"):
        app.add_api_route(path, unknown, methods=list(METHODS), include_in_schema=False, response_model=None)
