"""What a question probably wants where no cue says so, read off the exemplars it is near to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from app.evidence import EvidenceFinder
from app.inquiry import Inquiry
from app.intents import Intent
from app.question import Question

# The share of exemplars for an operation that makes up for its cue.
_OPERATION_SHARE = 0.6
_OPERATIONS = frozenset({"max", "min", "count", "list"})
# With no cue met, a facet needs at least this share to be answered beside what the clause says, and this much to be
# all that is answered.
_FACET_SHARE = 0.38
_FACET_ALONE = {"amount": 0.6, "condition": 0.6, "mode": 1.1, "department": 0.9}
# A cue that almost any question has words of gives way to exemplars as sure as this.
_OVER_A_CUE = 0.85
_VAGUE = frozenset({"content", "condition"})
# What a text hardly ever gives needs more, since the answer will be that it is not there; less where it is about the
# procedure, and where all such things together have this much.
_ATTRIBUTE_SHARE = 0.75
_PROCEDURE_SHARE = 0.65
HOW_TO_APPLY = frozenset({"materials", "channel", "deadline", "processing_time"})
_ATTRIBUTES_TOGETHER = 0.9


@dataclass(frozen=True)
class Guesses:
    """Guesses within one policy. ``attributes`` are the names of what texts hardly ever give."""

    finder: EvidenceFinder
    attributes: Collection[str]

    def with_operation(self, question: Question, inquiry: Inquiry) -> Question:
        """With the likeliest operation where no cue of any kind was met but that for an amount."""
        if question.money or question.operations or question.attributes or question.documents:
            return question
        if question.facets - {"amount", "content"}:
            return question
        if question.numbers or self.finder.subjects(self.finder.terms_in(question.uncued)):
            return question
        inquiry.find(question)
        intent = inquiry.intent
        if intent and intent.kind in _OPERATIONS and intent.share >= _OPERATION_SHARE:
            return replace(question, operations=frozenset({intent.kind}))
        return question

    def with_facet(self, question: Question, intent: Intent | None) -> Question:
        """With the likeliest facet, where no cue was met, or only one that almost any question has words of. Where
        the exemplars are sure it stands in place of what the clause says, else beside it."""
        counting = question.operations & {"list", "count", "max", "min", "sum"}
        if question.facets - _VAGUE or question.attributes or counting or intent is None:
            return question
        attribute = self.attribute(intent)
        if attribute and not question.facets:
            return replace(question, attributes=frozenset({attribute}))
        enough = _OVER_A_CUE if question.facets else _FACET_SHARE
        if intent.kind in _FACET_ALONE and intent.share >= enough:
            beside = frozenset({"content"}) if intent.share < _FACET_ALONE[intent.kind] else frozenset()
            return replace(question, facets=beside | {intent.kind})
        return question

    def attribute(self, intent: Intent | None) -> str | None:
        """What texts hardly ever give, where the exemplars speak for it clearly, or for several such things
        together."""
        if intent is None:
            return None
        shares = {name: share for name, share in intent.shares.items() if name in self.attributes}
        likeliest = max(shares, key=lambda name: shares[name], default=None)
        if likeliest is None:
            return None
        enough = _PROCEDURE_SHARE if likeliest in HOW_TO_APPLY else _ATTRIBUTE_SHARE
        together = sum(shares.values()) >= _ATTRIBUTES_TOGETHER and intent.kind in shares
        return likeliest if shares[likeliest] >= enough or together else None
