"""Fits the weights by which the assistant judges what is out of scope.

``python -m eval.calibration GOLD.jsonl [--also CORPUS_DIR GOLD.jsonl ...]`` asks the questions without a history and
writes ``app/scope_weights.toml``. Fit it on questions that tune, never on the held-out ones; every tenth part of them
is judged by weights fitted without it, and how many go wrong is printed. What is out of scope differs from policy to
policy: ``--also`` takes questions on other policies in, each counted several times, since there are fewer.
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
from app.settings import Settings, load_settings
from eval.gold import GoldError, load_gold

_PENALTY = 1.0
_STEPS = 60
_PARTS = 10
_OTHERS_WEIGHT = 4.0
Array = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("gold", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("--also", nargs=2, type=Path, action="append", default=[], metavar=("CORPUS_DIR", "GOLD.jsonl"))
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE, metavar="WEIGHTS.toml")
    args = parser.parse_args(argv)
    settings = load_settings()
    try:
        rows = signals_of(args.gold, settings, 1.0)
        own = len(rows)
        for corpus_dir, gold in args.also:
            data_dir = settings.data_dir / "calibration" / corpus_dir.name
            elsewhere = settings.model_copy(update={"corpus_dir": corpus_dir, "data_dir": data_dir})
            rows += signals_of(gold, elsewhere, _OTHERS_WEIGHT)
    except GoldError as error:
        print(error, file=sys.stderr)
        return 2
    names = list(rows[0][0])
    signals = np.array([[found[name] for name in names] for found, _, _ in rows])
    target = np.array([away for _, away, _ in rows], dtype=float)
    counted = np.array([weight for _, _, weight in rows])
    judged = np.zeros(len(rows))
    order = np.random.default_rng(0).permutation(len(rows))
    for part in range(_PARTS):
        held = order[part::_PARTS]
        kept = np.setdiff1d(order, held)
        judged[held] = probabilities(signals[held], fitted(signals[kept], target[kept], counted[kept]))
    far = judged >= FAR
    for name, some in (("its own", slice(0, own)), ("on others", slice(own, None))):
        away, turned = target[some] == 1, far[some]
        print(
            f"{len(away)} questions {name}, {int(away.sum())} of them out of scope: "
            f"{int((turned & ~away).sum())} wrongly turned away, {int((~turned & away).sum())} wrongly let in"
        )
    weights = fitted(signals, target, counted)
    lines = [
        f"# Made by eval.calibration from {own} questions on this policy and {len(rows) - own} on others.",
        f"constant = {weights[0]:.4f}",
        "",
        "[weights]",
        *(f"{name} = {weight:.4f}" for name, weight in zip(names, weights[1:], strict=True)),
    ]
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def signals_of(gold: Path, settings: Settings, weight: float) -> list[tuple[dict[str, float], bool, float]]:
    """The signals of each question of a gold file, whether it is out of scope, and how much it counts. What never
    came to be searched for (a label, a greeting) was judged without these signals and is left out."""
    assistant = Assistant.open(settings)
    found = []
    for item in load_gold(gold):
        trace = {} if item.history else assistant.ask(item.question, explain=True).trace or {}
        if signals := trace.get("scope", {}).get("signals"):
            found.append((signals, item.expect.status == "out_of_scope", weight))
    return found


def fitted(signals: Array, target: Array, counted: Array) -> Array:
    """The constant and the weights of a logistic regression with a quadratic penalty on standardised signals
    (Newton's method); they apply to signals as they are. ``counted`` is how much each row counts."""
    mean, deviation = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    rows = np.hstack([np.ones((len(signals), 1)), (signals - mean) / deviation])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-rows @ weights))
        curvature = (rows.T * (counted * said * (1 - said) + 1e-6)) @ rows + _PENALTY * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, rows.T @ (counted * (said - target)) + _PENALTY * weights)
    plain = weights[1:] / deviation
    return np.concatenate([[weights[0] - plain @ mean], plain])


def probabilities(signals: Array, weights: Array) -> Array:
    """The probabilities that these weights give to rows of signals."""
    return np.asarray(1 / (1 + np.exp(-(weights[0] + signals @ weights[1:]))))


if __name__ == "__main__":
    sys.exit(main())
