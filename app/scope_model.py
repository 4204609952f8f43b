"""How likely a question is about something else than the policy: signals of it, weighed together.

Each signal alone misleads: lay words for a measure are as unknown as another matter, and another matter may use the
policy's words; what is another matter for one policy is the subject of another. The weights are those of a logistic
regression over the development questions and questions on other policies (``python -m eval.calibration`` makes
``scope_weights.toml`` anew).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.cues import Cues
from app.evidence import Evidence, EvidenceFinder
from app.intents import Intent
from app.question import Question
from corpus.models import Policy
from corpus.terms import fold

WEIGHTS_FILE = Path(__file__).with_name("scope_weights.toml")
# What policies give, and what they say of it.
_GIVEN = frozenset({"amount", "department", "mode"})
_SAID = frozenset({"content", "condition"})
_MOST_WORDS = 6
_MOST_SUBJECTS = 2


@dataclass(frozen=True, slots=True)
class ScopeModel:
    """Weighs signals. ``weights`` are by the signal's name, in units of log-odds; ``constant`` is without any."""

    weights: Mapping[str, float]
    constant: float

    @classmethod
    def load(cls, path: Path = WEIGHTS_FILE) -> Self:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(data["weights"], data["constant"])

    def probability(self, found: Mapping[str, float]) -> float:
        """The probability (0..1) that a question with these signals is about something else."""
        odds = self.constant + sum(self.weights[name] * value for name, value in found.items())
        return 1 / (1 + math.exp(-odds))


def signals(
    question: Question, evidence: Evidence, intent: Intent, finder: EvidenceFinder, cues: Cues
) -> dict[str, float]:
    """The signals of a question: what exemplars say, how much of its topic the policy knows, how near the best clause
    comes, and what it asks for by its cues."""
    english = question.language == "en"
    best = evidence.best.score if evidence.best else 0.0
    # English words are known to a policy without a translation by the glosses of its words, which are many.
    untranslated = english and not finder.policy.translations
    coverage = evidence.coverage if question.topic else 0.0
    # A place that the policy names is no sign that a question is about it.
    subjects = [t for t in finder.subjects(evidence.terms) if t.kind != "place"]
    return {
        "elsewhere": intent.elsewhere,
        "elsewhere_and_known": intent.elsewhere * coverage,
        "elsewhere_and_near_zh": 0.0 if english else intent.elsewhere * best,
        "elsewhere_and_near_en": intent.elsewhere * best if english else 0.0,
        "coverage": coverage,
        "no_topic": float(not question.topic),
        "untranslated": float(untranslated),
        "topic_words": float(min(len(question.topic), _MOST_WORDS)),
        "best_score_zh": 0.0 if english else best,
        "best_score_en": best if english else 0.0,
        "english": float(english),
        "subjects": float(min(len(subjects), _MOST_SUBJECTS)),
        "names_its_subject": float(_names_subject_of(finder.policy, question)),
        "asks_for_what_is_given": float(bool(question.facets & _GIVEN)),
        "asks_what_is_said": float(bool(question.facets & _SAID)),
        "asks_for_details": float(bool(question.attributes)),
        "asks_of_the_table": float(bool(question.operations | question.filters)),
        "names_sum_or_department": float(bool(question.money or question.departments)),
        "asks_of_the_document": float(bool(question.documents)),
        "names_another_place": float(bool(question.places)),
        "words_of_procedure": float(bool(cues.hints.procedure.search(question.plain))),
    }


def _names_subject_of(policy: Policy, question: Question) -> bool:
    """Whether a question names what the whole policy is about, as its title or its description says."""
    title = fold(f"{policy.title} {policy.english_title or ''}")
    return any(fold(s) in question.plain for s in policy.subjects) or any(
        word in title for word in question.topic if len(word) > 1
    )
