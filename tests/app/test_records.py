"""The records: what is kept, for how long, how reviewed answers are found, and that no answer depends on it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import create_engine

from app.assistant import Assistant
from app.records import ApprovedAnswers, Records, RecordsUnavailable, database_url
from app.records.approved import clause_record, is_stale
from app.records.models import Base
from app.records.recorder import TOGETHER_MOST, Recorder, recorded
from app.records.routes import over
from app.records.spelling_key import question_digest
from app.records.store import Asked, LogFilter
from app.server import create_app
from corpus.models import Policy
from tests.app.conftest import TODAY, WrittenAnswers, running

ROOT = Path(__file__).parents[2]
STANDARD = "参与制定国家标准能拿多少钱？"
UTC_NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records.open(database_url(tmp_path, None), retention_days=180)
    yield opened
    opened.close()


def ask(
    records: Records, answers: WrittenAnswers, question: str, at: datetime = UTC_NOON, surface: str = "chat"
) -> int:
    return records.add_question(answers.ask(question), question, surface, 12.5, at)


def approve(
    records: Records, policy: Policy, question: str, answer: str = "不超过50万元(十九)。", path: str = "#19"
) -> int:
    clauses = [clause_record(policy.clause(policy.id + path))]
    return records.save_approved(question, answer, "zh", clauses, "王审核", TODAY)


# ---- the database ----


def test_the_migrations_make_the_tables_that_the_models_describe(tmp_path: Path) -> None:
    url = database_url(tmp_path, None)
    Records.open(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_processes_that_open_at_once_migrate_once(tmp_path: Path) -> None:
    script = (
        "import sys; from app.records import Records; r = Records.open(sys.argv[1], 180); "
        "print(r.add_feedback('问', '答', 'up'))"
    )
    command = [sys.executable, "-c", script, database_url(tmp_path, None)]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    results = [process.communicate(timeout=60) for process in started]
    assert [error for _, error in results] == ["", "", ""]
    assert sorted(int(out) for out, _ in results) == [1, 2, 3]


def test_records_that_cannot_be_opened_say_why_in_one_line_without_the_password(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite3").write_text("not a database at all, " * 100, encoding="utf-8")
    for url, said in (
        (database_url(tmp_path, None), "can't be opened"),
        ("no address", "POLICY_DATABASE_URL"),
        ("nosuchdb://u:secret@h/x", "not installed"),
    ):
        with pytest.raises(RecordsUnavailable, match=said) as caught:
            Records.open(url)
        assert "secret" not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


def test_records_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    Records.open(database_url(tmp_path, None)).close()
    with sqlite3.connect(tmp_path / "records.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RecordsUnavailable, match="newer version"):
        Records.open(database_url(tmp_path, None))


# ---- what is kept ----


def test_a_question_is_kept_with_what_was_answered_and_without_personal_data(
    records: Records, written_answers: WrittenAnswers
) -> None:
    ask(records, written_answers, f"{STANDARD} 我的手机13800138000", surface="hotline")
    ((row,), total) = records.questions(LogFilter(), 10)
    assert total == 1
    assert row.question == f"{STANDARD} 我的手机[手机号]"
    assert (row.status, row.language, row.surface, row.latency_ms) == ("answered", "zh", "hotline", 12.5)
    assert row.labels == ["(十九)"]
    assert row.clauses == ["sz-new-materials-2023#19"]
    assert row.checks_passed
    assert row.asked_at == UTC_NOON
    assert row.day == "2026-03-02"


def test_the_day_of_a_question_is_shenzhens(records: Records, written_answers: WrittenAnswers) -> None:
    ask(records, written_answers, STANDARD, datetime(2026, 3, 1, 16, 30, tzinfo=UTC))
    (count,) = records.counts_by_day(LogFilter())
    assert count.day == date(2026, 3, 2)


def test_nothing_personal_reaches_the_file(records: Records, tmp_path: Path, written_answers: WrittenAnswers) -> None:
    secret = "13800138000"
    ask(records, written_answers, f"打{secret}")
    records.add_feedback(f"问{secret}", f"答{secret}", "down", "other", f"回电{secret}")
    records.add_call("answered", [f"来电{secret}"], [f"#{secret}"], f"部门{secret}")
    records.add_decision("down", f"问{secret}", "reject", f"某{secret}", f"见{secret}")
    records.save_approved(f"问{secret}", f"答{secret}", "zh", [], f"某{secret}", TODAY)
    assert secret.encode() not in (tmp_path / "records.sqlite3").read_bytes()


def test_spellings_of_a_question_are_counted_together(records: Records, written_answers: WrittenAnswers) -> None:
    for spelling in ("参与制定国家标准能拿多少钱", "參與制定國家標準能拿多少錢？", "参与 制定国家标准，能拿多少钱?"):
        ask(records, written_answers, spelling)
    ask(records, written_answers, "Ｗｈａｔ?")
    assert [(one.question, one.count) for one in records.top_questions(LogFilter())] == [
        ("参与 制定国家标准，能拿多少钱?", 3),
        ("Ｗｈａｔ?", 1),
    ]
    assert question_digest("what！") == question_digest("Ｗｈａｔ?")


def test_the_log_is_filtered_and_a_percent_sign_is_only_a_sign(
    records: Records, written_answers: WrittenAnswers
) -> None:
    ask(records, written_answers, STANDARD, UTC_NOON - timedelta(days=9))
    ask(records, written_answers, "按30%给吗", surface="api")
    ask(records, written_answers, "national standard?")

    def found(**wanted: object) -> list[str]:
        return [row.question for row in records.each_question(replace(LogFilter(), **wanted), batch=1)]

    assert found() == ["national standard?", "按30%给吗", STANDARD]
    assert found(text="%") == ["按30%给吗"]
    assert found(text="NATIONAL") == ["national standard?"]
    assert found(language="en") == ["national standard?"]
    assert found(surface="api") == ["按30%给吗"]
    assert found(status="out_of_scope") == ["按30%给吗"]
    assert found(until=date(2026, 2, 27)) == [STANDARD]
    assert found(since=date(2026, 3, 2)) == ["national standard?", "按30%给吗"]


def test_what_is_past_its_retention_goes_and_approved_answers_stay(
    tmp_path: Path, records: Records, written_answers: WrittenAnswers, founding_policy: Policy
) -> None:
    now = datetime.now(UTC)
    for days in (181, 179):
        ask(records, written_answers, f"{days}天前", now - timedelta(days=days))
    records.add_feedback("问", "答", "up")
    approve(records, founding_policy, STANDARD)
    records.close()
    again = Records.open(database_url(tmp_path, None), retention_days=180)
    assert [row.question for row in again.each_question(LogFilter())] == ["179天前"]
    assert again.purge(now + timedelta(days=400)) == 2
    assert again.all_feedback() == []
    assert len(again.approved()) == 1
    assert Records.open(database_url(tmp_path, None), retention_days=0).purge(now + timedelta(days=4000)) == 0


# ---- beside the answers ----


class Broken(Records):
    """Records whose database has gone."""

    def __init__(self) -> None:
        super().__init__(create_engine("sqlite:////nonexistent/folder/records.sqlite3"))


def test_broken_records_break_no_answer(written_answers: WrittenAnswers, caplog: pytest.LogCaptureFixture) -> None:
    recorder = Recorder(Broken())
    assistant = recorded(lambda: written_answers, recorder, "chat")()
    assert assistant.ask(STANDARD).answer == written_answers.ask(STANDARD).answer
    assert recorder.flush()
    assert "the records failed" in caplog.text
    recorder.close()


def test_a_question_is_recorded_with_its_surface_and_everything_else_passes_through(
    records: Records, written_answers: WrittenAnswers
) -> None:
    recorder = Recorder(records)
    assistant = recorded(lambda: written_answers, recorder, "chat")()
    assistant.ask(STANDARD)
    assert recorder.flush()
    (row,) = records.each_question(LogFilter())
    assert (row.question, row.surface) == (STANDARD, "chat")
    assert assistant.asked is written_answers.asked  # type: ignore[attr-defined]
    assert recorded(lambda: written_answers, None, "chat")() is written_answers
    recorder.close()


def test_questions_that_come_together_are_all_kept_in_their_order(
    tmp_path: Path, written_answers: WrittenAnswers
) -> None:
    written: list[int] = []

    class Counted(Records):
        def add_questions(self, asked: Sequence[Asked]) -> None:
            written.append(len(asked))
            super().add_questions(asked)

    records = Counted.open(database_url(tmp_path, None))
    recorder = Recorder(records)
    answer = written_answers.ask(STANDARD)
    for n in range(500):
        recorder.asked(answer, f"第{n}问", "api", 1.0)
        if n == 100:
            assert recorder.flush(20)
            assert sum(written) == 101
    recorder.close(20)
    rows = sorted(records.each_question(LogFilter()), key=lambda row: row.id)
    assert [row.question for row in rows] == [f"第{n}问" for n in range(500)]
    assert len(written) < 50
    assert max(written) <= TOGETHER_MOST


def test_the_recorder_removes_what_is_old_while_it_runs(tmp_path: Path, written_answers: WrittenAnswers) -> None:
    purged = []

    class Counted(Records):
        def purge(self, now: datetime | None = None) -> int:
            purged.append(now)
            return 0

    records = Counted.open(database_url(tmp_path, None), 180)
    assert len(purged) == 1
    recorder = Recorder(records, purge_seconds=0)
    while len(purged) < 3:
        recorder.flush()
    recorder.close()


# ---- approved answers ----


def test_the_same_question_matches_exactly_in_any_spelling(records: Records, founding_policy: Policy) -> None:
    approve(records, founding_policy, STANDARD)
    approved = ApprovedAnswers(records, [founding_policy])
    for spelling in (
        STANDARD,
        "参与制定国家标准能拿多少钱",
        "參與制定國家標準能拿多少錢?",
        " 参与制定国家标准 能拿多少钱！",
    ):
        (match,) = approved.find(spelling)
        assert (match.match, match.row.question) == ("exact", STANDARD)


@pytest.mark.parametrize(
    "question", ["请问参与制定国家标准能拿多少钱呢", "参与制订国家标准能拿多少钱", "参与制定国家标准能"]
)
def test_a_slip_a_courtesy_and_a_beginning_match_closely(
    records: Records, founding_policy: Policy, question: str
) -> None:
    approve(records, founding_policy, STANDARD)
    assert [match.match for match in ApprovedAnswers(records, [founding_policy]).find(question)] == ["close"]


@pytest.mark.parametrize(
    "question",
    [
        "参与制定国际标准能拿多少钱？",
        "参与制定行业标准能拿多少钱？",
        "参与制定3项国家标准能拿多少钱？",
        "今天天气怎么样",
        "。",
        "",
    ],
)
def test_another_question_does_not_match_however_alike_it_looks(
    records: Records, founding_policy: Policy, question: str
) -> None:
    approve(records, founding_policy, STANDARD)

    class Same:
        def embed_meaning(self, text: str) -> NDArray[np.float32]:
            return np.array([1, 0] if "标准" in text else [0, 1], dtype=np.float32)

    assert ApprovedAnswers(records, [founding_policy], Same(), "same").find(question) == []


def test_a_question_that_means_the_same_matches_by_the_index(
    records: Records, assistant: Assistant, founding: Policy
) -> None:
    approve(records, founding, STANDARD)
    approve(records, founding, "申报需要提交哪些材料？", path="#closing")
    approved = over(records, assistant)
    found = approved.find("编写国家标准有多少资助")
    assert [(match.match, match.row.question) for match in found] == [("meaning", STANDARD)]
    assert approved.find("今天天气怎么样") == []
    identity = str(assistant.index.manifest.embedder)
    assert set(records.vectors(identity)) == {1, 2}


def test_vectors_are_kept_for_one_embedder_and_made_anew_for_a_changed_question(
    records: Records, founding_policy: Policy
) -> None:
    embedded: list[str] = []

    class Counting:
        def embed_meaning(self, text: str) -> NDArray[np.float32]:
            embedded.append(text)
            return np.array([1, 0], dtype=np.float32)

    answer_id = approve(records, founding_policy, "甲乙丙")
    first = ApprovedAnswers(records, [founding_policy], Counting(), "one 1")
    assert [match.match for match in first.find("子丑寅")] == ["meaning"]
    first.find("子丑寅")
    assert embedded == ["子丑寅", "甲乙丙", "子丑寅"] or embedded == ["甲乙丙", "子丑寅", "子丑寅"]
    ApprovedAnswers(records, [founding_policy], Counting(), "two 2").find("子丑寅")
    assert embedded.count("甲乙丙") == 2
    clauses = records.approved()[0].clauses
    records.save_approved("戊己庚", "答", "zh", clauses, "王审核", TODAY, answer_id)
    first.find("子丑寅")
    assert embedded.count("戊己庚") == 1


def test_an_embedder_that_fails_leaves_the_words(records: Records, founding_policy: Policy) -> None:
    class Away:
        def embed_meaning(self, text: str) -> NDArray[np.float32]:
            raise OSError("the server is away")

    approve(records, founding_policy, STANDARD)
    approved = ApprovedAnswers(records, [founding_policy], Away(), "away")
    assert [match.match for match in approved.find("请问参与制定国家标准能拿多少钱")] == ["close"]
    assert approved.find("编写国家标准有多少资助") == []


def test_an_answer_is_stale_when_its_clause_has_changed_or_gone(records: Records, founding_policy: Policy) -> None:
    approve(records, founding_policy, STANDARD)
    approve(records, founding_policy, "咨询电话", path="#5")
    nineteenth = founding_policy.clause("sz-new-materials-2023#19")
    changed = replace(nineteenth, text=nineteenth.text.replace("50万元", "60万元"))
    clauses = tuple(changed if clause is nineteenth else clause for clause in founding_policy.clauses)
    policies = [replace(founding_policy, clauses=clauses)]
    (match,) = ApprovedAnswers(records, policies).find(STANDARD)
    assert match.stale
    (other,) = ApprovedAnswers(records, policies).find("咨询电话")
    assert not other.stale
    assert is_stale(other.row, [])


def test_a_withdrawn_answer_is_not_found_until_it_is_used_again(records: Records, founding_policy: Policy) -> None:
    answer_id = approve(records, founding_policy, STANDARD)
    approved = ApprovedAnswers(records, [founding_policy])
    records.withdraw(answer_id)
    assert approved.find(STANDARD) == []
    records.withdraw(answer_id, withdrawn=False)
    assert len(approved.find(STANDARD)) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=60))
def test_any_text_can_be_looked_up_and_kept(records: Records, founding_policy: Policy, text: str) -> None:
    ApprovedAnswers(records, [founding_policy]).find(text)
    records.add_feedback(text, text, "up", comment=text)


# ---- the routes ----


@pytest.fixture(scope="module")
def served(written_answers: WrittenAnswers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Records]]:
    records = Records.open(database_url(tmp_path_factory.mktemp("served"), None), 180)
    with running(create_app(written_answers, today=lambda: TODAY, records=records)) as address:
        yield address, records
    records.close()


@pytest.fixture
def client(served: tuple[str, Records]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served[0], trust_env=False, timeout=30) as opened:
        yield opened


def test_feedback_and_calls_are_kept(client: httpx.Client, served: tuple[str, Records]) -> None:
    body = {"question": STANDARD, "answer": "不超过50万元", "verdict": "down", "reason": "amount", "comment": "错了"}
    reply = client.post("/api/feedback", json={**body, "lang": "zh"})
    assert reply.status_code == 201
    (row,) = served[1].all_feedback()
    assert (row.id, row.verdict, row.reason, row.comment) == (reply.json()["id"], "down", "amount", "错了")
    call = {
        "outcome": "transferred",
        "questions": [STANDARD],
        "clauses": ["sz-new-materials-2023#19"],
        "department": "市商务局",
    }
    reply = client.post("/api/calls/", json=call)
    assert reply.status_code == 201
    (kept,) = served[1].calls()
    assert (kept.id, kept.outcome, kept.questions, kept.department) == (
        reply.json()["id"],
        "transferred",
        [STANDARD],
        "市商务局",
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/feedback", {"question": STANDARD, "answer": "a", "verdict": "sideways"}),
        ("/api/feedback", {"question": STANDARD, "answer": "a", "verdict": "up", "comment": "长" * 1001}),
        ("/api/feedback", {"question": "长" * 2001, "answer": "a", "verdict": "up"}),
        ("/api/feedback", {"question": " ", "answer": "a", "verdict": "up"}),
        ("/api/feedback", {"question": STANDARD, "answer": "a", "verdict": "up", "more": 1}),
        ("/api/calls", {"outcome": "answered", "questions": ["q"] * 21}),
        ("/api/calls", {"outcome": "lost"}),
    ],
)
def test_what_cannot_be_taken_is_refused(client: httpx.Client, path: str, body: object) -> None:
    reply = client.post(path, json=body)
    assert reply.status_code == 422
    assert reply.json()["error"]["message"]


def test_text_that_cannot_be_encoded_is_refused_and_a_nul_is_kept_as_a_space(
    client: httpx.Client, served: tuple[str, Records]
) -> None:
    def send(comment: bytes) -> int:
        raw = b'{"question": "a", "answer": "b", "verdict": "up", "comment": "%s"}' % comment
        return client.post("/api/feedback", content=raw, headers={"content-type": "application/json"}).status_code

    assert send(b"\\ud800") == 422
    assert send(b"x\\u0000y") == 201
    assert served[1].all_feedback()[0].comment == "x y"


def test_approved_answers_come_with_their_clauses_and_review(
    client: httpx.Client, served: tuple[str, Records], founding_policy: Policy
) -> None:
    answer_id = approve(served[1], founding_policy, STANDARD)
    reply = client.get("/api/approved", params={"q": "參與制定國家標準能拿多少錢", "k": 1})
    assert reply.json() == {
        "approved": [
            {
                "id": answer_id,
                "question": STANDARD,
                "answer": "不超过50万元(十九)。",
                "lang": "zh",
                "clauses": [
                    {
                        "id": "sz-new-materials-2023#19",
                        "label": "(十九)",
                        "title": founding_policy.clause("sz-new-materials-2023#19").title,
                    }
                ],
                "reviewer": "王审核",
                "reviewed_on": "2026-03-02",
                "match": "exact",
                "stale": False,
            }
        ]
    }
    assert client.get("/api/approved/", params={"q": "  "}).json() == {"approved": []}
    assert client.get("/api/approved", params={"q": STANDARD, "k": 0}).status_code == 422


def test_questions_to_the_api_are_logged_by_the_time_the_server_has_stopped(
    records: Records, written_answers: WrittenAnswers
) -> None:
    with (
        running(create_app(written_answers, today=lambda: TODAY, records=records)) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        client.post("/api/ask", json={"question": "员工食堂有补贴吗？电话0755-88102553"})
    (row,) = records.each_question(LogFilter())
    assert (row.surface, row.status) == ("api", "out_of_scope")
    # The number is the publishing bureau's own.
    assert row.question == "员工食堂有补贴吗？电话0755-88102553"


def test_without_records_the_routes_say_so(site: str) -> None:
    with httpx.Client(base_url=site, trust_env=False) as client:
        replies = [
            client.post("/api/feedback", json={"question": "q", "answer": "a", "verdict": "up"}),
            client.post("/api/calls", json={"outcome": "answered"}),
            client.get("/api/approved", params={"q": STANDARD}),
        ]
    assert [reply.status_code for reply in replies] == [503, 503, 503]
    assert {reply.json()["error"]["type"] for reply in replies} == {"unavailable"}


def test_records_that_fail_are_no_defect_of_the_server(written_answers: WrittenAnswers) -> None:
    with (
        running(create_app(written_answers, today=lambda: TODAY, records=Broken())) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        assert client.post("/api/ask", json={"question": STANDARD}).json()["status"] == "answered"
        reply = client.post("/api/feedback", json={"question": "q", "answer": "a", "verdict": "up"})
        assert (reply.status_code, reply.json()["error"]["type"]) == (503, "unavailable")
