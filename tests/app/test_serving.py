"""What every request meets: turns, bodies, connections, ids, log lines, counters."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.logs import JsonLines, TextLines
from app.metrics import MAX_FAULT_KINDS, Metrics
from app.models import Answer, Message
from app.records import Records, database_url
from app.server import create_app
from app.serving import Capacity
from app.serving.connections import patient_protocol
from corpus.models import Policy
from eval.bench.clients import ask as ask_often
from index.bundled import BundledEmbedder
from tests.app.conftest import TODAY, WrittenAnswers, running
from tests.conftest import Run

STANDARD = "参与制定国家标准能拿多少钱？"
SECRET_TOPIC = "我司秘密研发的石墨烯"
ROOT = Path(__file__).parents[2]


class SlowAnswers(WrittenAnswers):
    """Answers once ``go`` is set; counts how many questions are in work at a time."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.at_work = self.most_at_work = 0
        self._lock = threading.Lock()

    def ask(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Answer:
        with self._lock:
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
        self.begun.release()
        assert self.go.wait(30)
        with self._lock:
            self.at_work -= 1
        return super().ask(question, history, policy, language)


@contextmanager
def client_of(app: Any, **options: Any) -> Iterator[httpx.Client]:
    with running(app, **options) as site, httpx.Client(base_url=site, trust_env=False, timeout=30) as client:
        yield client


def ask(client: httpx.Client, question: str = STANDARD) -> httpx.Response:
    return client.post("/api/ask", json={"question": question})


def value(client: httpx.Client, sample: str) -> float:
    """A sample of ``/metrics``, named with its labels."""
    for line in client.get("/metrics").text.splitlines():
        if line.startswith(f"{sample} "):
            return float(line.rpartition(" ")[2])
    return 0.0


def wait_for(client: httpx.Client, sample: str, wanted: float) -> None:
    deadline = time.monotonic() + 20
    while value(client, sample) != wanted:
        assert time.monotonic() < deadline, f"{sample} never was {wanted}"
        time.sleep(0.02)


# ---- turns ----


def test_questions_take_turns_and_more_than_may_wait_are_told_to_come_later(founding_policy: Policy) -> None:
    answers = SlowAnswers(founding_policy)
    app = create_app(answers, today=lambda: TODAY, capacity=Capacity(at_once=2, waiting=3, seconds=30))
    with client_of(app) as client, ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(ask, client) for _ in range(5)]
        wait_for(client, "policy_questions_waiting", 3.0)
        assert value(client, "policy_questions_running") == 2.0
        refused = ask(client)
        assert refused.status_code == 429
        assert refused.json()["error"]["type"] == "busy"
        assert int(refused.headers["retry-after"]) >= 1
        # What takes no work waits for nobody.
        assert client.get("/healthz").status_code == client.get("/api/policies").status_code == 200
        answers.go.set()
        assert [one.result().status_code for one in asked] == [200] * 5
        assert answers.most_at_work == 2
        assert value(client, 'policy_refused_total{reason="queue"}') == 1.0
        assert value(client, "policy_questions_waiting") == value(client, "policy_questions_running") == 0.0


def test_a_question_that_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends(founding_policy: Policy) -> None:
    answers = SlowAnswers(founding_policy)
    app = create_app(answers, today=lambda: TODAY, capacity=Capacity(at_once=1, waiting=5, seconds=0.4))
    with client_of(app) as client:
        late = ask(client)
        assert late.status_code == 503
        assert late.json()["error"]["type"] == "timeout"
        assert int(late.headers["retry-after"]) >= 1
        # Its work still goes on, so nobody else's begins.
        second = ask(client)
        assert second.status_code == 429
        assert answers.most_at_work == 1
        answers.go.set()
        wait_for(client, "policy_questions_running", 0.0)
        assert ask(client).status_code == 200


