"""The weights by which the assistant judges what is out of scope."""

from __future__ import annotations

import numpy as np

from eval.calibration import fitted, probabilities


def test_a_signal_that_tells_gets_weight_and_one_that_does_not_gets_none() -> None:
    rng = np.random.default_rng(1)
    signals = rng.normal(size=(400, 2))
    target = (signals[:, 0] + 0.3 * rng.normal(size=400) > 0).astype(float)
    weights = fitted(signals, target, np.ones(400))
    assert weights[1] > 5 * abs(weights[2])
    judged = probabilities(signals, weights)
    assert np.mean((judged > 0.5) == (target == 1)) > 0.85


def test_rows_that_count_more_pull_more() -> None:
    signals = np.array([[1.0], [1.0], [0.0], [0.0]])
    target = np.array([1.0, 0.0, 0.0, 0.0])
    evenly = probabilities(signals, fitted(signals, target, np.ones(4)))[0]
    heavier = probabilities(signals, fitted(signals, target, np.array([9.0, 1.0, 1.0, 1.0])))[0]
    assert heavier > evenly


def test_a_signal_that_is_always_the_same_breaks_nothing() -> None:
    signals = np.column_stack([np.ones(6), np.arange(6.0)])
    weights = fitted(signals, np.array([0.0, 0, 0, 1, 1, 1]), np.ones(6))
    assert np.isfinite(weights).all()
