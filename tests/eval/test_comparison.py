"""Two runs side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from eval.comparison import compare, load_scores, mcnemar, show_comparison
from eval.gold import GoldError
from eval.scoring import Rate


def run(**items: str) -> dict[str, Any]:
    """Item scores: an id and the reason against it, empty when right."""
    return {
        key: {
            "id": key,
            "kind": "amount",
            "lang": "zh",
            "right": not why,
            "reasons": [{"kind": "status", "detail": why}] if why else [],
        }
        for key, why in items.items()
    }


def test_items_are_sorted_by_what_became_of_them() -> None:
    found = compare(
        run(same="", still="x", moved="x", mended="x", broken="", gone=""),
        run(same="", still="x", moved="y", mended="", broken="z", new=""),
    )
    assert [c.id for c in found.mended] == ["mended"]
    assert [(c.id, c.after) for c in found.broken] == [("broken", ("status: z",))]
    assert [(c.id, c.before, c.after) for c in found.moved] == [("moved", ("status: x",), ("status: y",))]
    assert (found.only_before, found.only_after) == (("gone",), ("new",))
    assert (found.before, found.after) == (Rate(2, 5), Rate(2, 5))


def test_mcnemar_is_the_exact_binomial_test() -> None:
    assert mcnemar(0, 0) is None
    assert mcnemar(5, 0) == pytest.approx(2 / 32)
    assert mcnemar(3, 3) == 1
    for mended, broken in ((1, 0), (9, 2), (4, 11), (20, 20)):
        assert mcnemar(mended, broken) == pytest.approx(binomtest(mended, mended + broken).pvalue)


def test_it_is_shown_and_given_as_json() -> None:
    found = compare(run(a="", b="x"), run(a="y", b=""))
    shown = show_comparison(found)
    assert "fully right: 1 -> 1 of 2" in shown
    assert "a · amount · zh" in shown
    data = json.loads(json.dumps(found.as_dict()))
    assert data["broken"][0]["id"] == "a"
    assert data["p_value"] == 1
    assert data["after"] == {"hits": 1, "of": 2, "share": 0.5}


def test_runs_with_nothing_in_common_compare_to_nothing() -> None:
    found = compare(run(a=""), run(b=""))
    assert (found.before.share, found.p_value) == (None, None)
    assert "only in the first run: 1 (a)" in show_comparison(found)


def test_scores_are_read_from_a_report_folder_or_its_file(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in run(a="", b="x").values()))
    assert list(load_scores(tmp_path)) == list(load_scores(path)) == ["a", "b"]
    path.write_text('{"id": "a"}\n')
    with pytest.raises(GoldError, match="no item score"):
        load_scores(tmp_path)
