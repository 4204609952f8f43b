"""Fits the weights by which the assistant judges what is out of scope.

``python -m eval.calibration GOLD.jsonl`` asks the questions without a history and writes ``app/scope_weights.toml``.
Fit it on questions that tune, never on the held-out ones; every tenth part of them is judged by weights fitted without
it, and how many go wrong is printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.assistant import Assistant
from app.scope import FAR
from app.scope_model import WEIGHTS_FILE
from app.settings import load_settings
from eval.gold import GoldError, load_gold

_PENALTY = 1.0
_STEPS = 60
_PARTS = 10
Array = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("gold", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE, metavar="WEIGHTS.toml")
    args = parser.parse_args(argv)
    try:
        items = [item for item in load_gold(args.gold) if not item.history]
    except GoldError as error:
        print(error, file=sys.stderr)
        return 2
    assistant = Assistant.open(load_settings())
    rows, away = [], []
    for item in items:
        trace = assistant.ask(item.question, explain=True).trace or {}
        # What never came to be searched for (a label, a greeting) was judged without these signals.
        if found := trace.get("scope", {}).get("signals"):
            rows.append(found)
            away.append(item.expect.status == "out_of_scope")
    names = list(rows[0])
    signals = np.array([[row[name] for name in names] for row in rows])
    target = np.array(away, dtype=float)
    judged = np.zeros(len(target))
    order = np.random.default_rng(0).permutation(len(target))
    for part in range(_PARTS):
        held = order[part::_PARTS]
        weights = fitted(np.delete(signals, held, axis=0), np.delete(target, held))
        judged[held] = probabilities(signals[held], weights)
    far = judged >= FAR
    print(
        f"{len(target)} questions, {int(target.sum())} of them out of scope: "
        f"{int((far & (target == 0)).sum())} wrongly turned away, {int((~far & (target == 1)).sum())} wrongly let in"
    )
    weights = fitted(signals, target)
    lines = [
        "# Made by: python -m eval.calibration eval/gold/dev.jsonl",
        f"constant = {weights[0]:.4f}",
        "",
        "[weights]",
        *(f"{name} = {weight:.4f}" for name, weight in zip(names, weights[1:], strict=True)),
    ]
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def fitted(signals: Array, target: Array) -> Array:
    """The constant and the weights of a logistic regression with a quadratic penalty on standardised signals
    (Newton's method); they apply to signals as they are."""
    mean, deviation = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    rows = np.hstack([np.ones((len(signals), 1)), (signals - mean) / deviation])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-rows @ weights))
        curvature = (rows.T * (said * (1 - said) + 1e-6)) @ rows + _PENALTY * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, rows.T @ (said - target) + _PENALTY * weights)
    plain = weights[1:] / deviation
    return np.concatenate([[weights[0] - plain @ mean], plain])


def probabilities(signals: Array, weights: Array) -> Array:
    """The probabilities that these weights give to rows of signals."""
    return np.asarray(1 / (1 + np.exp(-(weights[0] + signals @ weights[1:]))))


if __name__ == "__main__":
    sys.exit(main())
