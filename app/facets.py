"""What is said about the clauses a question is about: sums, ways of paying, departments, the text itself, and what it
leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.clause_targets import is_item
from app.composing import ClauseComposer, Target, tells_when
from app.cues import Attribute, Cues
from app.draft import Draft
from app.items import ItemPicker
from app.models import Status
from app.question import Question
from app.scope import Scope
from app.wording import Wording
from corpus.models import Policy

# A clause up to this many characters is quoted whole; of a longer one only the provisions meant.
_QUOTED_WHOLE = 420
# Something left open is said of this many clauses at most.
_MOST_TARGETS = 2


@dataclass(frozen=True)
class FacetComposer:
    """Says what is asked of targets in one policy, in an order of its own whatever that of the question."""

    policy: Policy
    cues: Cues
    picker: ItemPicker
    clauses: ClauseComposer
    attributes: Mapping[str, Attribute]
    scope: Scope
    wording: Wording

    def say(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        """Add to the draft what a question asks of its targets; what the clauses say where nothing else is said."""
        facets, attributes = self._wanted(question, targets)
        if self._say_approval(question, targets, draft) and not question.facets - {"department"}:
            # Nothing else was asked of what the clause says.
            facets = facets & question.facets
        if "amount" in facets:
            self._say_amounts(question, targets, draft)
        if "mode" in facets:
            self._say_modes(question, targets, draft)
        if "condition" in facets and not ("amount" in question.facets and draft.statuses):
            self._say_content(question, targets, draft)
        if "content" in facets:
            self._say_content(question, targets, draft)
        for name in sorted(attributes):
            for target in targets[:_MOST_TARGETS]:
                self.clauses.attribute(draft, target, self.attributes[name], question.plain)
        if "department" in facets:
            self._say_departments(question, targets, draft)
        if not draft.lines:
            self._say_content(question, targets, draft)

    def _wanted(self, question: Question, targets: Sequence[Target]) -> tuple[frozenset[str], frozenset[str]]:
        """The facets and attributes that a question means by its cues."""
        facets, attributes = question.facets, question.attributes
        confirming = "confirm" in question.operations
        if len(attributes) > 1:
            attributes = self.most_telling(attributes)
        if "own_input" in attributes:
            attributes = attributes - {"ratio"}
        if "ratio" in attributes and question.money and self.cues.hints.supposed.search(question.plain):
            # 假设比例是30%，1200万能全给吗: the share is the asker's own, the cap is what is asked.
            facets, attributes = facets | {"amount"}, attributes - {"ratio"}
        claimed = confirming or bool(question.filters & {"only", "lead"})
        nothing = not facets and not attributes
        if nothing and question.departments and (claimed or not self.scope.knows(question)):
            facets = frozenset({"department"})
        elif nothing and question.money:
            facets = frozenset({"amount"})
        if confirming and question.money:
            facets = facets | {"amount"}
        if question.departments and (confirming or len(question.departments) > 1):
            facets = facets | {"department"}
        # One item of a list has nothing to tell but its sum.
        items = all(is_item(t) for t in targets)
        if not facets and not attributes:
            sums = all(any(p.amount for p in t.provisions) for t in targets)
            facets = frozenset({"amount" if items or ("compare" in question.operations and sums) else "content"})
        elif facets == {"content"} and items:
            facets = frozenset({"amount"})
        elif attributes:
            facets = facets - {"content", "condition"}
        if {"amount", "mode"} <= facets and not self.cues.hints.how_much.search(question.plain):
            # Does the city pay in advance: to pay is a word for a sum, but none is asked for.
            facets = facets - {"amount"}
        if facets & {"amount", "mode"} and self.cues.hints.basis.search(question.plain):
            # Is it worked out on investment or on turnover: neither a sum nor a criterion is asked for.
            facets, attributes = (facets - {"amount"}) | {"mode"}, attributes - {"criteria", "own_input", "ratio"}
        if "processing_time" in attributes and self._tells_when(question, targets):
            facets, attributes = facets | {"mode"}, attributes - {"processing_time"}
        if "ratio" in attributes and confirming:
            # Is it a share of R&D spending: what the text says it is a share of is the answer.
            facets, attributes = facets | {"mode"}, attributes - {"ratio"}
        return facets, attributes

    def _tells_when(self, question: Question, targets: Sequence[Target]) -> bool:
        """Whether it is asked when money is paid, not how long that takes, and the targets say before or after."""
        asked = self.cues.hints.asks_when.search(question.plain)
        return bool(asked) and any(tells_when(p) for t in targets for p in t.provisions)

    def most_telling(self, attributes: frozenset[str]) -> frozenset[str]:
        """Attributes without those that only say less of the same: how many patents is no question of criteria at
        large."""
        if attributes & self.cues.quantities:
            attributes = attributes - {"criteria", "own_input"}
        return attributes - {"details", "disqualifying"} or attributes

    # -- sums -----------------------------------------------------------------------------------------------------

    def _say_amounts(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        before, lead = len(draft.facts()), len(draft.lines)
        alone = len(targets) == 1 and "department" not in question.facets
        there = frozenset().union(*(self._levels(t) for t in targets))
        for target in targets:
            missing = [level for level in self._levels_missing(target, question) if level not in there]
            if missing:
                self._say_missing_levels(target, missing, question, draft)
                continue
            ratios = [p for p in target.provisions if p.amount is None and p.ratio and not p.ratio.is_open]
            if ratios:
                self.clauses.content(draft, Target(target.clause, tuple(ratios)), whole=False)
            if self.clauses.amounts(draft, target):
                if alone:
                    self.clauses.open_ratio(draft, target)
                self._say_matching(question, target, draft)
            elif not ratios:
                name = "a sum of money for this" if self.wording.english else "具体金额"
                self.clauses.no_amount(draft, target, name)
        stated = [f for f in draft.facts()[before:] if f.kind == "amount"]
        values = [int(f.value) for f in stated if f.value is not None]
        confirming = bool(question.money) and "confirm" in question.operations
        granted = [p.amount for t in targets for p in t.provisions if p.amount]
        if len(granted) == 1 and self.cues.hints.multiple.search(question.plain):
            draft.say("multiple_of_cap", value=self.wording.amount(granted[0]))
            if confirming:
                # Three of them, thrice the sum: neither right nor wrong by the text.
                draft.statuses.append(Status.NOT_SPECIFIED)
        elif confirming and values:
            draft.lines.insert(lead, self._premise(question, values))
        if "sum" in question.operations and len(values) > 1:
            draft.say("sum_none")
        elif "compare" in question.operations and len(values) == 2 and values[0] == values[1]:
            draft.say("compare_equal")
        if stated and alone:
            self.clauses.departments(draft, targets[0].clause, topic=False)

    def _say_matching(self, question: Question, target: Target, draft: Draft) -> None:
        """What comes on top of money of a higher level, where the question speaks of such and the clause has it."""
        matching = tuple(p for p in target.clause.provisions if p.matching and p not in target.provisions)
        if matching and self.cues.hints.matching.search(question.plain):
            self.clauses.content(draft, Target(target.clause, matching), whole=False)

    def _premise(self, question: Question, values: Sequence[int]) -> str:
        """Whether the sums that the question takes for granted are those of the text."""
        asked = {m.value for m in question.money}
        if set(values) <= asked:
            return self.wording.say("yes_amount")
        return self.wording.say("partly_amount_premise" if asked & set(values) else "no_amount_premise")

    def _levels(self, target: Target) -> frozenset[str]:
        """The levels that the sums of a clause are told apart by."""
        granted = [p for p in target.clause.provisions if p.amount]
        return frozenset().union(*(self.picker.levels.meant_in(p.what) for p in granted))

    def _levels_missing(self, target: Target, question: Question) -> list[str]:
        """Levels the question asks about that the clause, which tells levels apart, leaves out."""
        own = self._levels(target)
        if len(own) < 2:
            return []
        # 市 and 深圳 are said of anything here; what is not there at all is the news.
        return sorted(self.picker.levels.meant_in(question.plain) - own - {"municipal"})

    def _say_missing_levels(self, target: Target, missing: list[str], question: Question, draft: Draft) -> None:
        w, levels = self.wording, self.picker.levels
        draft.statuses.append(Status.NOT_SPECIFIED)
        names = levels.display_names(missing, w.english)
        draft.say("not_in_text_level", ref=w.ref(target.clause), level=w.joined(names))
        asked = levels.named_in(question.plain) - set(missing)
        segments = self.picker.segments(question.plain)
        apart = [s for s in segments if not levels.meant_in(s) & set(missing)]
        named = any(self.picker.pick_decisively(self.policy, target.clause, s, target.provisions) for s in apart)
        granted = [p for p in target.clause.provisions if p.amount]
        # Of what kind it would be is said beside the level: of a provincial champion, the other champions.
        alike = {
            p.id
            for s in segments
            for p in self.picker.pick_decisively(
                self.policy, target.clause, levels.without_levels(s), target.clause.provisions
            )
        }
        shown = [p for p in granted if (not alike or p.id in alike) and (not asked or levels.meant_in(p.what) & asked)]
        for p in shown or granted:
            draft.add("- " + self.clauses.amount_line(target.clause, p))
            draft.state_amount(target.clause, p)
        if named or asked & self._levels(target):
            draft.statuses.append(Status.ANSWERED)

    # -- how it is paid, what the clause says -----------------------------------------------------------------------

    def _say_modes(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        timing = self.cues.source.timing
        for target in targets:
            provisions = target.provisions or target.clause.provisions
            if any(p.modes or timing.search(p.text) for p in provisions):
                self.clauses.modes(draft, target, bool(self.cues.hints.asks_when.search(question.plain)))
            elif "content" not in question.facets:
                # Beside content it was not how it is paid that was asked for; what the clause says follows.
                name = "how and when the money is paid" if self.wording.english else "资金拨付的方式和先后"
                self.clauses.no_amount(draft, target, name)

    def _say_content(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        for target in targets:
            if "amount" in question.facets and _leaves_sums_out(target):
                # The figure asked for was given; those beside it would only blur it.
                continue
            narrow = "condition" in question.facets and len(target.provisions) < len(target.clause.provisions)
            labelled = bool(question.numbers or question.parts)
            self.clauses.content(
                draft, target, whole=labelled or (len(target.clause.text) < _QUOTED_WHOLE and not narrow)
            )

    def _say_approval(self, question: Question, targets: Sequence[Target], draft: Draft) -> bool:
        """Who has to approve, where a clause says so: that is no responsible department. Whether one does."""
        before = len(draft.lines)
        for target in targets if self.cues.hints.approval.search(question.plain) else ():
            deciding = tuple(p for p in target.clause.provisions if self.cues.source.approval.search(p.text))
            if deciding:
                self.clauses.content(draft, Target(target.clause, deciding), whole=False)
        return len(draft.lines) > before

    # -- departments ------------------------------------------------------------------------------------------------

    def _say_departments(self, question: Question, targets: Sequence[Target], draft: Draft) -> None:
        confirming = "confirm" in question.operations or self.cues.hints.involved.search(question.plain)
        for target in targets:
            for mention in question.departments if confirming else ():
                self.clauses.confirm_department(draft, target.clause, mention.department, "lead" in question.filters)
            if self.clauses.departments(draft, target.clause):
                draft.statuses.append(Status.ANSWERED)
            elif target.clause.number is None and self.policy.contact:
                # Who answers for the document as a whole is who issued it.
                self.clauses.who_to_ask(draft)
                draft.statuses.append(Status.ANSWERED)
            else:
                draft.statuses.append(Status.NOT_SPECIFIED)
                name = "a responsible department" if self.wording.english else "责任单位"
                draft.say("not_specified", what=name)
                draft.cite_clause(target.clause)
        if len(targets) == 2 and "compare" in question.operations:
            one, other = ({(d.key, d.role) for d in t.clause.departments} for t in targets)
            draft.lines.insert(0, self.wording.say("departments_same" if one == other else "departments_differ"))


def _leaves_sums_out(target: Target) -> bool:
    """Whether the clause has sums besides those of the provisions meant."""
    return any(p.amount and p not in target.provisions for p in target.clause.provisions)