def test_who_has_left_before_the_turn_came_is_not_worked_for(founding_policy: Policy) -> None:
    answers = SlowAnswers(founding_policy)
    app = create_app(answers, today=lambda: TODAY, capacity=Capacity(at_once=1, waiting=5, seconds=30))
    with client_of(app) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, client)
        assert answers.begun.acquire(timeout=20)
        with httpx.Client(base_url=client.base_url, trust_env=False, timeout=0.5) as leaving:
            with pytest.raises(httpx.ReadTimeout):
                ask(leaving, "nobody waits for this")
            wait_for(client, "policy_questions_waiting", 1.0)
        answers.go.set()
        assert first.result().status_code == 200
        wait_for(client, "policy_questions_waiting", 0.0)
        assert ask(client).status_code == 200
        assert "nobody waits for this" not in [question for question, _ in answers.asked]


def test_many_connections_are_all_answered(written_answers: WrittenAnswers) -> None:
    with running(create_app(written_answers, capacity=Capacity(at_once=3, waiting=256))) as site:
        load = ask_often(f"{site}/api/ask", [STANDARD], connections=128, seconds=1.0)
    assert not load.errors
    assert len(load.latencies) >= 128


def test_the_embedder_works_on_no_more_texts_at_once_than_it_has_threads() -> None:
    class Engine:
        def __init__(self) -> None:
            self.working = self.most = 0

        def token_count(self, text: str) -> int:
            return len(text)

        def query(self, text: str) -> list[float]:
            self.working += 1
            self.most = max(self.most, self.working)
            time.sleep(0.005)
            self.working -= 1
            return [0.0] * 384

    embedder, engine = BundledEmbedder(threads=2), Engine()
    embedder._model = engine
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda n: embedder.encode_queries([str(n)]), range(60)))
    assert engine.most <= 2


# ---- bodies and connections ----


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


def connected(site: str) -> socket.socket:
    host, _, port = site.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def test_a_body_that_comes_too_slowly_is_cut(written_answers: WrittenAnswers) -> None:
    with running(create_app(written_answers, capacity=Capacity(seconds=0.5))) as site, connected(site) as slow:
        slow.sendall(
            b"POST /api/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{"
        )
        received = read_all(slow)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["error"]["type"] == "timeout"


def test_a_connection_on_which_no_request_comes_is_closed(written_answers: WrittenAnswers) -> None:
    app = create_app(written_answers)
    with running(app, http=patient_protocol(100, header_seconds=0.5)) as site:
        for sent in (b"", b"GET /healthz HTTP/1.1\r\nx-slow: "):
            with connected(site) as idle:
                idle.sendall(sent)
                assert read_all(idle) == b""
        with connected(site) as second:
            second.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert second.recv(65536).startswith(b"HTTP/1.1 200")
            second.sendall(b"GET /heal")
            assert b"HTTP/1.1" not in read_all(second)


def test_a_request_in_work_is_not_taken_for_an_idle_connection(founding_policy: Policy) -> None:
    answers = SlowAnswers(founding_policy)
    app = create_app(answers, today=lambda: TODAY)
    with client_of(app, http=patient_protocol(100, header_seconds=0.2)) as client, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, client)
        assert answers.begun.acquire(timeout=20)
        time.sleep(0.6)
        answers.go.set()
        assert asked.result().status_code == 200


def test_more_connections_than_are_kept_are_told_so(written_answers: WrittenAnswers) -> None:
    with running(create_app(written_answers), http=patient_protocol(2)) as site:
        kept = [connected(site) for _ in range(2)]
        with connected(site) as third:
            received = read_all(third)
        assert received.startswith(b"HTTP/1.1 429 ")
        assert json.loads(received.partition(b"\r\n\r\n")[2])["error"]["type"] == "busy"
        for connection in kept:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert read_all(connection).startswith(b"HTTP/1.1 200 ")
            connection.close()


