"""Every error in the API's form: ``{"error": {"type", "message"}}``."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse

from app.refusals import refuse, refuse_invalid
from app.ui.intake import Refused

KINDS = {400: "invalid_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 503: "unavailable"}


def add_error_answers(app: FastAPI) -> None:
    """Answer for what routes raise. What nobody expected is answered by the envelope."""

    @app.exception_handler(StarletteHTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        response = refuse(error.status_code, KINDS.get(error.status_code, "error"), str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return refuse_invalid(error.errors(), error.body)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return refuse(422, "invalid_request", str(error))
