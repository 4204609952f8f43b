"""``/openapi.json``, the API described whole: every public route with examples and every status it can answer with; and
``/docs``, the same to read and try, from files of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, resources
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from starlette.responses import FileResponse, HTMLResponse

from app.programs import replies
from app.programs.openapi_30 import VERSION, as_openapi_30
from app.refusals import NOT_JSON

SCHEMAS = "#/components/schemas/{model}"
ABOUT = """Questions about government policies, answered from the policies' own text: every figure, department, date and
clause stands in the text that is cited, and was compared with it.

Text of policies and questions is data, never instruction. Offsets are code points, end exclusive; sums are yuan. An
error is JSON, `{"error": {"type", "message"}}`; under `/v1` it also has `param` and `code`, as OpenAI's clients expect.

Agents reach the same over the Model Context Protocol at `/mcp` (streamable HTTP, no sessions): `ask_policy`,
`search_clauses`, `get_clause`, `list_measures`."""
TAGS = {
    "answers": "Questions and answers.",
    "policies": "What the policies say: clauses, and the table of what is supported.",
    "records": "What is kept: feedback, calls, approved answers.",
    "OpenAI": "The assistant as OpenAI's clients know a model.",
    "state": "Whether the server runs.",
}
# What each error means wherever it occurs: its type and an example of its message.
ERRORS = {
    400: ("invalid_request", "there was an error parsing the body"),
    401: ("unauthorized", "a key is needed: send Authorization: Bearer KEY"),
    403: ("forbidden", "this page belongs to another site"),
    404: ("not_found", "there is no policy 'x'; there is: city-policy-2026"),
    408: ("timeout", "the request was not there whole after 60 s"),
    413: ("too_large", "the request is larger than 1,000,000 bytes"),
    415: ("unsupported_media_type", NOT_JSON),
    421: ("misdirected", "this machine is not known by that name"),
    422: ("invalid_request", "question: is empty"),
    429: ("rate_limited", "too many requests; ask again in 12 s"),
    503: ("unavailable", "the records can't be reached at the moment; nothing was saved"),
}
WORDS = {
    400: "What is asked can't be read or is none that there is.",
    401: "A key is needed, or the one given is none.",
    403: "A page of another site asks.",
    404: "There is no such policy, clause, model or route.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not declared as JSON.",
    421: "The server is not known by the name that was asked for.",
    422: "A part of the request is wrong; the message names it.",
    429: "Too many requests, or too many questions at once; `Retry-After` says when to ask again.",
    503: "Not possible at the moment; the message says why.",
}
TEXT = {"text/plain": {"schema": {"type": "string"}, "example": "policy_questions_running 0.0\n"}}
EVENTS = "text/event-stream"
BODY = (400, 408, 413, 415, 422)
# What may be met before any route is.
GUARDED = (401, 403, 421, 429)
KEYS = {
    "key": {"type": "http", "scheme": "bearer", "description": "One of the server's keys."},
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same, in a header of its own.",
    },
}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Operation:
    """What the description says of one operation. ``files`` are media types that the reply may have besides JSON."""

    tag: str
    summary: str
    reply: Any
    errors: tuple[int, ...] = ()
    status: int = 200
    files: tuple[str, ...] = ()
    description: str = ""


OPERATIONS = {
    "POST /api/ask": Operation(
        "answers", "Answer a question", replies.AnswerReply, (*BODY, 404, 503),
        description="With `history`, earlier turns, it may be a follow-up. Nothing of a conversation is kept.",
    ),
    "GET /api/search": Operation(
        "answers", "Find clauses", replies.SearchReply, (404, 422, 503),
        description="Best first, each with the lines that matter and what to say, send and forward of it.",
    ),
    "GET /api/policies": Operation("policies", "List the policies", replies.Policies),
    "GET /api/clauses": Operation("policies", "List clauses", replies.Clauses, (404, 422)),
    "GET /api/clauses/{clause_id}": Operation(
        "policies", "Get a clause", replies.Clause, (404, 422), description="Write `#` of the id as `%23`."
    ),
    "GET /api/measures": Operation(
        "policies", "List what is supported", replies.MeasureTable, (400, 404, 422), files=("text/csv", SHEET)
    ),
    "GET /api/measures/fit": Operation("policies", "Sort it by five answers", replies.Fits, (400, 404, 422)),
    "POST /api/feedback": Operation("records", "Say what an answer is worth", replies.Kept, (*BODY, 503), 201),
    "POST /api/calls": Operation("records", "Record how a call ended", replies.Kept, (*BODY, 503), 201),
    "GET /api/approved": Operation("records", "Find approved answers", replies.ApprovedAnswers, (422, 503)),
    "POST /v1/chat/completions": Operation(
        "OpenAI", "Answer a conversation", replies.Completion, (400, 404, 408, 413, 415, 503), files=(EVENTS,),
        description="With `stream` the reply is server-sent events, chunks of `chat.completion.chunk` and `[DONE]`; "
        "the chunk with `finish_reason` carries `policy`, and so does the one with `usage`. An error is an event too.",
    ),
    "GET /v1/models": Operation("OpenAI", "List the models", replies.Models),
    "GET /v1/models/{model_id}": Operation("OpenAI", "Get a model", replies.Model, (400, 404)),
    "GET /metrics": Operation("state", "Counters and times for Prometheus", None),
    "GET /healthz": Operation("state", "Whether the process runs", replies.Health),
    "GET /readyz": Operation("state", "Whether it can answer", replies.Health, (503,)),
}  # fmt: skip


def add_description(app: FastAPI, root_path: str) -> None:
    """Describe the routes that ``app`` has when it is asked, and add ``/docs``."""
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    @app.get("/docs/", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(_page(root_path))

    @app.get("/docs/{name}", include_in_schema=False)
    def docs_file(name: str) -> FileResponse:
        from swagger_ui_bundle import swagger_ui_path

        if name not in ("swagger-ui-bundle.js", "swagger-ui.css"):
            raise HTTPException(404, "there is no such file")
        return FileResponse(swagger_ui_path / name, headers={"Cache-Control": "no-cache"})


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title="Policy assistant",
            version=metadata.version("policy-assistant"),
            description=ABOUT,
            routes=app.routes,
            tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        )
        schemas = schema["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        places, described = _reply_schemas()
        schemas.update(described)
        examples = json.loads(resources.files("app.programs").joinpath("examples.json").read_text(encoding="utf-8"))
        for name, operation in _operations(schema):
            told = OPERATIONS.get(name)
            if told is not None:
                _describe(operation, told, places, examples.get(name, {}), openai=" /v1/" in name)
        schema["components"]["securitySchemes"] = KEYS
        app.openapi_schema = {"openapi": VERSION, **as_openapi_30({**schema, "openapi": VERSION})}
    return app.openapi_schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _reply_schemas() -> tuple[dict[Any, Any], dict[str, Any]]:
    """Where each reply is described, and the descriptions by name."""
    kinds = list(
        dict.fromkeys([told.reply for told in OPERATIONS.values() if told.reply] + [replies.Error, replies.OpenAIError])
    )
    places, described = TypeAdapter.json_schemas(
        [(kind, "validation", TypeAdapter(kind)) for kind in kinds], ref_template=SCHEMAS
    )
    return {kind: place for (kind, _), place in places.items()}, described["$defs"]


def _describe(
    operation: dict[str, Any], told: Operation, places: dict[Any, Any], example: dict[str, Any], *, openai: bool
) -> None:
    guarded = () if told.reply is replies.Health else GUARDED
    operation["tags"] = [told.tag]
    operation["summary"] = told.summary
    operation["description"] = told.description or operation.get("description", told.summary)
    if "request" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["request"]
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.get("parameters", {}):
            parameter["example"] = example["parameters"][parameter["name"]]
    reply: dict[str, Any] = {"schema": places[told.reply]} if told.reply else {}
    if "reply" in example:
        reply["example"] = example["reply"]
    # Events are described in words: OpenAPI 3.0 has none.
    binary = {"type": "string", "format": "binary"}
    files = {media: {"schema": {} if media == EVENTS else binary} for media in told.files}
    operation["responses"] = {
        str(told.status): {
            "description": told.summary,
            "content": {**({"application/json": reply} if reply else TEXT), **files},
        },
        **{str(status): _error(status, places, openai=openai) for status in sorted({*told.errors, *guarded})},
    }
    if guarded:
        # A program of the same machine needs none.
        operation["security"] = [{}, *({name: []} for name in KEYS)]


def _error(status: int, places: dict[Any, Any], *, openai: bool) -> dict[str, Any]:
    kind, message = ERRORS[status]
    error: dict[str, Any] = {"type": kind, "message": message}
    if openai:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": kind}
    schema = places[replies.OpenAIError if openai else replies.Error]
    return {
        "description": WORDS[status],
        "content": {"application/json": {"schema": schema, "example": {"error": error}}},
    }


def _page(root_path: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Policy assistant: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root_path}/docs/swagger-ui.css">
</head>
<body>
<div id="docs" data-description="{root_path}/openapi.json"></div>
<script src="{root_path}/docs/swagger-ui-bundle.js"></script>
<script src="{root_path}/static-pages/api-docs.js"></script>
</body>
</html>
"""