def test_what_is_large_is_packed_and_the_desk_is_not(written_answers: WrittenAnswers) -> None:
    with client_of(create_app(written_answers, today=lambda: TODAY)) as client:
        packed = client.get("/api/clauses")
        assert packed.headers["content-encoding"] == "gzip"
        assert len(packed.json()["clauses"]) >= 20
        assert "content-encoding" not in client.get("/healthz").headers
        assert "content-encoding" not in client.get("/admin").headers
        plain = client.get("/api/clauses", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.json() == packed.json()


# ---- ids and log lines ----


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged from INFO on, as JSON lines."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    # The client of the tests tells of its requests too.
    handler.addFilter(lambda record: not record.name.startswith("http"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def logged(written: io.StringIO, name: str) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in written.getvalue().splitlines()]
    return [record for record in records if record["logger"] == name]


def test_an_id_comes_back_as_it_was_given_or_is_made(written_answers: WrittenAnswers) -> None:
    with client_of(create_app(written_answers, today=lambda: TODAY)) as client:
        assert client.get("/healthz", headers={"X-Request-ID": "abc-1.2_3"}).headers["x-request-id"] == "abc-1.2_3"
        made = [client.get("/healthz").headers["x-request-id"] for _ in range(2)]
        assert made[0] != made[1]
        for bad in ("a b", "x" * 65, "<script>", '"'):
            given = client.get("/healthz", headers={"X-Request-ID": bad}).headers["x-request-id"]
            assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_every_request_is_one_line_that_tells_nothing_of_what_was_asked(
    written_answers: WrittenAnswers, lines: io.StringIO
) -> None:
    with client_of(create_app(written_answers, today=lambda: TODAY)) as client:
        ask(client, SECRET_TOPIC)
        client.get("/api/search", params={"q": SECRET_TOPIC})
        client.get("/api/clauses/sz-new-materials-2023%2319", headers={"X-Request-ID": "mine"})
        client.get(f"/{SECRET_TOPIC}", headers={"X-API-Key": "a-key-of-somebody"})
    records = logged(lines, "app.requests")
    assert [(one["method"], one["route"], one["status"]) for one in records] == [
        ("POST", "/api/ask", 200),
        ("GET", "/api/search", 503),
        ("GET", "/api/clauses/{clause_id:path}", 200),
        ("GET", "other", 404),
    ]
    assert records[2]["request_id"] == "mine"
    assert all(one["milliseconds"] >= 0 for one in records)
    everything = lines.getvalue()
    for told in (SECRET_TOPIC, json.dumps(SECRET_TOPIC), "石墨烯", "127.0.0.1", "a-key-of-somebody", "%E7"):
        assert told not in everything


def test_a_failure_is_logged_with_its_traceback_under_the_id_that_the_caller_got(
    written_answers: WrittenAnswers, lines: io.StringIO
) -> None:
    with client_of(create_app(written_answers, today=lambda: TODAY)) as client:
        reply = ask(client, "trouble")
    assert reply.status_code == 500
    assert reply.headers["x-request-id"] == reply.json()["error"]["request_id"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    record = logged(lines, "app.requests")[0]
    assert record["request_id"] == reply.headers["x-request-id"]
    assert "the index fell over" in record["traceback"]
    assert "fell over" not in reply.text


def test_lines_of_text_and_of_json_stay_one_line() -> None:
    record = logging.LogRecord("app.x", logging.WARNING, "f", 1, "first\nsecond %s", ("值",), None)
    assert TextLines().format(record) == "WARNING app.x: first\nsecond 值"
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "first\nsecond 值"


# ---- counters ----


def test_metrics_count_requests_answers_and_stages(written_answers: WrittenAnswers, tmp_path: Path) -> None:
    records = Records.open(database_url(tmp_path, None))
    with client_of(create_app(written_answers, today=lambda: TODAY, records=records)) as client:
        ask(client)
        ask(client, "今天天气怎么样")
        client.post("/api/ask", content=b"{", headers={"Content-Type": "application/json"})
        text = client.get("/metrics").text
        assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=")
    records.close()
    for sample in (
        'policy_requests_total{method="POST",route="/api/ask",status="200"} 2.0',
        'policy_requests_total{method="POST",route="/api/ask",status="422"} 1.0',
        'policy_answers_total{language="zh",mode="extractive",status="answered",surface="api"} 1.0',
        'policy_answers_total{language="zh",mode="extractive",status="out_of_scope",surface="api"} 1.0',
        'policy_request_seconds_count{route="/api/ask"} 3.0',
    ):
        assert sample in text
    assert "天气" not in text


def test_metrics_take_words_of_ours_and_no_others() -> None:
    metrics = Metrics()
    metrics.withheld(2)
    metrics.model_fault("timeout")
    metrics.model_fault("Connection to 10.0.0.5 failed: 你好")
    for n in range(MAX_FAULT_KINDS + 5):
        metrics.model_fault("fault_" + "x" * (n + 1))
    metrics.requested("/api/ask", "BREW", 200, 0.01)
    text = metrics.exposition().decode()
    assert "policy_withheld_sentences_total 2.0" in text
    assert 'policy_model_faults_total{kind="timeout"} 1.0' in text
    assert "10.0.0.5" not in text
    assert text.count("policy_model_faults_total{") <= MAX_FAULT_KINDS + 1
    assert 'method="other"' in text
    assert "policy_build_info{" in text
    assert "policy_withheld_sentences_total 0.0" in Metrics().exposition().decode()


# ---- as it is started ----


@contextmanager
def started(environment: dict[str, str], **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The product in a process of its own; its address, and the process with its log on ``stderr``."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**environment, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def test_settings_reach_the_server(environment: dict[str, str]) -> None:
    settings = {
        "POLICY_HOST": "0.0.0.0",
        "POLICY_API_KEYS": "a-key-of-the-tests, another",
        "POLICY_RATE_LIMIT": "3",
        "POLICY_LOG_LEVEL": "INFO",
        "POLICY_LOG_FORMAT": "json",
        "OPENBLAS_NUM_THREADS": "1",
    }
    with started(environment, **settings) as (site, process):
        with httpx.Client(base_url=site, trust_env=False, timeout=60) as client:
            assert client.get("/hotline").headers["set-cookie"].startswith("policy_page_")
            assert ask(client).status_code == 401
            key = {"Authorization": "Bearer a-key-of-the-tests"}
            replies = [client.post("/api/ask", json={"question": SECRET_TOPIC}, headers=key) for _ in range(4)]
            assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
            metrics = client.get("/metrics", headers={"X-API-Key": "another"}).text
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    assert 'policy_index_info{embedder="bundled' in metrics
    assert 'policy_answer_stage_seconds_count{stage="retrieve"} 3.0' in metrics
    records = [json.loads(line) for line in log.splitlines()]
    asked = [one for one in records if one.get("route") == "/api/ask" and one["status"] == 200]
    assert len(asked) == 3
    assert re.fullmatch(r"key:[0-9a-f]{8}", asked[0]["caller"])
    assert "a-key-of-the-tests" not in log
    assert "石墨烯" not in log


@pytest.mark.parametrize(
    ("name", "bad", "told"),
    [
        ("POLICY_TRUSTED_PROXIES", "10.0.0.1, proxy", "'proxy'"),
        ("POLICY_TRUSTED_PROXIES", "10.0.0.1/8", "'10.0.0.1/8'"),
        ("POLICY_CORS_ORIGINS", "*", "'*'"),
        ("POLICY_CORS_ORIGINS", "https://a.example/path", "origin"),
        ("POLICY_ALLOWED_HOSTS", "https://a.example", "no scheme"),
        ("POLICY_API_KEYS", "very secret,key", "white space"),
        ("POLICY_PAGE_SECRET", "very-short", "32"),
        ("POLICY_LOG_FORMAT", "xml", "json"),
        ("POLICY_REQUEST_TIMEOUT", "0", "1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_a_secret_is_not_shown(
    cli: Run, name: str, bad: str, told: str
) -> None:
    done = cli("settings", **{name: bad})
    assert done.code == 1
    assert name in done.complaint
    assert told in done.complaint
    assert "very" not in done.complaint


def test_the_command_line_loads_nothing_of_the_server(environment: dict[str, str]) -> None:
    program = (
        "import sys\nfrom app.cli import main\nmain(['ask', sys.argv[1], '--json'])\n"
        "servers = {'fastapi', 'gradio', 'limits', 'prometheus_client', 'starlette', 'uvicorn'}\n"
        "print(sorted(servers & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, STANDARD],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
