"""Which facts of the whole document a question asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.cues import Cues
from app.document import DOCUMENT_FACTS, FIRM_DOCUMENTS
from app.evidence import EvidenceFinder
from app.inquiry import Inquiry
from app.intents import Intent
from app.question import Question, QuestionReader
from app.scope import Scope
from corpus.glossary import Term
from corpus.models import Policy
from corpus.terms import fold

# Words for these also come up in questions about a clause that names fields or districts.
_LOOSE = frozenset({"fields", "district_measures", "preference", "purpose"})
# What holds of a subject too, since it holds of all.
_STANDING = frozenset({"validity", "no_double_funding", "contact"})
# The share of exemplars that makes up for a cue: with no cue for anything, and against a cue for something else.
_KIND_SHARE = 0.7
_KIND_ALONE = 0.8
# As much is enough whatever words of policies stand beside it, if none of them is a subject.
_KIND_SURE = 0.9


@dataclass(frozen=True)
class DocumentTargets:
    """Tells facts of the document from what clauses say, for one policy."""

    policy: Policy
    cues: Cues
    finder: EvidenceFinder
    scope: Scope
    reader: QuestionReader

    def asked(self, question: Question, subjects: Sequence[Term], intent: Intent | None) -> frozenset[str]:
        """The facts asked for: by cue, or by exemplar (where ``intent`` was looked up) if no subject is named."""
        if "approval" in question.documents and self._approved_itself(question):
            question = replace(question, documents=question.documents - {"approval"})
        subjects = [t for t in subjects if self._of_clauses(t)]
        if subjects:
            return self._beside(question, subjects)
        pointed = self.cues.hints.that_clause.search(question.plain)
        if question.documents & _LOOSE and (pointed or len(question.topic) > 1) and self.scope.knows(question):
            return question.documents - _LOOSE
        loosely = intent is not None and intent.kind in _LOOSE and pointed
        if (
            intent
            and not loosely
            and intent.kind in DOCUMENT_FACTS
            and intent.share >= _KIND_SHARE
            and not question.documents
        ):
            enough = _KIND_SURE if self.finder.terms_in(question.uncued) else _KIND_ALONE
            strong = intent.share >= enough
            if strong or not (question.facets - {"content"} or question.attributes or question.topic):
                return frozenset({intent.kind})
        return question.documents

    def in_other_parts(self, question: Question, found: frozenset[str], inquiry: Inquiry) -> frozenset[str]:
        """The facts that further parts of a question ask for, beside those ``found``, in words that no cue knows."""
        further = set()
        for part in self.cues.boundaries.part.split(question.plain):
            said = part.strip()
            if not said or self.cues.hints.about_asker.search(said) or self.cues.hints.circumstance.search(said):
                continue
            read = self.reader.read(part, question.language, part)
            if read.documents or read.facets - {"content"} or self.finder.subjects(self.finder.terms_in(read.uncued)):
                continue
            if fact := self.likely(part, question.language, inquiry):
                further.add(fact)
        return found | further

    def likely(self, part: str, language: str, inquiry: Inquiry) -> str | None:
        """The fact that a part (folded) of a question clearly asks for by exemplars."""
        intent = inquiry.judge(part, language)
        return intent.kind if intent.kind in DOCUMENT_FACTS - _LOOSE and intent.share >= _KIND_ALONE else None

    def _of_clauses(self, subject: Term) -> bool:
        """Whether a subject is one of the measures, and not a name or date that only the frame around them has."""
        name = fold(subject.zh)
        return name in self._measures or name not in self._frame

    @cached_property
    def _measures(self) -> str:
        return fold("\n".join(c.text for c in self.policy.numbered))

    @cached_property
    def _frame(self) -> str:
        return fold("\n".join(f"{c.label} {c.text}" for c in self.policy.clauses if c.number is None))

    def _approved_itself(self, question: Question) -> bool:
        """Whether a question names something that a clause has somebody approve."""
        named = [t.zh for t in self.finder.terms_in(question.uncued) if t.kind != "general"]
        sign = self.cues.source.approval
        return any(
            sign.search(p.text) and name in p.text for c in self.policy.numbered for p in c.provisions for name in named
        )

    def _beside(self, question: Question, subjects: Sequence[Term]) -> frozenset[str]:
        # 标准由谁发布 asks about the standard; only words for the document itself ask about its own issuers.
        about_it = bool(self.cues.hints.document.search(question.plain))
        asked = question.documents & (FIRM_DOCUMENTS if about_it else _STANDING)
        fields = self.policy.facts.get("fields")
        if "fields" in question.documents and fields and any(t.zh in fields.value for t in subjects):
            return asked | {"fields"}
        return asked
