"""Which questions are about the whole policy, and go to the table of all provisions instead of to single clauses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.aggregate import Row, TableComposer
from app.composing import ClauseComposer
from app.cues import Cues
from app.document import FIRM_DOCUMENTS
from app.draft import Draft
from app.evidence import EvidenceFinder, clauses_naming
from app.inquiry import Inquiry
from app.models import Status
from app.question import Question
from app.scope import HALF_KNOWN, Scope
from app.wording import Wording
from corpus.glossary import Term
from corpus.models import Clause, Policy, Provision
from corpus.terms import fold

_QUOTED = re.compile(r"[“「『\"‘']([^“”「」『』\"’']{2,20})[”」』\"’']")


@dataclass(frozen=True, slots=True)
class _Request:
    """What is to be done with the table. ``named`` are the terms that the rows have to name, ``organisations`` kinds
    of applicants the question names besides; ``listing`` says whether rows are to be listed or counted."""

    question: Question
    named: list[Term]
    organisations: list[Term]
    listing: bool


@dataclass(frozen=True)
class WholePolicy:
    """Routes questions about one policy to its table."""

    policy: Policy
    cues: Cues
    finder: EvidenceFinder
    table: TableComposer
    clauses: ClauseComposer
    scope: Scope
    wording: Wording

    def answer(self, question: Question, terms: Sequence[Term], inquiry: Inquiry, draft: Draft) -> bool:
        """Answer a question, which names these terms, from the table; False when it is not about the whole policy."""
        named = self.finder.subjects(terms)
        if "post" in question.filters:
            # The way of paying is the condition, not the subject.
            named = [t for t in named if "事后" not in t.zh]
        if self._by_departments(question, named, inquiry, draft):
            return True
        request = self._request(question, terms, named)
        if self._by_words_said(request, inquiry, draft):
            return True
        if not request.listing and self._asks_for_sum(request):
            # A sum that nothing is granted of is the asker's own: what is invested, what is earned.
            if not self.table.filtered(question, ()):
                return False
            request = replace(request, listing=True)
        if self._by_quotation(request, inquiry, draft):
            return True
        extreme = self._extreme(request, inquiry, draft)
        if extreme is not None:
            return extreme
        # Both are judged before they make a list of it themselves.
        filtering = self._is_filtering(request)
        by_department = self._is_by_department(request)
        bare = not request.named and not self._names_anything(question)
        conditions = filtering or bool(question.departments)
        listing = request.listing or (conditions and bare and self._speaks_of_clauses(question))
        request = replace(request, listing=listing)
        if self._filtered(request, by_department, filtering, inquiry, draft):
            return True
        if self._is_for_applicants(request):
            request = replace(request, named=request.organisations, listing=True)
        return self._naming(request, inquiry, draft) or self._count(request, inquiry, draft)

    def _request(self, question: Question, terms: Sequence[Term], named: list[Term]) -> _Request:
        listing = bool(question.operations & {"list", "count"})
        organisations = [t for t in terms if t.kind == "organisation" and t.zh not in self.finder.generic]
        asks_clauses = self._speaks_of_clauses(question) or "condition" in question.facets
        if not named and listing and asks_clauses and not question.departments:
            named = organisations
        if not named and listing and self.cues.hints.said.search(question.plain):
            # Which clauses say 揭榜挂帅: a way of paying is as good a word as any to look for.
            named = [t for t in terms if t.kind not in ("general", "document", "money")]
        return _Request(question, named, organisations, listing)

    def _names_anything(self, question: Question) -> bool:
        """Whether any of a question's topic is known to the policy: what is left of 一条别漏 names nothing."""
        return bool(question.topic) and self.finder.coverage(question.topic)[0] > 0

    def _speaks_of_clauses(self, question: Question) -> bool:
        return bool(self.cues.hints.clause.search(question.plain))

    # -- by departments -------------------------------------------------------------------------------------------

    def _by_departments(self, question: Question, named: Sequence[Term], inquiry: Inquiry, draft: Draft) -> bool:
        """Which department is named most, or which clause names most; False when neither is asked."""
        if "most_departments" in question.operations and (clauses := self.table.longest_list()):
            inquiry.route = "table: most departments"
            for clause in clauses:
                draft.say("longest_list", ref=self.wording.ref(clause), n=len(clause.departments))
                self.clauses.departments(draft, clause)
            draft.statuses.append(Status.ANSWERED)
            return True
        money = self.cues.hints.money.search(question.plain)
        if "count_departments" in question.operations and not self._names_anything(question):
            inquiry.route = "table: all departments"
            return self.table.count_departments(draft, self.clauses.english_name)
        if "department_most" in question.operations and not named and not money:
            inquiry.route = "table: busiest department"
            return self.table.busiest(draft, self.clauses.english_name)
        return False

    # -- by words of the text ---------------------------------------------------------------------------------------

    def _by_words_said(self, request: _Request, inquiry: Inquiry, draft: Draft) -> bool:
        """Where the text has a word that is no term."""
        question = request.question
        if not request.listing or not self.cues.hints.said.search(question.plain):
            return False
        if request.named and clauses_naming(self.policy, request.named):
            return False
        words = [w for w in question.topic if w in fold(self.policy.source_text)]
        return bool(words) and self._quoting(max(words, key=len), question, inquiry, draft)

    def _by_quotation(self, request: _Request, inquiry: Inquiry, draft: Draft) -> bool:
        """Where the text has words that the question puts in quotation marks."""
        question = request.question
        quoted = [q for q in _QUOTED.findall(question.plain) if len(q) > 1]
        if question.attributes:
            # 怎样才叫“具有重大意义”: what is quoted is to be explained, not looked up.
            return False
        if "ratio_open" in question.filters:
            # “按一定比例” is said in more ways than one; the shares themselves are looked at.
            return False
        if not quoted or question.money or not (request.listing or self.cues.hints.where.search(question.plain)):
            return False
        return self._quoting(quoted[0], question, inquiry, draft)

    def _quoting(self, words: str, question: Question, inquiry: Inquiry, draft: Draft) -> bool:
        rows = self.table.quoting(words)
        if not rows:
            return False
        inquiry.route = "table: quoting"
        self.table.listing(draft, question, rows, amounts=True)
        return True

    # -- by sums and conditions -------------------------------------------------------------------------------------

    def _asks_for_sum(self, request: _Request) -> bool:
        """正好1000万的, anything capped at ten million: a sum and no subject asks for all that have it."""
        question = request.question
        asks = bool(question.money) and not question.attributes and "confirm" not in question.operations
        return asks and not request.named and not self.scope.knows(question)

    def _extreme(self, request: _Request, inquiry: Inquiry, draft: Draft) -> bool | None:
        """The highest or lowest sums. None when they are not asked for, False when there are none."""
        question, ops, named = request.question, request.question.operations, request.named
        if not ops & {"max", "min", "second"} or (named and not request.listing):
            return None
        # 最多能拿多少, the most we could get: a cap of what is named, not the highest of all.
        title = fold(f"{self.policy.title} {self.policy.english_title or ''}")
        superlative = self.cues.hints.superlative.search(question.plain) or all(w in title for w in question.topic)
        if not superlative or question.departments or question.money:
            return None
        if "compare" in ops and not request.listing and self.scope.knows(question, HALF_KNOWN):
            # 办学院和合作办课程，哪个给得多: of the two, not of all.
            return None
        rows = self.table.filtered(question, named) if named else None
        if (named and not rows) or self.scope.is_elsewhere(question, inquiry):
            return None
        inquiry.route = "table: highest" if "max" in ops else "table: lowest"
        asked = ["second"] if "second" in ops else [which for which in ("max", "min") if which in ops]
        found = [self.table.extreme(draft, which, rows) for which in asked]
        return any(found)

    def _is_by_department(self, request: _Request) -> bool:
        """Whether departments are a condition on the rows, rather than asked about one clause."""
        question, listing = request.question, request.listing
        alone = "only" in question.filters and self._speaks_of_clauses(question)
        if not question.departments or not (listing or not request.named):
            return False
        if question.documents & FIRM_DOCUMENTS and not alone:
            return False
        if "confirm" in question.operations and self._names_anything(question) and not listing:
            return False
        return alone or listing or not self._names_anything(question)

    def _is_filtering(self, request: _Request) -> bool:
        """Whether the question has a condition on the rows other than departments and sums."""
        question, listing = request.question, request.listing
        if question.filters & {"no_amount", "has_amount", "ratio_open", "post"}:
            return True
        if self.cues.hints.n_departments.search(question.plain) and not question.departments:
            return listing or not self._names_anything(question)
        if "ratio" in question.attributes and listing and self._speaks_of_clauses(question):
            return True
        return "single" in question.filters and listing and not question.departments

    def _filtered(
        self, request: _Request, by_department: bool, filtering: bool, inquiry: Inquiry, draft: Draft
    ) -> bool:
        """The rows that the conditions leave."""
        question, listing = request.question, request.listing
        conditions = bool(question.money) or filtering
        asked = by_department and (listing or "confirm" not in question.operations)
        if not asked and not (listing and conditions):
            return False
        things = [t for t in request.named if t.kind not in ("place", "money")]
        rows = self.table.filtered(question, things if listing else ()) or self.table.filtered(question, ())
        if rows is None:
            return False
        inquiry.route = "table: filtered"
        counts_sums = "has_amount" in question.filters and "count" in question.operations
        if counts_sums:
            self.table.amounts_summary(draft)
        if not counts_sums or "no_amount" in question.filters:
            for each, kept in self._apart(question, rows):
                self.table.listing(draft, each, kept, amounts="amount" in each.facets and bool(each.departments))
        return True

    def _apart(self, question: Question, rows: list[Row]) -> list[tuple[Question, list[Row]]]:
        """The question with its rows; one of each department's own where two are asked about apart (各自, each)."""
        keys = {m.department.key for m in question.departments}
        if len(keys) < 2 or not self.cues.hints.apart.search(question.plain):
            return [(question, rows)]
        each = [
            replace(question, departments=tuple(m for m in question.departments if m.department.key == key))
            for key in dict.fromkeys(m.department.key for m in question.departments)
        ]
        return [(one, self.table.filtered(one, ()) or []) for one in each]

    # -- by what is named -------------------------------------------------------------------------------------------

    def _is_for_applicants(self, request: _Request) -> bool:
        """Whether it is asked what there is for a kind of applicant, and nothing besides."""
        question, organisations = request.question, request.organisations
        if "condition" not in question.facets or request.named or not organisations:
            return False
        names = [fold(n) for t in organisations for n in (t.zh, *t.also_zh, *t.en, *t.also_en)]
        return all(any(w in n or n in w for n in names) for w in question.topic)

    def _naming(self, request: _Request, inquiry: Inquiry, draft: Draft) -> bool:
        """The rows that name the terms of the question."""
        question = request.question
        asks_more = question.facets - {"amount", "content", "condition"} or question.attributes
        if not request.listing or not request.named or asks_more or question.documents - {"title"}:
            return False
        terms = [t for t in request.named if fold(t.zh) in question.plain] or request.named
        rows = self.table.filtered(question, terms)
        amounts = "amount" in question.facets
        if not rows or not (len(rows) > 1 or ("count" in question.operations and not amounts)):
            return False
        inquiry.route = "table: naming"
        if amounts:
            rows = [Row(r.clause, tuple(_naming(r.clause, terms))) for r in rows]
        self.table.listing(draft, question, rows, amounts)
        return True

    def _count(self, request: _Request, inquiry: Inquiry, draft: Draft) -> bool:
        """How many measures there are."""
        question = request.question
        if not question.operations & {"count", "count_sections"} or request.named or question.documents:
            return False
        if self._names_anything(question) and not self._speaks_of_clauses(question):
            return False
        if self.scope.is_elsewhere(question, inquiry):
            return False
        inquiry.route = "table: count"
        self.table.count_all(draft)
        if "count_sections" in question.operations:
            self.table.count_sections(draft)
        return True


def _naming(clause: Clause, terms: Sequence[Term]) -> list[Provision]:
    """The provisions of a clause that name one of the terms; all where none does."""
    naming = [p for p in clause.provisions if any(fold(t.zh) in fold(p.text) for t in terms)]
    return naming or list(clause.provisions)
