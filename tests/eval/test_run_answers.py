"""Generating and scoring: two steps joined by a file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.models import Answer, FactStated, Message
from corpus.departments import Directory
from corpus.models import Policy
from eval.answers import generate, load_answers, main, run_answers, score_run
from eval.gold import GoldError, GoldItem, load_gold

GOLD: list[dict[str, Any]] = [
    {
        "id": "g1",
        "lang": "zh",
        "kind": "distributive",
        "history": [],
        "question": "国标多少钱？",
        "expect": {"status": "answered", "clauses": ["(十九)"], "amounts": [500000], "forbid_amounts": [300000]},
    },
    {
        "id": "g2",
        "lang": "zh",
        "kind": "follow-up",
        "history": [{"role": "user", "content": "国标多少钱？"}, {"role": "assistant", "content": "50万元"}],
        "question": "那由谁负责？",
        "expect": {"status": "answered", "clauses": ["(十九)"], "departments": ["市市场监管局"]},
    },
    {"id": "g3", "lang": "zh", "kind": "smalltalk", "question": "你好", "expect": {"status": "smalltalk"}},
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in GOLD), encoding="utf-8")
    return path


@pytest.fixture
def assistant(scripted: Any, make_answer: Callable[..., Answer], standard_fact: FactStated) -> Any:
    """Right about the amount and the greeting, wrong about the department."""

    def reply(question: str, history: Sequence[Message]) -> Answer:
        if question == "你好":
            return make_answer("您好！", status="smalltalk")
        if history:
            return make_answer("由市财政局负责(十九)。", ["(十九)"])
        return make_answer("不超过50万元(十九)。", ["(十九)"], [standard_fact])

    return scripted(reply)


def test_every_item_is_asked_with_its_history_and_policy(gold: Path, assistant: Any, policy: Policy) -> None:
    run_answers(gold, assistant, None, policy)
    assert [question for question, _, _ in assistant.asked] == ["国标多少钱？", "那由谁负责？", "你好"]
    assert assistant.asked[1][1] == (Message("user", "国标多少钱？"), Message("assistant", "50万元"))
    assert {of for _, _, of in assistant.asked} == {policy.id}


def test_the_run_is_scored(gold: Path, assistant: Any, policy: Policy) -> None:
    summary = run_answers(gold, assistant, None, policy)
    assert [score.right for score in summary.scores] == [True, False, True]
    assert summary.reasons == {"missing department": 1}
    assert summary.overall.spans.share == 1


def test_given_answers_score_as_generated_ones(gold: Path, assistant: Any, policy: Policy, tmp_path: Path) -> None:
    first = run_answers(gold, assistant, tmp_path / "run", policy)
    again = run_answers(gold, tmp_path / "run" / "answers.jsonl", None, policy)
    assert again == first


def test_a_failing_question_becomes_an_error_and_the_run_goes_on(
    scripted: Any, make_answer: Callable[..., Answer], gold_item: Callable[..., GoldItem]
) -> None:
    def reply(question: str, history: Sequence[Message]) -> Answer:
        if history:
            raise RuntimeError("no index")
        return make_answer("好")

    items = [gold_item(id="a", history=(Message("user", "x"),)), gold_item(id="b")]
    answers = list(generate(items, scripted(reply)))
    assert [a["id"] for a in answers] == ["a", "b"]
    assert (answers[0]["status"], answers[0]["error"]) == ("error", "RuntimeError: no index")
    assert answers[1]["status"] == "answered"


def test_missing_and_surplus_answers_are_counted(gold: Path, directory: Directory) -> None:
    summary = score_run(load_gold(gold), {"g3": {"status": "smalltalk", "language": "zh"}, "else": {}}, directory)
    assert [score.right for score in summary.scores] == [False, False, True]
    assert summary.overall.errors.hits == 2
    assert any("1 answers have an id" in warning for warning in summary.warnings)


def test_lines_that_could_not_be_read_have_no_id_and_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"id": null, "status": "error", "error": "why"}\n{"id": "a", "status": "answered"}\n')
    assert list(load_answers(path)) == ["a"]


def test_an_id_answered_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"id": "a"}\n{"id": "a"}\n')
    with pytest.raises(GoldError, match=r"out\.jsonl:2: id 'a' is answered twice"):
        load_answers(path)
    path.write_text("3\n")
    with pytest.raises(GoldError, match="not int"):
        load_answers(path)


@pytest.fixture
def answered(gold: Path, assistant: Any, policy: Policy, tmp_path: Path) -> Path:
    run_answers(gold, assistant, tmp_path / "run", policy)
    return tmp_path / "run" / "answers.jsonl"


def test_the_command_prints_the_table_and_writes_failures(
    gold: Path, answered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(gold), str(answered)]) == 0
    printed = capsys.readouterr().out
    assert "| all | 3 | 66.7 |" in printed
    assert "那由谁负责" not in printed
    assert "那由谁负责" in answered.with_suffix(".failures.txt").read_text(encoding="utf-8")


def test_totals_only_leaves_no_file(gold: Path, answered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(answered.parent.iterdir())
    assert main([str(gold), str(answered), "--totals-only", "--report", str(answered.parent / "no")]) == 0
    assert "| all | 3 |" in capsys.readouterr().out
    assert set(answered.parent.iterdir()) == before


def test_what_cannot_be_done_is_one_line_on_stderr(
    gold: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(gold), str(tmp_path / "none.jsonl")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "none.jsonl cannot be read" in printed.err
    assert printed.err.count("\n") == 1


def test_it_runs_as_a_module(gold: Path, answered: Path) -> None:
    command = [sys.executable, "-m", "eval.answers", str(gold), str(answered), "--totals-only"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "| all | 3 | 66.7 |" in done.stdout
