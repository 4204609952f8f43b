"""Which of a clause's provisions a question means: the words that tell neighbours apart decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from app.evidence import stands_in
from corpus.glossary import Glossary, PhraseTable
from corpus.models import Clause, Policy, Provision
from corpus.terms import Tokenizer, english_stems, fold

# Whose level an honour, a standard or a programme is of. Written here because every policy of this kind ranks by
# it and a question may name one that the clause leaves out.
_LEVELS = (
    ("international", re.compile(r"国际|\biso\b|\biec\b|international|global standard")),
    (
        "national",
        re.compile(
            r"国家级|国家(?!金融|制造业转型)|全国|国标|国级|(?<![a-z])(?:national|natl|nat'l|state-level|country-level|gb)(?![a-z])"
        ),
    ),
    (
        "provincial",
        re.compile(
            r"省级|广东省|全省|省(?=单项|专精|小巨人|标)|(?<![a-z])(?:provincial|province|province-level)(?![a-z])"
        ),
    ),
    (
        "municipal",
        re.compile(
            r"市级|深圳|市里(?:的|评)|本市|我市|全市|市(?=单项|专精|级)|(?<![a-z])(?:municipal|city-level|city|shenzhen|shenzen|sz)(?![a-z])"
        ),
    ),
    ("district", re.compile(r"区级|(?<![a-z])district(?:-level)?(?![a-z])")),
    ("industry", re.compile(r"行业标准|行标|(?:industry|sector|sectoral)(?: \w+)? standard")),
    ("group", re.compile(r"团体标准|团标|团体的|(?:group|association)(?: \(\w+\))? standard")),
    ("enterprise", re.compile(r"企业标准|企标|(?:enterprise|company|corporate|in-house) standard")),
)
_SEGMENTS = re.compile(
    r"[，,。;；:：?？!！、\n]|还有|以及|(?<!参)与(?!其)|和|跟|及(?!其)|又|而|比|再做?|然后|还是|或(?:者)?"
    r"|(?<![a-z])(?:and|or|vs\.?|versus|n|plus|with that for|than|compared (?:to|with))(?![a-z])"
)

# What is expressly not meant picks nothing: the product, not the company; 是产品而不是企业.
_NEGATED = re.compile(
    r"没(?:有)?(?:拿到|评上|获得?|得到|做|参与)[^，,。;；?？]{1,8}(?=[，,。;；?？]|$)"
    r"|(?<!是)(?:而|并)?(?:不是|非)(?!不)[^，,。;；?？、]{1,8}"
    r"|(?<![a-z])(?:not|rather than|instead of) (?:a |an |the |just |only |whole )*[a-z]+(?: one)?"
)


def levels_in(text: str) -> frozenset[str]:
    """The levels a folded text names."""
    return frozenset(name for name, pattern in _LEVELS if pattern.search(text))


@dataclass(frozen=True)
class ItemPicker:
    """Picks among the provisions of one clause by words; keeps the words of each clause once seen."""

    tokenizer: Tokenizer
    glossary: Glossary
    generic: frozenset[str] = frozenset()
    _seen: dict[str, _Words] = field(default_factory=dict)

    def pick(
        self, policy: Policy, clause: Clause, plain: str, among: Sequence[Provision], fused: dict[str, float]
    ) -> list[Provision]:
        """The provisions of ``among`` that the folded question means, in the order of the text.

        Each part of the question picks for itself, so that ``A and B`` picks both. ``fused`` are retrieval
        scores by provision id, which decide where words don't. All of ``among`` when nothing tells them apart.
        """
        if len(among) < 2:
            return list(among)
        words = self._words(policy, clause)
        groups: list[dict[str, float]] = []
        for segment in segments(plain):
            for picked in self._picked(words, segment, among):
                _join(groups, picked)
        if not groups:
            whole = self._scores(words, plain, among)
            best = max(whole.values(), default=0.0)
            if best >= _DECISIVE / 2:
                groups = [{p.id: best for p in among if whole[p.id] >= _AS_GOOD * best}]
        meant = {i for group in groups for i in group} or _near_best(fused)
        return [p for p in among if p.id in meant] or list(among)

    def _picked(self, words: _Words, segment: str, among: Sequence[Provision]) -> list[dict[str, float]]:
        """What one part of a question picks; one set for each level it names (国标行标团标), else at most one."""
        levels = levels_in(segment)
        present = [level for level in levels if any(level in words.levels[p.id] for p in among)]
        sets = []
        for one in [frozenset({level}) for level in present] if len(present) > 1 else [levels]:
            scores = self._scores(words, segment, among, one)
            best = max(scores.values(), default=0.0)
            if best >= _DECISIVE:
                sets.append({p.id: best for p in among if scores[p.id] >= _AS_GOOD * best})
        return sets

    def pick_decisively(
        self, policy: Policy, clause: Clause, plain: str, among: Sequence[Provision]
    ) -> list[Provision]:
        """The provisions that the words of this text alone pick; empty when they don't decide."""
        if len(among) < 2:
            return list(among)
        words = self._words(policy, clause)
        scores = self._scores(words, _NEGATED.sub(" ", plain), among)
        best = max(scores.values(), default=0.0)
        if best < _LEVEL_WEIGHT:
            return []
        return [p for p in among if scores[p.id] >= _AS_GOOD * best]

    def pick_follow_up(
        self, policy: Policy, clause: Clause, plain: str, earlier: str, among: Sequence[Provision]
    ) -> list[Provision]:
        """The provisions that a follow-up means: its own words count threefold, those of the question before it
        once, and a level it names replaces the one named before."""
        words = self._words(policy, clause)
        own = self._own(words, plain, among)
        levels = levels_in(plain)
        before = self._scores(words, without_levels(earlier) if levels else earlier, among)
        scores = {p.id: 3 * own[p.id] + before[p.id] for p in among}
        best = max(scores.values(), default=0.0)
        if best <= 0:
            return []
        return [p for p in among if scores[p.id] >= _AS_GOOD * best]

    def pick_sibling(
        self, policy: Policy, clause: Clause, plain: str, siblings: Sequence[Provision]
    ) -> list[Provision]:
        """The items of one list that a follow-up turns to (市级的呢, 产品呢); empty when its words decide nothing."""
        own = self._own(self._words(policy, clause), plain, siblings)
        best = max(own.values(), default=0.0)
        picked = [p for p in siblings if own[p.id] >= _AS_GOOD * best] if best > 0 else []
        return picked if len(picked) < len(siblings) else []

    def _own(self, words: _Words, plain: str, among: Sequence[Provision]) -> dict[str, float]:
        """Scores of a follow-up's own words; a level alone is enough."""
        own = self._scores(words, _NEGATED.sub(" ", plain), among)
        levels = levels_in(_NEGATED.sub(" ", plain))
        if levels and not any(own.values()):
            for p in among:
                named = words.levels[p.id]
                own[p.id] = _LEVEL_WEIGHT if named & levels else -_LEVEL_WEIGHT if named else 0.0
        return own

    def scores(self, policy: Policy, clause: Clause, text: str, among: Sequence[Provision]) -> dict[str, float]:
        """How well a folded text fits each provision, by id; below 0 where it names another level."""
        return self._scores(self._words(policy, clause), text, among)

    def _words(self, policy: Policy, clause: Clause) -> _Words:
        if clause.id not in self._seen:
            self._seen[clause.id] = _Words.of(policy, clause, self.tokenizer)
        return self._seen[clause.id]

    def _scores(
        self, words: _Words, segment: str, among: Sequence[Provision], levels: frozenset[str] | None = None
    ) -> dict[str, float]:
        levels = levels_in(segment) if levels is None else levels
        tokens = set(self._tokens(without_levels(segment))) - self.generic
        scores = {p.id: sum(words.weight(t, p.id) for t in tokens) for p in among}
        # 国家标准, 市级单项冠军: a level counts beside a word of the clause's own, not in 市里给多少.
        if levels and set(self._tokens(segment)) & words.known:
            for p in among:
                named = words.levels[p.id]
                if named & levels:
                    scores[p.id] += _LEVEL_WEIGHT
                elif named:
                    scores[p.id] -= _LEVEL_WEIGHT
        return scores

    def _tokens(self, text: str) -> Iterable[str]:
        return text_tokens(text, self.tokenizer, self.glossary)


