"""Which clauses a question is about, and which of their provisions it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.amounts import money_in
from app.composing import Target
from app.evidence import Candidate, Evidence, EvidenceFinder
from app.items import ItemPicker
from app.question import Question, QuestionReader
from app.scope import HALF_KNOWN, Scope
from corpus.models import Clause, Policy, Provision
from corpus.terms import fold

# A sum that the question names decides among candidates within this share of the best.
_SUM_HELPS = 0.75
# A clause this near to the best is meant before it where that one lacks what is asked for: a number, or a sum.
_HARDLY_LESS = 0.94
# One side of a comparison fits its clause at least this well, against the best for the whole question.
_PART = 0.75
# Words that a later ask needs of its own to turn to another provision of the clause.
TURNS = 0.8


@dataclass(frozen=True)
class ClauseTargets:
    """Finds targets in one policy."""

    policy: Policy
    reader: QuestionReader
    finder: EvidenceFinder
    picker: ItemPicker
    scope: Scope

    # -- by search ------------------------------------------------------------------------------------------------

    def found(self, question: Question, evidence: Evidence) -> list[Target]:
        """The clauses meant among candidates, of which there must be some: the best one, and others that a part of
        the question names by itself."""
        best = self._with_asked_sum(question, evidence) or self._with_a_sum(question, evidence)
        several = bool(question.operations & {"compare", "sum"})
        if several and best.clause.number is None:
            best = next((c for c in evidence.candidates if c.clause.number is not None), best)
        named = self._named_by_parts(question, best) if several else {}
        by_id = {c.clause.id: c for c in evidence.candidates}
        chosen = [best, *(by_id[i] for i in named if i != best.clause.id)]
        asked = [(c, self._with_own_levels(question.plain, c.clause.id, named)) for c in chosen]
        return [
            Target(c.clause, tuple(self._meant(c.clause, replace(question, plain=text), c.provision_scores)))
            for c, text in asked
        ]

    def _read_apart(self, segment: str, question: Question) -> Question:
        # 省级 and national name no clause by themselves.
        bare = self.picker.levels.without_places(segment)
        return self.reader.read(bare, question.language, bare)

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

    def _named_by_parts(self, question: Question, best: Candidate) -> dict[str, list[str]]:
        """The ids of the clauses that parts of a comparison or a sum are about, each with those parts; ``best`` is
        that of the whole."""
        found: dict[str, list[str]] = {}
        for segment in self.picker.segments(question.plain):
            read = self._read_apart(segment, question)
            # 认定, 奖励: what any honour goes by names no clause.
            honours = self.reader.cues.honours
            terms = self.finder.terms_in(read.uncued)
            if terms and all(t.zh in honours for t in terms):
                continue
            if not self.finder.subjects(terms) and not self.scope.knows(read, HALF_KNOWN):
                continue
            part = self.finder.find(read).best
            if part and part.clause.number is not None and part.score >= _PART * best.score:
                found.setdefault(part.clause.id, []).append(segment)
        return found

    def _with_own_levels(self, plain: str, clause_id: str, named: Mapping[str, Sequence[str]]) -> str:
        """The question as one of several clauses is asked: the levels named with another (the national title, and
        the industry standard) are none of this one's."""
        for other, segments in named.items():
            for segment in segments if other != clause_id else ():
                plain = plain.replace(segment, self.picker.levels.without_levels(segment))
        return plain

    def _meant(self, clause: Clause, question: Question, fused: Mapping[str, float]) -> list[Provision]:
        """The provisions of a clause that the question means. ``fused`` are retrieval scores by provision id."""
        among = list(clause.provisions)
        matching = [p for p in among if p.matching]
        if matching and "amount" not in question.facets and self.reader.cues.hints.matched.search(question.plain):
            return matching
        if step := self._step_reached(question, among):
            return step
        sums = [p for p in among if p.amount]
        if sums and question.money and "confirm" in question.operations:
            among = sums
        elif sums:
            grant = self.reader.cues.source.grant
            among = [p for p in among if p.amount or p.matching or grant.search(p.text)]
        return self.picker.pick(self.policy, clause, question.plain, among, dict(fused))

    def _step_reached(self, question: Question, among: Sequence[Provision]) -> list[Provision]:
        """The step that a figure of the asker's own reaches (收入过了三个亿), where sums are granted by steps (首次达到
        1000万元、5000万元、1亿元的); empty where they are not, or the figure is a cap asked about."""
        named = {p.id: [m.value for m in money_in(fold(p.what))] for p in among if p.amount}
        steps = {i: max(values) for i, values in named.items() if values}
        granted = {p.amount.value for p in among if p.amount}
        own = [m.value for m in question.money if m.value not in granted or m.value in steps.values()]
        reached = [step for step in steps.values() if own and step <= max(own)]
        if len(steps) < 2 or not reached:
            return []
        return [p for p in among if steps.get(p.id) == max(reached)]

    # -- by label -------------------------------------------------------------------------------------------------

    def labelled(self, question: Question) -> tuple[list[Target], list[int]]:
        """The clauses that a question names by label, and the numbers of those that are not there."""
        numbered = {c.number: c for c in reversed(self.policy.numbered)}
        targets = [self._whole(numbered[n], question) for n in question.numbers if n in numbered]
        targets += [Target(c, c.provisions) for path in question.parts for c in self.policy.clauses if c.path == path]
        missing = [n for n in question.numbers if n not in numbered]
        return self._corrected(question, targets), missing

    def _corrected(self, question: Question, targets: list[Target]) -> list[Target]:
        """Other targets where the label is wrong and the subject, which only one clause has, is not:
        第二条写的“赛马式资助”."""
        subjects = [fold(t.zh) for t in self.finder.subjects(self.finder.terms_in(question.uncued))]
        here = any(subject in fold(t.clause.text) for subject in subjects for t in targets)
        if not targets or not subjects or here or not question.facets | question.operations:
            return targets
        owners = [c for c in self.policy.numbered if any(subject in fold(c.text) for subject in subjects)]
        return [self._whole(owners[0], question)] if len(owners) == 1 else targets

    def _whole(self, clause: Clause, question: Question) -> Target:
        return Target(clause, tuple(self._meant(clause, question, {})))

    # -- by the ask before ------------------------------------------------------------------------------------------

    def turned(self, target: Target, ask: Question, earlier: str) -> Target:
        """A target as a later ask means it: the same provisions, unless its own words, read together with the ask
        before it, pick others."""
        provisions = target.clause.provisions
        decisive = self.picker.pick_decisively(self.policy, target.clause, ask.plain, provisions, TURNS)
        if not decisive and not self.picker.levels.named_in(ask.plain):
            return target
        # The Little Giant, and the city's one: the level turns to another item of the same list first.
        siblings = _listed(target) if not decisive and is_item(target) else []
        if siblings and (turned := self.picker.pick_sibling(self.policy, target.clause, ask.plain, siblings)):
            return Target(target.clause, tuple(turned))
        own = self.picker.pick_follow_up(self.policy, target.clause, ask.plain, earlier, provisions)
        return Target(target.clause, tuple(own)) if own else target


def is_item(target: Target) -> bool:
    """Whether a target is some of the items that one sentence distributes sums over, not all of them."""
    listed = _listed(target)
    return bool(listed) and all(p.amount for p in target.provisions) and len(target.provisions) < len(listed)


def _listed(target: Target) -> list[Provision]:
    """The sums that stand in the sentences of a target, its own among them."""
    spans = {p.span for p in target.provisions}
    return [p for p in target.clause.provisions if p.amount and p.span in spans]
