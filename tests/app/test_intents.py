"""Exemplars: what is learned from them, and that it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app.intents import Exemplar, IntentModel, Vector, load_exemplars


def vector(*values: float) -> Vector:
    made = np.asarray(values, dtype=np.float32)
    return np.asarray(made / np.linalg.norm(made), dtype=np.float32)


EXEMPLARS = [
    *(Exemplar("amount", "zh", f"{thing}能拿多少") for thing in ("平台", "项目", "展会")),
    *(Exemplar("department", "zh", f"{thing}归谁管") for thing in ("平台", "项目", "展会")),
    *(Exemplar("oos", "zh", f"{thing}好不好吃") for thing in ("火锅", "烧鹅", "肠粉")),
    *(Exemplar("amount", "en", f"what would {thing} get") for thing in ("platforms", "projects", "fairs")),
    *(Exemplar("oos", "en", f"is {thing} tasty") for thing in ("hotpot", "goose", "congee")),
]
PLACES = {"amount": (1.0, 0.1, 0.0), "department": (0.1, 1.0, 0.0), "oos": (0.0, 0.0, 1.0)}
VECTORS = np.stack([vector(*(v + 0.05 * i for v in PLACES[e.kind])) for i, e in enumerate(EXEMPLARS)])


def test_what_is_asked_is_read_from_vector_and_wording() -> None:
    model = IntentModel(EXEMPLARS, VECTORS)
    middle = vector(1.0, 1.0, 0.0)
    # The vector leaves it open; the way of asking decides.
    assert model.judge(middle, "园区能拿多少", "zh").kind == "amount"
    assert model.judge(middle, "园区归谁管", "zh").kind == "department"
    shares = model.judge(middle, "园区归谁管", "zh").shares
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-4)
    assert "oos" not in shares


def test_what_is_near_other_matters_is_elsewhere() -> None:
    model = IntentModel(EXEMPLARS, VECTORS)
    here = model.judge(vector(1.0, 0.1, 0.0), "园区能拿多少", "zh").elsewhere
    away = model.judge(vector(0.0, 0.0, 1.0), "云吞面好不好吃", "zh").elsewhere
    assert 0.0 <= here < away <= 1.0


def test_what_was_learned_is_kept_and_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    rows = {e.text: np.random.default_rng(i).normal(size=8) for i, e in enumerate(load_exemplars())}
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> Vector:
        asked.extend(texts)
        return np.stack([vector(*rows[text]) for text in texts])

    first = IntentModel.load(embed, "random", tmp_path, progress=False)
    made = len(asked)
    second = IntentModel.load(embed, "random", tmp_path, progress=False)
    assert len(asked) == made
    assert all(np.array_equal(first.weights[side], second.weights[side]) for side in first.weights)
    (kept,) = tmp_path.glob("exemplars-*.npz")
    kept.write_bytes(b"not what it was")
    IntentModel.load(embed, "random", tmp_path, progress=False)
    assert len(asked) == 2 * made
