"""The outside contract, checked from outside: the installed commands, their JSON, and eight easy questions.

Scripts, clients and the evaluation rely on what is asserted here. It is about form and consistency; how good answers
are is measured by the evaluation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
STATUSES = {"answered", "partial", "not_specified", "out_of_scope", "clarify", "smalltalk", "error"}
KEYS = {
    "question", "standalone_question", "language", "status", "answer", "citations", "facts", "notes", "contact",
    "see_also", "checks", "trace", "mode", "model", "timings_ms",
}  # fmt: skip
QUESTIONS: list[dict[str, Any]] = [
    {"id": "amount", "question": "参与制定国家标准能拿多少钱？"},
    {"id": "department", "question": "Which department is responsible for measure 15?"},
    {"id": "validity", "question": "這個政策有效期到什麼時候？"},
    {"id": "ties", "question": "哪些措施的资助上限是5000万元？"},
    {"id": "elsewhere", "question": "上海的新材料政策怎么规定？"},
    {
        "id": "follow-up",
        "question": "那由谁负责？",
        "history": [
            {"role": "user", "content": "首批次新材料产品最高资助多少？"},
            {"role": "assistant", "content": "最高不超过1000万元(十五)。"},
        ],
    },
    {"id": "greeting", "question": "你好"},
    {"id": "open", "question": "测试验证平台的资助比例具体是百分之几？"},
]
BAD_LINE = 3


def labels(answer: dict[str, Any]) -> set[str]:
    return {citation["label"] for citation in answer["citations"]}


def numbered(found: set[str]) -> set[str]:
    return {label for label in found if re.fullmatch(r"\([一二三四五六七八九十]+\)", label)}


def sums(answer: dict[str, Any]) -> set[int]:
    return {fact["value"] for fact in answer["facts"] if fact["kind"] == "amount"}


EXPECTED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "amount": lambda a: 500_000 in sums(a) and "(十九)" in labels(a) and a["language"] == "zh",
    "department": lambda a: "(十五)" in labels(a) and a["language"] == "en",
    "validity": lambda a: "六、附则" in labels(a) and a["language"] == "zh-Hant",
    "ties": lambda a: numbered(labels(a)) == {"(三)", "(九)", "(十二)"},
    "elsewhere": lambda a: a["status"] == "out_of_scope",
    "follow-up": lambda a: "(十五)" in labels(a) and a["standalone_question"] != a["question"],
    "greeting": lambda a: a["status"] == "smalltalk",
    "open": lambda a: a["status"] == "not_specified" and "(三)" in labels(a),
}


@pytest.fixture
def parsed(run: Run, founding_folder: Path) -> dict[str, Any]:
    done = run("parse", founding_folder / "source.txt", "--json")
    assert done.code == 0, done.err
    assert done.err == ""
    data = json.loads(done.out)
    assert isinstance(data, dict)
    return data


def holds(answer: dict[str, Any], source: str) -> None:
    """Form and consistency of one answer object."""
    assert answer.keys() >= KEYS
    assert answer["status"] in STATUSES
    assert answer["language"] in ("zh", "zh-Hant", "en")
    assert answer["answer"].strip()
    assert answer["mode"] in ("extractive", "llm")
    assert answer["timings_ms"].keys() >= {"total", "understand", "retrieve", "compose"}
    if answer["status"] in ("out_of_scope", "smalltalk", "error"):
        assert answer["citations"] == []
    for citation in answer["citations"]:
        assert citation.keys() >= {"policy", "id", "label", "number", "title", "quote", "start", "end"}
        assert citation["id"].startswith(citation["policy"] + "#")
        assert citation["quote"]
        assert source[citation["start"] : citation["end"]] == citation["quote"]
    said = {f"({label})" for label in re.findall(r"[（(]([一二三四五六七八九十]{1,3})[)）]", answer["answer"])}
    assert said == numbered(labels(answer))
    assert answer["checks"]["passed"] is True
    assert answer["checks"]["failed"] == []
    assert isinstance(answer["checks"]["checked"], list)
    quoted: dict[str, str] = {}
    for citation in answer["citations"]:
        quoted[citation["label"]] = quoted.get(citation["label"], "") + citation["quote"]
    for fact in answer["facts"]:
        if fact["kind"] == "amount":
            assert isinstance(fact.get("value", fact.get("value_min")), int | float)
            assert fact["text"] in quoted[fact["clause"]]
            assert fact["currency"] == "CNY"
    for note in answer["notes"]:
        assert note["text"].strip()
        assert source[note["start"] : note["end"]].strip()
        assert note["label"]


def test_parse_reads_the_founding_policy(parsed: dict[str, Any]) -> None:
    assert parsed.keys() >= {
        "title", "doc_no", "issuers", "published", "effective_from", "effective_to", "source_text", "sections",
        "clauses", "contact", "left_out",
    }  # fmt: skip
    assert [c["number"] for c in parsed["clauses"] if c["number"]] == list(range(1, 21))
    assert {c["id"] for c in parsed["clauses"] if c["number"] is None} == {"#notice", "#preamble", "#scope", "#closing"}
    for clause in parsed["clauses"]:
        assert clause.keys() >= {
            "id",
            "label",
            "number",
            "title",
            "text",
            "start",
            "end",
            "section",
            "departments",
            "provisions",
        }
        assert parsed["source_text"][clause["start"] : clause["end"]] == clause["text"]
        for department in clause["departments"]:
            assert department.keys() >= {"name", "role"}


def test_ask_prints_one_answer_object(run: Run, parsed: dict[str, Any]) -> None:
    done = run("ask", "固态电解质项目最高资助多少？", "--json", "--no-llm")
    assert done.code == 0
    assert done.err == ""
    answer = json.loads(done.out)
    holds(answer, parsed["source_text"])
    assert sums(answer) == {30_000_000}


def test_batch_answers_eight_easy_questions_and_a_line_that_is_none(
    run: Run, tmp_path: Path, parsed: dict[str, Any]
) -> None:
    lines = [json.dumps(question, ensure_ascii=False) for question in QUESTIONS]
    lines.insert(BAD_LINE, "{this is not json")
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run("batch", "in.jsonl", "out.jsonl", "--no-llm")
    assert done.code == 0, done.err
    answers = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(answers) == len(lines)
    bad = answers.pop(BAD_LINE)
    assert bad["id"] is None
    assert bad["status"] == "error"
    assert bad["error"]
    assert [answer["id"] for answer in answers] == [question["id"] for question in QUESTIONS]
    for answer in answers:
        holds(answer, parsed["source_text"])
        assert EXPECTED[answer["id"]](answer), answer
    assert list(tmp_path.glob("out.jsonl*manifest*"))


@pytest.mark.parametrize("label", ["十五", "（十五）", "(15)", "第15条", "measure 15"])
def test_clause_accepts_a_label_in_every_promised_form(cli: Run, label: str) -> None:
    done = cli("clause", label, "--json")
    assert done.code == 0
    clause = json.loads(done.out)
    assert (clause["label"], clause["number"]) == ("(十五)", 15)


def test_a_question_is_asked_for_when_there_is_none(run: Run) -> None:
    assert run("ask").code == 2


@pytest.mark.parametrize("arguments", [("parse", "no-such-file.txt"), ("clause", "九十九")])
def test_what_cannot_be_done_ends_with_1_and_one_line(run: Run, arguments: tuple[str, str]) -> None:
    done = run(*arguments)
    assert done.code == 1
    assert done.out == ""
    assert done.complaint
