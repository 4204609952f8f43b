"""Reading and writing the records. Every text from outside is masked on its way in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, Executable, Select, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.models import Answer
from app.records.database import WRITES, RecordsUnavailable, open_engine
from app.records.masking import Masker
from app.records.models import (
    ApprovedAnswer,
    ApprovedVector,
    Base,
    Call,
    Feedback,
    QuestionAsked,
    ReviewDecision,
)
from app.records.spelling_key import question_digest

SHENZHEN = ZoneInfo("Asia/Shanghai")
UNANSWERED = ("not_specified", "out_of_scope", "clarify")
MAX_ANSWER_CHARS = 20_000
Row = TypeVar("Row", bound=Base)


class ChangedMeanwhile(Exception):
    """The approved answer isn't the one that was shown any more; ``present`` is what stands there now."""

    def __init__(self, present: ApprovedAnswer) -> None:
        super().__init__(f"the approved answer {present.id} has been changed meanwhile")
        self.present = present


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered. ``question`` is what was typed, ``surface`` where."""

    answer: Answer
    question: str
    surface: str
    latency_ms: float
    at: datetime


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which questions of the log; None and empty mean all. Days are Shenzhen's, both included."""

    since: date | None = None
    until: date | None = None
    status: str = ""
    language: str = ""
    surface: str = ""
    text: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        asked = QuestionAsked
        found: list[ColumnElement[bool]] = []
        if self.since:
            found.append(asked.day >= self.since.isoformat())
        if self.until:
            found.append(asked.day <= self.until.isoformat())
        if self.status:
            found.append(asked.status == self.status)
        if self.language:
            found.append(asked.language == self.language)
        if self.surface:
            found.append(asked.surface == self.surface)
        if self.text:
            found.append(asked.question.icontains(self.text, autoescape=True))
        return found


@dataclass(frozen=True, slots=True)
class DayCount:
    """The questions of one day, and how many of them were left unanswered."""

    day: date
    asked: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class TopQuestion:
    """A question, as it was last put, and how often it was asked."""

    question: str
    status: str
    count: int