# A word that only one provision has weighs 1, one that only its lay wordings have less: the more of them the more.
_DECISIVE = 0.4
_LAY = 0.2
_LAY_MOST = 0.8
# Provisions within this share of the best are meant as well as the best.
_AS_GOOD = 0.86
# Fused scores this near to the best tell nothing apart.
_FUSED_MARGIN = 0.04
# To name the right level is worth more than any one word, to name the wrong one costs as much.
_LEVEL_WEIGHT = 1.5


def _join(groups: list[dict[str, float]], picked: dict[str, float]) -> None:
    """Add what one part of a question picked. Parts that share a provision describe the same thing (a product,
    …, a national champion) and narrow each other; parts that share none name different things."""
    for group in groups:
        common = group.keys() & picked.keys()
        if common:
            for i in list(group):
                if i not in common:
                    del group[i]
            return
    groups.append(dict(picked))


def _near_best(fused: Mapping[str, float]) -> set[str]:
    best = max(fused.values(), default=0.0)
    return {i for i, score in fused.items() if score >= best - _FUSED_MARGIN}


@dataclass(frozen=True)
class _Words:
    """How much each word belongs to each provision of a clause: 1 when it is the provision's own, less when only
    its lay wordings have it."""

    belongs: dict[str, dict[str, float]]
    levels: dict[str, frozenset[str]]
    known: frozenset[str]

    @classmethod
    def of(cls, policy: Policy, clause: Clause, tokenizer: Tokenizer) -> _Words:
        translation = policy.translations.get(clause.id)
        belongs, levels = {}, {}
        for p in clause.provisions:
            english = translation.provisions.get(p.id, "") if translation else ""
            own: dict[str, float] = {}
            for w in policy.wordings:
                if w.provision_id == p.id:
                    text = without_levels(fold(w.text))
                    for token in {*tokenizer.terms(text, "zh"), *english_stems(text)}:
                        own[token] = min(_LAY_MOST, own.get(token, 0.0) + _LAY)
            what, gloss = without_levels(fold(p.what)), without_levels(english.lower())
            own |= dict.fromkeys([*tokenizer.terms(what, "zh"), *english_stems(gloss)], 1.0)
            belongs[p.id] = own
            levels[p.id] = levels_in(fold(p.what))
        return cls(belongs, levels, frozenset(t for own in belongs.values() for t in own))

    def weight(self, token: str, provision_id: str) -> float:
        """How well a word speaks for a provision against the others: 1 when it alone has it, 0 when all do."""
        own = self.belongs[provision_id].get(token, 0.0)
        if not own or len(self.belongs) < 2:
            return own
        others = [b.get(token, 0.0) for i, b in self.belongs.items() if i != provision_id]
        return max(0.0, own - sum(others) / len(others))


