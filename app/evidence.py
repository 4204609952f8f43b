"""What of a policy answers a question: the clauses it is about, scored by retrieval, and how far off it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.question import Question
from corpus.glossary import Glossary, Term
from corpus.models import Clause, Policy
from corpus.terms import Tokenizer, english_stems, fold
from index.models import Grain
from index.retriever import PolicyIndex

_NO_SUBJECT = frozenset({"general", "document", "procedure", "organisation"})
_HEADLESS = re.compile(r"(?:材料|领域|企业|项目|产业|平台|建筑材料)$")

# A clause is found by one of its provisions, or as a whole; the provision says more about what is meant.
PROVISION_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clause with its score (0..1, higher is better) and those of its provisions by id."""

    clause: Clause
    score: float
    provision_scores: dict[str, float] = field(default_factory=dict)
    cosine: float = 0.0
    lexical: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates, best first; ``terms`` are the policy terms the question names, ``coverage`` the share of its
    topic words (by length) that the policy or its glossary knows, 1.0 when it has none; ``vector`` is the
    question's."""

    candidates: tuple[Candidate, ...]
    terms: tuple[Term, ...]
    coverage: float
    unknown: tuple[str, ...]
    vector: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32), compare=False)

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


@dataclass(frozen=True)
class EvidenceFinder:
    """Finds evidence in one policy. ``index`` may hold others; they are not looked at."""

    policy: Policy
    index: PolicyIndex
    glossary: Glossary
    tokenizer: Tokenizer
    generic: frozenset[str]

    @cached_property
    def _vocabulary(self) -> str:
        parts = [self.policy.source_text, *(w.text for w in self.policy.wordings)]
        for term in self.glossary.terms:
            parts += [term.zh, *term.also_zh]
        return fold("\n".join(parts))

    @cached_property
    def _own_text(self) -> str:
        return fold(self.policy.source_text)

    @cached_property
    def _own_stems(self) -> frozenset[str]:
        """Stems of the policy's own English: its translation, or the glosses of its words where there is none."""
        if not self.policy.translations:
            return self.index.dictionary.glosses(self.policy.source_text, self.tokenizer)
        return frozenset(
            stem
            for translation in self.policy.translations.values()
            for text in (translation.title, translation.text)
            for stem in english_stems(text)
        )

    @cached_property
    def _stems(self) -> frozenset[str]:
        texts = [w.text for w in self.policy.wordings if w.language == "en"]
        for term in self.glossary.terms:
            texts += [*term.en, *term.also_en]
        return self._own_stems | frozenset(s for text in texts for s in english_stems(text))

    @cached_property
    def _surfaces(self) -> tuple[tuple[str, Term], ...]:
        found = [
            (fold(name), term)
            for term in self.glossary.terms
            if term.kind != "general"
            for name in (term.zh, *term.also_zh)
        ]
        return tuple(sorted((x for x in found if len(x[0]) > 1), key=lambda x: -len(x[0])))

    @cached_property
    def _english(self) -> dict[tuple[str, ...], Term]:
        return {
            key: term
            for term in self.glossary.terms
            if term.kind != "general"
            for name in (*term.en, *term.also_en)
            if (key := tuple(english_stems(name)))
        }

    def find(self, question: Question) -> Evidence:
        """Evidence for a question, by its folded text."""
        vector = self.index.embed_query(question.plain)
        coverage, unknown = self.coverage(question.topic)
        candidates = tuple(self._candidates(question.plain, question.language, vector))
        return Evidence(candidates, self.terms_in(question.plain), coverage, unknown, vector)

    def _candidates(self, text: str, language: str, vector: NDArray[np.float32]) -> list[Candidate]:
        clauses = self.index.scores(text, language, Grain.CLAUSE, self.policy.id, vector)
        whole = {score.clause_id: score for score in clauses}
        by_provision: dict[str, dict[str, float]] = {}
        best: dict[str, float] = {}
        for part in self.index.scores(text, language, Grain.PROVISION, self.policy.id, vector):
            best[part.clause_id] = max(best.get(part.clause_id, 0.0), part.score)
            if part.provision_id:
                by_provision.setdefault(part.clause_id, {})[part.provision_id] = part.score
        found = []
        for clause in self.policy.clauses:
            own = whole.get(clause.id)
            score = PROVISION_WEIGHT * best.get(clause.id, 0.0) + (1 - PROVISION_WEIGHT) * (own.score if own else 0.0)
            cosine, lexical = (own.cosine, own.lexical) if own else (0.0, 0.0)
            found.append(Candidate(clause, score, by_provision.get(clause.id, {}), cosine, lexical))
        return sorted(found, key=lambda c: -c.score)

    def words(self) -> tuple[set[str], set[str]]:
        """Every Chinese word and every English word (lower case) that the policy and its data use."""
        chinese = {t.zh for t in self.glossary.terms} | {n for t in self.glossary.terms for n in t.also_zh}
        chinese |= {w for w in self.tokenizer.words(self.policy.source_text) if len(w) > 1}
        english = [w.text for w in self.policy.wordings if w.language == "en"]
        for translation in self.policy.translations.values():
            english += [translation.title, translation.text]
        for term in self.glossary.terms:
            english += [*term.en, *term.also_en]
        return {fold(w) for w in chinese}, set(re.findall(r"[a-z]+", " ".join(english).lower()))

    def says(self, words: str) -> bool:
        """Whether the policy's own text has these folded words; of English ones, each in its place or another."""
        if not words.isascii():
            return words in self._own_text
        stems = english_stems(words)
        return bool(stems) and self._own_stems.issuperset(stems)

    def subjects(self, terms: Sequence[Term]) -> list[Term]:
        """The terms that name something a clause is about, rather than the document or money as such."""
        return [t for t in terms if t.kind not in _NO_SUBJECT and fold(t.zh) not in self.generic]

    def terms_in(self, plain: str) -> tuple[Term, ...]:
        """Policy terms a folded text names, by any of their names, longest first and without overlaps."""
        found: dict[str, Term] = {}
        rest = plain
        for surface, term in self._surfaces:
            if stands_in(surface, rest):
                found.setdefault(term.zh, term)
                # The same words may be a lay name of several terms: leave them for terms of the same surface.
                if not any(s == surface and t.zh not in found for s, t in self._surfaces):
                    rest = rest.replace(surface, " ")
        stems = english_stems(plain)
        longest = max((len(k) for k in self._english), default=0)
        at = 0
        while at < len(stems):
            for size in range(min(longest, len(stems) - at), 0, -1):
                named = self._english.get(tuple(stems[at : at + size]))
                if named is not None:
                    found.setdefault(named.zh, named)
                    at += size - 1
                    break
            at += 1
        return tuple(found.values())

    def coverage(self, topic: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """The share of topic words that are known here, and those that are not."""
        known, unknown = 0.0, []
        total = 0.0
        for word in topic:
            weight = float(min(len(word), 6)) if not word.isascii() else 3.0
            share = self._known(word)
            total += weight
            known += weight * share
            if share < 0.5:
                unknown.append(word)
        return (known / total if total else 1.0), tuple(unknown)

    def _known(self, word: str) -> float:
        if word.isascii():
            stems = english_stems(word)
            if not stems:
                return 1.0
            return sum(s in self._stems or (len(s) > 2 and s in self._vocabulary) for s in stems) / len(stems)
        if word in self._vocabulary:
            return 1.0
        bigrams = [word[i : i + 2] for i in range(len(word) - 1)]
        return sum(b in self._vocabulary for b in bigrams) / len(bigrams) * 0.8 if bigrams else 0.0


def stands_in(surface: str, text: str) -> bool:
    """Whether a name stands in a folded text; a latin one only as a word of its own (IC is not in which)."""
    if surface not in text:
        return False
    if not surface.isascii():
        return True
    return re.search(rf"(?<![a-z0-9]){re.escape(surface)}(?![a-z0-9])", text) is not None


def clauses_naming(policy: Policy, terms: Iterable[Term]) -> list[Clause]:
    """Numbered clauses whose text names all of the terms: as they stand, or without a general head (生物医用
    for 生物医用材料)."""
    wanted = [(fold(t.zh), _HEADLESS.sub("", fold(t.zh))) for t in terms]
    return [
        c
        for c in policy.numbered
        if all(full in fold(c.text) or (len(bare) > 2 and bare in fold(c.text)) for full, bare in wanted)
    ]
