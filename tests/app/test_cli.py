"""The command line: what each command prints, as a person and as a script reads it, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.models import Policy

Run = Callable[..., Any]


def document(done: Any) -> Any:
    """The one JSON document of a command that went well and had nothing to say besides."""
    assert done.code == 0, done.err
    assert done.err == ""
    return json.loads(done.out)


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("ask", "参与制定国家标准能拿多少钱？", "--json"), {"question", "status", "answer", "citations", "checks"}),
        (
            ("ask", "参与制定国家标准能拿多少钱？", "--no-llm", "--json"),
            {"question", "status", "answer", "citations", "checks"},
        ),
        (("ask", "参与制定国家标准能拿多少钱？", "--explain", "--json"), {"trace"}),
        (
            ("clause", "十五", "--json"),
            {"id", "label", "number", "title", "text", "start", "end", "departments", "provisions"},
        ),
    ],
)
def test_a_command_with_json_prints_one_object_and_nothing_else(
    cli: Run, arguments: tuple[str, ...], keys: set[str]
) -> None:
    data = document(cli(*arguments))
    assert isinstance(data, dict)
    assert data.keys() >= keys


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("search", "国家标准", "--json"), {"label", "title", "score", "id", "policy"}),
        (("measures", "--format", "json"), {"label", "amount", "qualifier", "what", "tied_with"}),
        (("policies", "--json"), {"id", "title", "effective_to"}),
        (("settings", "--json"), {"name", "value", "default"}),
    ],
)
def test_a_command_with_json_prints_one_list_and_nothing_else(
    cli: Run, arguments: tuple[str, ...], keys: set[str]
) -> None:
    data = document(cli(*arguments))
    assert isinstance(data, list)
    assert data
    assert data[0].keys() >= keys


def test_a_process_of_its_own_prints_one_document_and_nothing_else(run: Run) -> None:
    done = run("ask", "参与制定国家标准能拿多少钱？", "--json")
    assert document(done)["status"] == "answered"


def test_the_installed_command_is_the_module(run: Run) -> None:
    import subprocess

    script = Path(sys.executable).with_name("policy-assistant")
    if not script.exists():
        pytest.skip("the product is not installed as a command here")
    shown = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0
    assert shown.stdout == run("--help").out


# -- ask ------------------------------------------------------------------------------------------------------------


def test_a_person_reads_the_answer_its_notes_and_the_quoted_words(cli: Run, founding: Policy) -> None:
    done = cli("ask", "参与制定国家标准能拿多少钱？")
    assert done.code == 0
    assert done.err == ""
    assert "不超过50万元" in done.out.splitlines()[0]
    assert "不重复资助" in done.out
    assert "(十九) 推进建立统一的新材料检测和认证标准" in done.out
    assert "对主导或参与国际标准、国家标准" in done.out


def test_a_history_completes_a_follow_up(cli: Run, tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "首批次新材料产品最高资助多少？"},
        {"role": "assistant", "content": "最高不超过1000万元(十五)。"},
    ]
    (tmp_path / "turns.json").write_text(json.dumps(turns, ensure_ascii=False), encoding="utf-8")
    data = document(cli("ask", "那由谁负责？", "--history", "turns.json", "--json"))
    assert {c["label"] for c in data["citations"]} == {"(十五)"}
    assert data["standalone_question"] != data["question"]


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_the_language_can_be_chosen(cli: Run, language: str) -> None:
    assert document(cli("ask", "国家标准给多少钱", "--lang", language, "--json"))["language"] == language


def test_the_policy_can_be_named(cli: Run) -> None:
    data = document(cli("ask", "国家标准给多少钱", "--policy", "sz-new-materials-2023", "--json"))
    assert {c["policy"] for c in data["citations"]} == {"sz-new-materials-2023"}


def test_the_same_question_gets_the_same_answer_but_for_timings(cli: Run) -> None:
    first, second = (document(cli("ask", "资助上限最高的是哪些措施？", "--json")) for _ in range(2))
    assert first.pop("timings_ms").keys() == second.pop("timings_ms").keys()
    assert first == second


# -- search and clause ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("国家标准", "(十九)"),
        ("单项冠军", "(十六)"),
        ("單項冠軍", "(十六)"),
        ("insurance for first-batch products", "(十五)"),
        ("钙钛矿", "(一)"),
    ],
)
def test_search_ranks_the_clause_first_best_first(cli: Run, query: str, label: str) -> None:
    rows = document(cli("search", query, "--json"))
    assert rows[0]["label"] == label
    assert len(rows) == 5
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert len({row["id"] for row in rows}) == 5


def test_search_gives_as_many_as_asked_for(cli: Run, founding: Policy) -> None:
    assert len(document(cli("search", "材料", "-k", "3", "--json"))) == 3
    assert len(document(cli("search", "材料", "-k", "500", "--json"))) <= len(founding.clauses)
    assert len(cli("search", "材料", "-k", "2").out.strip().splitlines()) == 2


def test_a_blank_query_finds_nothing(cli: Run) -> None:
    assert document(cli("search", "  ", "--json")) == []


@pytest.mark.parametrize(
    "label",
    ["十五", "（十五）", "(十五)", "(15)", "15", "１５", "第15条", "第十五条", "measure 15", "Measure 15 (十五)"],
)
def test_a_clause_is_found_by_any_form_of_its_label(cli: Run, label: str) -> None:
    assert document(cli("clause", label, "--json"))["number"] == 15


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("附则", "六、附则"),
        ("六、附则", "六、附则"),
        ("前言", "前言"),
        ("通知", "通知"),
        ("一、重点支持领域", "一、重点支持领域"),
    ],
)
def test_parts_outside_the_numbered_clauses_are_found_by_name(cli: Run, label: str, shown: str) -> None:
    found = document(cli("clause", label, "--json"))
    assert found["label"] == shown
    assert found["number"] is None


def test_a_person_reads_a_clause_whole_with_its_reference_translation(cli: Run, founding: Policy) -> None:
    done = cli("clause", "十九")
    clause = next(c for c in founding.numbered if c.number == 19)
    assert done.out.startswith(clause.text)
    assert "RMB 500,000 (50万元)" in done.out
    assert "Chinese text prevails" in done.out


# -- measures -------------------------------------------------------------------------------------------------------


def rows_of(done: Any) -> list[dict[str, Any]]:
    data = document(done)
    assert isinstance(data, list)
    return data


def test_measures_has_one_row_for_each_provision_in_the_order_of_the_text(cli: Run, founding: Policy) -> None:
    rows = rows_of(cli("measures", "--format", "json"))
    assert [row["id"] for row in rows] == [p.id for c in founding.numbered for p in c.provisions]
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)
    assert sum(row["amount"] is not None for row in rows) == 27
    assert {row["label"] for row in rows} == {c.label for c in founding.numbered}
    for row in rows:
        if row["amount"] is not None:
            assert row["amount_text"] in founding.source_text[row["start"] : row["end"]]


def test_rows_without_a_sum_say_so(cli: Run) -> None:
    rows = rows_of(cli("measures", "--format", "json"))
    for label in ("(五)", "(十)", "(十一)", "(十七)", "(二十)"):
        own = [row for row in rows if row["label"] == label]
        assert own
        assert all(row["amount"] is None and row["qualifier"] is None for row in own)
    assert "未写明金额" in cli("measures").out


def test_a_tie_is_shown_as_a_tie(cli: Run) -> None:
    rows = rows_of(cli("measures", "--min-amount", "50000000", "--format", "json"))
    assert [(row["label"], row["tied_with"]) for row in rows] == [
        ("(三)", ["(九)", "(十二)"]),
        ("(九)", ["(三)", "(十二)"]),
        ("(十二)", ["(三)", "(九)"]),
    ]
    assert {row["amount"] for row in rows} == {50_000_000}


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (
            (
                "工信局",
                "工业和信息化局",
                "市工业和信息化局",
                "深圳市工业和信息化局",
                "Industry and Information Technology Bureau",
            ),
            18,
        ),
        (("发改委", "发展改革委", "深圳市发展和改革委员会", "Development and Reform Commission", "發改委"), 14),
        (("科创委", "科技创新委", "深圳市科技创新委员会"), 13),
    ],
)
def test_a_department_is_known_by_all_its_names(cli: Run, names: tuple[str, ...], count: int) -> None:
    found = [rows_of(cli("measures", "--department", name, "--format", "json")) for name in names]
    assert all(rows == found[0] for rows in found)
    assert len({row["label"] for row in found[0]}) == count


def test_bounds_are_inclusive_and_leave_out_rows_without_a_sum(cli: Run) -> None:
    rows = rows_of(cli("measures", "--min-amount", "3000000", "--max-amount", "5000000", "--format", "json"))
    assert {row["amount"] for row in rows} == {3_000_000, 5_000_000}
    assert rows == rows_of(cli("measures", "--min-amount", "300万", "--max-amount", "5,000,000", "--format", "json"))
    assert rows_of(cli("measures", "--min-amount", "60000000", "--format", "json")) == []


def test_a_field_keeps_the_clauses_that_name_it(cli: Run, founding: Policy) -> None:
    rows = rows_of(cli("measures", "--field", "生物医用", "--format", "json"))
    assert {row["label"] for row in rows} == {c.label for c in founding.numbered if "生物医用" in c.text}
    assert rows == rows_of(cli("measures", "--field", "生物醫用", "--format", "json"))


def test_the_table_and_the_csv_have_the_same_rows_as_the_json(cli: Run) -> None:
    rows = rows_of(cli("measures", "--department", "发改委", "--format", "json"))
    table = cli("measures", "--department", "发改委").out.strip().splitlines()
    assert len(table) == len(rows) + 2
    assert "14 / 20 条" in table[-1]
    read = list(csv.DictReader(io.StringIO(cli("measures", "--department", "发改委", "--format", "csv").out)))
    assert [row["label"] for row in read] == [row["label"] for row in rows]
    assert [row["amount"] or None for row in read] == [str(row["amount"]) if row["amount"] else None for row in rows]


# -- parse, policies, index, settings -------------------------------------------------------------------------------


def test_parse_reads_a_file_as_the_library_does_and_stores_nothing(
    cli: Run, founding: Policy, founding_folder: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    data = document(cli("parse", founding_folder / "source.txt", "--json", POLICY_DATA_DIR=tmp_path / "data"))
    assert sorted(tmp_path.rglob("*")) == before
    assert data["source_text"] == founding.source_text
    assert data["title"] == founding.title
    assert data["doc_no"] == "深工信规〔2023〕11号"
    assert (data["published"], data["effective_from"], data["effective_to"]) == (
        "2023-09-13",
        "2023-09-13",
        "2028-09-12",
    )
    assert [c["number"] for c in data["clauses"] if c["number"]] == list(range(1, 21))
    assert [c["id"] for c in data["clauses"] if c["number"] is None] == ["#notice", "#preamble", "#scope", "#closing"]
    for clause in data["clauses"]:
        assert data["source_text"][clause["start"] : clause["end"]] == clause["text"]
    assert sum(p["amount"] is not None for c in data["clauses"] for p in c["provisions"]) == 27
    assert data["left_out"]
    assert "0755-88102553" in data["contact"]["phone"]
    assert len(data["sections"]) == 6


def test_a_person_reads_the_outline_of_a_file(cli: Run, founding_folder: Path) -> None:
    out = cli("parse", founding_folder / "source.txt").out
    assert "(二十) 引导金融机构服务新材料产业" in out
    assert "6 项金额" in out


def test_policies_lists_what_is_there(cli: Run) -> None:
    (row,) = document(cli("policies", "--json"))
    assert row["id"] == "sz-new-materials-2023"
    assert row["effective_to"] == "2028-09-12"
    assert row["effective_to_is_derived"] is True
    assert "sz-new-materials-2023" in cli("policies").out


def test_index_brings_the_index_up_to_date_and_says_so(cli: Run) -> None:
    done = cli("index")
    assert done.code == 0
    assert "up to date" in done.out


def test_settings_are_printed_with_secrets_masked(cli: Run) -> None:
    rows = {
        row["name"]: row
        for row in document(
            cli("settings", "--json", POLICY_API_KEYS="k1,k2", POLICY_ADMIN_PASSWORD="hush", POLICY_LISTEN_PORT="8080")
        )
    }
    assert rows["POLICY_LISTEN_PORT"]["value"] == "8080"
    assert rows["POLICY_LISTEN_PORT"]["default"] == "7860"
    assert rows["POLICY_EMBEDDER"]["default"] == "bundled"
    assert set(rows["POLICY_API_KEYS"]["value"]) == set(rows["POLICY_ADMIN_PASSWORD"]["value"]) == {"*"}
    shown = cli("settings", POLICY_ADMIN_PASSWORD="hush").out
    assert "POLICY_DATA_DIR=" in shown
    assert "hush" not in shown


# -- how it ends ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("ask",),
        ("no-such-command",),
        ("ask", "x", "--no-such-option"),
        ("ask", "x", "--lang", "fr"),
        ("search", "x", "-k", "0"),
        ("search", "x", "-k", "many"),
        ("measures", "--min-amount", "plenty"),
        ("measures", "--format", "xml"),
        ("batch", "in.jsonl"),
        ("batch", "in.jsonl", "out.jsonl", "--jobs", "0"),
        ("eval",),
    ],
)
def test_usage_that_makes_no_sense_ends_with_2_and_says_how(cli: Run, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert "usage" in done.err
    assert "Traceback" not in done.err


def test_help_names_every_command(cli: Run) -> None:
    done = cli("--help")
    assert done.code == 0
    for command in (
        "ask",
        "batch",
        "search",
        "clause",
        "measures",
        "parse",
        "add",
        "remove",
        "policies",
        "index",
        "settings",
        "serve",
        "eval",
    ):
        assert f"\n    {command} " in done.out


def test_a_reader_that_stops_listening_leaves_no_traceback(environment: dict[str, str], tmp_path: Path) -> None:
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-m", "app", "measures", "--format", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read().decode()
    process.wait(60)
    process.stderr.close()
    assert "Traceback" not in err
    assert "Exception" not in err


def test_commands_that_only_read_work_side_by_side(environment: dict[str, str], tmp_path: Path) -> None:
    import subprocess

    started = [
        subprocess.Popen(
            [sys.executable, "-m", "app", "ask", "国家标准给多少钱", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=tmp_path,
        )
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert all(err == b"" for _, err in outputs)
    assert len({json.loads(out)["answer"] for out, _ in outputs}) == 1
