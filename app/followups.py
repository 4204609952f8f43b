"""What a follow-up leaves unsaid: the clause it is about, what is asked of it, and which of its provisions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.aggregate import TableComposer
from app.clause_targets import TURNS, is_item
from app.composing import Target
from app.conversation import Focus
from app.document_targets import DocumentTargets
from app.draft import Draft
from app.evidence import EvidenceFinder
from app.guesses import Guesses
from app.inquiry import Inquiry
from app.intents import IntentModel
from app.items import ItemPicker
from app.question import AskedMoney, Question, QuestionReader
from app.scope import ELSEWHERE_KNOWN, Scope
from app.wording import Wording
from corpus.glossary import Term
from corpus.labels import english_number
from corpus.models import Clause, Policy, Provision
from corpus.terms import fold

# An earlier question that is this much about something else leaves nothing to lean on.
_ELSEWHERE_BEFORE = 0.35
# A follow-up changes the subject when another clause fits it this much better than the one in focus, and only to one
# that fits it at all.
_CLEARLY = 1.15
_ANY_SUBJECT = 0.36


@dataclass(frozen=True)
class FollowUps:
    """Completes questions about one policy from the conversation so far."""

    policy: Policy
    reader: QuestionReader
    finder: EvidenceFinder
    intents: IntentModel
    picker: ItemPicker
    table: TableComposer
    scope: Scope
    documents: DocumentTargets
    guesses: Guesses
    wording: Wording

    def completed(
        self, question: Question, focus: Focus | None, inquiry: Inquiry, draft: Draft
    ) -> tuple[Question, list[Target]] | None:
        """The question with what the conversation adds, and its targets; None when it stands by itself. No targets
        where the draft has the answer already."""
        if focus is None or question.numbers or question.parts:
            return None
        if not focus.clauses:
            focus = self._resolved(focus)
            if focus is None:
                return None
        several = focus.clauses
        focus = _chosen(focus, question, self.reader.cues.hints.nth_listed)
        if (number := self.reader.cues.hints.bare_number.search(question.plain)) is not None:
            return self._numbered(question, english_number(number["n"]), focus, inquiry)
        if "same_sum" in question.turns and focus.sums and not self.picker.levels.named_in(question.plain):
            self._list_same_sum(question, focus, draft)
            return question, []
        if self.reader.cues.hints.where_said.search(question.plain):
            targets = [Target(c, c.provisions) for c in focus.clauses]
            inquiry.standalone = self._standalone(question, targets)
            return replace(question, facets=frozenset({"content"}), operations=frozenset()), targets
        subjects = self.finder.subjects(self.finder.terms_in(question.uncued))
        if self._stands_alone(question, subjects, inquiry):
            return None
        # Of two that were listed, 前面那条 is the first of them.
        listed = len(several) > 1 and "previous" in question.turns
        shift = 1 if "next" in question.turns else -1 if "previous" in question.turns and not listed else 0
        if shift:
            return self._moved(question, focus.clauses[0], shift, inquiry)
        clauses = self._clauses(question, subjects, focus, inquiry)
        return self._asked_of(clauses, question, focus, inquiry) if clauses else None

    def _numbered(
        self, question: Question, number: int | None, focus: Focus, inquiry: Inquiry
    ) -> tuple[Question, list[Target]] | None:
        """What was asked of one clause asked of another by its number: and 13?"""
        clause = next((c for c in self.policy.numbered if c.number == number), None)
        if clause is None:
            return None
        targets = [Target(clause, clause.provisions)]
        inquiry.standalone = self._standalone(question, targets)
        asked = focus.question
        return replace(question, facets=asked.facets, attributes=asked.attributes), targets

    def _stands_alone(self, question: Question, subjects: Sequence[Term], inquiry: Inquiry) -> bool:
        """Whether a question is about something else, about the whole document, or about the whole table."""
        if question.topic and not self.scope.knows(question):
            inquiry.find(question)
            if inquiry.intent and inquiry.intent.elsewhere >= ELSEWHERE_KNOWN:
                return True
        if self.documents.asked(question, subjects, inquiry.intent):
            return True
        if question.turns & {"next", "previous"}:
            return False
        # Whose job is that, all of them please: all of those of the clause in focus.
        pointed = "pointer" in question.turns and question.facets - {"content"}
        whole = not pointed or self.reader.cues.hints.clause.search(question.plain)
        return bool(question.operations & {"list", "count"} and whole)

    # -- which clauses --------------------------------------------------------------------------------------------

    def _resolved(self, focus: Focus) -> Focus | None:
        """A focus whose answer named no clause, with the clause that its question is about; None when there is none."""
        evidence = self.finder.find(focus.question)
        intent = self.intents.judge(evidence.vector, focus.question.plain, focus.question.language)
        away = intent.elsewhere >= _ELSEWHERE_BEFORE or self.scope.is_far(focus.question, evidence, intent)
        if evidence.best is None or away:
            return None
        return replace(focus, clauses=(evidence.best.clause,))

    def _clauses(
        self, question: Question, subjects: Sequence[Term], focus: Focus, inquiry: Inquiry
    ) -> list[Clause] | None:
        """Those in focus, the one that the question turns to, or both where they are compared; None where it asks
        something of its own of another clause."""
        clauses = list(focus.clauses)
        in_focus = any(t.zh in c.text for t in subjects for c in clauses)
        if "first_topic" in question.turns or in_focus:
            return clauses
        other = self._other_subject(question, subjects, focus, inquiry)
        if other is None:
            return clauses
        if "compare" in question.operations:
            return [*clauses, other]
        return None if question.facets | question.attributes else [other]

    def _other_subject(
        self, question: Question, subjects: Sequence[Term], focus: Focus, inquiry: Inquiry
    ) -> Clause | None:
        """The clause that a follow-up turns to with a subject of its own (中小试基地呢？); None when it has none."""
        if not subjects:
            if not self.scope.knows(question):
                return None
            without_places = self.picker.levels.without_places(question.plain)
            if not self.reader.read(without_places, question.language).topic:
                # 市一级的呢: a level is no subject.
                return None
        evidence = inquiry.find(question)
        best = evidence.best
        here = {c.id for c in focus.clauses}
        if best is None or best.clause.id in here:
            return None
        own = max((c.score for c in evidence.candidates if c.clause.id in here), default=0.0)
        return best.clause if subjects or best.score >= max(_CLEARLY * own, _ANY_SUBJECT) else None

    def _moved(
        self, question: Question, clause: Clause, shift: int, inquiry: Inquiry
    ) -> tuple[Question, list[Target]] | None:
        """The same question of the clause before or after; None where there is no such."""
        numbered = self.policy.numbered
        at = next((i for i, c in enumerate(numbered) if c.id == clause.id), None)
        if at is None or not 0 <= at + shift < len(numbered):
            return None
        target = Target(numbered[at + shift], numbered[at + shift].provisions)
        inquiry.standalone = self._standalone(question, [target])
        return question, [target]

    # -- what is asked of them --------------------------------------------------------------------------------------

    def _asked_of(
        self, clauses: Sequence[Clause], question: Question, focus: Focus, inquiry: Inquiry
    ) -> tuple[Question, list[Target]]:
        wants = bool(question.facets | question.attributes)
        if "compare" in question.operations and not wants:
            question, wants = replace(question, facets=frozenset({"amount"})), True
        asked = question if wants else self._inherited(question, focus, inquiry)
        targets = [Target(c, tuple(self._provisions(c, question, focus))) for c in clauses]
        if not wants and asked.facets == {"department"} and all(is_item(t) for t in targets):
            # The items of a list share their department: what differs, and is asked, is the sum.
            asked = replace(asked, facets=frozenset({"amount"}))
        inquiry.standalone = self._standalone(question, targets)
        return asked, targets

    def _inherited(self, question: Question, focus: Focus, inquiry: Inquiry) -> Question:
        """A follow-up without a cue of what it wants: that of the question before it where it only names something
        (那行业标准呢), else what the exemplars or the clause itself say."""
        if question.departments and not self.scope.knows(question):
            # 区政府有份吗: a body named by itself is asked about as one that is responsible.
            return replace(question, facets=frozenset({"department"}))
        elliptic = self.reader.cues.hints.elliptic.search(question.plain)
        if (elliptic or not question.topic) and not _names_beside_sums(question, focus):
            return replace(question, facets=focus.question.facets, attributes=focus.question.attributes)
        inquiry.find(question)
        likely = self.guesses.with_facet(question, inquiry.intent)
        return likely if likely.facets | likely.attributes else replace(question, facets=frozenset({"content"}))

    def _list_same_sum(self, question: Question, focus: Focus, draft: Draft) -> None:
        """Which other clauses have the sum that was named last."""
        asked = replace(question, money=(AskedMoney(max(focus.sums), "exactly", 0, 0),), departments=())
        own = {c.id for c in focus.clauses}
        rows = [r for r in self.table.filtered(asked, ()) or () if r.clause.id not in own]
        self.table.listing(draft, asked, rows)

    # -- which provisions -------------------------------------------------------------------------------------------

    def _provisions(self, clause: Clause, question: Question, focus: Focus) -> list[Provision]:
        """The provisions in focus: by the words of this question first, by those of the one before it, and by
        the sums that were named."""
        policy, plain = self.policy, question.plain
        provisions = list(clause.provisions)
        if question.operations & {"sum", "compare"}:
            said = [p for p in provisions if p.amount and p.amount.value in focus.all_sums]
            if len(said) > 1:
                return said
        own = self.picker.pick_decisively(policy, clause, plain, provisions)
        if len(own) == 1:
            return own
        sums = [p for p in provisions if p.amount]
        turned = self.picker.pick_decisively(policy, clause, plain, sums, TURNS)
        if len(turned) == 1 and len({p.span for p in sums}) == len(sums):
            return turned
        prior = {p.span for p in sums if p.amount and p.amount.value in focus.sums}
        siblings = [p for p in sums if p.span in prior]
        if len(siblings) > 1 and (turned := self.picker.pick_sibling(policy, clause, plain, siblings)):
            earlier = self.picker.pick_follow_up(policy, clause, plain, focus.question.plain, turned)
            return [p for p in turned if p in earlier] or turned
        combined = self.picker.pick_follow_up(policy, clause, plain, focus.question.plain, provisions)
        named = [p for p in combined if p.amount and p.amount.value in focus.sums]
        if self.picker.levels.meant_in(plain) or not named:
            return combined or provisions
        return named

    def _standalone(self, question: Question, targets: Sequence[Target]) -> str:
        if self.wording.english:
            refs = ", ".join(self.wording.finish(self.wording.ref(t.clause)) for t in targets)
            return f"About {refs}: {question.text}"
        names = "、".join(f"{t.clause.label}{t.clause.title}" for t in targets)
        return f"关于{names}：{question.text}"


def _chosen(focus: Focus, question: Question, nth_listed: re.Pattern[str]) -> Focus:
    """The focus narrowed to one of several clauses, where the question says which: the former, the latter, the third
    of the list."""
    if len(focus.clauses) < 2:
        return focus
    named = nth_listed.search(question.plain)
    at = english_number(next(g for g in named.groups() if g)) if named else None
    if at is not None and at <= len(focus.clauses):
        return replace(focus, clauses=focus.clauses[at - 1 : at])
    if "latter" in question.turns:
        return replace(focus, clauses=focus.clauses[-1:])
    if question.turns & {"former", "previous"}:
        return replace(focus, clauses=focus.clauses[:1])
    return focus


def _names_beside_sums(question: Question, focus: Focus) -> bool:
    """Whether a follow-up names something that the clause in focus grants besides what its sums are for (场地, 算力):
    of that no sum can be asked."""
    for clause in focus.clauses:
        text, items = fold(clause.text), fold("".join(p.what for p in clause.provisions if p.amount) + clause.title)
        if items and any(w in text and w not in items for w in question.topic):
            return True
    return False
