"""What waits for a reviewer: questions left unanswered, answers that readers disliked, failed checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, select

from app.records.models import Feedback, QuestionAsked, ReviewDecision
from app.records.store import UNANSWERED, Records

DISLIKED, FAILED_CHECKS, LEFT_UNANSWERED = "down", "checks", "unanswered"
KINDS = (DISLIKED, FAILED_CHECKS, LEFT_UNANSWERED)
# A question that was asked once may be anything; one that comes again is worth an answer.
OFTEN = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of the queue: as it was last asked or complained of, and what was answered then.

    ``question_id`` is the entry of the log and ``feedback_id`` the complaint to prefill forms from, where there is
    one; ``reasons`` and ``comments`` are the readers'.
    """

    kind: str
    digest: str
    question: str
    answer: str
    language: str
    count: int
    last: datetime
    status: str = ""
    clauses: list[str] = field(default_factory=list)
    checks_failed: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    question_id: int | None = None
    feedback_id: int | None = None


def entries(records: Records, kind: str, limit: int, offset: int = 0, often: int = OFTEN) -> tuple[list[Entry], int]:
    """The entries of one kind, most frequent first, and how many there are in all. ``often`` is how many times a
    question must have been left unanswered."""
    groups = _groups(kind, often)
    total = records.read(select(func.count()).select_from(groups.subquery()))[0][0]
    found = records.read(
        groups.order_by(func.count().desc(), groups.selected_columns.last.desc()).limit(limit).offset(offset)
    )
    make = _of_feedback if kind == DISLIKED else _of_log
    return [make(records, kind, last, count) for last, count in found], total


def counts(records: Records, often: int = OFTEN) -> dict[str, int]:
    """How many entries of each kind wait."""
    return {
        kind: records.read(select(func.count()).select_from(_groups(kind, often).subquery()))[0][0] for kind in KINDS
    }


def _groups(kind: str, often: int) -> Select[int, int]:
    """The id of the last row and the number of rows of each question that nobody has decided about."""
    decided = ReviewDecision
    if kind == DISLIKED:
        # A complaint that comes after the decision is a new one.
        newer = and_(decided.kind == kind, decided.digest == Feedback.digest, decided.decided_at >= Feedback.given_at)
        return (
            select(func.max(Feedback.id).label("last"), func.count().label("times"))
            .where(Feedback.verdict == "down", ~exists().where(newer))
            .group_by(Feedback.digest)
        )
    asked = QuestionAsked
    same = and_(decided.kind == kind, decided.digest == asked.digest)
    statement = select(func.max(asked.id).label("last"), func.count().label("times")).group_by(asked.digest)
    if kind == FAILED_CHECKS:
        return statement.where(
            asked.checks_passed.is_(False), ~exists().where(and_(same, decided.decided_at >= asked.asked_at))
        )
    # That a question is rightly left open stays decided, however often it is asked again.
    return statement.where(asked.status.in_(UNANSWERED), ~exists().where(same)).having(func.count() >= often)


def _of_log(records: Records, kind: str, last: int, count: int) -> Entry:
    row = records.read(select(QuestionAsked).where(QuestionAsked.id == last))[0][0]
    return Entry(
        kind=kind,
        digest=row.digest,
        question=row.question,
        answer=row.answer,
        language=row.language,
        count=count,
        last=row.asked_at,
        status=row.status,
        clauses=row.clauses,
        checks_failed=row.checks_failed,
        question_id=row.id,
    )


def _of_feedback(records: Records, kind: str, last: int, count: int) -> Entry:
    row = records.read(select(Feedback).where(Feedback.id == last))[0][0]
    given = records.read(
        select(Feedback.reason, Feedback.comment)
        .where(Feedback.digest == row.digest, Feedback.verdict == "down")
        .order_by(Feedback.id.desc())
        .limit(20)
    )
    asked = records.read(
        select(QuestionAsked)
        .where(QuestionAsked.digest == row.digest)
        .order_by((QuestionAsked.answer == row.answer).desc(), QuestionAsked.id.desc())
        .limit(1)
    )
    logged = asked[0][0] if asked else None
    return Entry(
        kind=kind,
        digest=row.digest,
        question=row.question,
        answer=row.answer,
        language=row.language or (logged.language if logged else "zh"),
        count=count,
        last=row.given_at,
        status=logged.status if logged else "",
        clauses=logged.clauses if logged else [],
        checks_failed=logged.checks_failed if logged else [],
        reasons=list(dict.fromkeys(reason for reason, _ in given if reason)),
        comments=[comment for _, comment in given if comment],
        question_id=logged.id if logged else None,
        feedback_id=row.id,
    )
