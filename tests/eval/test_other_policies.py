"""The invented policies that questions are tried on beside the founding one, and the gold questions about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.departments import Directory
from corpus.library import load_policy
from eval.gold import load_gold, warnings_of

_FOLDERS = sorted((Path(__file__).parents[2] / "eval" / "policies").iterdir())


@pytest.mark.parametrize("folder", _FOLDERS, ids=[f.name for f in _FOLDERS])
def test_gold_questions_fit_the_policy_they_are_about(folder: Path) -> None:
    policy = load_policy(folder / "policy", Directory.load())
    assert warnings_of(load_gold(folder / "gold.jsonl"), policy) == []
