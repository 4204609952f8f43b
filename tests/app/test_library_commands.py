"""The library from the command line: add, remove and list policies, and ask one that was added."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from app.library import library_state
from app.server import AssistantSource
from app.settings import load_settings
from tests.conftest import Run, open_assistant
from tests.policy_files import docx, pdf, printed

GREEN = [
    "示例县绿色建筑扶持办法",
    "第一条 支持绿色建筑。对新建的绿色建筑，给予最高25万元奖励。（责任单位：县住房城乡建设局）",
    "第二条 支持绿色改造。对既有建筑节能改造，给予不超过15万元补助。（责任单位：县发展改革局）",
    "第三条 本办法自2025年1月1日起施行，有效期5年。",
]


@pytest.fixture
def home(small_index_data: Path, tmp_path: Path) -> Path:
    """A data folder with the index of the small corpus in it."""
    return Path(shutil.copytree(small_index_data, tmp_path / "data"))


@pytest.fixture
def own(cli: Run, small_corpus: Path, home: Path) -> Run:
    """The command line over the small corpus and a data folder of its own."""
    return lambda *args: cli(*args, POLICY_CORPUS_DIR=small_corpus, POLICY_DATA_DIR=home)


@pytest.fixture
def green(tmp_path: Path) -> Path:
    path = tmp_path / "green.docx"
    path.write_bytes(docx(GREEN))
    return path


def ids(own: Run) -> list[str]:
    return [row["id"] for row in json.loads(own("policies", "--json").out)]


def test_a_policy_that_is_added_answers_at_once(own: Run, green: Path) -> None:
    added = own("add", green)
    assert (added.code, added.err) == (0, "")
    assert added.out.startswith("added: green")
    answer = json.loads(own("ask", "新建绿色建筑最高奖励多少？", "--policy", "green", "--json").out)
    assert answer["status"] == "answered"
    assert {c["id"] for c in answer["citations"]} == {"green#1"}
    assert [f["value"] for f in answer["facts"] if f["kind"] == "amount"] == [250_000]
    assert json.loads(own("search", "节能改造", "--policy", "green", "--json").out)[0]["id"] == "green#2"
    assert "节能改造" in own("clause", "第二条", "--policy", "green").out
    measures = json.loads(own("measures", "--policy", "green", "--min-amount", "200000", "--format", "json").out)
    assert [row["clause"] for row in measures] == ["green#1"]


def test_batch_lines_name_an_added_policy(own: Run, green: Path, tmp_path: Path) -> None:
    own("add", green)
    asked = {"id": "1", "question": "有效期到哪天？", "policy": "green"}
    (tmp_path / "in.jsonl").write_text(json.dumps(asked), encoding="utf-8")
    assert own("batch", tmp_path / "in.jsonl", tmp_path / "out.jsonl").code == 0
    answer = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert {c["policy"] for c in answer["citations"]} == {"green"}


def test_without_a_policy_a_question_goes_to_the_one_it_names_else_to_the_one_that_comes_along(
    own: Run, green: Path
) -> None:
    own("add", green)
    named = own("ask", "绿色建筑最高奖励多少？")
    assert "25万元" in named.out
    assert "《示例县绿色建筑扶持办法》" in named.out
    assert "80万元" in own("ask", "新认定的整机企业最高资助多少？").out


def test_the_library_is_listed_with_where_each_policy_is_from(own: Run, green: Path) -> None:
    own("add", green)
    rows = {row["id"]: row for row in json.loads(own("policies", "--json").out)}
    assert list(rows) == ["robots", "green"]
    assert (rows["robots"]["added"], rows["robots"]["source"]) == (False, "source.txt")
    assert (rows["green"]["added"], rows["green"]["source"]) == (True, "green.docx")
    assert rows["green"]["clauses"] == 3
    assert rows["green"]["effective_to"] == "2029-12-31"
    assert "green.docx (added)" in own("policies").out


def test_each_file_has_its_own_fate(own: Run, green: Path, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf([[]]))
    (tmp_path / "printed.pdf").write_bytes(pdf([printed(GREEN[:3])]))
    done = own("add", tmp_path / "scan.pdf", green, tmp_path / "printed.pdf")
    assert done.code == 1
    assert "scan.pdf" in done.complaint
    assert [line for line in done.out.splitlines() if line.startswith("added: ")] != []
    assert ids(own) == ["robots", "green", "printed"]


def test_a_file_that_cannot_be_read_changes_nothing(own: Run, home: Path, tmp_path: Path) -> None:
    before = library_state(load_settings(data_dir=home))
    assert "nowhere.txt" in own("add", tmp_path / "nowhere.txt").complaint
    assert library_state(load_settings(data_dir=home)) == before
    assert ids(own) == ["robots"]


def test_a_policy_is_added_once_and_replaced_only_when_told_to(own: Run, green: Path) -> None:
    own("add", green)
    assert own("add", green, "--id", "other").out.startswith("already there: green")
    green.write_bytes(docx([line.replace("25万元", "35万元") for line in GREEN]))
    refused = own("add", green)
    assert refused.code == 1
    assert "--replace" in refused.complaint
    assert own("add", green, "--replace").out.startswith("replaced: green")
    assert "35万元" in own("ask", "新建绿色建筑最高奖励多少？", "--policy", "green").out


def test_one_id_is_for_one_file(own: Run, green: Path) -> None:
    assert "--id" in own("add", green, green, "--id", "x").complaint


def test_only_added_policies_are_removed(own: Run, green: Path) -> None:
    own("add", green)
    assert "comes along" in own("remove", "robots").complaint
    assert own("remove", "green").out == "removed: green\n"
    assert ids(own) == ["robots"]
    assert "'green'" in own("ask", "绿色建筑最高奖励多少？", "--policy", "green").complaint
    assert "not there" in own("remove", "green").complaint


def test_a_folder_in_somebody_elses_care_is_not_written_to(cli: Run, small_corpus: Path, green: Path) -> None:
    done = cli("add", green, POLICY_CORPUS_DIR=small_corpus, POLICY_DATA_DIR=small_corpus.parent)
    assert "POLICY_CORPUS_DIR" in done.complaint
    assert "robots" in cli("policies", POLICY_CORPUS_DIR=small_corpus, POLICY_DATA_DIR=small_corpus.parent).out


def test_a_server_takes_up_a_changed_library(own: Run, small_corpus: Path, home: Path, green: Path) -> None:
    settings = load_settings(data_dir=home, corpus_dir=small_corpus)
    swapped = threading.Event()
    source = AssistantSource(
        lambda: open_assistant(home, corpus_dir=small_corpus), lambda: library_state(settings), settle=0.05
    )
    source.when_done(lambda error: swapped.set() if len(source().policies) > 1 else None, every=True)
    assert [p.id for p in source().policies] == ["robots"]
    own("add", green)
    assert swapped.wait(60)
    assert [p.id for p in source().policies] == ["robots", "green"]


def test_a_library_that_cannot_be_opened_leaves_the_server_with_the_one_before() -> None:
    state, tried = [0], threading.Event()

    class Made:
        policies = ()

    def make() -> Made:
        if state[0]:
            tried.set()
            raise RuntimeError("damaged")
        return Made()

    source = AssistantSource(make, lambda: state[0], settle=0.01)  # type: ignore[arg-type]
    first = source()
    state[0] = 1
    assert tried.wait(10)
    assert source() is first
    assert source.is_ready()
