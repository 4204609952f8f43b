"""Deciding what a question is answered with: whole table, document facts, or clauses and facets of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.aggregate import Row, TableComposer
from app.composing import ClauseComposer, Target
from app.conversation import Focus
from app.cues import Attribute
from app.document import DOCUMENT_FACTS, DocumentComposer
from app.draft import Draft
from app.evidence import Candidate, Evidence, EvidenceFinder
from app.intents import Intent, IntentModel
from app.items import ItemPicker
from app.models import Status
from app.question import AskedMoney, Question, QuestionReader
from app.wording import Wording, keep
from corpus.glossary import Term
from corpus.models import Clause, Policy, Provision
from corpus.terms import fold

# How much of the nearest exemplars must be about something else before a question is turned away: much when the
# policy knows its words, less when it does not. Calibrated on questions kept apart from the tests.
_ELSEWHERE_SUBJECT = 0.9
_ELSEWHERE_KNOWN = 0.6
_ELSEWHERE_PROCEDURE = 0.66
_HALF_KNOWN = 0.5
_ELSEWHERE_UNKNOWN = 0.5
# With a subject of which the policy knows nothing, a little is enough.
_ELSEWHERE_LOST = 0.28
_KNOWN = 0.6
_LOST_SCORE = 0.2
# A word of the policy counts for little where no clause comes near (a football match).
_NAMED_SCORE = 0.25
_WELL_KNOWN = 0.75
# A clause that scores this much fits what was asked, whichever words it was asked in.
_FITS = 0.4
_SMALL_TALK_SHARE = 0.6
_SMALL_TALK_ALONE = 0.38
# With no cue met, a facet needs at least this share to be answered beside what the clause says, and this much to be
# all that is answered. What a text hardly ever gives needs more, since the answer will be that it is not there.
_FACET_SHARE = 0.38
_FACET_ALONE = {"amount": 0.6, "condition": 0.6, "mode": 1.1, "department": 0.9}
_ATTRIBUTE_SHARE = 0.62
_PROCEDURE_SHARE = 0.5
_ATTRIBUTES_TOGETHER = 0.58
# A cue that almost any question has words of gives way to exemplars as sure as this.
_OVER_A_CUE = 0.85
_VAGUE = frozenset({"content", "condition"})
_OPERATION_SHARE = 0.6
# An earlier question that is this much about something else leaves nothing to lean on.
_ELSEWHERE_BEFORE = 0.35
# The same for a fact of the document: with no cue for anything, and against a cue for something else.
_KIND_SHARE = 0.4
_KIND_ALONE = 0.65
# Another clause this near to the best is worth a look, and one nearer still is meant as well.
_NEAR = 0.82
# A sum that the question names decides among candidates within this share of the best.
_SUM_HELPS = 0.75
# A clause with a sum this near to the best without one is meant where only a sum is asked for.
_HARDLY_LESS = 0.94
# One side of a comparison fits its clause at least this well, against the best for the whole question.
_PART = 0.75
# A later ask of the same question leaves its subject, unnamed, when another clause fits it this much better.
_LEAVES = 1.3
# Words that a later ask needs of its own to turn to another provision of the clause.
_TURNS = 0.8
# A follow-up changes the subject when another clause fits it this much better than the one in focus.
_CLEARLY = 1.15
# and only to one that fits it at all.
_ANY_SUBJECT = 0.36
_FIRM_DOCUMENTS = frozenset(
    {"validity", "effective", "doc_no", "issuer", "published", "interpreter", "no_double_funding", "basis", "contact"}
)
_PROCEDURE = frozenset({"materials", "channel", "deadline", "processing_time"})
# Words for these also come up in questions about a clause that names fields or districts.
_LOOSE = frozenset({"fields", "district_measures", "preference", "purpose"})
_STANDING = frozenset({"validity", "no_double_funding", "contact"})
_SENTENCE_ENDS = re.compile(r"(?<=[;；])")
_QUOTED = re.compile(r"[“「『\"‘']([^“”「」『』\"’']{2,20})[”」』\"’']")
# A sentence that ends in a full stop only asks where it has a word of asking.
_STATEMENT = re.compile(r"[a-z)\"'”’\d]\s*\.\s*$")
_BRACKETED = re.compile(r"\([^()]*\)|“[^”]*”|\"[^\"]*\"")


@dataclass
class Responder:
    """Responds to one question about one policy by filling a draft. ``near`` are clauses worth a look besides,
    ``standalone`` the question with what it left unsaid."""

    policy: Policy
    reader: QuestionReader
    finder: EvidenceFinder
    intents: IntentModel
    picker: ItemPicker
    clauses: ClauseComposer
    table: TableComposer
    document: DocumentComposer
    attributes: Mapping[str, Attribute]
    wording: Wording
    lap: Callable[[str], None]
    near: list[Clause] = field(default_factory=list)
    standalone: str | None = None
    _evidence: Evidence | None = None
    _intent: Intent | None = None
    _route: str = ""
    _last_targets: list[Target] = field(default_factory=list)

    def trace(self, question: Question) -> dict[str, Any]:
        """What was understood, which candidates there were, and which way was taken."""
        found: dict[str, Any] = {"understood": question.summary(), "route": self._route}
        if self._evidence:
            found["coverage"] = round(self._evidence.coverage, 3)
            found["unknown_words"] = list(self._evidence.unknown)
            if self._intent:
                found["elsewhere"] = round(self._intent.elsewhere, 3)
                found["nearest_kind"] = f"{self._intent.kind} {self._intent.share:.2f}"
            found["terms"] = [t.zh for t in self._evidence.terms]
            found["candidates"] = [
                {
                    "label": c.clause.label,
                    "score": round(c.score, 4),
                    "cosine": round(c.cosine, 4),
                    "lexical": round(c.lexical, 4),
                }
                for c in self._evidence.candidates[:5]
            ]
        return found

    # -- the way ------------------------------------------------------------------------------------------------

    def respond(self, question: Question, focus: Focus | None, draft: Draft) -> None:
        """Fill the draft."""
        if self.reader.only_orders(question.text):
            self._out_of_scope(draft, "an order to the assistant")
            return
        question = self._responsible_only(question)
        if self._turned_away(question, draft):
            return
        focused = self._completed(question, focus, draft)
        if focused is not None:
            question, targets = focused
            self._route = "follow-up"
            if targets:
                self._by_facets(question, targets, draft)
            return
        if question.numbers or question.parts:
            self._by_label(question, draft)
            return
        if question.sections and self._by_section(question, draft):
            return
        terms = self.finder.terms_in(question.uncued)
        self.lap("understand")
        question = self._with_likely_operation(question)
        asks = self._asks(question)
        if len(asks) > 1 and self.finder.subjects(self.finder.terms_in(asks[0].uncued)):
            # The first ask has a subject: what the others say (只由谁) is no condition on the whole table.
            self._several(asks, draft)
        elif self._whole_table(question, terms, draft):
            return
        elif len(asks) > 1:
            self._several(asks, draft)
        else:
            self._by_search(question, terms, draft)

    def _responsible_only(self, question: Question) -> Question:
        """The question without bodies that the text names, but makes responsible for nothing (a ministry that
        projects are recommended to): they are part of what is asked about, not whom to turn to."""
        if not question.departments:
            return question
        keys = {d.key for c in self.policy.numbered for d in c.departments}
        kept = tuple(
            m
            for m in question.departments
            if m.department.key in keys or m.department.name not in self.policy.source_text
        )
        return replace(question, departments=kept) if len(kept) < len(question.departments) else question

    def _asks(self, question: Question) -> list[Question]:
        """The questions that one question is made of: each wants something of its own, the first names a subject."""
        together = bool(question.operations & {"compare", "sum", "confirm"})
        groups: list[str] = []
        pending = ""
        whole = _BRACKETED.sub(lambda m: re.sub(r"[,，;；]", " ", m.group()), question.plain)
        for part in (_SENTENCE_ENDS if together else self.reader.cues.boundaries.ask).split(whole):
            pending += part
            read = self.reader.read(part, question.language, part)
            wants = read.facets | read.attributes | read.documents
            is_ask = bool(wants) and (wants != {"content"} or bool(self.reader.cues.hints.asks_what.search(part)))
            is_ask = (
                is_ask
                and not (_STATEMENT.search(part) and not self.reader.cues.hints.asking.search(part))
                and not self.reader.cues.hints.plea.search(part)
            )
            fragment = not wants and groups and self.picker.levels.named_in(part) and pending == part
            if fragment and (self.picker.levels.named_in(groups[-1]) or part.rstrip().endswith(("?", "？"))):
                # For an international one? The ask before it, of another item.
                groups.append(part)
                pending = ""
                continue
            if is_ask or (groups and self.reader.cues.hints.asks_whether.search(part)):
                groups.append(pending)
                pending = ""
        if pending and groups:
            groups[-1] += pending
        first = self.reader.read(groups[0], question.language, groups[0]) if len(groups) > 1 else None
        if first and not first.topic and not self._names_subject(first):
            # 哪个补得多，中试还是产业化: what is asked stands before what it is asked of.
            groups[:2] = ["".join(groups[:2])]
        if len(groups) < 2:
            return [question]
        asks = [self.reader.read(g, question.language, g) for g in groups]
        for i, ask in enumerate(asks[1:], 1):
            if not ask.facets | ask.attributes | ask.documents and self.picker.levels.named_in(ask.plain):
                asks[i] = replace(ask, facets=asks[i - 1].facets, attributes=asks[i - 1].attributes)
        return asks

    def _names_subject(self, question: Question) -> bool:
        if question.numbers or question.parts or question.documents or question.departments:
            return True
        return bool(self.finder.subjects(self.finder.terms_in(question.uncued))) or (
            bool(question.topic) and self.finder.coverage(question.topic)[0] >= _KNOWN
        )

    def _several(self, asks: Sequence[Question], draft: Draft) -> None:
        """Answer one ask after the other; one that names no subject is about that of the ask before it."""
        previous: list[Target] = []
        routes: list[str] = []
        earlier = ""
        for ask in asks:
            terms = self.finder.terms_in(ask.uncued)
            self._evidence = self._intent = None
            own_document = ask.documents & (_FIRM_DOCUMENTS | {"fields", "title", "purpose"})
            wants = ask.facets - {"content"} or ask.attributes or ask.documents
            if routes and not previous and not wants and not self.finder.subjects(terms):
                # So should I write to them? After a fact of the document there is nothing more to say.
                continue
            if previous and not own_document and not self._leaves(ask, terms, previous):
                self._further(ask, [self._turned(t, ask, earlier) for t in previous], draft)
                routes.append("the same subject")
                continue
            if (previous and ask.operations & {"max", "min"}) or not self._whole_table(ask, terms, draft):
                self._by_search(ask, terms, draft)
            previous = self._last_targets or previous
            earlier = ask.plain
            routes.append(self._route)
        self._route = " + ".join(routes)

    def _leaves(self, ask: Question, terms: Sequence[Term], previous: Sequence[Target]) -> bool:
        """Whether a later ask turns to another subject than that of the ask before it."""
        if (ask.attributes or "pointer" in ask.turns) and not self.finder.subjects(terms):
            return False
        there = [fold(t.clause.text) for t in previous]
        others = [t for t in self.finder.subjects(terms) if not any(fold(t.zh) in text for text in there)]
        if not others and not ask.topic:
            return False
        evidence = self._find(ask)
        best = evidence.best
        if best is None or best.clause.id in {t.clause.id for t in previous}:
            return False
        if not others and (evidence.coverage < _KNOWN or best.clause.number is None):
            # What it asks about is not in the policy at all, or nothing but words of asking.
            wants = ask.facets - {"content"} or ask.attributes
            return bool(evidence.unknown) and not wants and self._is_far(evidence, ask)
        own = max((c.score for c in evidence.candidates if c.clause.id in {t.clause.id for t in previous}), default=0.0)
        return best.score >= (1.0 if others else _LEAVES) * own

    def _further(self, ask: Question, targets: Sequence[Target], draft: Draft) -> None:
        """A later ask about the same clauses. One without a facet of its own asks what else they say."""
        if ask.facets - {"content"} or ask.attributes or ask.documents or ask.departments:
            self._by_facets(ask, targets, draft)
            return
        if ask.topic and self.finder.coverage(ask.topic)[0] < _HALF_KNOWN:
            # Is there a panel interview? What is asked for is not there at all.
            self._by_facets(replace(ask, attributes=frozenset({"details"})), targets, draft)
            return
        for target in targets:
            if _is_item(target):
                rest = tuple(p for p in target.clause.provisions if p.amount is None)
                target = Target(target.clause, rest or target.provisions)
                self.clauses.content(draft, target, whole=False)
            else:
                self.clauses.content(draft, target, whole=True)

    def _turned_away(self, question: Question, draft: Draft) -> bool:
        """Small talk, tasks that are none of ours, places whose policies these are not."""
        title = keep(self._title())
        small = self._small_talk(question)
        if small == "greeting":
            self._route = "small talk"
            draft.statuses.append(Status.SMALLTALK)
            draft.say("greeting", title=title)
        elif small == "thanks":
            self._route = "small talk"
            draft.statuses.append(Status.SMALLTALK)
            draft.say("thanks")
        elif "task" in question.turns:
            self._out_of_scope(draft, "a task that is not about the policy")
        elif (
            question.places
            and not question.documents & _FIRM_DOCUMENTS
            and (not self._topical(question) or self.reader.cues.hints.place_policy.search(question.plain))
        ):
            self._route = "out of scope: another place"
            draft.statuses.append(Status.OUT_OF_SCOPE)
            place = question.places[0]
            draft.say("out_of_scope_place", title=title, place=place.title() if place.isascii() else place)
        else:
            return False
        return True

    def _small_talk(self, question: Question) -> str | None:
        """Which kind of small talk a question is, if it is nothing else."""
        asks = question.attributes or question.documents or question.money or self._topical(question)
        if asks or question.facets - {"content", "department"}:
            return None
        if "greeting" in question.turns:
            return "greeting"
        if question.facets:
            return None
        cues = self.reader.cues
        if cues.turns["thanks"].search(question.plain):
            return "thanks"
        # Thanks around what is asked, taken away before it was read, part nobody.
        parting = "thanks" in question.turns or (
            self.reader.cues.hints.parting.search(question.text.lower()) and not question.topic
        )
        if parting and not cues.sentences["asking"].search(question.plain):
            return "thanks"
        polite = cues.turns["politeness"]
        return "greeting" if not re.sub(r"[\W_]", "", polite.sub(" ", question.plain)) else None

    def _is_small_talk(self, question: Question) -> bool:
        """Whether the nearest exemplars are small talk and no cue says otherwise."""
        intent = self._intent
        wants = question.facets | question.attributes | question.documents
        enough = _SMALL_TALK_SHARE if question.topic else _SMALL_TALK_ALONE
        return bool(intent and intent.kind == "smalltalk" and intent.share >= enough and not wants)

    def _title(self) -> str:
        return (self.policy.english_title or self.policy.title) if self.wording.english else self.policy.title

    def _topical(self, question: Question) -> bool:
        return bool(question.numbers or question.departments or self.finder.terms_in(question.uncued))

    def _out_of_scope(self, draft: Draft, why: str) -> None:
        self._route = f"out of scope: {why}"
        draft.statuses.append(Status.OUT_OF_SCOPE)
        draft.say("out_of_scope", title=keep(self._title()))

    # -- follow-ups ---------------------------------------------------------------------------------------------

    def _completed(self, question: Question, focus: Focus | None, draft: Draft) -> tuple[Question, list[Target]] | None:
        """The question with what the conversation adds, and its targets; None when it stands by itself."""
        if focus is None or question.numbers or question.parts:
            return None
        if not focus.clauses:
            focus = self._resolved(focus)
            if focus is None:
                return None
        focus = _chosen(focus, question)
        if "same_sum" in question.turns and focus.sums:
            self._same_sum(question, focus, draft)
            return question, []
        if self.reader.cues.hints.where_said.search(question.plain):
            targets = [Target(c, c.provisions) for c in focus.clauses]
            self.standalone = self._standalone(question, targets)
            return replace(question, facets=frozenset({"content"}), operations=frozenset()), targets
        if question.topic and self.finder.coverage(question.topic)[0] < _KNOWN:
            self._find(question)
            if self._intent and self._intent.elsewhere >= _ELSEWHERE_KNOWN:
                return None
        about_document = self._documents(question, self.finder.subjects(self.finder.terms_in(question.uncued)))
        if about_document or (question.operations & {"list", "count"} and not question.turns & {"next", "previous"}):
            return None
        subjects = self.finder.subjects(self.finder.terms_in(question.uncued))
        wants = question.facets | question.attributes
        shift = 1 if "next" in question.turns else -1 if "previous" in question.turns else 0
        if shift:
            return self._moved(question, focus.clauses[0], shift)
        clauses = list(focus.clauses)
        if "first_topic" not in question.turns and not self._in_focus(subjects, focus):
            elsewhere = self._other_subject(question, subjects, focus)
            if elsewhere is not None and wants and "compare" not in question.operations:
                return None
            if elsewhere is not None:
                clauses = [*clauses, elsewhere] if "compare" in question.operations else [elsewhere]
        if "compare" in question.operations and not wants:
            wants = frozenset({"amount"})
            question = replace(question, facets=wants)
        asked = question if wants else self._inherited(question, focus)
        targets = [Target(c, tuple(self._focused(c, question, focus))) for c in clauses]
        if not wants and asked.facets == {"department"} and all(_is_item(t) for t in targets):
            # The items of a list share their department: what differs, and is asked, is the sum.
            asked = replace(asked, facets=frozenset({"amount"}))
        self.standalone = self._standalone(question, targets)
        return asked, targets

    def _inherited(self, question: Question, focus: Focus) -> Question:
        """A follow-up without a cue of what it wants: that of the question before it where it only names something
        (那行业标准呢), else what the exemplars or the clause itself say."""
        if (self.reader.cues.hints.elliptic.search(question.plain) or not question.topic) and not self._beside_sums(
            question, focus
        ):
            return replace(question, facets=focus.question.facets, attributes=focus.question.attributes)
        self._find(question)
        likely = self._with_likely_facet(question)
        wants = likely.facets | likely.attributes
        return likely if wants else replace(question, facets=frozenset({"content"}))

    def _beside_sums(self, question: Question, focus: Focus) -> bool:
        """Whether a follow-up names something that the clause in focus grants besides what its sums are for
        (场地, 算力): of that no sum can be asked."""
        for clause in focus.clauses:
            text, items = fold(clause.text), fold("".join(p.what for p in clause.provisions if p.amount) + clause.title)
            if items and any(w in text and w not in items for w in question.topic):
                return True
        return False

    def _same_sum(self, question: Question, focus: Focus, draft: Draft) -> None:
        """Which other clauses have the sum that was named last."""
        value = max(focus.sums)
        asked = replace(question, money=(AskedMoney(value, "exactly", 0, 0),), departments=())
        own = {c.id for c in focus.clauses}
        rows = [r for r in self.table.filtered(asked, ()) or () if r.clause.id not in own]
        self.table.listing(draft, asked, rows)

    def _resolved(self, focus: Focus) -> Focus | None:
        """A focus whose answer named no clause, with the clause that its question is about; None when there is none."""
        evidence = self.finder.find(focus.question)
        intent = self.intents.judge(evidence.vector, focus.question.language)
        away = intent.elsewhere >= _ELSEWHERE_BEFORE or self._far(evidence, intent, focus.question)
        if evidence.best is None or away:
            return None
        return replace(focus, clauses=(evidence.best.clause,))

    def _other_subject(self, question: Question, subjects: Sequence[Term], focus: Focus) -> Clause | None:
        """The clause that a follow-up turns to with a subject of its own (中小试基地呢？); None when it has none."""
        if not subjects and (not question.topic or self.finder.coverage(question.topic)[0] < _KNOWN):
            return None
        if (
            not subjects
            and not self.reader.read(self.picker.levels.without_places(question.plain), question.language).topic
        ):
            # 市一级的呢: a level is no subject.
            return None
        evidence = self._find(question)
        best = evidence.best
        if best is None or best.clause.id in {c.id for c in focus.clauses}:
            return None
        own = max((c.score for c in evidence.candidates if c.clause.id in {f.id for f in focus.clauses}), default=0.0)
        return best.clause if subjects or best.score >= max(_CLEARLY * own, _ANY_SUBJECT) else None

    def _find(self, question: Question) -> Evidence:
        """Evidence for a question, looked for once."""
        if self._evidence is None:
            self._evidence = self.finder.find(question)
            self._intent = self.intents.judge(self._evidence.vector, question.language)
            self.lap("retrieve")
        return self._evidence

    def _in_focus(self, terms: Sequence[Term], focus: Focus) -> bool:
        return any(t.zh in c.text for t in terms for c in focus.clauses)

    def _moved(self, question: Question, clause: Clause, shift: int) -> tuple[Question, list[Target]] | None:
        numbered = list(self.policy.numbered)
        at = next((i for i, c in enumerate(numbered) if c.id == clause.id), None)
        if at is None or not 0 <= at + shift < len(numbered):
            return None
        target = Target(numbered[at + shift], numbered[at + shift].provisions)
        self.standalone = self._standalone(question, [target])
        return question, [target]

    def _focused(self, clause: Clause, question: Question, focus: Focus) -> list[Provision]:
        """The provisions in focus: by the words of this question first, by those of the one before it, and by
        the sums that were named."""
        provisions = list(clause.provisions)
        if question.operations & {"sum", "compare"}:
            said = [p for p in provisions if p.amount and p.amount.value in focus.all_sums]
            if len(said) > 1:
                return said
        own = self.picker.pick_decisively(self.policy, clause, question.plain, provisions)
        if len(own) == 1:
            return own
        sums = [p for p in provisions if p.amount]
        turned = self.picker.pick_decisively(self.policy, clause, question.plain, sums, _TURNS)
        if len(turned) == 1 and len({p.span for p in sums}) == len(sums):
            return turned
        prior = {p.span for p in provisions if p.amount and p.amount.value in focus.sums}
        siblings = [p for p in provisions if p.amount and p.span in prior]
        if len(siblings) > 1 and (turned := self.picker.pick_sibling(self.policy, clause, question.plain, siblings)):
            earlier = self.picker.pick_follow_up(self.policy, clause, question.plain, focus.question.plain, turned)
            return [p for p in turned if p in earlier] or turned
        combined = self.picker.pick_follow_up(self.policy, clause, question.plain, focus.question.plain, provisions)
        named = [p for p in combined if p.amount and p.amount.value in focus.sums]
        if self.picker.levels.meant_in(question.plain) or not named:
            return combined or provisions
        return named

    def _standalone(self, question: Question, targets: Sequence[Target]) -> str:
        names = "、".join(f"{t.clause.label}{t.clause.title}" for t in targets)
        if self.wording.english:
            refs = ", ".join(self.wording.finish(self.wording.ref(t.clause)) for t in targets)
            return f"About {refs}: {question.text}"
        return f"关于{names}：{question.text}"

    # -- by label -----------------------------------------------------------------------------------------------

    def _by_label(self, question: Question, draft: Draft) -> None:
        self._route = "by label"
        numbered = self.policy.numbered
        targets = []
        for number in question.numbers:
            clause = next((c for c in numbered if c.number == number), None)
            if clause is None:
                draft.statuses.append(Status.NOT_SPECIFIED)
                draft.say(
                    "no_such_clause",
                    n=number,
                    first=keep(numbered[0].label),
                    last=keep(numbered[-1].label),
                    total=len(numbered),
                )
                continue
            targets.append(Target(clause, tuple(self._meant(clause, question, {}))))
        targets += [Target(c, c.provisions) for path in question.parts for c in self.policy.clauses if c.path == path]
        subjects = self.finder.subjects(self.finder.terms_in(question.uncued))
        here = [t for t in subjects if any(fold(t.zh) in fold(x.clause.text) for x in targets)]
        if targets and subjects and not here and question.facets | question.operations:
            # 第二条写的“赛马式资助”: the label is wrong, the subject is not.
            owners = [c for c in numbered if any(fold(t.zh) in fold(c.text) for t in subjects)]
            if len(owners) == 1:
                targets = [Target(owners[0], tuple(self._meant(owners[0], question, {})))]
        documents = question.documents
        if "notice" in question.parts and "department" in question.facets:
            documents |= {"issuer"}
        for name in sorted(documents & (_FIRM_DOCUMENTS | {"issued", "approval"})):
            self.document.answer(draft, name, question)
        if "notice" in question.parts and draft.statuses:
            return
        if targets and (question.facets or question.attributes or not draft.statuses):
            self._by_facets(question, targets, draft)

    def _by_section(self, question: Question, draft: Draft) -> bool:
        """The clauses of the parts of the document that a question names by number; False when it has none such."""
        sections = [s for i, s in enumerate(self.policy.sections, 1) if i in question.sections]
        clauses = [self.policy.clause(i) for s in sections for i in s.clause_ids]
        numbered = [c for c in clauses if c.number is not None]
        if not clauses:
            return False
        self._route = "by section"
        if not numbered:
            self._by_facets(question, [Target(c, c.provisions) for c in clauses], draft)
            return True
        if question.operations & {"max", "min"}:
            rows = [Row(c, c.provisions) for c in numbered]
            return self.table.extreme(draft, "max" if "max" in question.operations else "min", rows)
        self.table.listing(draft, question, [Row(c, c.provisions) for c in numbered], "amount" in question.facets)
        return True

    # -- whole table --------------------------------------------------------------------------------------------

    def _turned(self, target: Target, ask: Question, earlier: str) -> Target:
        """A target as a later ask means it: the same provisions, unless its own words, read together with the ask
        before it, pick others."""
        provisions = target.clause.provisions
        decisive = self.picker.pick_decisively(self.policy, target.clause, ask.plain, provisions, _TURNS)
        if not decisive and not self.picker.levels.named_in(ask.plain):
            return target
        own = self.picker.pick_follow_up(self.policy, target.clause, ask.plain, earlier, provisions)
        return Target(target.clause, tuple(own)) if own else target

    def _whole_table(self, question: Question, terms: Sequence[Term], draft: Draft) -> bool:
        ops, filters = question.operations, question.filters
        named = self.finder.subjects(terms)
        if "post" in filters:
            # The way of paying is the condition, not the subject.
            named = [t for t in named if "事后" not in t.zh]
        if self._by_departments(question, named, draft):
            return True
        listing = bool(ops & {"list", "count"})
        organisations = [t for t in terms if t.kind == "organisation" and t.zh not in self.finder.generic]
        asks_clauses = bool(self.reader.cues.hints.clause.search(question.plain)) or "condition" in question.facets
        if not named and organisations and listing and asks_clauses and not question.departments:
            named = organisations
        if not named and listing and self.reader.cues.hints.said.search(question.plain):
            # Which clauses say 揭榜挂帅: a way of paying is as good a word as any to look for.
            named = [t for t in terms if t.kind not in ("general", "document", "money")]
            words = [w for w in question.topic if w in fold(self.policy.source_text)]
            if not named and words and (quoting := self.table.quoting(max(words, key=len))):
                self._route = "table: quoting"
                self.table.listing(draft, question, quoting, amounts=True)
                return True
        # 正好1000万的, anything capped at ten million: a sum and no subject asks for all that have it.
        unknown = not question.topic or self.finder.coverage(question.topic)[0] < _KNOWN
        asks_sum = bool(question.money) and not question.attributes and "confirm" not in ops
        listing = listing or (asks_sum and not named and unknown)
        quoted = [q for q in _QUOTED.findall(question.plain) if len(q) > 1]
        if (
            quoted
            and (listing or self.reader.cues.hints.where.search(question.plain))
            and (quoting := self.table.quoting(quoted[0]))
        ):
            self._route = "table: quoting"
            self.table.listing(draft, question, quoting, amounts=True)
            return True
        which = "second" if "second" in ops else "max" if "max" in ops else "min"
        # 最多能拿多少, the most we could get: a cap of what is named, not the highest of all.
        superlative = bool(self.reader.cues.hints.superlative.search(question.plain)) or not question.topic
        superlative = superlative and not question.departments and not question.money
        if ops & {"max", "min", "second"} and (listing or not named) and superlative:
            rows = self.table.filtered(question, named) if (named and listing) else None
            if (not named or rows) and not self._elsewhere(question):
                self._route = "table: highest" if "max" in ops else "table: lowest"
                return self.table.extreme(draft, which, rows)
        things = [t for t in named if t.kind != "place"]
        alone = "only" in filters and bool(self.reader.cues.hints.clause.search(question.plain))
        by_department = (
            bool(question.departments)
            and (listing or not named)
            and (alone or not question.documents & _FIRM_DOCUMENTS)
        )
        by_department = by_department and not ("confirm" in ops and question.topic and not listing)
        by_department = by_department and (alone or listing or not question.topic)
        filtering = bool(filters & {"no_amount", "has_amount", "ratio_open", "post"})
        filtering = filtering or (
            "ratio" in question.attributes and listing and bool(self.reader.cues.hints.clause.search(question.plain))
        )
        filtering = filtering or ("single" in filters and listing and not question.departments)
        conditions = bool(question.money or filtering)
        listing = listing or (
            filtering and not question.topic and bool(self.reader.cues.hints.clause.search(question.plain))
        )
        if (by_department and (listing or "confirm" not in ops)) or (listing and conditions):
            rows = self.table.filtered(question, things if listing else ()) or self.table.filtered(question, ())
            if rows is not None:
                self._route = "table: filtered"
                if "has_amount" in filters and "count" in ops:
                    self.table.amounts_summary(draft)
                    if "no_amount" in filters:
                        self.table.listing(draft, question, rows)
                else:
                    self.table.listing(draft, question, rows)
                return True
        if "condition" in question.facets and not named and organisations and not self._beyond(question, organisations):
            named, listing = organisations, True
        plain_list = not question.facets - {"amount", "content", "condition"} and not question.attributes | (
            question.documents - {"title"}
        )
        if listing and named and plain_list:
            said = [t for t in named if fold(t.zh) in question.plain]
            rows = self.table.filtered(question, said or named)
            if rows and (len(rows) > 1 or ("count" in ops and "amount" not in question.facets)):
                self._route = "table: naming"
                if "amount" in question.facets:
                    rows = [Row(r.clause, tuple(self._naming(r.clause, said or named))) for r in rows]
                self.table.listing(draft, question, rows, "amount" in question.facets)
                return True
        if "count" in ops and not named and not question.documents and not self._elsewhere(question):
            self._route = "table: count"
            self.table.count_all(draft)
            return True
        return False

    def _by_departments(self, question: Question, named: Sequence[Term], draft: Draft) -> bool:
        """Which department is named most, or which clause names most; False when neither is asked."""
        if "most_departments" in question.operations and (clauses := self.table.longest_list()):
            self._route = "table: most departments"
            for clause in clauses:
                draft.say("longest_list", ref=self.wording.ref(clause), n=len(clause.departments))
                self.clauses.departments(draft, clause)
            draft.statuses.append(Status.ANSWERED)
            return True
        if (
            "department_most" in question.operations
            and not named
            and not self.reader.cues.hints.money.search(question.plain)
        ):
            self._route = "table: busiest department"
            return self.table.busiest(draft, self.clauses.english_name)
        return False

    def _naming(self, clause: Clause, terms: Sequence[Term]) -> list[Provision]:
        """The provisions of a clause that name one of the terms; all where none does."""
        naming = [p for p in clause.provisions if any(fold(t.zh) in fold(p.text) for t in terms)]
        return naming or list(clause.provisions)

    def _beyond(self, question: Question, terms: Sequence[Term]) -> list[str]:
        """Topic words that none of these terms accounts for."""
        names = [fold(n) for t in terms for n in (t.zh, *t.also_zh, *t.en, *t.also_en)]
        return [w for w in question.topic if not any(w in n or n in w for n in names)]

    def _elsewhere(self, question: Question) -> bool:
        """Whether a question without a subject of ours has one of its own that is about something else."""
        if not question.topic:
            return False
        coverage, _ = self.finder.coverage(question.topic)
        return coverage < _KNOWN and self._is_far(self._find(question), question)

    # -- by search ----------------------------------------------------------------------------------------------

    def _by_search(self, question: Question, terms: Sequence[Term], draft: Draft) -> None:
        evidence = self._find(question)
        if self._is_small_talk(question):
            self._route = "small talk"
            draft.statuses.append(Status.SMALLTALK)
            draft.say("greeting", title=keep(self._title()))
            return
        best = evidence.best
        subjects = self.finder.subjects(terms)
        far = self._is_far(evidence, question)
        documents = self._documents(question, subjects)
        if documents and not (far and question.topic and not documents & _FIRM_DOCUMENTS):
            self._route = "document facts"
            for name in sorted(documents, key=lambda n: (n not in _FIRM_DOCUMENTS, n)):
                self.document.answer(draft, name, question)
            wants_clause = bool(subjects) and bool(question.facets | question.attributes or question.departments)
            if draft.statuses and not (wants_clause and question.documents):
                return
        # How to withdraw, whether an agent may file: procedure reads like another matter, and is not in the text.
        procedural = (
            bool(question.attributes) and self._intent is not None and self._intent.elsewhere < _ELSEWHERE_PROCEDURE
        )
        if (far and not procedural) or best is None:
            if not draft.statuses:
                self._out_of_scope(draft, "far from everything in the policy")
            return
        whole = bool(question.attributes) and not question.facets - {"content", "condition"}
        known = len(question.topic) > 1 and evidence.coverage >= _WELL_KNOWN
        known = known or (bool(question.topic) and evidence.coverage >= _KNOWN and best.score >= _FITS)
        if not subjects and (not self._has_topic(question, evidence) or (whole and not known)):
            self._without_topic(question, draft)
            return
        self._route = (self._route + ", " if self._route else "") + "clauses"
        targets = self._targets(question, evidence)
        self.near = [c.clause for c in evidence.candidates[1:4] if c.score >= _NEAR * best.score]
        self._last_targets = targets
        self._by_facets(self._with_likely_facet(question), targets, draft)

    def _documents(self, question: Question, subjects: Sequence[Term]) -> frozenset[str]:
        """The facts of the whole document that are asked for: by cue, or by exemplar where no subject is named."""
        if subjects:
            # 标准由谁发布 asks about the standard; only words for the document itself ask about its own issuers.
            about_it = bool(self.reader.cues.hints.document.search(question.plain))
            asked = question.documents & (_FIRM_DOCUMENTS if about_it else _STANDING)
            fields = self.policy.facts.get("fields")
            if "fields" in question.documents and fields and any(t.zh in fields.value for t in subjects):
                return asked | {"fields"}
            return asked
        if (
            question.documents & _LOOSE
            and len(question.topic) > 1
            and self.finder.coverage(question.topic)[0] >= _KNOWN
        ):
            return question.documents - _LOOSE
        intent = self._intent
        if intent and intent.kind in DOCUMENT_FACTS and intent.share >= _KIND_SHARE and not question.documents:
            strong = intent.share >= _KIND_ALONE and not self.finder.terms_in(question.uncued)
            if strong or not (question.facets - {"content"} or question.attributes or question.topic):
                return frozenset({intent.kind})
        return question.documents

    def _without_topic(self, question: Question, draft: Draft) -> None:
        """A question that names no subject: what the whole text leaves open, or a question back."""
        intent = self._intent
        attributes = question.attributes
        likely = self._likely_attribute()
        if likely and not attributes and not question.facets - {"content"}:
            attributes = frozenset({likely})
        if attributes:
            self._route = "attribute of the whole policy"
            for name in sorted(attributes):
                self.clauses.attribute(draft, None, self.attributes[name])
        elif not draft.statuses and question.topic and intent and intent.elsewhere >= _ELSEWHERE_LOST:
            self._out_of_scope(draft, "nothing of it is in the policy")
        elif not draft.statuses:
            self._ask_back(question, draft)

    def _with_likely_operation(self, question: Question) -> Question:
        """With the operation of the nearest exemplars where no cue of any kind was met but that for an amount."""
        if question.money or question.operations or question.attributes or question.documents:
            return question
        if question.facets - {"amount", "content"}:
            return question
        if question.numbers or self.finder.subjects(self.finder.terms_in(question.uncued)):
            return question
        self._find(question)
        intent = self._intent
        if intent and intent.kind in ("max", "min", "count", "list") and intent.share >= _OPERATION_SHARE:
            return replace(question, operations=frozenset({intent.kind}))
        return question

    def _with_likely_facet(self, question: Question) -> Question:
        """With the facet that the exemplars speak for: where no cue was met, or only one that almost any question
        has words of. Where they are sure, in place of what the clause says, else beside it."""
        intent = self._intent
        counting = question.operations & {"list", "count", "max", "min", "sum"}
        if question.facets - _VAGUE or question.attributes or counting or intent is None:
            return question
        likely = self._likely_attribute()
        if likely and not question.facets:
            return replace(question, attributes=frozenset({likely}))
        enough = _OVER_A_CUE if question.facets else _FACET_SHARE
        if intent.kind in _FACET_ALONE and intent.share >= enough:
            beside = frozenset({"content"}) if intent.share < _FACET_ALONE[intent.kind] else frozenset()
            return replace(question, facets=beside | {intent.kind})
        return question

    def _likely_attribute(self) -> str | None:
        """What texts hardly ever give, where the exemplars speak for it clearly, or for several such things
        together."""
        intent = self._intent
        if intent is None:
            return None
        open_ended = {name: share for name, share in intent.shares.items() if name in self.attributes}
        likeliest = max(open_ended, key=lambda name: open_ended[name], default=None)
        if likeliest is None:
            return None
        enough = _PROCEDURE_SHARE if likeliest in _PROCEDURE else _ATTRIBUTE_SHARE
        together = sum(open_ended.values()) >= _ATTRIBUTES_TOGETHER and intent.kind in open_ended
        return likeliest if open_ended[likeliest] >= enough or together else None

    @staticmethod
    def _has_topic(question: Question, evidence: Evidence) -> bool:
        return bool(question.topic) and evidence.coverage >= 0.3

    def _is_far(self, evidence: Evidence, question: Question) -> bool:
        return self._intent is not None and self._far(evidence, self._intent, question)

    def _far(self, evidence: Evidence, intent: Intent, question: Question) -> bool:
        best = evidence.best
        if best is None:
            return True
        known = evidence.coverage >= _KNOWN and bool(question.topic)
        # A place that the policy names is no sign that a question is about it.
        subjects = [t for t in self.finder.subjects(evidence.terms) if t.kind != "place"]
        named = bool(subjects) and best.score >= _NAMED_SCORE
        limit = _ELSEWHERE_SUBJECT if known and subjects else _ELSEWHERE_KNOWN if known or named else _ELSEWHERE_UNKNOWN
        if intent.elsewhere >= limit:
            return True
        return best.score < _LOST_SCORE and bool(question.topic) and not known

    def _ask_back(self, question: Question, draft: Draft) -> None:
        self._route = "ask back"
        draft.statuses.append(Status.CLARIFY)
        near = (
            [c.clause for c in self._evidence.candidates if c.clause.number is not None][:3] if self._evidence else []
        )
        named = near if question.topic else self.policy.numbered[:: max(1, len(self.policy.numbered) // 6)][:6]
        shown = [self.wording.title(self.policy, c) if self.wording.english else c.title for c in named]
        draft.say("clarify_topics", topics=("; " if self.wording.english else "；").join(shown))

    def _targets(self, question: Question, evidence: Evidence) -> list[Target]:
        """The clauses meant: the best one, and others that a part of the question names by itself."""
        best = self._with_asked_sum(question, evidence) or self._with_a_sum(question, evidence)
        if question.operations & {"compare", "sum"} and best.clause.number is None:
            best = next((c for c in evidence.candidates if c.clause.number is not None), best)
        chosen = [best]
        if question.operations & {"compare", "sum"} or len(self.picker.segments(question.plain)) > 1:
            chosen += self._named_apart(question, evidence, best)
        return [Target(c.clause, tuple(self._meant(c.clause, question, c.provision_scores))) for c in chosen]

    def _with_asked_sum(self, question: Question, evidence: Evidence) -> Candidate | None:
        """The best of the near candidates that grants a sum which the question names (那个最高五千万的)."""
        if "confirm" in question.operations or not question.money:
            return None
        text = fold(evidence.candidates[0].clause.text)
        if any(fold(t.zh) in text for t in self.finder.subjects(evidence.terms)):
            return None
        asked = {m.value for m in question.money}
        near = [c for c in evidence.candidates if c.score >= _SUM_HELPS * evidence.candidates[0].score]
        return next((c for c in near if any(p.amount and p.amount.value in asked for p in c.clause.provisions)), None)

    def _with_a_sum(self, question: Question, evidence: Evidence) -> Candidate:
        """The best candidate; asked for nothing but a sum, one that has sums before a hardly better one without,
        where both name the subject."""
        best = evidence.candidates[0]
        if best.clause.number is None and not question.documents:
            # The framing parts have something of every subject; a measure as near is rather meant.
            near = [c for c in evidence.candidates if c.score >= _HARDLY_LESS * best.score]
            best = next((c for c in near if c.clause.number is not None), best)
        if question.facets != {"amount"} or any(p.amount for p in best.clause.provisions):
            return best
        named = [fold(t.zh) for t in self.finder.subjects(evidence.terms)]
        for other in evidence.candidates[1:3]:
            text = fold(other.clause.text)
            has = any(p.amount for p in other.clause.provisions) and all(n in text for n in named)
            if has and other.score >= _HARDLY_LESS * best.score:
                return other
        return best

    def _named_apart(self, question: Question, evidence: Evidence, best: Candidate) -> list[Candidate]:
        """Clauses that parts of a comparison or a sum are about, other than the best one for the whole."""
        if not question.operations & {"compare", "sum"}:
            return []
        by_id = {c.clause.id: c for c in evidence.candidates}
        found: dict[str, Candidate] = {}
        for segment in self.picker.segments(question.plain):
            # 省级 and national name no clause by themselves.
            bare = self.picker.levels.without_places(segment)
            read = self.reader.read(bare, question.language, bare)
            known = bool(read.topic) and self.finder.coverage(read.topic)[0] >= _HALF_KNOWN
            if not self.finder.subjects(self.finder.terms_in(read.uncued)) and not known:
                continue
            part = self.finder.find(read).best
            if part and part.clause.number is not None and part.score >= _PART * best.score:
                found.setdefault(part.clause.id, by_id[part.clause.id])
        return [c for c in found.values() if c.clause.id != best.clause.id]

    def _meant(self, clause: Clause, question: Question, fused: Mapping[str, float]) -> list[Provision]:
        """The provisions of a clause that the question means."""
        sums = [p for p in clause.provisions if p.amount]
        if sums and question.money and "confirm" in question.operations:
            return self.picker.pick(self.policy, clause, question.plain, sums, dict(fused))
        among = [
            p for p in clause.provisions if p.amount or p.matching or self.reader.cues.source.grant.search(p.text)
        ] or list(clause.provisions)
        if not any(p.amount for p in clause.provisions):
            among = list(clause.provisions)
        return self.picker.pick(self.policy, clause, question.plain, among, dict(fused))

    # -- facets -------------------------------------------------------------------------------------------------

    def _by_facets(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        facets, attributes = question.facets, question.attributes
        if "own_input" in attributes:
            attributes = attributes - {"ratio"}
        if "ratio" in attributes and question.money and self.reader.cues.hints.supposed.search(question.plain):
            # 假设比例是30%，1200万能全给吗: the share is the asker's own, the cap is what is asked.
            facets, attributes = facets | {"amount"}, attributes - {"ratio"}
        named = bool(question.topic) and self.finder.coverage(question.topic)[0] >= _KNOWN
        claimed = bool(question.operations & {"confirm"} or question.filters & {"only", "lead"})
        if question.departments and not facets and not attributes and (claimed or not named):
            facets = frozenset({"department"})
        elif question.money and not facets and not attributes:
            facets = frozenset({"amount"})
        if "confirm" in question.operations and question.money:
            facets = facets | {"amount"}
        if question.departments and ("confirm" in question.operations or len(question.departments) > 1):
            facets = facets | {"department"}
        if not facets and not attributes:
            sums = all(any(p.amount for p in t.provisions) for t in targets)
            # One item of a list has nothing to tell but its sum.
            items = all(_is_item(t) for t in targets)
            facets = frozenset({"amount" if items or ("compare" in question.operations and sums) else "content"})
        elif facets == {"content"} and all(_is_item(t) for t in targets):
            facets = frozenset({"amount"})
        elif attributes:
            facets = facets - {"content", "condition"}
        if {"amount", "mode"} <= facets and not self.reader.cues.hints.how_much.search(question.plain):
            # Does the city pay in advance: to pay is a word for a sum, but none is asked for.
            facets = facets - {"amount"}
        if "ratio" in attributes and "confirm" in question.operations:
            # Is it a share of R&D spending: what the text says it is a share of is the answer.
            attributes, facets = attributes - {"ratio"}, facets | {"mode"}
        for name in ("amount", "mode", "condition", "content"):
            if name in facets:
                getattr(self, f"_say_{name}")(question, targets, draft)
        for name in sorted(attributes):
            for target in targets[:2]:
                self.clauses.attribute(draft, target, self.attributes[name], question.plain)
        if "department" in facets:
            self._say_departments(question, targets, draft)
        if not draft.lines:
            self._say_content(question, targets, draft)

    def _say_amount(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        before = len(draft.facts())
        lead = len(draft.lines)
        others = {
            level
            for t in targets
            for p in t.clause.provisions
            if p.amount
            for level in self.picker.levels.meant_in(p.what)
        }
        for target in targets:
            missing = [level for level in self._levels_missing(target, question) if level not in others]
            if missing:
                self._say_missing_levels(draft, target, missing, question)
                continue
            ratios = [p for p in target.provisions if p.amount is None and p.ratio and not p.ratio.is_open]
            if ratios:
                self.clauses.content(draft, Target(target.clause, tuple(ratios)), whole=False)
            if not self.clauses.amounts(draft, target):
                if not ratios:
                    self._say_no_amount(draft, target)
            elif "department" not in question.facets and len(targets) == 1:
                self.clauses.open_ratio(draft, target)
        stated = [f for f in draft.facts()[before:] if f.kind == "amount"]
        values = [int(f.value) for f in stated if f.value is not None]
        if question.money and "confirm" in question.operations and values:
            draft.lines.insert(lead, self._premise(question, values))
        if "sum" in question.operations and len(values) > 1:
            draft.say("sum_none")
        elif "compare" in question.operations and len(values) == 2:
            self._say_compared(draft, values)
        if stated and "department" not in question.facets and len(targets) == 1:
            self.clauses.departments(draft, targets[0].clause, topic=False)

    def _premise(self, question: Question, values: list[int]) -> str:
        asked = {m.value for m in question.money}
        if set(values) <= asked:
            return self.wording.say("yes_amount")
        if asked & set(values):
            return self.wording.say("partly_amount_premise")
        return self.wording.say("no_amount_premise")

    def _say_compared(self, draft: Draft, values: list[int]) -> None:
        if values[0] == values[1]:
            draft.say("compare_equal")

    def _say_no_amount(self, draft: Draft, target: Target) -> None:
        name = "a sum of money for this" if self.wording.english else "具体金额"
        self.clauses.no_amount(draft, target, name)

    def _levels_missing(self, target: Target, question: Question) -> list[str]:
        """Levels the question asks about that the clause, which tells levels apart, leaves out."""
        own: set[str] = set()
        for p in target.clause.provisions:
            if p.amount:
                own |= self.picker.levels.meant_in(p.what)
        if len(own) < 2:
            return []
        # 市 and 深圳 are said of anything here; what is not there at all is the news.
        return sorted(self.picker.levels.meant_in(question.plain) - own - {"municipal"})

    def _say_missing_levels(self, draft: Draft, target: Target, missing: list[str], question: Question) -> None:
        w = self.wording
        names = self.picker.levels.display_names(missing, w.english)
        draft.statuses.append(Status.NOT_SPECIFIED)
        draft.say("not_in_text_level", ref=w.ref(target.clause), level=w.joined(names))
        asked = self.picker.levels.meant_in(question.plain) - set(missing)
        apart = [s for s in self.picker.segments(question.plain) if not self.picker.levels.meant_in(s) & set(missing)]
        named = any(self.picker.pick_decisively(self.policy, target.clause, s, target.provisions) for s in apart)
        granted = [p for p in target.clause.provisions if p.amount]
        shown = [
            p for p in target.provisions if p.amount and (not asked or self.picker.levels.meant_in(p.what) & asked)
        ]
        for p in shown or granted:
            draft.add("- " + self.clauses.amount_line(target.clause, p))
            draft.state_amount(target.clause, p)
        if named or asked & {level for p in granted for level in self.picker.levels.meant_in(p.what)}:
            draft.statuses.append(Status.ANSWERED)

    def _say_mode(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        for target in targets:
            told = any(
                p.modes or self.reader.cues.source.timing.search(p.text)
                for p in target.provisions or target.clause.provisions
            )
            if not told and "content" in question.facets:
                # Nothing said how it is paid was asked for; what the clause says follows.
                continue
            if told:
                self.clauses.modes(draft, target, bool(self.reader.cues.hints.asks_when.search(question.plain)))
            else:
                name = "how and when the money is paid" if self.wording.english else "资金拨付的方式和先后"
                self.clauses.no_amount(draft, target, name)

    def _say_condition(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        if "amount" in question.facets and draft.statuses:
            return
        self._say_content(question, targets, draft)

    def _say_content(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        for target in targets:
            if "amount" in question.facets and _leaves_sums_out(target):
                # The figure asked for was given; those beside it would only blur it.
                continue
            narrow = "condition" in question.facets and len(target.provisions) < len(target.clause.provisions)
            whole = bool(question.numbers or question.parts) or (len(target.clause.text) < 420 and not narrow)
            self.clauses.content(draft, target, whole)

    def _say_departments(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        sets = []
        for target in targets:
            asked = question.departments
            if asked and ("confirm" in question.operations or self.reader.cues.hints.involved.search(question.plain)):
                for mention in asked:
                    self.clauses.confirm_department(
                        draft, target.clause, mention.department, "lead" in question.filters
                    )
            if self.clauses.departments(draft, target.clause):
                draft.statuses.append(Status.ANSWERED)
            else:
                draft.statuses.append(Status.NOT_SPECIFIED)
                name = "a responsible department" if self.wording.english else "责任单位"
                draft.say("not_specified", what=name)
                draft.cite_clause(target.clause)
            sets.append(tuple((d.key, d.role) for d in target.clause.departments))
        if len(sets) == 2 and "compare" in question.operations:
            draft.lines.insert(
                0, self.wording.say("departments_same" if set(sets[0]) == set(sets[1]) else "departments_differ")
            )


def _chosen(focus: Focus, question: Question) -> Focus:
    """The focus narrowed to the former or the latter of several clauses, where the question says so."""
    if len(focus.clauses) > 1 and "latter" in question.turns:
        return replace(focus, clauses=focus.clauses[-1:])
    if len(focus.clauses) > 1 and "former" in question.turns:
        return replace(focus, clauses=focus.clauses[:1])
    return focus


def _leaves_sums_out(target: Target) -> bool:
    """Whether the clause has sums besides those of the provisions meant."""
    return any(p.amount and p not in target.provisions for p in target.clause.provisions)


def _is_item(target: Target) -> bool:
    """Whether a target is some of the items that one sentence distributes sums over, not all of them."""
    spans = {p.span for p in target.provisions}
    listed = [p for p in target.clause.provisions if p.amount and p.span in spans]
    return bool(listed) and all(p.amount for p in target.provisions) and len(target.provisions) < len(listed)
