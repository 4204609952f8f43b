"""Totals over many scored items: rates with their intervals, means, percentiles. Undefined scores stay None."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.models import Status
from eval.scoring.items import Counts, ItemScore


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` of ``of``. ``share`` and ``interval`` are None where there is nothing to count."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson score interval at 95 %."""
        return wilson(self.hits, self.of)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data; what is undefined is None."""
        return {"hits": self.hits, "of": self.of, "share": self.share, "interval": self.interval}


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean over the items for which a score is defined; ``undefined`` were left out of it."""

    value: float | None
    of: int
    undefined: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in milliseconds, linear between the two nearest."""

    of: int
    p50: float
    p90: float
    p95: float
    p99: float
    highest: float


@dataclass(frozen=True, slots=True)
class Totals:
    """What a set of items amounts to. Rates count only the items they apply to; ``clauses`` is micro-averaged."""

    right: Rate
    status: Rate
    clauses: Counts
    clause_f1: Mean
    clause_f2: Mean
    amounts_exact: Rate
    wrong_amounts: Rate
    wrong_citations: Rate
    false_refusals: Rate
    false_answers: Rate
    departments: Counts
    spans: Rate
    errors: Rate
    latency: Latency | None


@dataclass(frozen=True, slots=True)
class PairGap:
    """Pairs of the same ask in Chinese and English: how many were right in both, in one only, in neither."""

    pairs: int
    both: int
    zh_only: int
    en_only: int
    neither: int

    @property
    def gap(self) -> float | None:
        """Share right in Chinese less share right in English; None without pairs."""
        return (self.zh_only - self.en_only) / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class Summary:
    """A run's totals, over all and by kind and language, and its items in the order of the gold file."""

    overall: Totals
    by_kind: dict[str, Totals]
    by_language: dict[str, Totals]
    pairs: PairGap
    reasons: dict[str, int]
    scores: tuple[ItemScore, ...]
    warnings: tuple[str, ...] = field(default=())


def summarise(scores: Sequence[ItemScore], warnings: Iterable[str] = ()) -> Summary:
    """Totals of a run. ``reasons`` counts the items that each kind of reason befell, most frequent first."""
    counted: dict[str, int] = {}
    for score in scores:
        for kind in {reason.kind for reason in score.reasons}:
            counted[kind] = counted.get(kind, 0) + 1
    return Summary(
        overall=totals(scores),
        by_kind={k: totals([s for s in scores if s.kind == k]) for k in sorted({s.kind for s in scores})},
        by_language={k: totals([s for s in scores if s.lang == k]) for k in sorted({s.lang for s in scores})},
        pairs=pair_gap(scores),
        reasons=dict(sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))),
        scores=tuple(scores),
        warnings=tuple(warnings),
    )


def totals(scores: Sequence[ItemScore]) -> Totals:
    spans = sum((s.spans for s in scores if s.spans), Counts())
    return Totals(
        right=Rate(sum(s.right for s in scores), len(scores)),
        status=Rate(sum(s.status == s.expected_status for s in scores), len(scores)),
        clauses=sum((s.clauses for s in scores), Counts()),
        clause_f1=mean([s.clauses.f(1) for s in scores]),
        clause_f2=mean([s.clauses.f(2) for s in scores]),
        amounts_exact=_rate(s.amounts_exact for s in scores),
        wrong_amounts=_rate(s.wrong_amount for s in scores),
        wrong_citations=Rate(sum(s.wrong_citation for s in scores), len(scores)),
        false_refusals=_rate(s.false_refusal for s in scores),
        false_answers=_rate(s.false_answer for s in scores),
        departments=sum((s.departments for s in scores if s.departments), Counts()),
        spans=Rate(spans.tp, spans.tp + spans.fp),
        errors=Rate(sum(s.status in (Status.ERROR, "missing", "unknown") for s in scores), len(scores)),
        latency=_percentiles([s.latency_ms for s in scores if s.latency_ms is not None]),
    )


def pair_gap(scores: Iterable[ItemScore]) -> PairGap:
    """Counts over the pairs of which both sides were scored, one Chinese (either script) and one English."""
    sides: dict[str, dict[bool, bool]] = {}
    for score in scores:
        if score.pair_id is not None:
            sides.setdefault(score.pair_id, {})[score.lang == "en"] = score.right
    whole = [(pair[False], pair[True]) for pair in sides.values() if len(pair) == 2]
    tally = {both: whole.count(both) for both in ((True, True), (True, False), (False, True), (False, False))}
    return PairGap(len(whole), tally[True, True], tally[True, False], tally[False, True], tally[False, False])


def wilson(hits: int, of: int, z: float = 1.959963984540054) -> tuple[float, float] | None:
    """Wilson score interval of ``hits / of``, within 0..1; ``z`` 1.96 gives 95 %. None when ``of`` is 0."""
    if not of:
        return None
    share, square = hits / of, z * z
    middle = share + square / (2 * of)
    spread = z * ((share * (1 - share) + square / (4 * of)) / of) ** 0.5
    low, high = (middle - spread) / (1 + square / of), (middle + spread) / (1 + square / of)
    # At the ends rounding leaves 1e-17 where the interval touches 0 or 1.
    return (0.0 if not hits else low, 1.0 if hits == of else high)


def mean(values: Sequence[float | None]) -> Mean:
    """The mean of those that are defined; None when none is."""
    defined = [value for value in values if value is not None]
    return Mean(sum(defined) / len(defined) if defined else None, len(defined), len(values) - len(defined))


def _rate(flags: Iterable[bool | None]) -> Rate:
    applying = [flag for flag in flags if flag is not None]
    return Rate(sum(applying), len(applying))


def _percentiles(values: Sequence[float]) -> Latency | None:
    if not values:
        return None
    import numpy

    p50, p90, p95, p99, highest = (float(p) for p in numpy.percentile(values, (50, 90, 95, 99, 100)))
    return Latency(len(values), p50, p90, p95, p99, highest)
