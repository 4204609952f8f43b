"""Whole-policy questions: which, how many, the highest. Answered from the table of provisions, never from a top-k."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt
from typing import Self

from app.cues import Cues
from app.draft import Draft
from app.evidence import clauses_naming
from app.models import Status
from app.question import AskedMoney, Question
from app.wording import Wording, keep
from corpus.departments import note_spans
from corpus.glossary import Term
from corpus.labels import english_number
from corpus.models import Clause, Policy, Provision, ResponsibleDepartment, Role, Span
from corpus.terms import fold


@dataclass(frozen=True, slots=True)
class Row:
    """A clause of the table and the provisions of it that the question is about."""

    clause: Clause
    provisions: tuple[Provision, ...]


def granted(policy: Policy) -> list[tuple[Clause, Provision]]:
    """Every provision with a sum in yuan, in the order of the text."""
    return [
        (c, p) for c in policy.numbered for p in c.provisions if p.amount is not None and p.amount.currency == "CNY"
    ]


def within(money: AskedMoney, value: int) -> bool:
    """Whether a cap lies where the question puts it. 以上 and 以内 include the figure itself, 高于 and 低于 do not."""
    test = {"at_least": ge, "at_most": le, "above": gt, "below": lt}.get(money.comparator, eq)
    return bool(test(value, money.value))


@dataclass(frozen=True, slots=True)
class DepartmentCondition:
    """Which departments (keys) have to be responsible, and which must not be; whether for nothing but these
    (``only``), or in the lead."""

    included: frozenset[str]
    excluded: frozenset[str]
    only: bool
    lead: bool

    @classmethod
    def of(cls, question: Question, cues: Cues) -> Self:
        """As a question has it. Each department is meant as the part of the question says that names it: 只归发改委管、
        工信局不沾边."""
        parts, at = [], 0
        for part in cues.boundaries.part.split(question.plain):
            parts.append((at, at + len(part), part))
            at += len(part)
        included: set[str] = set()
        excluded: set[str] = set()
        for mention in question.departments:
            own = next((part for start, end, part in parts if start <= mention.start < end), question.plain)
            spread = len({m.department.key for m in question.departments}) > 1
            denied = cues.filters["not_by"].search(own if spread else question.plain)
            (excluded if denied else included).add(mention.department.key)
        if "only" in question.filters and not included:
            # Only where it is not: 除了工信局之外只有… says no more than that.
            included, excluded = excluded, set()
        return cls(
            frozenset(included),
            frozenset(excluded - included),
            "only" in question.filters,
            "lead" in question.filters,
        )

    def holds(self, clause: Clause) -> bool:
        own = {d.key for d in clause.departments}
        if self.excluded & own:
            return False
        if self.only and self.included:
            return own == self.included
        if self.lead and self.included:
            return any(d.key in self.included and d.role is Role.LEAD for d in clause.departments)
        return self.included <= own


@dataclass(frozen=True)
class TableComposer:
    """Composes answers to whole-policy questions about one policy."""

    policy: Policy
    wording: Wording
    cues: Cues

    def filtered(
        self, question: Question, terms: Sequence[Term], among: Iterable[Clause] | None = None
    ) -> list[Row] | None:
        """The rows that the question's conditions leave; None when it names no condition."""
        tests: list[Callable[[Clause], bool]] = []
        keep_provision: list[Callable[[Provision], bool]] = []
        if question.departments:
            tests.append(DepartmentCondition.of(question, self.cues).holds)
        elif (number := self._number_of_departments(question)) is not None:
            tests.append(lambda c: len(c.departments) == number)
        elif "single" in question.filters:
            tests.append(lambda c: len(c.departments) == 1)
        bounds = question.money
        if bounds:
            keep_provision.append(lambda p: p.amount is not None and all(within(m, p.amount.value) for m in bounds))
        if "no_amount" in question.filters:
            tests.append(lambda c: not any(p.amount for p in c.provisions))
        elif "has_amount" in question.filters:
            keep_provision.append(lambda p: p.amount is not None)
        if "ratio_open" not in question.filters and "ratio" in question.attributes:
            # 哪条写明了比例, 哪些没写百分之几: shares that are given, or that are left open.
            given = "not_by" not in question.filters and not self.cues.hints.not_given.search(question.plain)
            keep_provision.append(
                lambda p: p.ratio is not None and "比" in p.ratio.text and p.ratio.is_open is not given
            )
        elif "ratio_open" in question.filters:
            keep_provision.append(lambda p: p.ratio is not None and "一定比例" in p.ratio.text)
        if "post" in question.filters:
            from_after = self.cues.source.from_after
            keep_provision.append(lambda p: any(from_after.search(said) for said in (*p.modes, p.text)))
        if among is not None:
            allowed = {c.id for c in among}
            tests.append(lambda c: c.id in allowed)
        elif terms:
            naming = {c.id for c in clauses_naming(self.policy, terms)}
            tests.append(lambda c: c.id in naming)
        if not tests and not keep_provision:
            return None
        rows = []
        for clause in self.policy.numbered:
            if not all(test(clause) for test in tests):
                continue
            provisions = tuple(p for p in clause.provisions if all(test(p) for test in keep_provision))
            if provisions or not keep_provision:
                rows.append(Row(clause, provisions if keep_provision else ()))
        return rows

    def quoting(self, words: str) -> list[Row]:
        """Every citable part that has these words (folded) in its text, with the provisions that have them."""
        return [
            Row(c, tuple(p for p in c.provisions if words in fold(p.text)))
            for c in self.policy.clauses
            if words in fold(c.text) and c.path != "notice"
        ]

    def _number_of_departments(self, question: Question) -> int | None:
        """How many departments a clause is to have: 刚好两家一起负责的."""
        named = self.cues.hints.n_departments.search(question.plain)
        return english_number(next(g for g in named.groups() if g)) if named else None

    # -- answers -------------------------------------------------------------------------------------------------

    def listing(self, draft: Draft, question: Question, rows: Sequence[Row], amounts: bool = False) -> None:
        """The rows, each with its reference, and how many of how many; with their sums where these are asked for."""
        w = self.wording
        total = len(self.policy.numbered)
        draft.statuses.append(Status.ANSWERED)
        if not rows:
            draft.say("list_none", total=total)
            return
        draft.say("list_head_of", n=len(rows), total=total, what=self._condition(question))
        show_amounts = amounts or bool(question.money) or "has_amount" in question.filters
        for row in rows:
            self._row(draft, question, row, show_amounts, w)

    def _condition(self, question: Question) -> str:
        """What the rows have in common, in words, where that is a department."""
        w = self.wording
        if not question.departments:
            return w.say("condition_none")
        condition = DepartmentCondition.of(question, self.cues)
        named = {m.department.key: m.department.en if w.english else m.department.name for m in question.departments}
        included = [name for key, name in named.items() if key in condition.included]
        excluded = [name for key, name in named.items() if key in condition.excluded]
        key = "only" if condition.only else "lead" if condition.lead else "by"
        said = [w.say(f"condition_{key}", names=w.joined(included))] if included else []
        said += [w.say("condition_not_by", names=w.joined(excluded))] if excluded else []
        return (" and" if w.english else "、").join(said)

    def _row(self, draft: Draft, question: Question, row: Row, show_amounts: bool, w: Wording) -> None:
        clause = row.clause
        granted = [p for p in row.provisions if p.amount] if show_amounts else []
        for p in granted:
            assert p.amount is not None
            what = draft.english_what(p) if w.english else p.what
            detail = f"{': ' if w.english else '：'}{what}{', ' if w.english else '，'}{w.amount(p.amount)}"
            draft.add("- " + w.ref(clause) + detail)
            draft.state_amount(clause, p)
        if not granted:
            line = "- " + w.say("list_row", ref=w.ref(clause), title=w.title(self.policy, clause))
            said = [s for p in row.provisions for s in (*p.modes, *((p.ratio.text,) if p.ratio else ()))]
            if said and (question.filters & {"post", "ratio_open"} or "ratio" in question.attributes):
                line += w.say("list_said", said=keep("、".join(dict.fromkeys(said))))
            draft.add(line)
        if question.departments:
            keys = {m.department.key for m in question.departments}
            for d in clause.departments:
                if d.key in keys:
                    draft.state_department(clause, d)
            for start, end in note_spans(clause.text):
                draft.cite(clause, Span(clause.start + start, clause.start + end))
        elif row.provisions:
            for p in row.provisions:
                draft.cite(clause, p.span)
        else:
            draft.cite(clause, clause.body_span)

    def busiest(self, draft: Draft, names: Callable[[str], str]) -> bool:
        """Which departments are responsible for most clauses, and for which. ``names`` gives a department's English
        name by its key. False when the policy names none."""
        clauses: dict[str, list[Clause]] = {}
        called: dict[str, str] = {}
        for clause in self.policy.numbered:
            for d in clause.departments:
                clauses.setdefault(d.key, []).append(clause)
                called.setdefault(d.key, d.name)
        if not clauses:
            return False
        most = max(len(c) for c in clauses.values())
        total = len(self.policy.numbered)
        for key in (k for k, c in clauses.items() if len(c) == most):
            labels = keep("".join(c.label for c in clauses[key]))
            draft.say("busiest", name=called[key], en=names(key), n=most, total=total, labels=labels)
            for clause in clauses[key]:
                draft.state_department(clause, next(d for d in clause.departments if d.key == key))
                for start, end in note_spans(clause.text):
                    draft.cite(clause, Span(clause.start + start, clause.start + end))
        draft.statuses.append(Status.ANSWERED)
        return True

    def longest_list(self) -> list[Clause]:
        """The clauses with most responsible departments, ties as ties; none where no clause names any."""
        most = max((len(c.departments) for c in self.policy.numbered), default=0)
        return [c for c in self.policy.numbered if most and len(c.departments) == most]

    def count_all(self, draft: Draft) -> None:
        """How many measures there are. Cites nothing: the answer is the document's own numbering."""
        numbered = self.policy.numbered
        draft.statuses.append(Status.ANSWERED)
        if self.wording.english:
            draft.say("count_all", n=len(numbered))
        else:
            draft.add(f"共{len(numbered)}条措施。")

    def count_sections(self, draft: Draft) -> None:
        """How many parts the document has, and what they are called; nothing where it has none."""
        sections = self.policy.sections
        if sections:
            names = "；".join(s.heading for s in sections)
            draft.say("count_sections", n=len(sections), names=keep(names))

    def count(self, draft: Draft, question: Question, rows: Sequence[Row]) -> None:
        """How many rows, and which."""
        self.listing(draft, question, rows)

    def count_departments(self, draft: Draft, names: Callable[[str], str]) -> bool:
        """How many departments are responsible for anything, and which. False when the policy names none."""
        w = self.wording
        first: dict[str, tuple[Clause, ResponsibleDepartment]] = {}
        for clause in self.policy.numbered:
            for d in clause.departments:
                first.setdefault(d.key, (clause, d))
        if not first:
            return False
        called = [names(key) if w.english else d.name for key, (_, d) in first.items()]
        draft.say("count_departments", n=len(first), names=w.joined(called))
        for clause, d in first.values():
            draft.state_department(clause, d)
            for start, end in note_spans(clause.text):
                draft.cite(clause, Span(clause.start + start, clause.start + end))
        draft.statuses.append(Status.ANSWERED)
        return True

    def amounts_summary(self, draft: Draft) -> None:
        """How many measures name a sum, and how many name none."""
        with_sum = {c.id for c, _ in granted(self.policy)}
        n, total = len(with_sum), len(self.policy.numbered)
        draft.statuses.append(Status.ANSWERED)
        draft.say("count_amounts", n=n, m=len(granted(self.policy)), k=total - n)

    def extreme(self, draft: Draft, which: str, rows: Sequence[Row] | None) -> bool:
        """The highest (``max``), second highest (``second``) or lowest (``min``) sum, ties as ties, and what else
        those clauses add. False when there is no such sum."""
        w = self.wording
        allowed = None if rows is None else {r.clause.id for r in rows}
        table = [(c, p) for c, p in granted(self.policy) if allowed is None or c.id in allowed]
        if not table:
            return False
        values = sorted({p.amount.value for _, p in table if p.amount})
        if which == "second" and len(values) < 2:
            return False
        value = values[{"max": -1, "second": -2, "min": 0}[which]]
        tied = [(c, p) for c, p in table if p.amount and p.amount.value == value]
        clauses = list({c.id: c for c, _ in tied}.values())
        figure = w.figure(value)
        head = which + ("_head" if len(clauses) > 1 else "_head_one")
        draft.say(head, amount=figure, n=len(clauses))
        draft.statuses.append(Status.ANSWERED)
        for clause in clauses:
            for p in [p for c, p in tied if c.id == clause.id]:
                assert p.amount is not None
                what = draft.english_what(p) if w.english else p.what
                detail = (": " if w.english else "：") + f"{what}{', ' if w.english else '，'}{w.amount(p.amount)}"
                draft.state_amount(clause, p)
                if which != "min":
                    detail += self._besides(draft, clause)
                draft.add("- " + w.ref(clause) + detail)
        return True

    def _besides(self, draft: Draft, clause: Clause) -> str:
        """What a clause adds beside its sum that may go beyond it: matching funds, a decision case by case."""
        w, said = self.wording, ""
        for p in clause.provisions:
            if p.amount is None and (p.matching or self.cues.source.case_by_case.search(p.text)):
                said += w.say("row_extra", text=draft.english_what(p) if w.english else keep(p.text.rstrip("。")))
                draft.cite(clause, p.span)
        return said
