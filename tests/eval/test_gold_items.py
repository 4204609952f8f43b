"""Gold files: what is read, what is refused and in which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.models import Policy
from eval.gold import GoldError, load_gold, warnings_of

LINE: dict[str, Any] = {
    "id": "a-1",
    "lang": "zh",
    "kind": "amount",
    "history": [{"role": "user", "content": "先问一句"}],
    "question": "秘密问题",
    "expect": {
        "status": "answered",
        "clauses": ["（十九）"],
        "also_ok": ["六、附则"],
        "amounts": [500000],
        "forbid_amounts": [1000000],
        "all_of": [["国家标准", "国标"]],
        "none_of": ["不知道"],
        "departments": ["市市场监管局"],
    },
    "pair_id": "p1",
}


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def with_expect(**changes: Any) -> dict[str, Any]:
    return {**LINE, "expect": {**LINE["expect"], **changes}}


def test_a_line_becomes_a_typed_item(tmp_path: Path) -> None:
    (item,) = load_gold(written(tmp_path, LINE, "", "  "))
    assert (item.id, item.lang, item.kind, item.pair_id) == ("a-1", "zh", "amount", "p1")
    assert item.history[0].content == "先问一句"
    assert item.expect.amounts == (500000,)
    assert item.expect.all_of == (("国家标准", "国标"),)


def test_labels_get_half_width_brackets(tmp_path: Path) -> None:
    (item,) = load_gold(written(tmp_path, LINE))
    assert item.expect.clauses == ("(十九)",)


def test_a_minimal_line_is_enough(tmp_path: Path) -> None:
    (item,) = load_gold(written(tmp_path, {"id": "x", "question": "q", "expect": {"status": "smalltalk"}}))
    assert item.expect.clauses == ()
    assert item.history == ()
    assert item.kind == "other"


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps({**LINE, "question": "前\u2028后"}, ensure_ascii=False))
    assert load_gold(path)[0].question == "前\u2028后"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{broken", "not JSON"),
        ("[1]", "not list"),
        ({**LINE, "id": ""}, "'id'"),
        ({**LINE, "question": None}, "'question'"),
        ({**LINE, "expect": None}, "'expect'"),
        ({**LINE, "lang": "fr"}, "'fr'"),
        ({**LINE, "history": [{"role": "system", "content": "x"}]}, "role"),
        ({**LINE, "history": "x"}, "'history'"),
        (with_expect(status="error"), "'error'"),
        (with_expect(amount=[1]), "expect.amount "),
        (with_expect(amounts=["50万"]), "expect.amounts"),
        (with_expect(amounts=[True]), "expect.amounts"),
        (with_expect(amounts=[0]), "expect.amounts"),
        (with_expect(clauses="(一)"), "expect.clauses"),
        (with_expect(departments=[""]), "expect.departments"),
        (with_expect(all_of=[[]]), "expect.all_of"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number_and_never_its_question(
    tmp_path: Path, line: object, says: str
) -> None:
    good = {**LINE, "id": "first"}
    with pytest.raises(GoldError) as caught:
        load_gold(written(tmp_path, good, line))
    assert "gold.jsonl:2: " in str(caught.value)
    assert says in str(caught.value)
    assert "秘密" not in str(caught.value)


def test_an_id_stands_once(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="line 1 already"):
        load_gold(written(tmp_path, LINE, LINE))


def test_a_file_without_items_or_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="holds no item"):
        load_gold(written(tmp_path, ""))
    with pytest.raises(GoldError, match="cannot be read"):
        load_gold(tmp_path / "none.jsonl")


def test_a_sound_pair_gives_no_warning(tmp_path: Path, policy: Policy) -> None:
    items = load_gold(written(tmp_path, LINE, {**LINE, "id": "a-2", "lang": "en"}))
    assert warnings_of(items, policy) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"forbid_amounts": [500000]}, "both required and forbidden"),
        ({"also_ok": ["(十九)"]}, "both in clauses and in also_ok"),
        ({"clauses": [], "also_ok": [], "amounts": []}, "without a clause to cite"),
        ({"status": "out_of_scope"}, "which such an answer does not have"),
        ({"clauses": ["(廿一)"]}, "(廿一) is not a label"),
        ({"amounts": [12345]}, "amount 12345 stands in none"),
    ],
)
def test_a_contradiction_is_warned_of_and_still_scored(
    tmp_path: Path, policy: Policy, changes: dict[str, Any], says: str
) -> None:
    line = {**with_expect(**changes), "pair_id": None}
    warnings = warnings_of(load_gold(written(tmp_path, line)), policy)
    assert any(says in warning for warning in warnings)
    assert not any("秘密" in warning for warning in warnings)


def test_a_pair_is_one_chinese_and_one_english_item(tmp_path: Path) -> None:
    lone = load_gold(written(tmp_path, LINE))
    assert "pair p1: has zh" in warnings_of(lone)[0]
    twice = load_gold(written(tmp_path, LINE, {**LINE, "id": "a-2", "lang": "zh-Hant"}))
    assert "zh, zh-Hant" in warnings_of(twice)[0]


@pytest.mark.parametrize("name", ["dev.jsonl", "test.jsonl"])
def test_the_gold_sets_that_come_with_the_product_are_sound(name: str, policy: Policy) -> None:
    items = load_gold(Path(__file__).parents[2] / "eval" / "gold" / name)
    assert len(items) > 200
    assert not [w for w in warnings_of(items, policy) if "pair" in w or "label" in w or "both" in w]
