"""The way of a question: which of its possible ways it takes, and what each adds to the draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Self

from app.aggregate import Row, TableComposer
from app.asks import AskSplitter
from app.clause_targets import ClauseTargets, is_item
from app.composing import ClauseComposer, Target
from app.conversation import Focus
from app.document import FIRM_DOCUMENTS, DocumentComposer
from app.document_targets import DocumentTargets
from app.draft import Draft
from app.evidence import Evidence, EvidenceFinder
from app.facets import FacetComposer
from app.followups import FollowUps
from app.guesses import HOW_TO_APPLY, Guesses
from app.inquiry import Inquiry
from app.intents import IntentModel
from app.items import ItemPicker
from app.models import Status
from app.question import Question, QuestionReader
from app.scope import FAR, HALF_KNOWN, KNOWN, Scope
from app.scope_model import ScopeModel, signals
from app.whole_policy import WholePolicy
from app.wording import Wording, keep
from corpus.departments import Directory
from corpus.glossary import Term
from corpus.models import Clause, Policy
from corpus.numerals import half_width

# With a subject of which the policy knows nothing, a smaller probability of being far is enough.
_LOST = 0.15
# So many of the nearest clauses are looked through for what hardly any text gives, if they come this near.
_MOST_TELLING = 3
_TELLS = 0.3
# A topic of several words is the policy's own when it knows this much of them.
_WELL_KNOWN = 0.75
# A clause that scores this much fits what was asked, whichever words it was asked in.
_FITS = 0.4
# One that scores this much is worth a guess, said to be one, rather than a question back.
_GUESSED = 0.37
# What is asked fits at least this well by itself, against together with who asks.
_BETTER_ALONE = 1.0
# An English topic comes this near to a Chinese text that has it.
_NEAR_ACROSS = 0.24
# A topic of which less is known is none to look for.
_BARELY_KNOWN = 0.3
# Other clauses with this share of the best score are worth a look, and this many of them are shown.
_NEAR = 0.82
_MOST_NEAR = 3


@dataclass(frozen=True)
class Responder:
    """Responds to questions about one policy in one language."""

    policy: Policy
    reader: QuestionReader
    finder: EvidenceFinder
    intents: IntentModel
    scope: Scope
    asks: AskSplitter
    guesses: Guesses
    follow_ups: FollowUps
    whole_policy: WholePolicy
    document_targets: DocumentTargets
    clause_targets: ClauseTargets
    facets: FacetComposer
    clauses: ClauseComposer
    table: TableComposer
    document: DocumentComposer

    @classmethod
    def of(
        cls,
        policy: Policy,
        reader: QuestionReader,
        finder: EvidenceFinder,
        intents: IntentModel,
        picker: ItemPicker,
        directory: Directory,
        wording: Wording,
        today: date,
        scope_model: ScopeModel,
    ) -> Self:
        """The responder with all that works for it."""
        cues = reader.cues
        attributes = {a.name: a for a in cues.attributes}
        scope = Scope(policy, cues, finder, wording, scope_model)
        guesses = Guesses(finder, attributes)
        clauses = ClauseComposer(policy, directory, wording)
        table = TableComposer(policy, wording, cues)
        documents = DocumentTargets(policy, cues, finder, scope, reader)
        return cls(
            policy=policy,
            reader=reader,
            finder=finder,
            intents=intents,
            scope=scope,
            asks=AskSplitter(reader, finder, picker.levels, scope),
            guesses=guesses,
            follow_ups=FollowUps(policy, reader, finder, intents, picker, table, scope, documents, guesses, wording),
            whole_policy=WholePolicy(policy, cues, finder, table, clauses, scope, wording),
            document_targets=documents,
            clause_targets=ClauseTargets(policy, reader, finder, picker, scope),
            facets=FacetComposer(policy, cues, picker, clauses, attributes, scope, wording),
            clauses=clauses,
            table=table,
            document=DocumentComposer(policy, directory, wording, today),
        )

    def respond(self, question: Question, focus: Focus | None, draft: Draft, lap: Callable[[str], None]) -> Inquiry:
        """Fill the draft; what was found out on the way is handed back."""
        inquiry = Inquiry(self.finder, self.intents, lap)
        self._respond(question, focus, inquiry, draft)
        if inquiry.evidence and inquiry.intent:
            inquiry.signals = signals(question, inquiry.evidence, inquiry.intent, self.finder, self.reader.cues)
            inquiry.distance = self.scope.model.probability(inquiry.signals)
        return inquiry

    def _respond(self, question: Question, focus: Focus | None, inquiry: Inquiry, draft: Draft) -> None:
        if self.reader.only_orders(question.text):
            self.scope.out_of_scope(inquiry, draft, "an order to the assistant")
            return
        question = self._without_bystanders(question)
        if self.scope.turn_away(question, inquiry, draft):
            return
        focused = self.follow_ups.completed(question, focus, inquiry, draft)
        if focused is not None:
            question, targets = focused
            inquiry.route = "follow-up"
            if targets:
                self.facets.say(question, targets, draft)
            return
        if focus is None and self._points_at_nothing(question):
            self.scope.ask_back(question, inquiry, draft)
            return
        if question.numbers or question.parts:
            self._by_label(question, inquiry, draft)
            return
        if question.sections and self._by_section(question, inquiry, draft):
            return
        terms = self.finder.terms_in(question.uncued)
        inquiry.lap("understand")
        question = self.guesses.with_operation(question, inquiry)
        items = self.asks.items(question)
        if items and not any(self._is_far_alone(item, inquiry) for item in items):
            self._several(items, inquiry, draft, apart=True)
            return
        asks = self.asks.split(question)
        # Where the first ask has a subject, what the others say (只由谁) is no condition on the whole table.
        if len(asks) > 1 and self.finder.subjects(self.finder.terms_in(asks[0].uncued)):
            self._several(asks, inquiry, draft)
        elif self.whole_policy.answer(question, terms, inquiry, draft):
            return
        elif len(asks) > 1:
            self._several(asks, inquiry, draft)
        else:
            self._by_search(question, terms, inquiry, draft)

    def _points_at_nothing(self, question: Question) -> bool:
        """Whether a question says this one where nothing was spoken of before, and names nothing itself."""
        if question.numbers or question.parts or question.departments or question.documents or question.money:
            return False
        dangling = self.reader.cues.hints.dangling.search(question.plain)
        return dangling is not None and not question.topic

    def _without_bystanders(self, question: Question) -> Question:
        """The question without bodies that the text names, but makes responsible for nothing (a ministry that
        projects are recommended to): they are part of what is asked about, not whom to turn to."""
        if not question.departments:
            return question
        responsible = {d.key for c in self.policy.numbered for d in c.departments}
        text = self.policy.source_text
        kept = tuple(
            m for m in question.departments if m.department.key in responsible or m.department.name not in text
        )
        uncued = list(question.uncued)
        for m in set(question.departments) - set(kept):
            # As part of what is asked about, its name is a subject like others.
            uncued[m.start : m.end] = question.plain[m.start : m.end]
        return replace(question, departments=kept, uncued="".join(uncued))

    # -- by label -------------------------------------------------------------------------------------------------

    def _by_label(self, question: Question, inquiry: Inquiry, draft: Draft) -> None:
        inquiry.route = "by label"
        numbered = self.policy.numbered
        targets, missing = self.clause_targets.labelled(question)
        for number in missing:
            draft.statuses.append(Status.NOT_SPECIFIED)
            first, last = keep(numbered[0].label), keep(numbered[-1].label)
            draft.say("no_such_clause", n=number, first=first, last=last, total=len(numbered))
        documents = question.documents & (FIRM_DOCUMENTS | {"issued", "approval"})
        if "notice" in question.parts and "department" in question.facets:
            documents |= {"issuer"}
        for name in sorted(documents):
            self.document.answer(draft, name, question)
        if "notice" in question.parts and draft.statuses:
            return
        if targets and (question.facets or question.attributes or not draft.statuses):
            self.facets.say(question, targets, draft)

    def _by_section(self, question: Question, inquiry: Inquiry, draft: Draft) -> bool:
        """The clauses of the parts of the document that a question names by number; False when it has none such."""
        if not self.policy.sections:
            # Without parts above them, the clauses are what is called so.
            self._by_label(replace(question, numbers=question.sections), inquiry, draft)
            return True
        sections = [s for i, s in enumerate(self.policy.sections, 1) if i in question.sections]
        clauses = [self.policy.clause(i) for s in sections for i in s.clause_ids]
        if not clauses:
            return False
        inquiry.route = "by section"
        rows = [Row(c, c.provisions) for c in clauses if c.number is not None]
        if not rows:
            self.facets.say(question, [Target(c, c.provisions) for c in clauses], draft)
            return True
        if question.operations & {"max", "min"}:
            return self.table.extreme(draft, "max" if "max" in question.operations else "min", rows)
        self.table.listing(draft, question, rows, "amount" in question.facets)
        return True

    # -- several asks -----------------------------------------------------------------------------------------------

    def _several(self, asks: Sequence[Question], inquiry: Inquiry, draft: Draft, apart: bool = False) -> None:
        """Answer one ask after the other; one that names no subject is about that of the ask before it, unless they
        are matters put ``apart``."""
        previous: list[Target] = []
        routes: list[str] = []
        earlier = ""
        for ask in asks:
            terms = self.finder.terms_in(ask.uncued)
            inquiry.take_up_next()
            wants = ask.facets - {"content"} or ask.attributes or ask.documents
            if not apart and routes and not previous and not wants and not self.finder.subjects(terms):
                # So should I write to them? After a fact of the document only another one is left to ask for.
                fact = self.document_targets.likely(ask.plain, ask.language, inquiry)
                if fact is None:
                    continue
                ask = replace(ask, documents=frozenset({fact}))
            if draft.statuses and set(draft.statuses) == {Status.OUT_OF_SCOPE} and not self.finder.subjects(terms):
                # What is further asked of another matter is another matter.
                continue
            of_document = ask.documents & (FIRM_DOCUMENTS | {"fields", "title", "purpose"})
            if not apart and previous and not of_document and not self.asks.leaves(ask, terms, previous, inquiry):
                self._further(ask, [self.clause_targets.turned(t, ask, earlier) for t in previous], inquiry, draft)
                routes.append("the same subject")
                continue
            extreme = previous and ask.operations & {"max", "min"}
            if extreme or not self.whole_policy.answer(ask, terms, inquiry, draft):
                self._by_search(ask, terms, inquiry, draft)
            previous = inquiry.targets or previous
            earlier = ask.plain
            routes.append(inquiry.route)
        inquiry.route = " + ".join(routes)

    def _is_far_alone(self, item: Question, inquiry: Inquiry) -> bool:
        """Whether one of several matters, without what is said of all of them, seems to be none of the policy's."""
        return self.scope.is_far(item, self.finder.find(item), inquiry.judge(item.plain, item.language))

    def _further(self, ask: Question, targets: Sequence[Target], inquiry: Inquiry, draft: Draft) -> None:
        """A later ask about the same clauses. One without a facet of its own asks what else they say."""
        if ask.facets - {"content"} or ask.attributes or ask.documents or ask.departments:
            self.facets.say(ask, targets, draft)
            return
        if ask.topic and not self.scope.knows(ask, HALF_KNOWN):
            if draft.statuses and set(draft.statuses) == {Status.NOT_SPECIFIED}:
                # Is there a threshold at all? What was left open stays so.
                return
            if self.scope.is_far(ask, inquiry.find(ask), inquiry.intent):
                # Is there a panel interview? What is asked for is not there at all.
                self.facets.say(replace(ask, attributes=frozenset({"details"})), targets, draft)
                return
        for target in targets:
            if is_item(target):
                rest = tuple(p for p in target.clause.provisions if p.amount is None)
                self.clauses.content(draft, Target(target.clause, rest or target.provisions), whole=False)
            else:
                self.clauses.content(draft, target, whole=True)

    # -- by search --------------------------------------------------------------------------------------------------

    def _by_search(self, question: Question, terms: Sequence[Term], inquiry: Inquiry, draft: Draft) -> None:
        evidence = self._asked_alone(question, inquiry) or inquiry.find(question)
        intent = inquiry.intent
        if self.scope.is_small_talk(question, intent):
            self.scope.greet(inquiry, draft)
            return
        subjects = self.finder.subjects(terms)
        # What is all of it a measure's matter is none of something else, however oddly it is asked.
        all_known = bool(subjects and question.topic) and evidence.coverage >= 1.0
        far = not all_known and self.scope.is_far(question, evidence, intent)
        documents = self.document_targets.asked(question, subjects, intent)
        if documents and not (far and question.topic and not documents & FIRM_DOCUMENTS):
            inquiry.route = "document facts"
            if not subjects:
                documents = self.document_targets.in_other_parts(question, documents, inquiry)
            for name in sorted(documents, key=lambda n: (n not in FIRM_DOCUMENTS, n)):
                self.document.answer(draft, name, question)
            wants_clause = bool(subjects) and bool(question.facets | question.attributes or question.departments)
            if draft.statuses and not (wants_clause and question.documents):
                return
        if far or evidence.best is None:
            if not draft.statuses:
                self.scope.out_of_scope(inquiry, draft, "far from everything in the policy")
            return
        if not subjects and not self._has_topic(question, evidence):
            self._without_topic(question, inquiry, draft)
            return
        inquiry.route = (inquiry.route + ", " if inquiry.route else "") + "clauses"
        inquiry.targets = self.clause_targets.found(question, evidence)
        inquiry.near = _near(evidence)
        guessed = self.guesses.with_facet(question, intent)
        if {"amount", "content"} <= guessed.facets - question.facets and not any(
            p.amount for t in inquiry.targets for p in t.provisions
        ):
            # A sum was not asked for in so many words: that there is none is no answer.
            guessed = question
        self.facets.say(guessed, inquiry.targets, draft)

    def _asked_alone(self, question: Question, inquiry: Inquiry) -> Evidence | None:
        """Evidence for what is asked apart from who asks it (we make new-energy materials), where that part names a
        subject of its own and fits better than the whole."""
        hints, parts = self.reader.cues.hints, self.reader.cues.boundaries.part.split(question.plain)
        told = [part for part in parts if hints.about_asker.search(part.strip())]
        asked = "".join(part for part in parts if part not in told)
        if not told or not self.finder.subjects(self.finder.terms_in(asked)):
            return None
        whole, alone = inquiry.find(question), self.finder.find(self.reader.read(asked, question.language, asked))
        if whole.best is None or alone.best is None or alone.best.score < _BETTER_ALONE * whole.best.score:
            return None
        inquiry.evidence = alone
        return alone

    def _has_topic(self, question: Question, evidence: Evidence) -> bool:
        """Whether a question that names no term has a topic to look for: a well-known one where it asks for nothing
        but what texts hardly ever give, since of the whole policy that can be said as well."""
        across = question.topic and question.language == "en" and not self.policy.translations
        # English words are in no Chinese text: how near they come to it will do as well.
        if across and not question.attributes and evidence.best and evidence.best.score >= _NEAR_ACROSS:
            return True
        if not question.topic or evidence.coverage < _BARELY_KNOWN:
            return False
        if not question.attributes or question.facets - {"content", "condition"}:
            return True
        if len(question.topic) > 1 and evidence.coverage >= _WELL_KNOWN:
            return True
        return evidence.coverage >= KNOWN and evidence.best is not None and evidence.best.score >= _FITS

    def _without_topic(self, question: Question, inquiry: Inquiry, draft: Draft) -> None:
        """A question that names no subject: what the whole text leaves open, or a question back."""
        intent = inquiry.intent
        attributes = question.attributes
        likely = self.guesses.attribute(intent)
        if likely and not attributes and not question.facets - {"content"}:
            attributes = frozenset({likely})
        if attributes and (telling := self._telling(attributes, inquiry)):
            inquiry.route = "clauses"
            inquiry.targets = [Target(telling, telling.provisions)]
            self.facets.say(replace(question, attributes=attributes), inquiry.targets, draft)
        elif applying := self._how_to_apply(attributes, inquiry):
            inquiry.route = "how to apply"
            inquiry.targets = [Target(applying, applying.provisions)]
            told = attributes & self._applying[applying.id]
            self.facets.say(replace(question, attributes=told), inquiry.targets, draft)
        elif attributes:
            inquiry.route = "attribute of the whole policy"
            for name in sorted(attributes):
                self.clauses.attribute(draft, None, self.facets.attributes[name])
        elif not draft.statuses and question.topic and self._is_lost(question, inquiry):
            self.scope.out_of_scope(inquiry, draft, "nothing of it is in the policy")
        elif not draft.statuses and (nearest := _nearest(question, inquiry)):
            inquiry.route = "the nearest"
            inquiry.targets = [Target(nearest, nearest.provisions)]
            draft.say("perhaps_meant", ref=self.scope.wording.ref(nearest))
            self.facets.say(self.guesses.with_facet(question, intent), inquiry.targets, draft)
        elif not draft.statuses:
            self.scope.ask_back(question, inquiry, draft)

    def _telling(self, attributes: frozenset[str], inquiry: Inquiry) -> Clause | None:
        """The nearest of the candidates that does give what is asked for, or the only clause of the policy that does;
        that the text leaves it open can only be said where none does."""
        candidates = inquiry.evidence.candidates if inquiry.evidence else ()
        near = [c for c in candidates[:_MOST_TELLING] if c.score >= _TELLS and self._tells(c.clause, attributes)]
        wanted = self.facets.most_telling(attributes)
        if not near and wanted <= self.reader.cues.quantities:
            # Nothing else in the policy is counted in that unit.
            telling = [c for c in candidates if self._tells(c.clause, wanted)]
            near = telling if len(telling) == 1 else []
        return near[0].clause if near else None

    @cached_property
    def _applying(self) -> dict[str, frozenset[str]]:
        """What each clause tells of how to apply, by its id; parts without a number aside."""
        return {
            clause.id: frozenset(name for name in HOW_TO_APPLY if self._tells(clause, frozenset({name})))
            for clause in self.policy.clauses
            if clause.number is not None
        }

    def _how_to_apply(self, asked: frozenset[str], inquiry: Inquiry) -> Clause | None:
        """The clause that tells most of how to apply, of that which is asked. It is told once for all measures and
        seldom in words of any of them, so that how near it comes to the question decides only between equals."""
        candidates = inquiry.evidence.candidates if inquiry.evidence else ()
        rank = {c.clause.id: n for n, c in enumerate(candidates)}
        return max(
            (c for c in self.policy.clauses if self._applying.get(c.id, frozenset()) & asked),
            key=lambda c: (len(self._applying[c.id] & asked), len(self._applying[c.id]), -rank.get(c.id, len(rank))),
            default=None,
        )

    def _tells(self, clause: Clause, attributes: frozenset[str]) -> bool:
        text = half_width(clause.text)
        return all(self.facets.attributes[a].present.search(text) for a in attributes)

    def _is_lost(self, question: Question, inquiry: Inquiry) -> bool:
        """Whether a topic of which the policy knows nothing is another matter. Asked for what policies give (a sum, a
        department), one that comes near a measure is rather in words of the asker's own."""
        if inquiry.evidence is None or inquiry.intent is None:
            return False
        ours = question.facets - {"content", "condition"} and _nearest(question, inquiry) is not None
        return self.scope.distance(question, inquiry.evidence, inquiry.intent) >= (FAR if ours else _LOST)


def _nearest(question: Question, inquiry: Inquiry) -> Clause | None:
    """The measure that a topic in nobody's words comes near enough to, to be answered with as a guess."""
    best = inquiry.evidence.best if inquiry.evidence else None
    if not question.topic or best is None or best.clause.number is None:
        return None
    return best.clause if best.score >= _GUESSED else None


def _near(evidence: Evidence) -> list[Clause]:
    """Clauses after the best that are worth a look."""
    best, *others = evidence.candidates
    return [c.clause for c in others[:_MOST_NEAR] if c.score >= _NEAR * best.score]
