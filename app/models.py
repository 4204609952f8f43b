"""The answer object: what every surface (command line, API, pages, evaluation) shows or sends."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    ANSWERED = "answered"
    PARTIAL = "partial"
    NOT_SPECIFIED = "not_specified"
    OUT_OF_SCOPE = "out_of_scope"
    CLARIFY = "clarify"
    SMALLTALK = "smalltalk"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation so far. ``role`` is ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The words of the source that an answer rests on: ``quote == source_text[start:end]``.

    ``label`` is the source's own label with half-width brackets, never translated; ``number`` is None
    outside the numbered clauses.
    """

    policy: str
    id: str
    label: str
    number: int | None
    title: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FactStated:
    """A typed fact that the answer states. ``kind`` is amount, department, date, ratio, …; ``value`` is yuan
    for amounts, an ISO date for dates, the name for departments. ``text`` is the source's wording."""

    kind: str
    clause: str
    text: str
    value: int | float | str | None = None
    value_min: int | None = None
    value_max: int | None = None
    currency: str | None = None
    qualifier: str | None = None
    applies_to: str | None = None
    role: str | None = None
    threshold: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A standing remark shown under the answer: validity, no double funding, the Chinese text prevails."""

    kind: str
    text: str
    label: str
    start: int
    end: int
    derived: bool = False


@dataclass(frozen=True, slots=True)
class SeeAlso:
    """A clause that is near the question but is not what the answer rests on."""

    policy: str
    id: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class ContactShown:
    """The host bureau's contact, with its place in the source."""

    name: str
    phone: str | None
    hours: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Checks:
    """Which kinds of claim were compared with the cited words, and which did not hold."""

    passed: bool
    failed: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, complete: everything a surface needs to show it."""

    question: str
    standalone_question: str
    language: str
    status: Status
    answer: str
    citations: tuple[Citation, ...] = ()
    facts: tuple[FactStated, ...] = ()
    notes: tuple[Note, ...] = ()
    contact: ContactShown | None = None
    see_also: tuple[SeeAlso, ...] = ()
    checks: Checks = field(default_factory=lambda: Checks(passed=True))
    trace: dict[str, Any] | None = None
    mode: str = "extractive"
    model: str | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data. Empty optional fields of a fact are left out; ``error`` only when there is one."""
        data = asdict(self)
        data["facts"] = [{k: v for k, v in fact.items() if v is not None} for fact in data["facts"]]
        for key in ("citations", "notes", "see_also"):
            data[key] = list(data[key])
        data["checks"] = {k: list(v) if isinstance(v, tuple) else v for k, v in data["checks"].items()}
        if data["error"] is None:
            del data["error"]
        return data
