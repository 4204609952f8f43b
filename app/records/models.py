"""The tables of the records. A change here needs a migration in ``migrations/versions``."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

DIGEST_CHARS = 64


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Stored without a zone, in UTC, which every database orders alike."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    pass


class QuestionAsked(Base):
    """One question and how it was answered. ``digest`` is the same for questions that differ only in spelling;
    ``day`` is the day in Shenzhen."""

    __tablename__ = "questions_asked"
    __table_args__ = (Index("questions_asked_day", "day"), Index("questions_asked_digest", "digest"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    day: Mapped[str] = mapped_column(String(10))
    question: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(DIGEST_CHARS))
    language: Mapped[str] = mapped_column(String(16))
    surface: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(32))
    answer: Mapped[str] = mapped_column(Text)
    labels: Mapped[list[str]] = mapped_column(JSON)
    clauses: Mapped[list[str]] = mapped_column(JSON)
    checks_passed: Mapped[bool] = mapped_column(Boolean)
    checks_failed: Mapped[list[str]] = mapped_column(JSON)
    latency_ms: Mapped[float] = mapped_column(Float)


class Feedback(Base):
    """What a reader thought of an answer."""

    __tablename__ = "feedback"
    __table_args__ = (Index("feedback_given_at", "given_at"), Index("feedback_digest", "digest"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    question: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(DIGEST_CHARS))
    answer: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(16))
    comment: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(16))


class Call(Base):
    """A call to the hotline as the agent wrapped it up."""

    __tablename__ = "calls"
    __table_args__ = (Index("calls_ended_at", "ended_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(16))
    questions: Mapped[list[str]] = mapped_column(JSON)
    clauses: Mapped[list[str]] = mapped_column(JSON)
    department: Mapped[str | None] = mapped_column(Text)


class ApprovedAnswer(Base):
    """A question and the answer that a person has reviewed. ``clauses`` are ``{"id", "label", "title", "digest"}``,
    the digest that of the clause's text when it was reviewed."""

    __tablename__ = "approved_answers"
    __table_args__ = (Index("approved_answers_digest", "digest"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(DIGEST_CHARS))
    answer: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    clauses: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reviewer: Mapped[str] = mapped_column(String(100))
    reviewed_on: Mapped[date] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def revision(self) -> str:
        """Another one whenever the answer is saved with other words, clauses or reviewer."""
        saved = [self.question, self.answer, self.language, self.clauses, self.reviewer, self.reviewed_on.isoformat()]
        return hashlib.sha256(json.dumps(saved, sort_keys=True).encode()).hexdigest()


class ApprovedVector(Base):
    """What an approved question means to one embedder: float32, little-endian. Comparable only under the same
    ``embedder``."""

    __tablename__ = "approved_vectors"

    answer_id: Mapped[int] = mapped_column(ForeignKey("approved_answers.id", ondelete="CASCADE"), primary_key=True)
    embedder: Mapped[str] = mapped_column(String(255), primary_key=True)
    question_digest: Mapped[str] = mapped_column(String(DIGEST_CHARS))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class ReviewDecision(Base):
    """What a reviewer decided about an entry of the queue. ``kind`` is that of the queue; ``decision`` is
    ``approve``, ``reject`` or ``saved``."""

    __tablename__ = "review_decisions"
    __table_args__ = (Index("review_decisions_digest", "digest"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(DIGEST_CHARS))
    question: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str | None] = mapped_column(Text)
    reviewer: Mapped[str] = mapped_column(String(100))
