"""Whatever comes in, one clear line comes out: never a traceback, never a wrong answer, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.assistant import Assistant
from app.models import Answer, Message, Status
from corpus.errors import UnknownPolicy

Run = Callable[..., Any]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
SHREDS = (
    "国家标准",
    "省级",
    "单项冠军",
    "多少钱",
    "最高",
    "谁负责",
    "工信局",
    "有效期",
    "第十五条",
    "（十六）",
    "measure 9",
    "5000万元",
    "RMB 5 million",
    "国际",
    "哪些",
    "不",
    "上海",
    "你好",
    "那",
    "呢",
    "？",
    " ",
    "\n",
    "national standard",
    "who",
    "how much",
    "2023年9月13日",
    "百分之几",
    "20+8",
    "1:1",
    "〔2023〕11号",
    "(",
    "《",
    "》",
    "零",
    "０",
    "٣",
    "²",
    "\x00",
    "\ud800",
    "😀",
    "<b>",
    "的",
)
SHREDDED = st.lists(st.sampled_from(SHREDS), max_size=14).map("".join)
HISTORY = st.lists(
    st.builds(Message, st.sampled_from(["user", "assistant", "system", "", "用户"]), ANY_TEXT | SHREDDED), max_size=4
)
# The first call loads the model; after that a question takes milliseconds, on a busy machine tens of them.
LENIENT = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def is_whole(answer: Answer, assistant: Assistant) -> None:
    """What holds of every answer, whatever was asked."""
    source = assistant.policy().source_text
    assert answer.answer.strip()
    assert answer.checks.passed
    assert answer.language in ("zh", "zh-Hant", "en")
    for citation in answer.citations:
        assert citation.quote
        assert source[citation.start : citation.end] == citation.quote
    if answer.status in (Status.OUT_OF_SCOPE, Status.SMALLTALK, Status.ERROR):
        assert answer.citations == ()
        assert answer.facts == ()
    json.dumps(answer.as_dict(), ensure_ascii=False).encode("utf-8")


@LENIENT
@given(text=ANY_TEXT)
@example(text="有效期" + "9" * 400 + "年")
@example(text="给予不超过" + "九" * 400 + "万元")
@example(text="第" + "9" * 5000 + "条")
@example(text="RMB " + "9" * 1500)
@example(text="(" * 1000)
def test_any_text_gets_a_whole_answer(assistant: Assistant, text: str) -> None:
    is_whole(assistant.ask(text), assistant)


@LENIENT
@given(text=SHREDDED, history=HISTORY, language=st.sampled_from(["auto", "zh", "zh-Hant", "en"]))
@example(text="第二十五条讲什么？", history=[], language="auto")
@example(text="那第三十条呢？", history=[Message("user", "第二条"), Message("assistant", "(二)")], language="auto")
def test_any_shreds_of_questions_in_any_conversation_get_a_whole_answer(
    assistant: Assistant, text: str, history: list[Message], language: str
) -> None:
    answer = assistant.ask(text, history, language=language)
    is_whole(answer, assistant)
    if language != "auto":
        assert answer.language == language


@LENIENT
@given(query=ANY_TEXT)
def test_any_query_can_be_searched(assistant: Assistant, query: str) -> None:
    for hit in assistant.search(query, "zh"):
        assert 0 <= hit.score <= 1


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000\n", "\x00", "\u200b\u200b"])
def test_nothing_asked_is_asked_back(assistant: Assistant, text: str) -> None:
    answer = assistant.ask(text)
    assert answer.status is Status.CLARIFY
    assert answer.citations == ()


def test_a_hundred_thousand_characters_are_refused_at_once_with_the_limit_named(assistant: Assistant) -> None:
    started = time.perf_counter()
    answer = assistant.ask("参与制定国家标准能拿多少钱？" * 7143)
    assert time.perf_counter() - started < 5
    assert answer.status is Status.ERROR
    assert "2000" in answer.answer.replace(",", "")
    assert answer.error
    assert len(answer.question) < 3000


@pytest.mark.parametrize(
    "text",
    [
        "参与制定国家标准\x00能拿多少钱？",
        "参与制定国家标准能拿多少钱？\ud83d",
        "😀参与制定国家标准能拿多少钱😀？",
        "<script>alert('x')</script>参与制定国家标准能拿多少钱？",
        "<p>参与制定<b>国家标准</b>能拿多少钱？</p>",
        "参与制定国家标准能拿多少钱？" + "\n" * 200,
        "参与制定\u200b国家标准能拿多少钱？",
        "参与制定国家标准能拿多少钱？".translate({ord("？"): "?"}),
    ],
)
def test_rubbish_around_a_question_does_not_change_its_answer(assistant: Assistant, text: str) -> None:
    answer = assistant.ask(text)
    assert answer.status is Status.ANSWERED
    assert [f.value for f in answer.facts if f.kind == "amount"] == [500_000]
    assert {c.label for c in answer.citations} == {"(十九)"}
    assert "<script>" not in answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "第二十五条讲什么？",
        "（二十一）是什么内容",
        "第0条",
        "Measure 25?",
        "What does measure 99 say?",
        "第一百条给多少钱",
    ],
)
def test_a_clause_that_does_not_exist_is_said_not_to(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_SPECIFIED
    assert answer.citations == ()
    assert answer.facts == ()
    assert "20" in answer.answer or "(二十)" in answer.answer
    assert answer.checks.passed


def test_an_existing_clause_beside_one_that_does_not_exist_is_answered(assistant: Assistant) -> None:
    answer = assistant.ask("第十五条和第二十五条分别给多少钱？")
    assert answer.status is Status.PARTIAL
    assert {c.label for c in answer.citations} == {"(十五)"}
    assert "25" in answer.answer or "二十五" in answer.answer


def test_a_policy_that_does_not_exist_is_refused_by_its_name(assistant: Assistant) -> None:
    with pytest.raises(UnknownPolicy, match=r"no-such-policy.*sz-new-materials-2023"):
        assistant.ask("国家标准", policy="no-such-policy")


# -- on the command line ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["", "   ", "😀", "<img src=x onerror=alert(document.cookie)>", "a" * 1999, "\udce4\udcbd"]
)
def test_odd_questions_are_answered_on_the_command_line(cli: Run, question: str) -> None:
    done = cli("ask", question, "--json")
    assert done.code == 0
    assert done.err == ""
    assert json.loads(done.out)["status"] in {"clarify", "out_of_scope", "not_specified", "smalltalk"}


def test_a_question_that_is_too_long_is_an_error_that_says_so(cli: Run) -> None:
    done = cli("ask", "长" * 100_000, "--json")
    assert done.code == 1
    assert json.loads(done.out)["status"] == "error"


def test_bytes_that_are_no_text_in_an_argument_leave_no_traceback(run: Run) -> None:
    done = run("ask", os.fsdecode(b"\xff\xfe\xe5\x9b"), "--json")
    assert done.code == 0
    assert "Traceback" not in done.err
    assert json.loads(done.out)["answer"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("ask", "国家标准", "--policy", "no-such"), "no-such"),
        (("search", "国家标准", "--policy", "no-such"), "no-such"),
        (("clause", "十五", "--policy", "no-such"), "no-such"),
        (("measures", "--policy", "no-such"), "no-such"),
        (("clause", "九十九"), "九十九"),
        (("clause", ""), "''"),
        (("clause", "\x00"), "clause"),
        (("measures", "--department", "不存在的局"), "不存在的局"),
        (("parse", "no-such-file.txt"), "no-such-file.txt"),
        (("parse", "."), "folder"),
        (("batch", "no-such.jsonl", "out.jsonl"), "no-such.jsonl"),
    ],
)
def test_what_is_not_there_is_named_in_one_line(cli: Run, arguments: tuple[str, ...], named: str) -> None:
    done = cli(*arguments)
    assert done.code == 1
    assert done.out == ""
    assert named in done.complaint


@pytest.mark.parametrize(
    "content",
    [
        b"{not json",
        b"",
        b'{"role": "user", "content": "x"}',
        b'["text"]',
        b'[{"role": "user"}]',
        b'[{"role": 1, "content": "x"}]',
        b'[{"role": "user", "content": null}]',
        b"null",
        b"\xff\xfe\x00\xd8",
        b"\x89PNG\r\n\x1a\n",
        b"[" * 100_000,
    ],
)
def test_a_broken_history_is_named_in_one_line(cli: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "history.json").write_bytes(content)
    done = cli("ask", "那由谁负责？", "--history", "history.json", "--json")
    assert done.code == 1
    assert done.out == ""
    assert "history.json" in done.complaint


def test_a_history_that_is_not_there_is_named_in_one_line(cli: Run) -> None:
    done = cli("ask", "那由谁负责？", "--history", "nowhere.json")
    assert done.code == 1
    assert "nowhere.json" in done.complaint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n\n",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"%PDF-1.7\n",
        b"PK\x03\x04....",
        bytes(2000),
        b"\xff\xfe\x00\xd8",
    ],
)
def test_a_file_that_is_no_policy_is_named_in_one_line(cli: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "policy.txt").write_bytes(content)
    done = cli("parse", "policy.txt", "--json")
    assert done.code == 1
    assert done.out == ""
    assert "policy.txt" in done.complaint


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs POSIX permissions")
def test_a_file_without_permission_is_named_in_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("示例市办法", encoding="utf-8")
    secret.chmod(0)
    tmp_path.chmod(0o755)
    (tmp_path / "open.txt").write_text("示例市办法\n第一条 给予奖励。\n第二条 给予补助。", encoding="utf-8")
    # Permissions don't bind the superuser, and the interpreter of a test run may lie where nobody else may look: so
    # one file is read as it is, which imports everything, and the rights are given away then.
    script = (
        "import sys, os\n"
        "from app.cli import main\n"
        "assert main(['parse', 'open.txt']) == 0\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "sys.exit(main(['parse', 'secret.txt']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "secret.txt" in done.stderr
    assert "permission" in done.stderr.lower()


# -- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POLICY_LISTEN_PORT", "eighty"),
        ("POLICY_LISTEN_PORT", "70000"),
        ("POLICY_RATE_LIMIT", "0"),
        ("POLICY_TODAY", "2026-02-30"),
        ("POLICY_TODAY", "yesterday"),
        ("POLICY_LOG_LEVEL", "LOUD"),
        ("POLICY_ROOT_PATH", "policy"),
        ("POLICY_MAX_QUESTION_CHARS", "-1"),
        ("POLICY_EMBEDDER", "word2vec"),
        ("POLICY_CHROMA_URL", "not a url"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_line(cli: Run, name: str, value: str) -> None:
    done = cli("ask", "国家标准", **{name: value})
    assert done.code == 1
    assert done.out == ""
    assert value in done.complaint
    assert name in done.complaint or name == "POLICY_EMBEDDER"


@pytest.mark.parametrize("name", ["POLICY_NO_SUCH", "POLICY_EMBEDER", "POLICY_"])
def test_an_unknown_setting_is_named_in_one_line(cli: Run, name: str) -> None:
    done = cli("policies", **{name: "1"})
    assert done.code == 1
    assert name in done.complaint


@pytest.mark.parametrize("service", ["POLICY", "POLICY_ASSISTANT"])
def test_what_an_orchestrator_injects_is_no_unknown_setting(cli: Run, service: str) -> None:
    injected = {
        f"{service}_SERVICE_HOST": "10.0.0.1",
        f"{service}_SERVICE_PORT": "7860",
        f"{service}_SERVICE_PORT_HTTP": "7860",
        f"{service}_PORT": "tcp://10.0.0.1:7860",
        f"{service}_PORT_7860_TCP": "tcp://10.0.0.1:7860",
        f"{service}_PORT_7860_TCP_ADDR": "10.0.0.1",
    }
    done = cli("policies", **injected)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"POLICY_LISTEN_PORT=eighty\n", "POLICY_LISTEN_PORT"),
        (b"POLICY_NO_SUCH=1\n", "POLICY_NO_SUCH"),
        (b"POLICY_HOST=\xff\xfe\n", ".env"),
    ],
)
def test_a_bad_settings_file_is_named_in_one_line(cli: Run, tmp_path: Path, content: bytes, named: str) -> None:
    (tmp_path / ".env").write_bytes(content)
    done = cli("policies")
    assert done.code == 1
    assert named in done.complaint


def test_a_settings_file_is_read_and_the_environment_goes_before_it(cli: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POLICY_LISTEN_PORT=8081\nPOLICY_HOST=0.0.0.0\nOTHER=1\n", encoding="utf-8")
    values = {r["name"]: r["value"] for r in json.loads(cli("settings", "--json", POLICY_HOST="127.0.0.2").out)}
    assert values["POLICY_LISTEN_PORT"] == "8081"
    assert values["POLICY_HOST"] == "127.0.0.2"


def test_a_bad_setting_leaves_no_traceback_in_a_process_either(run: Run) -> None:
    done = run("ask", "国家标准", POLICY_LISTEN_PORT="eighty")
    assert done.code == 1
    assert "POLICY_LISTEN_PORT" in done.complaint


# -- the folder of policies -------------------------------------------------------------------------------------


def test_a_file_where_the_folder_of_policies_should_be_is_named(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "policies").write_text("not a folder", encoding="utf-8")
    done = cli("ask", "国家标准", POLICY_CORPUS_DIR=tmp_path / "policies")
    assert done.code == 1
    assert "policies" in done.complaint


def test_a_folder_of_policies_that_is_not_there_or_empty_is_named(cli: Run, tmp_path: Path) -> None:
    assert "nowhere" in cli("policies", POLICY_CORPUS_DIR=tmp_path / "nowhere").complaint
    (tmp_path / "empty").mkdir()
    assert "empty" in cli("policies", POLICY_CORPUS_DIR=tmp_path / "empty").complaint


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("policy.toml", b"id = "),
        ("policy.toml", b"\xff\xfe"),
        ("policy.toml", b'id = "robots"\nsource = "gone.txt"'),
        ("policy.toml", b'id = "robots"\njurisdiction = "here"'),
        ("policy.toml", b"id = 5"),
        ("source.txt", b""),
        ("source.txt", b"\x89PNG\r\n\x1a\n"),
        ("en.toml", b"[[clause]"),
        ("en.toml", b'clause = "text"'),
        ("en.toml", b'[[clause]]\nid = "1"\ntitle = 5\ntext = "x"'),
        ("en.toml", b'[[clause]]\nid = "1"'),
        ("en.toml", b'[[clause]]\nid = "1"\ntitle = "Robots"\ntext = "A grant of {9} is given."'),
        ("lay.toml", b"[[lay]"),
        ("lay.toml", b'lay = "text"'),
    ],
)
def test_a_policy_whose_data_is_broken_is_named(cli: Run, small_corpus: Path, file: str, content: bytes) -> None:
    (small_corpus / "robots" / file).write_bytes(content)
    done = cli("policies", POLICY_CORPUS_DIR=small_corpus)
    assert done.code == 1, f"accepted: {done.out}"
    assert "robots" in done.complaint


# -- the index --------------------------------------------------------------------------------------------------


@pytest.fixture
def small_index(small_index_data: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own with an index of the invented policy that fits it."""
    return Path(shutil.copytree(small_index_data, tmp_path / "small"))


