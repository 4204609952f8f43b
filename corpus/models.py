"""What a policy is once it has been read: frozen records, each tied to its place in the source.

Offsets everywhere are code points into ``Policy.source_text`` (the cleaned text), end exclusive.
Money is in yuan (元) as an ``int``. A clause's identity is ``<policy id>#<path>``, never a bare number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the cleaned text: ``source_text[start:end]``."""

    start: int
    end: int


class Qualifier(StrEnum):
    """How the text bounds a figure. The three bounds mean the same; the words differ and are kept."""

    NOT_EXCEEDING = "不超过"
    HIGHEST = "最高"
    HIGHEST_NOT_EXCEEDING = "最高不超过"
    EXACT = ""

    @property
    def is_bound(self) -> bool:
        """Whether the figure is an upper bound rather than a fixed sum."""
        return self is not Qualifier.EXACT


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money that a provision grants.

    ``value`` is in yuan; for a range it is the upper end and ``value_min`` the lower.
    ``span`` covers the figure alone (``50万元``), ``text`` is its wording.
    """

    value: int
    text: str
    qualifier: Qualifier
    span: Span
    currency: str = "CNY"
    value_min: int | None = None


class Role(StrEnum):
    LEAD = "lead"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class ResponsibleDepartment:
    """A unit named in a clause's responsibility note.

    ``name`` is the name with what the list elided restored (``市发展改革委``); ``key`` identifies the
    department across its aliases; ``span`` covers the words that stand in the text.
    """

    key: str
    name: str
    role: Role
    span: Span


@dataclass(frozen=True, slots=True)
class Ratio:
    """How the text says the share is set: a figure (``不超过1:1``), left open (``一定比例``), or elsewhere
    (``现行政策``). ``percent`` is filled only where the text gives a percentage."""

    text: str
    span: Span
    is_open: bool
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Provision:
    """One thing a clause grants or supports: with an amount, or without one.

    ``id`` is ``<clause id>.<n>``, n counting from 1 in the order of the text. ``span`` is the sentence it
    stands in (items of one 分别给予 list share it); ``focus`` is the narrower stretch that tells it apart
    from its neighbours (the item's own words and its figure's clause).
    """

    id: str
    clause_id: str
    span: Span
    text: str
    what: str
    what_span: Span
    amount: Amount | None = None
    per: str | None = None
    ratio: Ratio | None = None
    modes: tuple[str, ...] = ()
    actor: str | None = None
    matching: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A citable part of the policy. ``number`` is None outside the numbered clauses.

    ``text`` is ``source_text[start:end]``: label, title, body and responsibility note.
    """

    id: str
    label: str
    number: int | None
    title: str
    text: str
    start: int
    end: int
    section: str | None
    title_span: Span
    body_span: Span
    departments: tuple[ResponsibleDepartment, ...] = ()
    provisions: tuple[Provision, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the clauses under it."""

    label: str
    title: str
    start: int
    end: int
    clause_ids: tuple[str, ...]

    @property
    def heading(self) -> str:
        """Label and title as one line; a heading without a number is both, and said once."""
        return f"{self.label}{self.title}" if self.title not in self.label else self.label


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Text of the capture that is not the policy's: ``raw[raw_start:raw_end]``, and why it was left out."""

    raw_start: int
    raw_end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contact:
    """The host bureau's own contact from the foot of the page. Never another department's."""

    name: str
    phone: str | None
    hours: str | None
    email: str | None
    address: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about the document as a whole, with the words it was read from."""

    value: str
    span: Span
    clause_id: str


@dataclass(frozen=True, slots=True)
class Validity:
    """When the policy is in force. ``effective_to`` is the last day; ``derived`` when it was computed from a
    term of years rather than stated."""

    effective_from: date | None
    effective_to: date | None
    term_years: int | None
    derived: bool
    span: Span | None


@dataclass(frozen=True, slots=True)
class ClauseTranslation:
    """Reference English of a clause, figures already rendered from the parsed amounts.

    ``provisions`` maps a provision's id to what it is for; ``details`` to ``whom``, ``per`` and
    ``also`` (what the same sentence grants beside the sum), where given.
    """

    clause_id: str
    title: str
    text: str
    provisions: dict[str, str] = field(default_factory=dict)
    details: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LayWording:
    """How people name what a provision (or, with ``provision_id`` None, a clause) is about, in ``language``."""

    clause_id: str
    provision_id: str | None
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, read. ``source_text`` is the cleaned text that every span points into.

    ``facts`` is keyed as ``corpus.document_facts`` says; ``translations`` by clause id. ``jurisdiction`` are
    the names of the place it governs, ``subjects`` words for what it is about; both in Chinese and English. ``file`` is
    the name of the file that it was read from.
    """

    id: str
    title: str
    source_text: str
    doc_no: str | None
    issuers: tuple[str, ...]
    published: date | None
    validity: Validity
    sections: tuple[Section, ...]
    clauses: tuple[Clause, ...]
    contact: Contact | None
    left_out: tuple[LeftOut, ...]
    facts: dict[str, Fact]
    translations: dict[str, ClauseTranslation] = field(default_factory=dict)
    wordings: tuple[LayWording, ...] = ()
    english_title: str | None = None
    english_sections: dict[str, str] = field(default_factory=dict)
    issued: date | None = None
    jurisdiction: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    source_url: str | None = None
    file: str | None = None

    @property
    def numbered(self) -> tuple[Clause, ...]:
        """The numbered clauses, in order."""
        return tuple(c for c in self.clauses if c.number is not None)

    def clause(self, clause_id: str) -> Clause:
        """The clause with this id; KeyError when there is none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)
