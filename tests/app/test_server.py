"""The server: its API, what it refuses, how it starts and stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from app.server import CannotListen, PortTaken, create_app, listen, serve
from tests.app.conftest import TODAY, WrittenAnswers, behind_proxy, running
from tests.browser import visit

STANDARD = "参与制定国家标准能拿多少钱？"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def client(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, trust_env=False, timeout=30) as opened:
        yield opened


def error_type(reply: httpx.Response) -> str:
    body = reply.json()
    assert set(body) == {"error"}
    assert body["error"]["message"]
    return str(body["error"]["type"])


# ---- the API ----


def test_an_answer_is_the_answer_object(client: httpx.Client) -> None:
    reply = client.post("/api/ask", json={"question": STANDARD})
    assert reply.status_code == 200
    answer = reply.json()
    assert answer["status"] == "answered"
    assert answer["citations"][0]["label"] == "(十九)"
    assert answer["checks"] == {"passed": True, "failed": [], "checked": ["amount", "qualifier", "label"]}


def test_history_language_and_policy_reach_the_assistant(client: httpx.Client, written_answers: WrittenAnswers) -> None:
    turns = [{"role": "user", "content": STANDARD}, {"role": "assistant", "content": "不超过50万元"}]
    body = {"question": "那行业标准呢？", "history": turns, "policy": "sz-new-materials-2023", "lang": "zh"}
    assert client.post("/api/ask", json=body).json()["standalone_question"] == "参与制定行业标准能拿多少钱？"
    assert [message.content for message in written_answers.asked[-1][1]] == [STANDARD, "不超过50万元"]


def test_policies_say_until_when_they_are_in_force(client: httpx.Client) -> None:
    (policy,) = client.get("/api/policies").json()["policies"]
    assert policy["doc_no"] == "深工信规〔2023〕11号"
    assert (policy["effective_from"], policy["effective_to"]) == ("2023-09-13", "2028-09-12")
    assert policy["effective_to_is_derived"] is True
    assert policy["clauses"] == 20


def test_clauses_are_listed_and_found_by_id(client: httpx.Client) -> None:
    listed = client.get("/api/clauses", params={"policy": "sz-new-materials-2023"}).json()["clauses"]
    assert sum(clause["number"] is not None for clause in listed) == 20
    one = client.get("/api/clauses/sz-new-materials-2023%2319").json()
    assert one["label"] == "(十九)"
    assert (one["departments"][0]["name"], one["departments"][0]["role"]) == ("市市场监管局", "lead")
    assert one["id"] == "sz-new-materials-2023#19"
    assert one["provisions"][2]["amount"]["value"] == 500_000


@pytest.mark.parametrize(
    "path",
    [
        "/api/clauses/sz-new-materials-2023%2399",
        "/api/clauses/%00",
        "/api/clauses?policy=none",
        "/api/none",
        "/docs/none",
    ],
)
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 404
    assert error_type(reply) == "not_found"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 100_000,
        json.dumps({}).encode(),
        json.dumps({"question": 7}).encode(),
        json.dumps({"question": None}).encode(),
        json.dumps({"question": "  "}).encode(),
        json.dumps({"question": "问" * 2001}).encode(),
        json.dumps({"question": "a\0b"}).encode(),
        b'{"question": "\\ud800"}',
        b'{"question": "x", "history": [{"role": "user", "content": "\\udfff"}]}',
        b'{"question": "x", "\\ud800": 1}',
        json.dumps({"question": "x", "history": "x"}).encode(),
        json.dumps({"question": "x", "history": [{"role": "system", "content": "x"}]}).encode(),
        json.dumps({"question": "x", "lang": "fr"}).encode(),
        json.dumps({"question": "x", "history": [{"role": "user", "content": "x"}] * 101}).encode(),
    ],
)
def test_input_that_cannot_be_read_is_refused_and_never_a_server_error(client: httpx.Client, body: bytes) -> None:
    reply = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert reply.status_code in (400, 422), reply.text
    assert error_type(reply) == "invalid_request"


def test_the_limit_of_a_question_is_named(client: httpx.Client) -> None:
    reply = client.post("/api/ask", json={"question": "问" * 2001})
    assert "2001 characters, at most 2000" in reply.json()["error"]["message"]


def test_an_unknown_policy_is_not_found(client: httpx.Client) -> None:
    reply = client.post("/api/ask", json={"question": STANDARD, "policy": "\x00" + "x" * 500})
    assert reply.status_code == 404
    assert "sz-new-materials-2023" in reply.json()["error"]["message"]


def test_a_wrong_method_is_said_to_be_wrong(client: httpx.Client) -> None:
    reply = client.get("/api/ask")
    assert reply.status_code == 405
    assert error_type(reply) == "method_not_allowed"
    assert reply.headers["allow"] == "POST"


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(client: httpx.Client) -> None:
    def in_pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000

    for content in (b"x" * 3_000_000, in_pieces()):
        reply = client.post("/api/ask", content=content, headers={"content-type": "application/json"})
        assert reply.status_code == 413
        assert error_type(reply) == "too_large"


def test_a_failure_inside_is_an_error_object_without_its_details(site: str) -> None:
    with httpx.Client(base_url=site, trust_env=False) as client:
        reply = client.post("/api/ask", json={"question": "trouble"})
    assert reply.status_code == 500
    assert error_type(reply) == "internal"
    assert "fell over" not in reply.text


# ---- what surrounds the page ----


def test_the_page_names_no_other_host_and_forbids_asking_one(client: httpx.Client) -> None:
    reply = client.get("/?page=x&deep_link=y")
    assert reply.status_code == 200
    for host in (
        "googleapis",
        "gstatic",
        "cdnjs",
        "githubusercontent",
        "gradio.app",
        "huggingface",
        "unpkg",
        "jsdelivr",
    ):
        assert host not in reply.text
    assert "default-src 'self'" in reply.headers["content-security-policy"]
    assert 'lang="zh-Hans"' in reply.text
    assert "<title>" in reply.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/run/predict"),
        ("POST", "/gradio_api/call/ask"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/proxy=http://example.com"),
        ("GET", "/gradio_api/runs"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/monitoring"),
        ("POST", "/login"),
        ("GET", "/static/../../../etc/passwd"),
        ("GET", "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
    ],
)
def test_nothing_of_gradio_is_open_but_what_the_page_uses(client: httpx.Client, method: str, path: str) -> None:
    reply = client.request(method, path)
    assert reply.status_code in (403, 404), reply.text
    assert "root:" not in reply.text


@pytest.mark.parametrize(
    "change",
    [
        {"component_id": 10**6},
        {"component_id": "1"},
        {"component_id": True},
        {"fn_name": "postprocess"},
        {"fn_name": ["ask"]},
        {"session_hash": 5},
        {"data": "x"},
        {"data": None},
        {"data": {"question": "\ud800"}},
    ],
)
def test_a_call_of_the_page_that_is_not_one_is_refused(client: httpx.Client, change: dict[str, object]) -> None:
    config = client.get("/config").json()
    component = next(one["id"] for one in config["components"] if one["props"].get("elem_id") == "policy-page")
    call: dict[str, object] = {"component_id": component, "fn_name": "home", "session_hash": "s", "data": {}}
    assert "深工信规" in client.post("/gradio_api/component_server", json=call).json()["masthead"]
    reply = client.post(
        "/gradio_api/component_server",
        content=json.dumps(call | change).encode(),
        headers={"content-type": "application/json"},
    )
    assert reply.status_code == 400
    assert error_type(reply) == "invalid_request"


@pytest.mark.parametrize("prefix_is_stripped", [True, False])
def test_the_page_works_under_a_path_of_a_proxy(
    written_answers: WrittenAnswers, browser: Browser, prefix_is_stripped: bool
) -> None:
    app = create_app(written_answers, root_path="/policy", today=lambda: TODAY)
    proxy = behind_proxy(app, "/policy", stripped=prefix_is_stripped)
    with running(proxy) as site, visit(browser, site, path="/policy/") as opened:
        opened.page.get_by_role("button", name=STANDARD).click()
        expect(opened.page.locator(".answer")).to_contain_text("不超过50万元")
        assert [url for url in opened.requests if not url.startswith(f"{site}/policy/")] == []
        assert opened.complaints == []
        policies = httpx.get(f"{site}/policy/api/policies", trust_env=False).json()["policies"]
        assert policies[0]["id"] == "sz-new-materials-2023"


# ---- starting and stopping ----


def test_the_server_is_healthy_at_once_and_ready_when_the_assistant_is(written_answers: WrittenAnswers) -> None:
    from starlette.testclient import TestClient

    may_finish = threading.Event()

    def make() -> WrittenAnswers:
        assert may_finish.wait(30)
        return written_answers

    client = TestClient(create_app(make, today=lambda: TODAY))
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    may_finish.set()
    assert client.post("/api/ask", json={"question": STANDARD}).status_code == 200
    assert client.get("/readyz").status_code == 200


def test_a_port_that_is_taken_is_said_to_be_taken() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken by another program"):
            serve(lambda: pytest.fail("the assistant must not be made"), host="127.0.0.1", port=port)


@pytest.mark.parametrize(("host", "port"), [("not a host", 0), ("127.0.0.1", 70_000), ("192.0.2.1", 0)])
def test_an_address_that_cannot_be_listened_on_is_an_error_of_one_line(host: str, port: int) -> None:
    with pytest.raises(CannotListen) as caught:
        listen(host, port)
    assert "\n" not in str(caught.value)


PROGRAM = """
import sys
from app.server import serve
from corpus import Library
from tests.app.conftest import WrittenAnswers

def make():
    if sys.argv[1] == "broken":
        raise RuntimeError("no index")
    return WrittenAnswers(Library.load().policies[0])

try:
    serve(make, port=0)
except RuntimeError as error:
    print("not served:", error)
"""


def start(kind: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, kind],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_line_says_where_it_is_ready_and_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    program = start("whole")
    assert program.stdout is not None
    line = program.stdout.readline()
    try:
        address = line.split("ready: ")[1].split()[0]
        assert httpx.get(f"{address}readyz", trust_env=False).status_code == 200
        # A reader's connection that stays open doesn't hold up the stop.
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        with socket.create_connection((host, int(port))):
            program.send_signal(number)
            out, err = program.communicate(timeout=20)
    finally:
        program.kill()
    assert program.returncode == 0
    assert (out, err) == ("", "")


def test_an_assistant_that_cannot_be_made_stops_the_server_with_its_error() -> None:
    program = start("broken")
    try:
        out, err = program.communicate(timeout=30)
    finally:
        program.kill()
    assert program.returncode == 0
    assert out == "not served: no index\n"
    assert err == ""
