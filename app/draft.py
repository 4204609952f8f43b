"""An answer in the making: sentences, what they rest on, and what they state."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.models import Citation, FactStated, Status
from app.wording import Wording
from corpus.models import Clause, Policy, Provision, ResponsibleDepartment, Role, Span


@dataclass
class Draft:
    """Collects one answer. Order of citations is the order in which they were first needed."""

    policy: Policy
    wording: Wording
    lines: list[str] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    contact: bool = False
    about_money: bool = False
    # Ids of clauses whose responsible departments were named.
    departments_said: set[str] = field(default_factory=set)
    _spans: dict[tuple[int, int], Clause] = field(default_factory=dict)
    _facts: dict[tuple[object, ...], FactStated] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """One more line, unless it was said already."""
        if self.wording.english:
            text = text[:1].upper() + text[1:]
        if text and text not in self.lines:
            self.lines.append(text)

    def say(self, key: str, **values: object) -> None:
        self.add(self.wording.say(key, **values))

    def cite(self, clause: Clause, span: Span) -> None:
        self._spans.setdefault((span.start, span.end), clause)

    def cite_clause(self, clause: Clause) -> None:
        """The clause whole."""
        self.cite(clause, Span(clause.start, clause.end))

    def state_amount(self, clause: Clause, provision: Provision) -> None:
        amount = provision.amount
        if amount is None:
            return
        self.about_money = True
        applies_to = self.english_what(provision) if self.wording.english else provision.what
        self._facts.setdefault(
            ("amount", provision.id),
            FactStated(
                kind="amount",
                clause=clause.label,
                text=amount.text,
                value=amount.value,
                value_min=amount.value_min,
                value_max=amount.value if amount.value_min is not None else None,
                currency=amount.currency,
                qualifier=amount.qualifier.value,
                applies_to=applies_to,
            ),
        )
        self.cite(clause, provision.span)

    def state_department(self, clause: Clause, department: ResponsibleDepartment) -> None:
        self._facts.setdefault(
            ("department", clause.id, department.key),
            FactStated(
                kind="department",
                clause=clause.label,
                text=self.policy.source_text[department.span.start : department.span.end],
                value=department.name,
                role=department.role.value,
            ),
        )

    def state(self, kind: str, clause: Clause, span: Span, value: str) -> None:
        """Any other fact, with the words it rests on cited."""
        text = self.policy.source_text[span.start : span.end]
        self._facts.setdefault((kind, span.start), FactStated(kind=kind, clause=clause.label, text=text, value=value))
        self.cite(clause, span)

    def english_what(self, provision: Provision) -> str:
        """What a provision is for in English; the Chinese where there is no reference translation."""
        translation = self.policy.translations.get(provision.clause_id)
        return (translation.provisions.get(provision.id) if translation else None) or provision.what

    @property
    def cited(self) -> list[Clause]:
        """Clauses cited, each once."""
        return list({c.id: c for c in self._spans.values()}.values())

    def citations(self) -> tuple[Citation, ...]:
        """One per span; a span inside another of the same clause adds nothing and is left out."""
        spans = list(self._spans)
        outer = [s for s in spans if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)]
        return tuple(
            Citation(
                policy=self.policy.id,
                id=(clause := self._spans[s]).id,
                label=clause.label,
                number=clause.number,
                title=clause.title,
                quote=self.policy.source_text[s[0] : s[1]],
                start=s[0],
                end=s[1],
            )
            for s in outer
        )

    def facts(self) -> tuple[FactStated, ...]:
        return tuple(self._facts.values())

    def status(self) -> Status:
        """One status of all parts: partial when some was answered and some not."""
        kinds = set(self.statuses) or {Status.ANSWERED}
        if len(kinds) == 1:
            return kinds.pop()
        if Status.ANSWERED in kinds:
            return Status.PARTIAL
        # What is said of the policy has its citations, whatever else was asked.
        return next(status for status in self.statuses if status is not Status.OUT_OF_SCOPE)

    def text(self) -> str:
        return self.wording.finish("\n".join(self.lines))


def lead_first(departments: tuple[ResponsibleDepartment, ...]) -> list[ResponsibleDepartment]:
    """Lead departments before joint ones, each in the order of the text."""
    return sorted(departments, key=lambda d: d.role is not Role.LEAD)
