"""One question on its way to an answer: what is looked up about it, and which way it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.composing import Target
from app.evidence import Evidence, EvidenceFinder
from app.intents import Intent, IntentModel
from app.question import Question
from corpus.models import Clause


@dataclass
class Inquiry:
    """What has been found out about the question in hand. Beside the draft, all that changes while it is answered.

    ``evidence`` and ``intent`` are None until somebody needs them: what a label or the table answers is never searched
    for. ``targets`` are the clauses that the last search found to be meant, ``near`` those worth a look besides, and
    ``standalone`` is the question with what it left unsaid.
    """

    finder: EvidenceFinder
    intents: IntentModel
    lap: Callable[[str], None]
    evidence: Evidence | None = None
    intent: Intent | None = None
    route: str = ""
    standalone: str | None = None
    near: list[Clause] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    signals: dict[str, float] | None = None
    distance: float = 0.0

    def find(self, question: Question) -> Evidence:
        """Evidence for the question in hand, looked for once."""
        if self.evidence is None:
            self.evidence = self.finder.find(question)
            self.intent = self.intents.judge(self.evidence.vector, question.plain, question.language)
            self.lap("retrieve")
        return self.evidence

    def judge(self, part: str, language: str) -> Intent:
        """What a part (folded) of the question is after, by itself."""
        return self.intents.judge(self.finder.index.embed_query(part), part, language)

    def take_up_next(self) -> None:
        """Forget what was looked up: another ask of the same question is in hand."""
        self.evidence = self.intent = None

    def trace(self, question: Question) -> dict[str, Any]:
        """What was understood, which candidates there were, and which way was taken."""
        found: dict[str, Any] = {"understood": question.summary(), "route": self.route}
        if self.signals:
            found["scope"] = {
                "probability_out_of_scope": round(self.distance, 4),
                "signals": {name: round(value, 4) for name, value in self.signals.items()},
            }
        if self.evidence:
            found["coverage"] = round(self.evidence.coverage, 3)
            found["unknown_words"] = list(self.evidence.unknown)
            if self.intent:
                found["elsewhere"] = round(self.intent.elsewhere, 3)
                found["nearest_kind"] = f"{self.intent.kind} {self.intent.share:.2f}"
            found["terms"] = [t.zh for t in self.evidence.terms]
            found["candidates"] = [
                {
                    "label": c.clause.label,
                    "score": round(c.score, 4),
                    "cosine": round(c.cosine, 4),
                    "lexical": round(c.lexical, 4),
                }
                for c in self.evidence.candidates[:5]
            ]
        return found
