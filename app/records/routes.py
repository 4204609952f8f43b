"""The routes of the API that write and read the records."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from app.records.approved import ApprovedAnswers, Match
from app.records.database import RecordsUnavailable
from app.records.store import Records
from app.refusals import refuse
from app.ui.intake import check_question
from app.ui.page import Asks

log = logging.getLogger(__name__)

MAX_MATCHES = 20
Id = Annotated[str, Field(min_length=1, max_length=200)]
Result = TypeVar("Result")


class FeedbackBody(BaseModel):
    """What a reader thinks of an answer."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(min_length=1, max_length=100_000)
    answer: str = Field(max_length=100_000)
    verdict: Literal["up", "down"]
    reason: Literal["amount", "clause", "missed", "unclear", "other"] | None = None
    comment: str | None = Field(None, max_length=1000)
    lang: Literal["zh", "zh-Hant", "en"] | None = None


class CallBody(BaseModel):
    """How a call to the hotline ended."""

    model_config = ConfigDict(extra="forbid")
    outcome: Literal["answered", "partial", "unanswered", "transferred"]
    questions: list[Annotated[str, Field(max_length=2000)]] = Field([], max_length=20)
    clauses: list[Id] = Field([], max_length=100)
    department: str | None = Field(None, max_length=200)


def add_record_routes(
    app: FastAPI, records: Records | None, assistant: Callable[[], Asks], max_question_chars: int
) -> None:
    """Add ``/api/feedback``, ``/api/calls`` and ``/api/approved``; without records they answer 503."""

    def kept(write: Callable[[Records], Result]) -> Result | JSONResponse:
        if records is None:
            return refuse(503, "unavailable", "nothing is recorded here: this server was started without records")
        try:
            return write(records)
        except RecordsUnavailable:
            log.exception("the records failed")
            return refuse(503, "unavailable", "the records can't be reached at the moment; nothing was saved")

    @app.post("/api/feedback", status_code=201, response_model=None)
    @app.post("/api/feedback/", status_code=201, response_model=None, include_in_schema=False)
    def feedback(body: FeedbackBody) -> dict[str, Any] | JSONResponse:
        question = check_question(body.question, max_question_chars)
        return kept(
            lambda records: {
                "id": records.add_feedback(question, body.answer, body.verdict, body.reason, body.comment, body.lang)
            }
        )

    @app.post("/api/calls", status_code=201, response_model=None)
    @app.post("/api/calls/", status_code=201, response_model=None, include_in_schema=False)
    def calls(body: CallBody) -> dict[str, Any] | JSONResponse:
        return kept(
            lambda records: {"id": records.add_call(body.outcome, body.questions, body.clauses, body.department)}
        )

    @app.get("/api/approved", response_model=None)
    @app.get("/api/approved/", response_model=None, include_in_schema=False)
    def approved(q: str = "", k: Annotated[int, Query(ge=1, le=MAX_MATCHES)] = 3) -> dict[str, Any] | JSONResponse:
        if not q.strip():
            # A box that is still empty has no answers, records or not.
            return kept(lambda _: {"approved": []})
        question = check_question(q, max_question_chars)
        return kept(lambda records: {"approved": [match_json(m) for m in over(records, assistant()).find(question, k)]})


def over(records: Records, assistant: Asks) -> ApprovedAnswers:
    """The approved answers as this assistant's index and policies see them."""
    index: Any = getattr(assistant, "index", None)
    return ApprovedAnswers(records, assistant.policies, index, None if index is None else str(index.manifest.embedder))


def match_json(match: Match) -> dict[str, Any]:
    """An approved answer and how it matched, JSON-ready."""
    row = match.row
    return {
        "id": row.id,
        "question": row.question,
        "answer": row.answer,
        "lang": row.language,
        "clauses": [{name: clause[name] for name in ("id", "label", "title")} for clause in row.clauses],
        "reviewer": row.reviewer,
        "reviewed_on": row.reviewed_on.isoformat(),
        "match": match.match,
        "stale": match.stale,
    }