def without_levels(folded: str) -> str:
    """A folded text without the words for levels, which are weighed by themselves."""
    for _, pattern in _LEVELS[:5]:
        folded = pattern.sub(" ", folded)
    return folded


def segments(plain: str) -> list[str]:
    """The parts of a folded question between its commas and conjunctions."""
    plain = _NEGATED.sub(" ", plain)
    return [part.strip() for part in _SEGMENTS.split(plain) if part.strip()]


def text_tokens(text: str, tokenizer: Tokenizer, glossary: Glossary) -> list[str]:
    """Lexical tokens of a folded text, with those of the official terms that its lay words stand for."""
    tokens = list(tokenizer.terms(text, "zh")) + english_stems(text)
    for surface, officials in _surfaces(glossary):
        if stands_in(surface, text):
            for official in officials:
                tokens += tokenizer.terms(official, "zh")
    stems = english_stems(text)
    for match in _english(glossary).matches(stems):
        for candidate in match.candidates[:2]:
            tokens += tokenizer.terms(candidate, "zh")
    return tokens


@lru_cache(maxsize=4)
def _surfaces(glossary: Glossary) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for term in glossary.terms:
        if term.kind == "general":
            continue
        for lay in term.also_zh:
            found.setdefault(fold(lay), []).append(term.zh)
    return tuple((surface, tuple(terms)) for surface, terms in found.items() if len(surface) > 1)


@lru_cache(maxsize=4)
def _english(glossary: Glossary) -> PhraseTable:
    return glossary.english_to_chinese()