def _generation(data_dir: Path) -> Path:
    return data_dir / "index" / (data_dir / "index" / "current").read_text(encoding="utf-8").strip()


def _remove_index(data: Path) -> None:
    shutil.rmtree(data / "index")


def _remove_data(data: Path) -> None:
    shutil.rmtree(data)


def _truncate_database(data: Path) -> None:
    file = _generation(data) / "chroma" / "chroma.sqlite3"
    file.write_bytes(file.read_bytes()[:5000])


def _empty_database(data: Path) -> None:
    (_generation(data) / "chroma" / "chroma.sqlite3").write_bytes(b"")


def _garbage_in_database(data: Path) -> None:
    file = _generation(data) / "chroma" / "chroma.sqlite3"
    content = bytearray(file.read_bytes())
    content[100:4000] = os.urandom(3900)
    file.write_bytes(bytes(content))


def _no_database(data: Path) -> None:
    (_generation(data) / "chroma" / "chroma.sqlite3").unlink()


def _no_vectors(data: Path) -> None:
    for folder in (_generation(data) / "chroma").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)


def _garbage_pointer(data: Path) -> None:
    (data / "index" / "current").write_bytes(b"\xff\xfe\x00../../etc")


def _empty_pointer(data: Path) -> None:
    (data / "index" / "current").write_bytes(b"")