class Records:
    """The records of one installation. Threads and processes may share them. Methods raise RecordsUnavailable when
    the database fails; nothing is then written."""

    def __init__(self, engine: Engine, retention_days: int = 0) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self._retention_days = retention_days
        self._masker = Masker()
        self._office_masker = Masker(landlines=False)

    @classmethod
    def open(cls, url: str, retention_days: int = 0) -> Records:
        """The records at a SQLAlchemy URL, their tables brought up to date and what is older than
        ``retention_days`` (0: nothing) removed. RecordsUnavailable."""
        records = cls(open_engine(url), retention_days)
        records.purge()
        return records

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def keep_numbers(self, numbers: Collection[str]) -> None:
        """Numbers and addresses that the policies publish: they are not masked from now on."""
        self._masker = Masker(numbers)
        self._office_masker = Masker(numbers, landlines=False)

    def mask(self, text: str) -> str:
        """``text`` as it would be stored."""
        return self._masker(text)

    # ---- writing ----

    def add_question(self, answer: Answer, question: str, surface: str, latency_ms: float, at: datetime) -> int:
        """Keep a question with its answer. ``question`` is what was typed."""
        return self._add(QuestionAsked(**self._question_row(Asked(answer, question, surface, latency_ms, at))))

    def add_questions(self, asked: Sequence[Asked]) -> None:
        """Keep many questions at once, which costs little more than one."""
        rows = [self._question_row(one) for one in asked]
        with self._session(writes=True) as session:
            session.execute(insert(QuestionAsked), rows)
            session.commit()

    def _question_row(self, asked: Asked) -> dict[str, Any]:
        answer, masked = asked.answer, self.mask(asked.question)
        return {
            "asked_at": asked.at,
            "day": asked.at.astimezone(SHENZHEN).date().isoformat(),
            "question": masked,
            "digest": question_digest(masked),
            "language": answer.language,
            "surface": asked.surface,
            "status": str(answer.status),
            "answer": self.mask(answer.answer)[:MAX_ANSWER_CHARS],
            "labels": list(dict.fromkeys(citation.label for citation in answer.citations)),
            "clauses": list(dict.fromkeys(citation.id for citation in answer.citations)),
            "checks_passed": answer.checks.passed,
            "checks_failed": list(answer.checks.failed),
            "latency_ms": round(asked.latency_ms, 1),
        }

    def add_feedback(
        self,
        question: str,
        answer: str,
        verdict: str,
        reason: str | None = None,
        comment: str | None = None,
        language: str | None = None,
    ) -> int:
        """Keep what a reader thought of an answer."""
        masked = self.mask(question)
        return self._add(
            Feedback(
                given_at=_now(),
                question=masked,
                digest=question_digest(masked),
                answer=self.mask(answer)[:MAX_ANSWER_CHARS],
                verdict=verdict,
                reason=reason,
                comment=self.mask(comment) if comment else None,
                language=language,
            )
        )

    def add_call(
        self, outcome: str, questions: Sequence[str], clauses: Sequence[str], department: str | None = None
    ) -> int:
        """Keep how a call ended."""
        return self._add(
            Call(
                ended_at=_now(),
                outcome=outcome,
                questions=[self.mask(question) for question in questions],
                clauses=[self.mask(clause) for clause in clauses],
                department=self.mask(department) if department else None,
            )
        )

    def add_decision(self, kind: str, question: str, decision: str, reviewer: str, comment: str = "") -> int:
        """Keep what a reviewer decided; the entry leaves the queue ``kind``."""
        masked = self.mask(question)
        return self._add(
            ReviewDecision(
                decided_at=_now(),
                kind=kind,
                digest=question_digest(masked),
                question=masked,
                decision=decision,
                comment=self.mask(comment) or None,
                reviewer=self.mask(reviewer),
            )
        )

    def save_approved(
        self,
        question: str,
        answer: str,
        language: str,
        clauses: list[dict[str, Any]],
        reviewer: str,
        reviewed_on: date,
        answer_id: int | None = None,
        seen: str | None = None,
    ) -> int:
        """Keep a reviewed answer, or put it in place of the one with ``answer_id``; its id. ``seen`` is the revision
        that the reviewer had before them. KeyError when there is none with that id, ChangedMeanwhile when it has
        another revision by now."""
        masked = self.mask(question)
        values: dict[str, Any] = {
            "question": masked,
            "digest": question_digest(masked),
            "answer": self._office_masker(answer),
            "language": language,
            "clauses": clauses,
            "reviewer": self.mask(reviewer),
            "reviewed_on": reviewed_on,
        }
        if answer_id is None:
            return self._add(ApprovedAnswer(**values))
        with self._session(writes=True) as session:
            row = session.get(ApprovedAnswer, answer_id)
            if row is None:
                raise KeyError(answer_id)
            if seen is not None and row.revision != seen:
                raise ChangedMeanwhile(row)
            for name, value in values.items():
                setattr(row, name, value)
            session.commit()
        return answer_id

    def withdraw(self, answer_id: int, withdrawn: bool = True) -> None:
        """Take an approved answer out of use, or back into it. KeyError when there is none with that id."""
        with self._session(writes=True) as session:
            row = session.get(ApprovedAnswer, answer_id)
            if row is None:
                raise KeyError(answer_id)
            row.withdrawn_at = _now() if withdrawn else None
            session.commit()

    def keep_vectors(self, embedder: str, rows: Sequence[tuple[int, str, bytes]]) -> None:
        """Keep what approved questions mean to an embedder: (answer id, digest of the question, vector)."""
        with self._session(writes=True) as session:
            for answer_id, digest, vector in rows:
                if session.get(ApprovedAnswer, answer_id) is not None:
                    session.merge(
                        ApprovedVector(answer_id=answer_id, embedder=embedder, question_digest=digest, vector=vector)
                    )
            session.commit()

    def purge(self, now: datetime | None = None) -> int:
        """Remove what is older than the retention; how many rows. Approved answers stay."""
        if not self._retention_days:
            return 0
        before = (now or _now()) - timedelta(days=self._retention_days)
        removed = 0
        with self._session(writes=True) as session:
            for table, moment in (
                (QuestionAsked, QuestionAsked.asked_at),
                (Feedback, Feedback.given_at),
                (Call, Call.ended_at),
                (ReviewDecision, ReviewDecision.decided_at),
            ):
                result: Any = session.execute(delete(table).where(moment < before))
                removed += result.rowcount
            session.commit()
        return removed

    # ---- reading ----

    def questions(self, wanted: LogFilter, limit: int, offset: int = 0) -> tuple[list[QuestionAsked], int]:
        """Questions of the log, newest first, and how many there are in all."""
        conditions = wanted.conditions()
        asked = QuestionAsked
        with self._session() as session:
            rows = session.scalars(
                select(asked).where(*conditions).order_by(asked.id.desc()).limit(limit).offset(offset)
            )
            total = session.scalar(select(func.count()).select_from(asked).where(*conditions))
            return list(rows), total or 0

    def each_question(self, wanted: LogFilter, batch: int = 500) -> Iterator[QuestionAsked]:
        """All questions of the log that are wanted, newest first; read in batches, however many there are."""
        below: int | None = None
        while True:
            statement = select(QuestionAsked).where(*wanted.conditions())
            if below is not None:
                statement = statement.where(QuestionAsked.id < below)
            rows = self._all(statement.order_by(QuestionAsked.id.desc()).limit(batch))
            yield from rows
            if len(rows) < batch:
                return
            below = rows[-1].id

    def counts_by_day(self, wanted: LogFilter) -> list[DayCount]:
        """How many questions there were on each day that had any, oldest first."""
        asked = QuestionAsked
        counted: dict[str, list[int]] = {}
        statement = (
            select(asked.day, asked.status, func.count())
            .where(*wanted.conditions())
            .group_by(asked.day, asked.status)
            .order_by(asked.day)
        )
        with self._session() as session:
            for day, status, count in session.execute(statement):
                totals = counted.setdefault(day, [0, 0])
                totals[0] += count
                totals[1] += count if status in UNANSWERED else 0
        return [DayCount(date.fromisoformat(day), *totals) for day, totals in counted.items()]

    def top_questions(self, wanted: LogFilter, limit: int = 10) -> list[TopQuestion]:
        """The questions asked most often, spellings counted together."""
        asked = QuestionAsked
        groups = (
            select(func.max(asked.id).label("last"), func.count().label("times"))
            .where(*wanted.conditions())
            .group_by(asked.digest)
            .order_by(func.count().desc(), func.max(asked.id).desc())
            .limit(limit)
            .subquery()
        )
        statement = (
            select(asked.question, asked.status, groups.c.times)
            .join(groups, asked.id == groups.c.last)
            .order_by(groups.c.times.desc(), asked.id.desc())
        )
        with self._session() as session:
            return [TopQuestion(*row) for row in session.execute(statement)]

    def question(self, question_id: int) -> QuestionAsked | None:
        with self._session() as session:
            return session.get(QuestionAsked, question_id)

    def feedback(self, feedback_id: int) -> Feedback | None:
        with self._session() as session:
            return session.get(Feedback, feedback_id)

    def calls(self) -> list[Call]:
        """The calls, newest first."""
        return self._all(select(Call).order_by(Call.id.desc()))

    def all_feedback(self) -> list[Feedback]:
        """The feedback, newest first."""
        return self._all(select(Feedback).order_by(Feedback.id.desc()))

    def decisions(self, limit: int = 200) -> list[ReviewDecision]:
        """The latest decisions, newest first."""
        return self._all(select(ReviewDecision).order_by(ReviewDecision.id.desc()).limit(limit))

    def approved(self, with_withdrawn: bool = False) -> list[ApprovedAnswer]:
        """The approved answers, latest reviewed first."""
        statement = select(ApprovedAnswer).order_by(ApprovedAnswer.reviewed_on.desc(), ApprovedAnswer.id.desc())
        if not with_withdrawn:
            statement = statement.where(ApprovedAnswer.withdrawn_at.is_(None))
        return self._all(statement)

    def approved_answer(self, answer_id: int) -> ApprovedAnswer | None:
        with self._session() as session:
            return session.get(ApprovedAnswer, answer_id)

    def vectors(self, embedder: str) -> dict[int, tuple[str, bytes]]:
        """What the approved questions mean to ``embedder``: digest of the question and vector by answer id."""
        rows = self._all(select(ApprovedVector).where(ApprovedVector.embedder == embedder))
        return {row.answer_id: (row.question_digest, row.vector) for row in rows}

    def read(self, statement: Executable) -> list[Any]:
        """The rows of a query as tuples."""
        with self._session() as session:
            return list(session.execute(statement))

    # ---- the session ----

    def _add(self, row: Base) -> int:
        with self._session(writes=True) as session:
            session.add(row)
            session.commit()
            return int(row.id)  # type: ignore[attr-defined]

    def _all(self, statement: Select[Row]) -> list[Row]:
        with self._session() as session:
            return list(session.scalars(statement))

    @contextmanager
    def _session(self, writes: bool = False) -> Iterator[Session]:
        try:
            with Session(self._writing if writes else self._engine, expire_on_commit=False) as session:
                yield session
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise RecordsUnavailable(f"the records can't be used ({reason})") from error


def _now() -> datetime:
    return datetime.now(UTC)
