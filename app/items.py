"""Which of a clause's provisions a question means: the words that tell neighbours apart decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from app.composing import own_part
from app.cues import Cues
from app.evidence import stands_in
from app.levels import Levels
from app.rungs import Rungs
from corpus.dictionary import Dictionary
from corpus.glossary import Glossary, PhraseTable
from corpus.models import Clause, Policy, Provision
from corpus.terms import Tokenizer, english_stems, fold, language_of

# A word that only one provision has weighs 1, one that only its lay wordings have less: the more of them the more.
_DECISIVE = 0.4
_LAY = 0.2
_LAY_MOST = 0.8
# One of the sentence around its sum, where no lay wordings tell what else it goes by.
_AROUND = 0.5
# One of the glosses of its words.
_GLOSSED = 0.7
# Provisions within this share of the best are meant as well as the best.
_AS_GOOD = 0.86
# Fused scores this near to the best tell nothing apart.
_FUSED_MARGIN = 0.04
# To name the right level is worth more than any one word, to name the wrong one costs as much.
_LEVEL_WEIGHT = 1.5


@dataclass(frozen=True)
class ItemPicker:
    """Picks among the provisions of one clause by words; keeps the words of each clause once seen."""

    tokenizer: Tokenizer
    glossary: Glossary
    cues: Cues
    levels: Levels
    rungs: Rungs
    dictionary: Dictionary
    _seen: dict[tuple[str, bool], _Words] = field(default_factory=dict)

    def segments(self, plain: str) -> list[str]:
        """The parts of a folded question between its commas and conjunctions, without what is expressly not meant."""
        return [part.strip() for part in self.cues.boundaries.segment.split(self._affirmed(plain)) if part.strip()]

    def _affirmed(self, plain: str) -> str:
        return self.cues.hints.negated.sub(" ", plain)

    def pick(
        self, policy: Policy, clause: Clause, plain: str, among: Sequence[Provision], fused: dict[str, float]
    ) -> list[Provision]:
        """The provisions of ``among`` that the folded question means, in the order of the text.

        Each part of the question picks for itself, so that ``A and B`` picks both. ``fused`` are retrieval
        scores by provision id, which decide where words don't. All of ``among`` when nothing tells them apart.
        """
        if len(among) < 2:
            return list(among)
        words = self._words(policy, clause, plain)
        bare = self._affirmed(plain)
        # Where a level is named, the bare name of our place is who pays.
        levels_of = self.levels.named_in if self.levels.named_in(bare) else self.levels.meant_in
        there = frozenset().union(*(words.levels[p.id] for p in among))
        told = there if len(there) > 1 else frozenset()
        parts = [(part, levels_of(part) & told) for part in self.segments(plain)]
        every = bool(self.cues.hints.every.search(plain))
        each = bool(self.cues.hints.each_level.search(plain))
        if each:
            told, levels_of = frozenset(), self.levels.named_in
            parts = [(part, frozenset()) for part, _ in parts]
        picked = {
            at: found
            for at, (part, levels) in enumerate(parts)
            if (found := self._picked(words, part, self._among_named(words, among, part, levels), levels, every))
        }
        picked = {at: self._on_rung(parts[at][0], found, among) for at, found in picked.items()}
        asker = {at for at in picked if self.cues.hints.about_asker.search(parts[at][0])}
        if asker and any(self.cues.sentences["asking"].search(parts[at][0]) for at in picked.keys() - asker):
            # We make green building materials, how much for energy-saving retrofits: the retrofits are meant.
            picked = {at: found for at, found in picked.items() if at not in asker}
        comparing = bool(self.cues.operations["compare"].search(bare))
        groups: list[dict[str, float]] = []
        for at, (part, levels) in enumerate(parts):
            if at in picked:
                levels = levels or _said_elsewhere(at, [x for _, x in parts], picked.keys())
                kept = {p.id: picked[at][p.id] for p in self._allowed(words, among, levels) if p.id in picked[at]}
                _join(groups, kept or picked[at])
            elif (before := [i for i in picked if i < at]) and levels & self._standing_in(part, comparing):
                # 国家的示范企业和深圳自己的: what the level is said of was said before.
                allowed = self._allowed(words, among, levels)
                _join(groups, self._picked(words, parts[before[-1]][0], allowed, levels, every))
            elif levels and (self._has_noun(words, part) or self._shares_noun(words, parts[at + 1 : at + 2])):
                # 国际标准: the level of what the clause lists is as good as a name; in one national and one group
                # standard the noun is said once.
                _join(groups, {p.id: 1.0 for p in among if words.levels[p.id] & levels})
        if not groups and (levels := levels_of(bare) & told):
            groups = [{p.id: 1.0 for p in among if words.levels[p.id] & levels}]
        if not groups:
            whole = self._scores(words, plain, among)
            best = max(whole.values(), default=0.0)
            if best >= _DECISIVE / 2:
                groups = [{p.id: best for p in among if whole[p.id] >= _AS_GOOD * best}]
        meant = {i for group in groups for i in group} or _near_best(fused)
        chosen = [p for p in among if p.id in meant] or list(among)
        if each:
            # Of a list by levels each is meant, whichever the words name.
            lists = {p.span for p in chosen if words.levels[p.id]}
            chosen = [p for p in among if p in chosen or (words.levels[p.id] and p.span in lists)]
        chosen = self.rungs.aged(plain, self.rungs.ranked(plain, chosen, among), among)
        return chosen if every else self._plainest(chosen, plain)

    def _on_rung(self, part: str, found: Mapping[str, float], among: Sequence[Provision]) -> dict[str, float]:
        """What a part of a question picked, on the rung that it names; neighbours weigh what the best does."""
        kept = self.rungs.graded(part, [p for p in among if p.id in found], among)
        return {p.id: found.get(p.id, max(found.values())) for p in kept}

    def _plainest(self, found: list[Provision], plain: str) -> list[Provision]:
        """Of two items of one list that nothing else tells apart, the one whose words the other has and more of, if
        none of these is in the question: 独角兽 is no 准独角兽."""
        if len(found) != 2 or found[0].span != found[1].span:
            return found
        one, other = (set(self._tokens(fold(p.what))) for p in found)
        plainer = found[0] if one < other else found[1] if other < one else None
        asked = set(self._tokens(plain))
        return [plainer] if plainer is not None and not asked & (one ^ other) else found

    def _standing_in(self, part: str, comparing: bool) -> frozenset[str]:
        """The levels that stand in a part of a question for what was named before: as a noun of their own, or on
        either side of a comparison."""
        hints = self.cues.hints
        return frozenset(
            name
            for name, start, end in self.levels.mentions(part)
            if not hints.denied_before.search(part[:start]) and (comparing or hints.instead_of_noun.search(part[end:]))
        )

    def _has_noun(self, words: _Words, part: str) -> bool:
        """Whether a part of a question, levels apart, has a word of what the clause lists."""
        return bool(set(self._tokens(self.levels.without_levels(part))) & words.known)

    def _shares_noun(self, words: _Words, following: Sequence[tuple[str, frozenset[str]]]) -> bool:
        """Whether the part that follows, if any, names a level of the same noun."""
        return any(levels and self._has_noun(words, part) for part, levels in following)

    def _among_named(
        self, words: _Words, among: Sequence[Provision], part: str, levels: frozenset[str]
    ) -> Sequence[Provision]:
        """The provisions that a part of a question may pick. Its level shuts out others where it is named; the bare
        name of our place may be who pays: the Little Giant, what does the city give?"""
        return self._allowed(words, among, levels) if levels & self.levels.named_in(part) else among

    @staticmethod
    def _allowed(words: _Words, among: Sequence[Provision], levels: frozenset[str]) -> list[Provision]:
        """The provisions of these levels and those of none; all where there are no such, or no level is named."""
        kept = [p for p in among if not words.levels[p.id] or words.levels[p.id] & levels] if levels else []
        return kept or list(among)

    def _picked(
        self, words: _Words, segment: str, among: Sequence[Provision], levels: frozenset[str], every: bool
    ) -> dict[str, float]:
        """What the words of one part of a question pick; empty where they tell nothing apart.

        Asked for all (``every``), words that run through every clause (企业) pick nothing.
        """
        tokens = set(self._tokens(self.levels.without_levels(segment)))
        if not self.cues.hints.bare_recipient.search(segment):
            tokens -= self.cues.generic
        if every:
            tokens -= _general(self.glossary, self.tokenizer, self.cues.honours)
        scores = {p.id: sum(words.weight(t, p.id) for t in tokens) for p in among}
        told = {i: _LEVEL_WEIGHT if tokens & words.known and words.levels[i] & levels else 0.0 for i in scores}
        totals = {i: s + told[i] for i, s in scores.items()}
        best = max(totals, key=lambda i: totals[i], default="")
        if not best or totals[best] < _DECISIVE:
            return {}
        # Of the same level it is the other words that decide.
        return {
            i: totals[best]
            for i, total in totals.items()
            if total >= _AS_GOOD * totals[best] and (told[i] != told[best] or scores[i] >= _AS_GOOD * scores[best])
        }

    def pick_decisively(
        self, policy: Policy, clause: Clause, plain: str, among: Sequence[Provision], enough: float | None = None
    ) -> list[Provision]:
        """The provisions that the words of this text alone pick; empty when they don't decide, that is when the
        best does not come to ``enough`` (by default what a named level weighs)."""
        if len(among) < 2:
            return list(among)
        words = self._words(policy, clause, plain)
        scores = self._scores(words, self._affirmed(plain), among)
        best = max(scores.values(), default=0.0)
        if best < (_LEVEL_WEIGHT if enough is None else enough):
            return []
        return [p for p in among if scores[p.id] >= _AS_GOOD * best]

    def pick_follow_up(
        self, policy: Policy, clause: Clause, plain: str, earlier: str, among: Sequence[Provision]
    ) -> list[Provision]:
        """The provisions that a follow-up means: its own words count threefold, those of the question before it
        once, and a level it names replaces the one named before."""
        words = self._words(policy, clause, plain)
        own = self._own(words, plain, among)
        levels = self.levels.meant_in(plain)
        before = self._scores(words, self.levels.without_levels(earlier) if levels else earlier, among)
        scores = {p.id: 3 * own[p.id] + before[p.id] for p in among}
        best = max(scores.values(), default=0.0)
        if best <= 0:
            return []
        return [p for p in among if scores[p.id] >= _AS_GOOD * best]

    def pick_sibling(
        self, policy: Policy, clause: Clause, plain: str, siblings: Sequence[Provision]
    ) -> list[Provision]:
        """The items of one list that a follow-up turns to (市级的呢, 产品呢); empty when its words decide nothing."""
        own = self._own(self._words(policy, clause, plain), plain, siblings)
        best = max(own.values(), default=0.0)
        picked = [p for p in siblings if own[p.id] >= _AS_GOOD * best] if best > 0 else []
        return picked if len(picked) < len(siblings) else []

    def _own(self, words: _Words, plain: str, among: Sequence[Provision]) -> dict[str, float]:
        """Scores of a follow-up's own words; a level alone is enough."""
        own = self._scores(words, self._affirmed(plain), among)
        levels = self.levels.meant_in(self._affirmed(plain))
        if levels and not any(own.values()):
            for p in among:
                named = words.levels[p.id]
                own[p.id] = _LEVEL_WEIGHT if named & levels else -_LEVEL_WEIGHT if named else 0.0
        return own

    def scores(self, policy: Policy, clause: Clause, text: str, among: Sequence[Provision]) -> dict[str, float]:
        """How well a folded text fits each provision, by id; below 0 where it names another level."""
        return self._scores(self._words(policy, clause, text), text, among)

    def _words(self, policy: Policy, clause: Clause, asked: str) -> _Words:
        # What an English question asks of a policy without a translation is told by the words' glosses.
        glossed = not policy.translations and language_of(asked) == "en"
        key = (clause.id, glossed)
        if key not in self._seen:
            dictionary = self.dictionary if glossed else None
            self._seen[key] = _Words.of(policy, clause, self.tokenizer, self.levels, dictionary)
        return self._seen[key]

    def _scores(
        self, words: _Words, segment: str, among: Sequence[Provision], levels: frozenset[str] | None = None
    ) -> dict[str, float]:
        levels = self.levels.meant_in(segment) if levels is None else levels
        tokens = set(self._tokens(self.levels.without_levels(segment))) - self.cues.generic
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


