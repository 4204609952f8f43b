"""Metrics worked out by hand, the undefined ones included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from app.models import Answer
from corpus.departments import Directory
from eval.gold import GoldItem
from eval.scoring import Counts, ItemScore, Mean, Rate, mean, pair_gap, score_answer, summarise, totals, wilson


@pytest.fixture
def scored(
    gold_item: Callable[..., GoldItem], make_answer: Callable[..., Answer], directory: Directory
) -> Callable[..., ItemScore]:
    """An item that wants (三), answered by citing ``labels``; ``latency`` in ms, None when not measured."""

    def make(labels: tuple[str, ...] = ("(三)",), latency: float | None = 1.0, **item: Any) -> ItemScore:
        answer = make_answer("(三)", labels, language=item.get("lang", "zh")).as_dict()
        answer["timings_ms"] = {} if latency is None else {"total": latency}
        return score_answer(gold_item(**{"clauses": ("(三)",), **item}), answer, directory)

    return make


def test_precision_recall_and_f() -> None:
    counts = Counts(tp=6, fp=2, fn=4)
    assert counts.precision == pytest.approx(6 / 8)
    assert counts.recall == pytest.approx(6 / 10)
    assert counts.f(1) == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert counts.f(2) == pytest.approx(5 * 0.75 * 0.6 / (4 * 0.75 + 0.6))


def test_undefined_measures_are_none() -> None:
    assert (Counts().precision, Counts().recall, Counts().f(1)) == (None, None, None)
    assert Counts(fn=3).precision is None
    assert Counts(fn=3).recall == 0
    assert Counts(fn=3).f(2) == 0
    assert Counts(fp=3).recall is None
    assert Counts(fp=3).f(1) == 0


def test_a_mean_leaves_the_undefined_out_and_counts_them() -> None:
    assert mean([1.0, None, 0.5, None]) == Mean(0.75, 2, 2)
    assert mean([None]) == Mean(None, 0, 1)
    assert mean([]) == Mean(None, 0, 0)


def test_wilson_by_hand() -> None:
    # 8 of 10: centre (0.8 + 3.8415/20) / (1 + 3.8415/10) = 0.71670, half width 0.22657
    low, high = wilson(8, 10) or (0, 0)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)
    assert wilson(0, 0) is None


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(case: tuple[int, int]) -> None:
    hits, of = case
    expected = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    assert wilson(hits, of) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_rate_of_nothing_is_undefined() -> None:
    assert (Rate(0, 0).share, Rate(0, 0).interval) == (None, None)
    assert Rate(3, 4).share == 0.75


def test_clauses_are_averaged_both_ways(scored: Callable[..., ItemScore]) -> None:
    """Three items: (三) cited; (三) and a wrong one; nothing to cite and nothing cited."""
    found = totals([scored(), scored(("(三)", "(五)")), scored((), clauses=(), status="not_specified")])
    assert found.clauses == Counts(tp=2, fp=1, fn=0)
    assert found.clauses.precision == pytest.approx(2 / 3)
    assert found.clause_f1.value == pytest.approx((1 + 2 / 3) / 2)
    assert found.clause_f2.value == pytest.approx((1 + 5 / 6) / 2)
    assert (found.clause_f1.of, found.clause_f1.undefined) == (2, 1)
    assert found.wrong_citations == Rate(1, 3)


def test_rates_count_only_the_items_they_apply_to(scored: Callable[..., ItemScore]) -> None:
    found = totals([scored(), scored(status="not_specified")])
    assert found.right == Rate(1, 2)
    assert found.false_refusals == Rate(0, 1)
    assert found.false_answers == Rate(1, 1)
    assert found.amounts_exact == Rate(0, 0)
    assert found.wrong_amounts == Rate(0, 0)
    assert found.departments == Counts()
    assert found.spans == Rate(0, 0)


def test_totals_of_nothing_are_undefined_and_raise_nothing() -> None:
    found = totals([])
    assert found.right.share is None
    assert found.clauses.f(1) is None
    assert found.latency is None


def test_latency_percentiles_leave_out_what_was_not_measured(scored: Callable[..., ItemScore]) -> None:
    found = totals([scored(latency=float(ms)) for ms in range(101)] + [scored(latency=None)]).latency
    assert found is not None
    assert (found.of, found.p50, found.p90, found.p95, found.p99, found.highest) == (101, 50, 90, 95, 99, 100)


def test_pairs_are_compared_across_languages(scored: Callable[..., ItemScore]) -> None:
    wrong = ("(五)",)
    gap = pair_gap(
        [
            scored(pair_id="a"),
            scored(pair_id="a", lang="en"),
            scored(pair_id="b", lang="zh-Hant"),
            scored(wrong, pair_id="b", lang="en"),
            scored(pair_id="c"),
            scored(wrong, pair_id="c", lang="en"),
            scored(wrong, pair_id="d"),
            scored(pair_id="d", lang="en"),
            scored(wrong, pair_id="alone"),
            scored(),
        ]
    )
    assert (gap.pairs, gap.both, gap.zh_only, gap.en_only, gap.neither) == (4, 1, 2, 1, 0)
    assert gap.gap == pytest.approx(0.25)
    assert pair_gap([]).gap is None


def test_a_summary_is_by_kind_and_language_and_counts_reasons_once_an_item(scored: Callable[..., ItemScore]) -> None:
    summary = summarise([scored(), scored(("(五)", "(六)"), kind="content"), scored((), lang="en")])
    assert list(summary.by_kind) == ["amount", "content"]
    assert summary.by_kind["amount"].right == Rate(1, 2)
    assert summary.by_language["zh"].right == Rate(1, 2)
    assert summary.reasons == {"missing clause": 2, "wrong citation": 1}
