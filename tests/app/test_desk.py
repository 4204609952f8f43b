"""The desk: who gets in, what a reviewer sees and does, and that nothing in it runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, expect

from app.desk.chart import counts_svg
from app.desk.queue import counts, entries
from app.desk.session import FAILURES_OF_ALL, FAILURES_OF_ONE, SESSION_SECONDS, WINDOW_SECONDS, LoginBrake, Sessions
from app.desk.spreadsheet import csv_lines
from app.i18n import load_texts
from app.models import Checks
from app.records import Records, database_url
from app.records.approved import clause_record
from app.records.models import QuestionAsked
from app.records.store import DayCount
from app.server import create_app
from app.spreadsheet_cell import safe_cell
from app.ui.markup import Wording
from corpus.models import Policy
from tests.app.conftest import TODAY, WrittenAnswers, running
from tests.axe import violations
from tests.browser import visit

STANDARD = "参与制定国家标准能拿多少钱？"
CANTEEN = "员工食堂有补贴吗？"
ATTACK = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
PASSWORD = "correct horse 电池"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records.open(database_url(tmp_path, None), retention_days=0)
    yield opened
    opened.close()


@pytest.fixture
def app(records: Records, written_answers: WrittenAnswers) -> FastAPI:
    return create_app(written_answers, today=lambda: TODAY, records=records, admin_password=PASSWORD)


@pytest.fixture
def desk(app: FastAPI) -> Iterator[str]:
    with running(app) as address:
        yield address


@pytest.fixture
def client(desk: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk, trust_env=False, timeout=30) as opened:
        yield opened


@pytest.fixture
def reviewer(client: httpx.Client) -> httpx.Client:
    reply = log_in(client, PASSWORD)
    assert (reply.status_code, reply.headers["location"]) == (303, "/admin")
    return client


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found
    return found[1]


def log_in(client: httpx.Client, password: str, **fields: str) -> httpx.Response:
    token = token_of(client.get("/admin/login"))
    return client.post("/admin/login", data={"token": token, "name": "王审核", "password": password, **fields})


def asked(records: Records, answers: WrittenAnswers, question: str, times: int = 1, at: datetime = NOON) -> int:
    return [records.add_question(answers.ask(question), question, "chat", 10.0, at) for _ in range(times)][-1]


# ---- who gets in ----


def test_without_a_password_the_desk_is_closed_and_says_how_to_open_it(
    records: Records, written_answers: WrittenAnswers
) -> None:
    for password in (None, ""):
        app = create_app(written_answers, today=lambda: TODAY, records=records, admin_password=password)
        with running(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
            for path in ("/admin", "/admin/", "/admin/login", "/admin/log/", "/admin/export.csv", "/admin/what"):
                reply = client.get(path)
                assert reply.status_code == 404
                assert "POLICY_ADMIN_PASSWORD" in reply.text
            assert client.post("/admin/login", data={"password": ""}).status_code == 404


def test_without_records_the_desk_says_so(written_answers: WrittenAnswers) -> None:
    app = create_app(written_answers, today=lambda: TODAY, admin_password=PASSWORD)
    with running(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        assert client.get("/admin").status_code == 503
        assert client.get("/admin/login/").status_code == 503


def test_no_handler_of_the_desk_is_reached_without_a_login(
    app: FastAPI, client: httpx.Client, records: Records, written_answers: WrittenAnswers
) -> None:
    question = asked(records, written_answers, CANTEEN)
    approved = records.save_approved(STANDARD, "答", "zh", [], "王审核", TODAY)
    before = (records.decisions(), [row.withdrawn_at for row in records.approved(True)])
    called = 0
    for route in app.routes:
        if not isinstance(route, APIRoute) or not route.path.startswith("/admin") or "/login" in route.path:
            continue
        path = route.path.replace("{answer_id}", str(approved)).replace("{rest:path}", "anything")
        for method in sorted(route.methods):
            fields = {"kind": "unanswered", "q": str(question), "decision": "approve", "question": "q", "answer": "a"}
            reply = client.request(method, path, data=fields if method == "POST" else None)
            called += 1
            if method == "GET" and not path.rstrip("/").endswith(".csv"):
                assert reply.status_code == 303, path
                assert reply.headers["location"].startswith("/admin/login?next=%2Fadmin")
            else:
                assert reply.status_code == 401, (method, path)
            assert CANTEEN not in reply.text
            assert STANDARD not in reply.text
    assert called >= 25
    assert (records.decisions(), [row.withdrawn_at for row in records.approved(True)]) == before
    assert len(records.approved(True)) == 1


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "x.y", "WyJub25jZSIsIDk5OTk5OTk5OTksICJtZSJd.", "WyJub25jZSIsIDk5OTk5OTk5OTksICJtZSJd." + "0" * 64],
)
def test_a_cookie_that_we_did_not_write_opens_nothing(client: httpx.Client, cookie: str) -> None:
    reply = client.get("/admin/export.csv", headers={"cookie": f"policy_desk={cookie}"})
    assert reply.status_code == 401


def test_the_cookie_of_the_login_form_is_no_login(client: httpx.Client) -> None:
    client.get("/admin/login")
    waiting = client.cookies["policy_desk_login"]
    assert client.get("/admin/export.csv", headers={"cookie": f"policy_desk={waiting}"}).status_code == 401


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: httpx.Client) -> None:
    reply = log_in(client, PASSWORD)
    cookie = next(c for c in reply.headers.get_list("set-cookie") if c.startswith("policy_desk="))
    assert {"HttpOnly", "SameSite=strict", "Path=/admin"} <= set(cookie.split("; "))
    assert client.get("/admin").headers["cache-control"] == "no-store"


def test_a_wrong_password_or_a_form_of_another_session_lets_nobody_in(client: httpx.Client) -> None:
    assert log_in(client, PASSWORD + "x").status_code == 401
    assert log_in(client, PASSWORD, token="0" * 64).status_code == 403
    assert log_in(client, PASSWORD, name=" ").status_code == 422
    assert client.get("/admin").status_code == 303


def test_whoever_fails_too_often_waits_even_with_the_right_password(client: httpx.Client) -> None:
    for _ in range(FAILURES_OF_ONE):
        assert log_in(client, "guess").status_code == 401
    reply = log_in(client, PASSWORD)
    assert reply.status_code == 429
    assert 0 < int(reply.headers["retry-after"]) <= WINDOW_SECONDS + 1


def test_the_brake_forgets_with_time_and_holds_many_addresses_back_together() -> None:
    clock = Clock()
    brake = LoginBrake(clock)
    for _ in range(FAILURES_OF_ONE):
        brake.failed("a")
    assert brake.wait("a") > 0
    assert brake.wait("b") == 0
    clock.now += WINDOW_SECONDS + 1
    assert brake.wait("a") == 0
    for n in range(FAILURES_OF_ALL):
        brake.failed(str(n))
    assert brake.wait("new") > 0


def test_a_session_ends_with_time_with_logging_out_and_with_the_process() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    visit = sessions.start("王审核")
    cookie = sessions.cookie(visit)
    assert sessions.read(cookie) == visit
    assert Sessions(clock).read(cookie) is None
    clock.now += SESSION_SECONDS
    assert sessions.read(cookie) is None
    other = sessions.start("李审核")
    sessions.end(other)
    assert sessions.read(sessions.cookie(other)) is None


def test_after_logging_out_a_copied_cookie_is_worth_nothing(reviewer: httpx.Client) -> None:
    copied = reviewer.cookies["policy_desk"]
    reply = reviewer.post("/admin/logout", data={"token": token_of(reviewer.get("/admin"))})
    assert (reply.status_code, reply.headers["location"]) == (303, "/admin/login")
    assert reviewer.get("/admin/export.csv", headers={"cookie": f"policy_desk={copied}"}).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/admin/log?status=error", "/admin/log?status=error"),
        ("https://evil.example/", "/admin"),
        ("//evil.example/admin", "/admin"),
        ("/admin//evil.example", "/admin"),
        ("/administrator", "/admin"),
        ("/admin/\r\nx: y", "/admin"),
    ],
)
def test_the_login_leads_to_pages_of_the_desk_only(client: httpx.Client, wanted: str, reached: str) -> None:
    assert log_in(client, PASSWORD, next=wanted).headers["location"] == reached


def test_a_form_without_the_sessions_token_changes_nothing(
    reviewer: httpx.Client, records: Records, written_answers: WrittenAnswers
) -> None:
    question = asked(records, written_answers, CANTEEN)
    fields = {"kind": "unanswered", "q": str(question), "decision": "approve"}
    assert reviewer.post("/admin/decide", data=fields).status_code == 403
    assert reviewer.post("/admin/decide", data={**fields, "token": "0" * 64}).status_code == 403
    assert reviewer.post("/admin/decide", json=fields).status_code == 400
    assert reviewer.post("/admin/logout", data={"token": ""}).status_code == 403
    assert records.decisions() == []


def test_every_page_answers_with_and_without_a_trailing_slash_and_under_a_prefix(
    reviewer: httpx.Client, records: Records, written_answers: WrittenAnswers
) -> None:
    answer_id = records.save_approved(STANDARD, "答", "zh", [], "王审核", TODAY)
    for path in ("/admin", "/admin/approved", "/admin/approved/new", f"/admin/approved/{answer_id}", "/admin/log",
                 "/admin/history", "/admin/export.csv"):  # fmt: skip
        assert reviewer.get(path).status_code == 200
        assert reviewer.get(f"{path}/").status_code == 200
    for path in ("/admin/nothing", "/admin/approved/999", "/admin/approved/-1", "/admin/approved/%00"):
        assert reviewer.get(path).status_code == 404
    app = create_app(
        written_answers, today=lambda: TODAY, records=records, admin_password=PASSWORD, root_path="/policy"
    )
    with running(app) as address, httpx.Client(base_url=f"{address}/policy", trust_env=False) as client:
        assert client.get("/admin").headers["location"] == "/policy/admin/login?next=%2Fadmin"
        assert log_in(client, PASSWORD).headers["location"] == "/policy/admin"
        page = client.get("/admin")
        assert page.status_code == 200
        assert re.findall(r'(?:href|action|src)="(/(?!policy/)[^"]*)"', page.text) == []


# ---- the queue ----


def test_the_queue_holds_what_was_often_left_unanswered_disliked_or_failed_its_checks(
    records: Records, written_answers: WrittenAnswers
) -> None:
    asked(records, written_answers, CANTEEN, times=3)
    asked(records, written_answers, "只问一次的问题")
    asked(records, written_answers, STANDARD, times=5)
    failed = replace(written_answers.ask(STANDARD), checks=Checks(passed=False, failed=("amount",)))
    records.add_question(failed, STANDARD, "chat", 1.0, NOON)
    records.add_feedback(STANDARD, "不超过50万元", "down", "amount", "应为100万")
    records.add_feedback("參與制定國家標準能拿多少錢", "不超过50万元", "down", "clause")
    records.add_feedback("很好的答案", "答", "up")
    assert counts(records) == {"down": 1, "checks": 1, "unanswered": 1}
    assert counts(records, often=1)["unanswered"] == 2
    ((disliked,), _) = entries(records, "down", 10)
    assert (disliked.count, disliked.reasons, disliked.comments) == (2, ["clause", "amount"], ["应为100万"])
    assert disliked.clauses == ["sz-new-materials-2023#19"]
    ((unanswered,), _) = entries(records, "unanswered", 10)
    assert (unanswered.question, unanswered.count, unanswered.status) == (CANTEEN, 3, "out_of_scope")
    ((check,), _) = entries(records, "checks", 10)
    assert check.checks_failed == ["amount"]


def test_a_decision_takes_the_question_off_the_queue_and_a_new_complaint_puts_it_back(
    reviewer: httpx.Client, records: Records, written_answers: WrittenAnswers
) -> None:
    question = asked(records, written_answers, CANTEEN, times=2)
    complaint = records.add_feedback(STANDARD, "不超过50万元", "down", "unclear")
    token = token_of(reviewer.get("/admin"))
    page = reviewer.get("/admin", params={"kind": "unanswered"})
    assert CANTEEN in page.text
    reply = reviewer.post(
        "/admin/decide", data={"token": token, "kind": "unanswered", "q": str(question), "decision": "approve"}
    )
    assert reply.headers["location"] == "/admin?kind=unanswered&done=approve"
    disliked = {"token": token, "kind": "down", "f": str(complaint), "decision": "reject"}
    assert reviewer.post("/admin/decide", data=disliked).status_code == 422
    assert counts(records) == {"down": 1, "checks": 0, "unanswered": 0}
    assert reviewer.post("/admin/decide", data={**disliked, "comment": "答非所问"}).status_code == 303
    assert counts(records) == {"down": 0, "checks": 0, "unanswered": 0}
    rejected, approved = records.decisions()
    assert (rejected.decision, rejected.comment, rejected.reviewer) == ("reject", "答非所问", "王审核")
    assert approved.question == CANTEEN
    history = reviewer.get("/admin/history").text
    assert "答非所问" in history
    asked(records, written_answers, CANTEEN, times=2)
    records.add_feedback(STANDARD, "不超过50万元", "down", "unclear")
    assert counts(records) == {"down": 1, "checks": 0, "unanswered": 0}


@pytest.mark.parametrize(
    "fields", [{}, {"kind": "other"}, {"decision": "delete"}, {"q": "999"}, {"q": "-1"}, {"q": "１"}, {"q": "9" * 50}]
)
def test_a_decision_about_nothing_is_refused(reviewer: httpx.Client, records: Records, fields: dict[str, str]) -> None:
    token = token_of(reviewer.get("/admin"))
    sent = {"token": token, "kind": "unanswered", "decision": "approve", **fields}
    assert reviewer.post("/admin/decide", data=sent).status_code == 422
    assert records.decisions() == []


# ---- approved answers ----


@dataclass
class Sent:
    """The form of an approved answer as a browser sends it."""

    token: str
    question: str = STANDARD
    answer: str = "不超过50万元(十九)。"
    language: str = "zh"
    reviewer: str = "王审核"
    clause: list[str] = field(default_factory=lambda: ["sz-new-materials-2023#19"])

    def data(self, **more: str) -> dict[str, str | list[str]]:
        return {**vars(self), **more}


def test_an_entry_becomes_an_approved_answer_that_the_hotline_meets(
    reviewer: httpx.Client, records: Records, written_answers: WrittenAnswers
) -> None:
    question = asked(records, written_answers, CANTEEN, times=2)
    form = reviewer.get("/admin/approved/new", params={"kind": "unanswered", "q": question})
    assert CANTEEN in form.text
    assert 'value="王审核"' in form.text
    sent = Sent(
        token_of(form), question=CANTEEN, answer="食堂补贴不在本政策之内。\r\n请咨询市人力资源保障局。", clause=[]
    )
    reply = reviewer.post("/admin/approved", data=sent.data(kind="unanswered", q=str(question)))
    assert reply.headers["location"] == "/admin?kind=unanswered&done=saved"
    assert counts(records)["unanswered"] == 0
    (found,) = reviewer.get("/api/approved", params={"q": "员工食堂有补贴吗"}).json()["approved"]
    assert found["answer"] == "食堂补贴不在本政策之内。\n请咨询市人力资源保障局。"
    assert (found["match"], found["reviewer"], found["reviewed_on"]) == ("exact", "王审核", TODAY.isoformat())


def test_an_approved_answer_is_edited_withdrawn_and_used_again(
    reviewer: httpx.Client, records: Records, founding_policy: Policy
) -> None:
    old = clause_record(founding_policy.clause("sz-new-materials-2023#19")) | {"digest": "of another text"}
    answer_id = records.save_approved(STANDARD, "不超过60万元", "zh", [old], "李审核", date(2025, 1, 1))
    page = reviewer.get("/admin/approved")
    assert "引用条款已变更" in page.text
    token = token_of(page)
    assert 'value="sz-new-materials-2023#19" checked' in reviewer.get(f"/admin/approved/{answer_id}").text
    assert reviewer.post(f"/admin/approved/{answer_id}", data=Sent(token).data()).status_code == 303
    (row,) = records.approved()
    assert (row.id, row.answer, row.reviewer, row.reviewed_on) == (answer_id, "不超过50万元(十九)。", "王审核", TODAY)
    assert "引用条款已变更" not in reviewer.get("/admin/approved").text
    assert reviewer.post(f"/admin/approved/{answer_id}/withdraw", data={"token": token}).status_code == 303
    assert reviewer.get("/api/approved", params={"q": STANDARD}).json() == {"approved": []}
    assert "已停用" in reviewer.get("/admin/approved").text
    assert reviewer.post(f"/admin/approved/{answer_id}/restore/", data={"token": token}).status_code == 303
    assert len(reviewer.get("/api/approved", params={"q": STANDARD}).json()["approved"]) == 1
    assert reviewer.post("/admin/approved/999/withdraw", data={"token": token}).status_code == 404
    assert reviewer.post("/admin/approved/999", data=Sent(token).data()).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": " "},
        {"question": "长" * 2001},
        {"answer": ""},
        {"answer": "长" * 5001},
        {"reviewer": " "},
        {"language": "fr"},
        {"clause": ["sz-new-materials-2023#99"]},
    ],
)
def test_an_incomplete_form_is_shown_again_with_what_was_typed(
    reviewer: httpx.Client, records: Records, wrong: dict[str, str]
) -> None:
    token = token_of(reviewer.get("/admin/approved/new"))
    reply = reviewer.post("/admin/approved", data={**Sent(token, answer="辛苦打的字").data(), **wrong})
    assert reply.status_code == 422
    assert 'role="alert"' in reply.text
    assert "answer" in wrong or "辛苦打的字" in reply.text
    assert records.approved() == []


def test_one_question_has_one_approved_answer(reviewer: httpx.Client, records: Records) -> None:
    token = token_of(reviewer.get("/admin/approved/new"))
    assert reviewer.post("/admin/approved", data=Sent(token).data()).status_code == 303
    again = Sent(token, question="參與制定國家標準能拿多少錢")
    reply = reviewer.post("/admin/approved", data=again.data())
    assert reply.status_code == 422
    assert "同一问题已有已审核答案" in reply.text


# ---- the log ----


def test_the_log_filters_counts_and_ranks(
    reviewer: httpx.Client, records: Records, written_answers: WrittenAnswers
) -> None:
    asked(records, written_answers, STANDARD, times=2)
    asked(records, written_answers, CANTEEN, at=NOON - timedelta(days=3))
    asked(records, written_answers, "很久以前", at=NOON - timedelta(days=60))
    page = reviewer.get("/admin/log").text
    assert "共 3 条" in page
    assert "很久以前" not in page
    assert page.count("<rect") == 4
    assert "很久以前" in reviewer.get("/admin/log", params={"since": ""}).text
    only = reviewer.get("/admin/log", params={"status": "out_of_scope", "language": "zh", "text": "食堂"}).text
    assert CANTEEN in only
    assert STANDARD not in only
    for odd in ({"since": "yesterday"}, {"page": "0"}, {"page": "x"}, {"status": "'; DROP TABLE"}, {"text": "\0"}):
        assert reviewer.get("/admin/log", params=odd).status_code == 200


def test_the_export_holds_what_the_filter_finds_and_runs_no_formula(
    reviewer: httpx.Client, records: Records, written_answers: WrittenAnswers
) -> None:
    asked(records, written_answers, "=HYPERLINK(\"http://x\"),'a'\n第二行")
    asked(records, written_answers, STANDARD)
    reply = reviewer.get("/admin/export.csv", params={"status": "out_of_scope"})
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.text.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"), newline=""))
    assert row["question"] == "'=HYPERLINK(\"http://x\"),'a'\n第二行"
    assert row["asked_at"] == "2026-03-02 12:00:00"


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", " =1", "\n-1"])
def test_a_cell_that_a_spreadsheet_would_compute_becomes_text(value: str) -> None:
    assert safe_cell(value) == f"'{value}"
    row = QuestionAsked(
        asked_at=NOON, question=value, status="answered", language="zh", surface="chat", labels=["(一)"],
        checks_passed=True, checks_failed=[], latency_ms=1.0, answer="答",
    )  # fmt: skip
    assert f"'{value.strip()[0]}" in "".join(csv_lines([row])).replace(f"'{value}", f"'{value.strip()}")


def test_a_plain_cell_stays_as_it_is() -> None:
    assert safe_cell("不超过50万元-60万元") == "不超过50万元-60万元"


def test_the_chart_has_a_bar_a_day_in_proportion() -> None:
    wording = Wording(load_texts())
    svg = counts_svg([DayCount(TODAY, 4, 2)], TODAY - timedelta(days=9), TODAY, wording)
    whole, part = (float(height) for height in re.findall(r'<rect[^>]*height="([\d.]+)"', svg))
    assert whole == pytest.approx(2 * part)
    assert counts_svg([], TODAY, TODAY, wording).count("<rect") == 0


# ---- in the browser ----


def log_in_browser(page: Page, desk: str) -> None:
    page.goto(f"{desk}/admin")
    page.get_by_label("姓名").fill("王审核")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="待审核")).to_be_visible()


def test_a_reviewer_approves_an_answer_and_the_api_gives_it(
    browser: Browser, desk: str, records: Records, written_answers: WrittenAnswers
) -> None:
    asked(records, written_answers, STANDARD)
    records.add_feedback(STANDARD, "给予不超过50万元资助(十九)。", "down", "unclear", "看不懂")
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        complaints: list[str] = []
        outside: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith((desk, "data:")) else outside.append(request.url),
        )
        log_in_browser(page, desk)
        entry = page.get_by_role("article").filter(has_text=STANDARD)
        entry.get_by_text("(十九)", exact=False).locator("visible=true").last.click()
        entry.get_by_role("link", name="编辑并存为已审核答案").click()
        page.get_by_label("答案").fill("参与制定国家标准的单位，给予不超过50万元资助。")
        expect(page.get_by_role("checkbox", name="(十九)")).to_be_checked()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_have_text("已审核答案已保存。")
        page.get_by_role("link", name="已审核答案").click()
        expect(page.get_by_role("article")).to_contain_text("王审核")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Approved answers")).to_be_visible()
        assert complaints == []
        assert outside == []
    with httpx.Client(base_url=desk, trust_env=False) as client:
        (found,) = client.get("/api/approved", params={"q": STANDARD}).json()["approved"]
    assert found["answer"] == "参与制定国家标准的单位，给予不超过50万元资助。"


def test_markup_is_shown_as_text_on_every_page_and_every_page_is_accessible(
    browser: Browser, desk: str, records: Records, written_answers: WrittenAnswers
) -> None:
    asked(records, written_answers, ATTACK, times=2)
    failed = replace(written_answers.ask(STANDARD), answer=ATTACK, checks=Checks(passed=False, failed=("amount",)))
    records.add_question(failed, STANDARD, "api", 1.0, NOON)
    records.add_feedback(ATTACK, ATTACK, "down", "other", ATTACK)
    records.add_decision("down", f"{ATTACK}2", "reject", ATTACK[:50], ATTACK)
    answer_id = records.save_approved(ATTACK, ATTACK, "zh", [], ATTACK[:50], TODAY)
    pages = [
        *(f"/admin?kind={kind}" for kind in ("down", "checks", "unanswered")),
        "/admin/approved", f"/admin/approved/{answer_id}", "/admin/approved/new?kind=unanswered&q=1",
        "/admin/log", "/admin/history",
    ]  # fmt: skip
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        log_in_browser(page, desk)
        for path in pages:
            for dark in ("light", "dark"):
                page.emulate_media(color_scheme=dark)
                page.goto(desk + path)
                assert page.locator("main img, main script").count() == 0
                assert "审核台" in page.title()
                assert violations(page) == [], (path, dark)
            text = page.locator("main").inner_text() + "".join(
                field.input_value() for field in page.locator("textarea").all()
            )
            assert "<img src=x" in text, path


def test_the_desk_fits_a_phone(browser: Browser, desk: str, records: Records, written_answers: WrittenAnswers) -> None:
    asked(records, written_answers, "很长的问题" * 60, times=2)
    asked(records, written_answers, "w" * 300, times=2)
    with browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        log_in_browser(page, desk)
        for path in (
            "/admin?kind=unanswered",
            "/admin/approved/new?kind=unanswered&q=1",
            "/admin/log",
            "/admin/history",
        ):
            page.goto(desk + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_question_of_the_chat_page_stands_in_the_log(browser: Browser, desk: str, records: Records) -> None:
    with visit(browser, desk) as opened:
        opened.page.get_by_role("textbox").first.fill(CANTEEN)
        opened.page.get_by_role("textbox").first.press("Enter")
        expect(opened.page.get_by_text("不在本政策的范围内", exact=False).first).to_be_visible()
        log_in_browser(opened.page, desk)
        opened.page.goto(f"{desk}/admin/log?surface=chat&since=")
        expect(opened.page.get_by_role("table")).to_contain_text(CANTEEN)