def _said_elsewhere(at: int, levels: Sequence[frozenset[str]], picking: Collection[int]) -> frozenset[str]:
    """The levels that hold for part ``at`` of a question, which names none: those of the parts that name nothing
    but levels, else those named last before it, else those named first after it."""
    only = frozenset().union(*(x for i, x in enumerate(levels) if i not in picking))
    if only:
        return only
    around = [*reversed(levels[:at]), *levels[at + 1 :]]
    return next((x for x in around if x), frozenset())


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
    def of(
        cls, policy: Policy, clause: Clause, tokenizer: Tokenizer, ranks: Levels, dictionary: Dictionary | None
    ) -> _Words:
        translation = policy.translations.get(clause.id)
        # What the whole policy is about tells none of its provisions apart.
        everywhere = {t for subject in policy.subjects for t in tokenizer.terms(fold(subject), "zh")}
        belongs, levels = {}, {}
        for p in clause.provisions:
            english = translation.provisions.get(p.id, "") if translation else ""
            own: dict[str, float] = {}
            for w in policy.wordings:
                if w.provision_id == p.id:
                    text = ranks.without_levels(fold(w.text))
                    for token in {*tokenizer.terms(text, "zh"), *english_stems(text)}:
                        own[token] = min(_LAY_MOST, own.get(token, 0.0) + _LAY)
            what, gloss = ranks.without_levels(fold(p.what)), ranks.without_levels(english.lower())
            if not policy.wordings:
                part = own_part(policy, clause, p)
                around = fold(policy.source_text[part.start : part.end])
                own |= dict.fromkeys(tokenizer.terms(ranks.without_levels(around), "zh"), _AROUND)
            own |= dict.fromkeys([*tokenizer.terms(what, "zh"), *english_stems(gloss)], 1.0)
            if dictionary is not None:
                own |= dict.fromkeys(dictionary.glosses(what, tokenizer) - own.keys(), _GLOSSED)
            belongs[p.id] = {token: weight for token, weight in own.items() if token not in everywhere}
            levels[p.id] = ranks.meant_in(fold(p.what))
        return cls(belongs, levels, frozenset(t for own in belongs.values() for t in own))

    def weight(self, token: str, provision_id: str) -> float:
        """How well a word speaks for a provision against the others: 1 when it alone has it, 0 when all do."""
        own = self.belongs[provision_id].get(token, 0.0)
        if not own or len(self.belongs) < 2:
            return own
        others = [b.get(token, 0.0) for i, b in self.belongs.items() if i != provision_id]
        return max(0.0, own - sum(others) / len(others))


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
def _general(glossary: Glossary, tokenizer: Tokenizer, honours: frozenset[str]) -> frozenset[str]:
    """Tokens of the words that run through many clauses, and of those for honours as such."""
    general = [t for t in glossary.terms if t.kind == "general" or t.zh in honours]
    names = [n for t in general for n in (t.zh, *t.also_zh, *t.en, *t.also_en)]
    return frozenset(t for n in names for t in (*tokenizer.terms(fold(n), "zh"), *english_stems(n)))


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
