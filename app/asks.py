"""One question that asks several things: where it is parted, and whether a later part turns to another subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.composing import Target
from app.evidence import EvidenceFinder
from app.inquiry import Inquiry
from app.levels import Levels
from app.question import Question, QuestionReader
from app.scope import KNOWN, Scope
from corpus.glossary import Term
from corpus.terms import fold

# A later ask leaves its subject, unnamed, when another clause fits it this much better.
_LEAVES = 1.3
# What is to be compared, summed or confirmed is parted between sentences only.
_SENTENCE_ENDS = re.compile(r"(?<=[;；])")
# A sentence that ends in a full stop only asks where it has a word of asking.
_STATEMENT = re.compile(r"[a-z)\"'”’\d]\s*\.\s*$")
_BRACKETED = re.compile(r"\([^()]*\)|“[^”]*”|\"[^\"]*\"")
_MARKS = re.compile(r"[,，;；]")


@dataclass(frozen=True)
class AskSplitter:
    """Takes a question apart into the asks it is made of."""

    reader: QuestionReader
    finder: EvidenceFinder
    levels: Levels
    scope: Scope

    def split(self, question: Question) -> list[Question]:
        """The asks in their order, each wanting something of its own and the first naming a subject; the question
        itself where there is only one."""
        groups = self._groups(question)
        if len(groups) > 1:
            first = self._read(groups[0], question)
            if not first.topic and not self._names_subject(first):
                # 哪个补得多，中试还是产业化: what is asked stands before what it is asked of.
                groups[:2] = ["".join(groups[:2])]
        if len(groups) < 2:
            return [question]
        asks = [self._read(group, question) for group in groups]
        for i, ask in enumerate(asks[1:], 1):
            if not ask.wanted and self.levels.named_in(ask.plain):
                asks[i] = replace(ask, facets=asks[i - 1].facets, attributes=asks[i - 1].attributes)
        return asks

    def items(self, question: Question) -> list[Question]:
        """The matters that a question puts one by one (一是…二是…, 甲…乙…) and asks the same of, each as a question of
        its own; none where there are not several, or where they ask for different things."""
        _, *parts = self.reader.cues.boundaries.item.split(question.plain)
        if len(parts) < 2:
            return []
        read = [self._read(part, question) for part in parts]
        if any(not r.topic for r in read) or sum(bool(self._wants(r)) for r in read) > 1:
            return []
        return [
            replace(r, facets=question.facets, attributes=question.attributes, operations=r.operations - {"compare"})
            for r in read
        ]

    @staticmethod
    def _wants(part: Question) -> frozenset[str]:
        return (part.facets - {"content"}) | part.attributes | part.documents

    def _groups(self, question: Question) -> list[str]:
        """The stretches of a question that each ask something; together they are all of it."""
        together = question.operations & {"compare", "sum", "confirm"} or self._weighs_bases(question)
        ends = _SENTENCE_ENDS if together else self.reader.cues.boundaries.ask
        groups: list[str] = []
        pending = ""
        # What stands in brackets or quotation marks is not parted.
        for part in ends.split(_BRACKETED.sub(lambda m: _MARKS.sub(" ", m.group()), question.plain)):
            follows_whole = not pending
            pending += part
            read = self._read(part, question)
            asks_whether = bool(groups) and self.reader.cues.hints.asks_whether.search(part)
            names_item = bool(groups) and follows_whole and self._names_item(read, groups[-1])
            if self._asks(read) or asks_whether or names_item:
                groups.append(pending)
                pending = ""
        if pending and groups:
            groups[-1] += pending
        return groups

    def _weighs_bases(self, question: Question) -> bool:
        """Whether two bases of one sum are asked about: on what was invested, or on turnover?"""
        return self.reader.cues.hints.basis.search(question.plain) is not None

    def _read(self, part: str, whole: Question) -> Question:
        read = self.reader.read(part, whole.language, part)
        # What the whole only states, a part by itself would seem to ask.
        return replace(read, attributes=read.attributes & whole.attributes, documents=read.documents & whole.documents)

    def _asks(self, part: Question) -> bool:
        """Whether a part of a question wants something, and is neither a statement nor a plea."""
        hints = self.reader.cues.hints
        if not part.wanted or (part.wanted == {"content"} and not hints.asks_what.search(part.plain)):
            return False
        if self.reader.cues.sentences["confirming"].search(part.plain.strip()) and not self._names_subject(part):
            # Can I put that on my slide? It asks whether what was said before is so.
            return False
        if _STATEMENT.search(part.plain) and not hints.asking.search(part.plain):
            return False
        return not hints.plea.search(part.plain)

    def _names_item(self, part: Question, before: str) -> bool:
        """Whether a part only names another item that the ask ``before`` it is put of: For an international one?"""
        if part.wanted or not self.levels.named_in(part.plain):
            return False
        return bool(self.levels.named_in(before)) or part.plain.rstrip().endswith(("?", "？"))

    def _names_subject(self, question: Question) -> bool:
        if question.numbers or question.parts or question.documents or question.departments:
            return True
        return bool(self.finder.subjects(self.finder.terms_in(question.uncued))) or self.scope.knows(question)

    def leaves(self, ask: Question, terms: Sequence[Term], previous: Sequence[Target], inquiry: Inquiry) -> bool:
        """Whether a later ask, which names these terms, turns to another subject than the ask before it."""
        subjects = self.finder.subjects(terms)
        if (ask.attributes or "pointer" in ask.turns) and not subjects:
            return False
        there = [fold(t.clause.text) for t in previous]
        others = [t for t in subjects if not any(fold(t.zh) in text for text in there)]
        if not others and not ask.topic:
            return False
        evidence = inquiry.find(ask)
        best = evidence.best
        own = {t.clause.id for t in previous}
        if best is None or best.clause.id in own:
            return False
        if not others and (evidence.coverage < KNOWN or best.clause.number is None):
            # What it asks about is not in the policy at all, or nothing but words of asking.
            wants = ask.facets - {"content"} or ask.attributes
            return bool(evidence.unknown) and not wants and self.scope.is_far(ask, evidence, inquiry.intent)
        own_score = max((c.score for c in evidence.candidates if c.clause.id in own), default=0.0)
        return best.score >= (1.0 if others else _LEAVES) * own_score
