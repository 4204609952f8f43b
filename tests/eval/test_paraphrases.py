"""Groups of wordings: how many come out alike, how many right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.models import Answer, FactStated, Message
from corpus.departments import Directory
from corpus.models import Policy
from eval.attacks import load_paraphrases, paraphrases_dict, show_paraphrases, try_paraphrases
from eval.gold import GoldError

FILE = Path(__file__).parents[2] / "eval" / "gold" / "paraphrases.jsonl"
GROUP: dict[str, Any] = {
    "id": "p",
    "kind": "distributive",
    "expect": {"status": "answered", "clauses": ["(十九)"], "amounts": [500000]},
    "wordings": [{"lang": "zh", "question": q} for q in ("国标多少钱", "国家标准几多钱", "制定国标给多少")],
}


def written(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "groups.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_wordings_that_come_out_alike_and_right(
    tmp_path: Path, scripted: Any, make_answer: Callable[..., Answer], standard_fact: FactStated, directory: Directory
) -> None:
    assistant = scripted(lambda q, h: make_answer(q, ["(十九)"], [standard_fact]))
    (result,) = try_paraphrases(assistant, load_paraphrases(written(tmp_path, GROUP)), directory)
    assert (result.agreeing.hits, result.right.hits, result.agreeing.of, result.outliers) == (3, 3, 3, ())


def test_stable_but_wrong_is_not_right(
    tmp_path: Path, scripted: Any, make_answer: Callable[..., Answer], directory: Directory
) -> None:
    assistant = scripted(lambda q, h: make_answer(q, ["(三)"]))
    (result,) = try_paraphrases(assistant, load_paraphrases(written(tmp_path, GROUP)), directory)
    assert (result.agreeing.hits, result.right.hits) == (3, 0)


def test_an_outlier_is_shown_with_what_differs(
    tmp_path: Path, scripted: Any, make_answer: Callable[..., Answer], standard_fact: FactStated, directory: Directory
) -> None:
    def reply(question: str, history: Sequence[Message]) -> Answer:
        if "几多" in question:
            raise RuntimeError("lost")
        if "制定" in question:
            return make_answer("未规定", status="not_specified")
        return make_answer("50万元", ["(十九)"], [standard_fact])

    group = {**GROUP, "wordings": [*GROUP["wordings"], {"lang": "en", "question": "national standard?"}]}
    results = try_paraphrases(scripted(reply), load_paraphrases(written(tmp_path, group)), directory)
    assert (results[0].agreeing.hits, results[0].right.hits) == (2, 2)
    shown = show_paraphrases(results)
    assert "2 of 4 alike, 2 right; 0 of 1 groups wholly stable" in shown
    assert "RuntimeError: lost" in shown
    assert "status answered became not_specified" in shown
    assert json.loads(json.dumps(paraphrases_dict(results)))[0]["agreeing"]["share"] == 0.5


def test_expected_departments_must_be_named(
    tmp_path: Path, scripted: Any, make_answer: Callable[..., Answer], directory: Directory
) -> None:
    expect = {"status": "answered", "clauses": ["(十一)"], "departments": ["市发展改革委"]}
    groups = load_paraphrases(written(tmp_path, {**GROUP, "expect": expect}))
    fact = FactStated("department", "(十一)", "市发展改革委", "市发展改革委")
    stated = scripted(lambda q, h: make_answer("(十一)", ["(十一)"], [fact]))
    in_words = scripted(lambda q, h: make_answer("The Development and Reform Commission (十一)", ["(十一)"]))
    silent = scripted(lambda q, h: make_answer("(十一)", ["(十一)"]))
    assert try_paraphrases(stated, groups, directory)[0].right.hits == 3
    assert try_paraphrases(in_words, groups, directory)[0].right.hits == 3
    assert try_paraphrases(silent, groups, directory)[0].right.hits == 0


@pytest.mark.parametrize(
    "row",
    [
        {"id": "p"},
        [],
        {**GROUP, "expect": {}},
        {**GROUP, "expect": {"status": "fine"}},
        {**GROUP, "wordings": [{"lang": "zh", "question": "一"}]},
        {**GROUP, "wordings": [{"lang": "zh"}, {"lang": "zh"}]},
    ],
)
def test_a_malformed_group_is_refused_with_its_line(tmp_path: Path, row: object) -> None:
    with pytest.raises(GoldError, match=r"groups\.jsonl:2: a group"):
        load_paraphrases(written(tmp_path, GROUP, row))


def test_the_groups_that_come_with_the_product_are_sound(policy: Policy, directory: Directory) -> None:
    groups = load_paraphrases(FILE)
    labels = {c.label: c for c in policy.clauses}
    assert len(groups) == 12
    for group in groups:
        assert len({w.question for w in group.wordings}) == 10
        assert Counter(w.language for w in group.wordings) == {"zh": 5, "zh-Hant": 2, "en": 3}
        sums = {p.amount.value for label in group.clauses for p in labels[label].provisions if p.amount}
        assert set(group.amounts) <= sums
        assert all(directory.named(name) for name in group.departments)