def _pointer_to_nothing(data: Path) -> None:
    (data / "index" / "current").write_text("20200101T000000-abcdef\n", encoding="utf-8")


def _pointer_out_of_the_folder(data: Path) -> None:
    (data / "index" / "current").write_text("../../..\n", encoding="utf-8")


def _half_a_manifest(data: Path) -> None:
    file = _generation(data) / "manifest.json"
    file.write_text(file.read_text(encoding="utf-8")[:40], encoding="utf-8")


def _no_manifest(data: Path) -> None:
    (_generation(data) / "manifest.json").unlink()


def _killed_while_building(data: Path) -> None:
    half = data / "index" / ".building-20200101T000000-abcdef" / "chroma"
    half.mkdir(parents=True)
    (half / "chroma.sqlite3").write_bytes(b"half")
    (data / "index" / "current").unlink()


DAMAGE = (
    _remove_index, _remove_data, _truncate_database, _empty_database, _garbage_in_database, _no_database, _no_vectors,
    _garbage_pointer, _empty_pointer, _pointer_to_nothing, _pointer_out_of_the_folder, _half_a_manifest, _no_manifest,
    _killed_while_building,
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_index_is_repaired_and_answers_as_before(
    cli: Run, small_corpus: Path, small_index: Path, damage: Callable[[Path], None]
) -> None:
    def ask() -> Any:
        return cli("ask", "整机企业最高给多少？", "--json", POLICY_CORPUS_DIR=small_corpus, POLICY_DATA_DIR=small_index)

    before = json.loads(ask().out)
    assert [f["value"] for f in before["facts"] if f["kind"] == "amount"] == [800_000]
    damage(small_index)
    done = ask()
    assert "Traceback" not in done.err
    assert done.code == 0, done.err
    after = json.loads(done.out)
    assert {**after, "timings_ms": None} == {**before, "timings_ms": None}
    assert not list((small_index / "index").glob(".building-*"))
    again = cli("search", "机器人", "--json", POLICY_CORPUS_DIR=small_corpus, POLICY_DATA_DIR=small_index)
    assert again.code == 0
    assert again.err == ""


def test_other_files_in_the_data_folder_survive_a_rebuild(cli: Run, small_corpus: Path, small_index: Path) -> None:
    (small_index / "records.db").write_bytes(b"kept")
    (small_index / "index" / "current").write_bytes(b"\xff")
    done = cli("index", "--rebuild", POLICY_CORPUS_DIR=small_corpus, POLICY_DATA_DIR=small_index)
    assert done.code == 0
    assert (small_index / "records.db").read_bytes() == b"kept"


def test_a_file_where_the_data_folder_should_be_is_named(cli: Run, small_corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    done = cli("ask", "机器人", POLICY_CORPUS_DIR=small_corpus, POLICY_DATA_DIR=tmp_path / "data")
    assert done.code == 1
    assert "POLICY_DATA_DIR" in done.complaint
    assert (tmp_path / "data").read_text(encoding="utf-8") == "a file"


def test_a_chroma_server_that_is_not_there_is_named(cli: Run) -> None:
    done = cli("ask", "国家标准", POLICY_CHROMA_URL="http://127.0.0.1:9")
    assert done.code == 1
    assert "http://127.0.0.1:9" in done.complaint
