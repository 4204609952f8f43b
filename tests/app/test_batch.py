"""Many questions from a file: in order, one line out for each line in, resumable, the same every time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from corpus import Library

Run = Callable[..., Any]
QUESTIONS: list[dict[str, Any]] = [
    {"id": "standard", "question": "参与制定国家标准能拿多少钱？"},
    {"id": 2, "question": "Which department is responsible for measure 15?"},
    {"id": "later", "question": "那由谁负责？", "history": [
        {"role": "user", "content": "首批次新材料产品最高资助多少？"},
        {"role": "assistant", "content": "最高不超过1000万元(十五)。"}]},
    {"id": "elsewhere", "question": "上海的新材料政策怎么规定？"},
    {"id": "english", "question": "国家标准给多少钱？", "lang": "en"},
    {"id": "named", "question": "你好", "policy": "sz-new-materials-2023"},
]  # fmt: skip


def write(path: Path, lines: Sequence[object]) -> Path:
    text = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def untimed(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in answer.items() if key != "timings_ms"} for answer in answers]


def test_one_answer_a_line_in_the_order_of_the_questions_with_their_ids(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS)
    done = cli("batch", "in.jsonl", "out.jsonl", "--no-llm")
    assert done.code == 0, done.err
    assert done.out == ""
    answers = read(tmp_path / "out.jsonl")
    assert [a["id"] for a in answers] == [q["id"] for q in QUESTIONS]
    assert [a["question"] for a in answers] == [q["question"] for q in QUESTIONS]
    assert [a["status"] for a in answers] == [
        "answered",
        "answered",
        "answered",
        "out_of_scope",
        "answered",
        "smalltalk",
    ]
    assert {c["label"] for c in answers[2]["citations"]} == {"(十五)"}
    assert answers[4]["language"] == "en"
    assert all(a["checks"]["passed"] for a in answers)


def test_an_answer_is_the_one_that_ask_gives(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS[:1])
    cli("batch", "in.jsonl", "out.jsonl")
    asked = json.loads(cli("ask", QUESTIONS[0]["question"], "--json").out)
    (answer,) = untimed(read(tmp_path / "out.jsonl"))
    assert answer == {"id": "standard", **untimed([asked])[0]}


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        ("{this is not json", None),
        ("[1, 2]", None),
        ('"a text"', None),
        ("{}", None),
        ('{"id": "a"}', "a"),
        ('{"id": "b", "question": 5}', "b"),
        ('{"id": "c", "question": null}', "c"),
        ('{"id": "d", "question": "国家标准", "lang": "fr"}', "d"),
        ('{"id": "e", "question": "国家标准", "lang": 3}', "e"),
        ('{"id": "f", "question": "国家标准", "policy": "no-such"}', "f"),
        ('{"id": "g", "question": "国家标准", "policy": ["x"]}', "g"),
        ('{"id": "h", "question": "国家标准", "history": "text"}', "h"),
        ('{"id": "i", "question": "国家标准", "history": [{"role": "user"}]}', "i"),
        ("[" * 50_000, None),
        ("NaN", None),
    ],
)
def test_a_line_that_cannot_be_read_becomes_an_error_line_and_the_run_goes_on(
    cli: Run, tmp_path: Path, line: str, identity: str | None
) -> None:
    write(tmp_path / "in.jsonl", [QUESTIONS[3], line, QUESTIONS[3]])
    done = cli("batch", "in.jsonl", "out.jsonl")
    assert done.code == 0, done.err
    before, bad, after = read(tmp_path / "out.jsonl")
    assert before["status"] == after["status"] == "out_of_scope"
    assert bad["status"] == "error"
    assert bad["id"] == identity
    assert bad["error"].strip()


@pytest.mark.parametrize("question", ["", "   ", "\x00", "\ud800", "长" * 5000])
def test_an_odd_question_is_answered_like_any_other(cli: Run, tmp_path: Path, question: str) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "odd", "question": question}) + "\n", encoding="utf-8")
    done = cli("batch", "in.jsonl", "out.jsonl")
    assert done.code == 0, done.err
    (answer,) = read(tmp_path / "out.jsonl")
    assert answer["id"] == "odd"
    assert answer["status"] in ("clarify", "error", "out_of_scope", "smalltalk")


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_no_trouble(cli: Run, tmp_path: Path) -> None:
    lines = [json.dumps(q, ensure_ascii=False) for q in QUESTIONS[:2]]
    (tmp_path / "in.jsonl").write_bytes(("\ufeff" + "\r\n\r\n".join(lines)).encode())
    assert cli("batch", "in.jsonl", "out.jsonl").code == 0
    assert [a["id"] for a in read(tmp_path / "out.jsonl")] == ["standard", 2]


def test_a_line_separator_inside_a_question_does_not_cut_the_line(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", [{"id": "u2028", "question": "国家标准\u2028给多少钱？\u0085"}])
    assert cli("batch", "in.jsonl", "out.jsonl").code == 0
    content = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["id"] for line in content.rstrip("\n").split("\n")] == ["u2028"]


def test_jobs_change_nothing_but_the_time(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", [*QUESTIONS, "{bad", *QUESTIONS])
    assert cli("batch", "in.jsonl", "one.jsonl").code == 0
    assert cli("batch", "in.jsonl", "four.jsonl", "--jobs", "4").code == 0
    assert cli("batch", "in.jsonl", "again.jsonl").code == 0
    one, four, again = (untimed(read(tmp_path / f"{name}.jsonl")) for name in ("one", "four", "again"))
    assert one == four == again


def test_limit_takes_the_first_lines_only(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS)
    assert cli("batch", "in.jsonl", "out.jsonl", "--limit", "2").code == 0
    assert [a["id"] for a in read(tmp_path / "out.jsonl")] == ["standard", 2]


def test_a_stopped_run_is_resumed_where_it_was_cut(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS)
    assert cli("batch", "in.jsonl", "whole.jsonl").code == 0
    whole = (tmp_path / "whole.jsonl").read_bytes()
    third = whole.index(b"\n", whole.index(b"\n") + 1) + 40
    (tmp_path / "out.jsonl").write_bytes(whole[:third])
    kept = whole[: whole.rindex(b"\n", 0, third) + 1]
    assert cli("batch", "in.jsonl", "out.jsonl", "--resume").code == 0
    assert (tmp_path / "out.jsonl").read_bytes().startswith(kept)
    assert untimed(read(tmp_path / "out.jsonl")) == untimed(read(tmp_path / "whole.jsonl"))


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_resuming_a_run_that_is_done_or_was_never_started(cli: Run, tmp_path: Path, jobs: str) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS[:3])
    assert cli("batch", "in.jsonl", "out.jsonl", "--resume", "--jobs", jobs).code == 0
    done = (tmp_path / "out.jsonl").read_bytes()
    assert cli("batch", "in.jsonl", "out.jsonl", "--resume", "--jobs", jobs).code == 0
    assert (tmp_path / "out.jsonl").read_bytes() == done


def test_without_resume_an_old_file_is_replaced(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS[3:4])
    (tmp_path / "out.jsonl").write_text("old\n", encoding="utf-8")
    assert cli("batch", "in.jsonl", "out.jsonl").code == 0
    assert [a["id"] for a in read(tmp_path / "out.jsonl")] == ["elsewhere"]


def test_a_file_of_another_run_is_not_resumed(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS[:1])
    (tmp_path / "out.jsonl").write_text('{"id": 1}\n{"id": 2}\n', encoding="utf-8")
    done = cli("batch", "in.jsonl", "out.jsonl", "--resume")
    assert done.code == 1
    assert "out.jsonl" in done.complaint
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == '{"id": 1}\n{"id": 2}\n'


def test_a_manifest_says_what_the_answers_were_made_with(cli: Run, library: Library, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS)
    cli("batch", "in.jsonl", "out.jsonl", POLICY_API_KEYS="secret-key")
    (path,) = tmp_path.glob("out.jsonl*manifest*")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest["corpus"] == library.digest
    assert manifest["version"]
    assert manifest["lines"] == len(QUESTIONS)
    assert manifest["input_sha256"] == hashlib.sha256((tmp_path / "in.jsonl").read_bytes()).hexdigest()
    assert "secret-key" not in path.read_text(encoding="utf-8")
    assert manifest["settings"]["POLICY_EMBEDDER"] == "bundled"


def test_an_empty_file_gives_an_empty_file(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"")
    assert cli("batch", "in.jsonl", "out.jsonl").code == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_a_target_that_cannot_be_written_is_named(cli: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS[:1])
    done = cli("batch", "in.jsonl", "no-such-folder/out.jsonl")
    assert done.code == 1
    assert "no-such-folder" in done.complaint


def test_the_questions_are_not_overwritten_by_their_answers(cli: Run, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", QUESTIONS[:1])
    before = source.read_bytes()
    done = cli("batch", "in.jsonl", "in.jsonl")
    assert source.read_bytes() == before
    assert done.code == 1
    assert "in.jsonl" in done.complaint


def test_the_answers_flow_out_as_they_are_made(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", QUESTIONS)
    done = run("batch", "in.jsonl", "out.jsonl")
    assert done.code == 0
    assert done.out == ""
    assert "Traceback" not in done.err
    assert len(read(tmp_path / "out.jsonl")) == len(QUESTIONS)
