"""Whether a question is about this policy at all: small talk, other tasks, other places, other matters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from app.cues import Cues
from app.document import FIRM_DOCUMENTS
from app.draft import Draft
from app.evidence import Evidence, EvidenceFinder
from app.inquiry import Inquiry
from app.intents import Intent
from app.models import Status
from app.question import Question
from app.scope_model import ScopeModel, signals
from app.wording import Wording, keep
from corpus.models import Policy
from corpus.terms import fold

# Shares of a question's topic, by length of its words, that the policy has to know. Calibrated, like all shares here,
# on questions kept apart from the tests.
KNOWN = 0.6
HALF_KNOWN = 0.5
# An industry goes by the last characters of its name: 材料 for 新材料 and 我市的新材料.
_NAME_END = 2
# From this probability on a question is about something else: to turn away one that is not is the worse mistake.
FAR = 0.3
# A follow-up that exemplars say is as far away as this leaves the conversation.
ELSEWHERE_KNOWN = 0.5
# The share of exemplars of small talk that makes a question small talk: with words that may be a topic, and without.
_SMALL_TALK_SHARE = 0.6
_SMALL_TALK_ALONE = 0.38
# How many topics are named when a question that names none is asked back.
_TOPICS_NEAR = 3
_TOPICS_SPREAD = 6


@dataclass(frozen=True)
class Scope:
    """Judges what is in scope for one policy, and says so where a question is not."""

    policy: Policy
    cues: Cues
    finder: EvidenceFinder
    wording: Wording
    model: ScopeModel

    @cached_property
    def _text(self) -> str:
        return fold(f"{self.policy.source_text} {' '.join(t.text for t in self.policy.translations.values())}")

    def knows(self, question: Question, share: float = KNOWN) -> bool:
        """Whether a question has a topic of which the policy or its glossary knows this share."""
        return bool(question.topic) and self.finder.coverage(question.topic)[0] >= share

    # -- small talk, tasks, places --------------------------------------------------------------------------------

    def turn_away(self, question: Question, inquiry: Inquiry, draft: Draft) -> bool:
        """Answer small talk, tasks that are none of ours, places whose policies these are not; else False."""
        small_talk = self._small_talk(question)
        if small_talk == "greeting":
            self.greet(inquiry, draft)
        elif small_talk == "thanks":
            inquiry.route = "small talk"
            draft.statuses.append(Status.SMALLTALK)
            draft.say("thanks")
        elif "task" in question.turns and not self._is_of_the_text(question):
            self.out_of_scope(inquiry, draft, "a task that is not about the policy")
        elif self._is_about_another_cluster(question):
            self.out_of_scope(inquiry, draft, "the policy of another industry")
        elif self.cues.hints.tax_rule.search(question.plain) and "税" not in self._text:
            self.out_of_scope(inquiry, draft, "tax law")
        elif self._is_about_another_place(question):
            inquiry.route = "out of scope: another place"
            draft.statuses.append(Status.OUT_OF_SCOPE)
            place = next(p for p in question.places if p not in self._text)
            title = keep(self._title())
            draft.say("out_of_scope_place", title=title, place=place.title() if place.isascii() else place)
        else:
            return False
        return True

    def _is_of_the_text(self, question: Question) -> bool:
        """Whether what seems a task of another kind (to move one's household here) is a matter the text has."""
        task = self.cues.turns["task"].search(question.plain)
        return task is not None and task.group() in self._text

    def _is_about_another_cluster(self, question: Question) -> bool:
        """Whether the policy of an industry's cluster is asked about whose name this one's title doesn't have."""
        match = self.cues.hints.cluster_policy.search(question.plain)
        if match is None:
            return False
        industry = match["en"] or match["zh"][-_NAME_END:]
        return industry not in fold(f"{self.policy.title} {self.policy.english_title or ''}")

    def _is_about_another_place(self, question: Question) -> bool:
        # A place that the policy itself speaks of is part of its matter.
        places = [p for p in question.places if p not in self._text]
        if not places or question.documents & FIRM_DOCUMENTS:
            return False
        return not self._is_topical(question) or bool(self.cues.hints.place_policy.search(question.plain))

    def _small_talk(self, question: Question) -> str | None:
        """Which kind of small talk a question is, if it is nothing else."""
        asks = question.attributes or question.documents or question.money or self._is_topical(question)
        if asks or question.facets - {"content", "department"}:
            return None
        if "greeting" in question.turns:
            return "greeting"
        if question.facets:
            return None
        turns = self.cues.turns
        if turns["thanks"].search(question.plain):
            return "thanks"
        # Thanks around what is asked, taken away before it was read, part nobody.
        parts = self.cues.hints.parting.search(question.text.lower()) and not question.topic
        if ("thanks" in question.turns or parts) and not self.cues.sentences["asking"].search(question.plain):
            return "thanks"
        return "greeting" if not re.sub(r"[\W_]", "", turns["politeness"].sub(" ", question.plain)) else None

    def is_small_talk(self, question: Question, intent: Intent | None) -> bool:
        """Whether the nearest exemplars are small talk, and neither a cue nor a sum says otherwise."""
        enough = _SMALL_TALK_SHARE if question.topic else _SMALL_TALK_ALONE
        said = bool(question.wanted or question.money)
        return bool(intent and intent.kind == "smalltalk" and intent.share >= enough and not said)

    def greet(self, inquiry: Inquiry, draft: Draft) -> None:
        inquiry.route = "small talk"
        draft.statuses.append(Status.SMALLTALK)
        draft.say("greeting", title=keep(self._title()))

    def _is_topical(self, question: Question) -> bool:
        return bool(question.numbers or question.departments or self.finder.terms_in(question.uncued))

    # -- other matters --------------------------------------------------------------------------------------------

    def is_elsewhere(self, question: Question, inquiry: Inquiry) -> bool:
        """Whether a question without a subject of ours has one of its own that is about something else."""
        if not question.topic or self.knows(question):
            return False
        return self.is_far(question, inquiry.find(question), inquiry.intent)

    def is_far(self, question: Question, evidence: Evidence, intent: Intent | None) -> bool:
        """Whether a question is far from everything in the policy, by retrieval and exemplars together."""
        if intent is None:
            return False
        return evidence.best is None or self.distance(question, evidence, intent) >= FAR

    def distance(self, question: Question, evidence: Evidence, intent: Intent) -> float:
        """The probability (0..1) that a question is about something else than the policy."""
        return self.model.probability(signals(question, evidence, intent, self.finder, self.cues))

    def out_of_scope(self, inquiry: Inquiry, draft: Draft, why: str) -> None:
        inquiry.route = f"out of scope: {why}"
        draft.statuses.append(Status.OUT_OF_SCOPE)
        draft.say("out_of_scope", title=keep(self._title()))

    def ask_back(self, question: Question, inquiry: Inquiry, draft: Draft) -> None:
        """Ask what is meant: name the nearest measures, or some from all over where there is no topic."""
        inquiry.route = "ask back"
        draft.statuses.append(Status.CLARIFY)
        numbered = self.policy.numbered
        if question.topic:
            candidates = inquiry.evidence.candidates if inquiry.evidence else ()
            named = [c.clause for c in candidates if c.clause.number is not None][:_TOPICS_NEAR]
        else:
            named = list(numbered[:: max(1, len(numbered) // _TOPICS_SPREAD)][:_TOPICS_SPREAD])
        # A clause without a title goes by its label, which tells nobody what it is about.
        titled = [c for c in named if c.title and c.title != c.label]
        shown = [self.wording.title(self.policy, c) if self.wording.english else c.title for c in titled]
        if shown:
            draft.say("clarify_topics", topics=("; " if self.wording.english else "；").join(shown))
        else:
            draft.say("clarify")

    def _title(self) -> str:
        return (self.policy.english_title or self.policy.title) if self.wording.english else self.policy.title
