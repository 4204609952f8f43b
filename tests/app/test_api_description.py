"""``/openapi.json`` and ``/docs``: the description fits what the server does, and asks nobody else for anything."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser, expect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.assistant import Assistant
from app.models import Answer
from app.programs.openapi_30 import as_openapi_30
from app.programs.replies import AnswerReply
from app.records import Records, database_url
from app.refusals import ErrorsWorded
from app.server import create_app
from tests.app.conftest import TODAY, WrittenAnswers, behind_proxy, running
from tests.browser import watched

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "unsupported_method,allow_header_conformance"
)


@pytest.fixture(scope="module")
def whole_site(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with everything: an assistant that really answers, and records."""
    records = Records.open(database_url(tmp_path_factory.mktemp("records"), None), 0)
    with running(create_app(assistant, today=lambda: TODAY, records=records)) as address:
        yield address
    records.close()


@pytest.fixture(scope="module")
def description(whole_site: str) -> Any:
    return httpx.get(f"{whole_site}/openapi.json", trust_env=False).json()


def operations(description: Any) -> list[tuple[str, str, Any]]:
    return [
        (method.upper(), path, told)
        for path, methods in description["paths"].items()
        for method, told in methods.items()
    ]


def test_every_public_route_is_described_and_no_other(description: Any) -> None:
    there = {f"{method} {path}" for method, path, _ in operations(description)}
    assert there >= {
        "POST /api/ask",
        "GET /api/search",
        "GET /api/measures",
        "POST /v1/chat/completions",
        "GET /v1/models",
        "GET /v1/models/{model_id}",
        "GET /healthz",
        "GET /readyz",
    }
    assert all(re.match(r"(?:GET|POST) /(?:api/|v1/|healthz|readyz|metrics)", name) for name in there)


def test_every_operation_has_a_title_a_description_and_examples(description: Any) -> None:
    for method, path, told in operations(description):
        name = f"{method} {path}"
        assert told["summary"], name
        assert told["description"], name
        assert told["tags"], name
        if method == "POST":
            assert "example" in told["requestBody"]["content"]["application/json"], name
        for status, reply in told["responses"].items():
            assert reply["description"], name
            assert "example" in next(iter(reply["content"].values())), f"{name} {status}"


def test_errors_are_described_in_the_form_of_their_door(description: Any) -> None:
    for _, path, told in operations(description):
        for status, reply in told["responses"].items():
            if status < "400":
                continue
            error = reply["content"]["application/json"]["example"]["error"]
            assert ("param" in error) is path.startswith("/v1/")


def test_examples_are_what_the_server_takes_and_gives(description: Any, whole_site: str) -> None:
    with httpx.Client(base_url=whole_site, trust_env=False, timeout=60) as client:
        for method, path, told in operations(description):
            parameters = {p["name"]: p["example"] for p in told.get("parameters", ()) if "example" in p}
            for name in re.findall(r"{(\w+)}", path):
                path = path.replace(f"{{{name}}}", parameters.pop(name).replace("#", "%23"))
            body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            reply = client.request(method, path, json=body, params=parameters)
            assert reply.status_code < 400, reply.text
            content = told["responses"][str(reply.status_code)]["content"]
            assert reply.headers["content-type"].partition(";")[0] in content
            described = content.get("application/json")
            if described is None:
                continue
            check = Draft202012Validator({**as_31(described["schema"]), "components": as_31(description["components"])})
            for given in (reply.json(), described["example"]):
                assert [error.message for error in check.iter_errors(given)] == [], f"{method} {path}"


def as_31(node: Any) -> Any:
    """A schema of OpenAPI 3.0 as plain JSON Schema."""
    if isinstance(node, list):
        return [as_31(one) for one in node]
    if not isinstance(node, dict):
        return node
    said = {key: as_31(value) for key, value in node.items() if key not in ("example", "nullable")}
    return {"anyOf": [said, {"type": "null"}]} if node.get("nullable") is True else said


def test_the_answer_is_described_whole() -> None:
    assert set(AnswerReply.model_fields) == {field.name for field in dataclasses.fields(Answer)}


def test_what_31_says_is_said_in_30() -> None:
    assert as_openapi_30({"anyOf": [{"type": "string"}, {"type": "null"}], "title": "A"}) == {
        "type": "string",
        "title": "A",
        "nullable": True,
    }
    assert as_openapi_30({"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}) == {
        "allOf": [{"$ref": "#/x"}],
        "nullable": True,
    }
    assert as_openapi_30({"anyOf": [{"enum": ["a"], "type": "string"}, {"type": "null"}]})["enum"] == ["a", None]
    assert as_openapi_30({"const": "a"}) == {"enum": ["a"]}
    assert as_openapi_30({"examples": [1, 2]}) == {"example": 1}
    assert as_openapi_30({"exclusiveMinimum": 0}) == {"minimum": 0, "exclusiveMinimum": True}
    assert as_openapi_30({"example": {"const": 1}}) == {"example": {"const": 1}}


def test_a_thousand_made_up_requests_meet_no_server_error_and_nothing_undescribed(
    whole_site: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("st")),
            *("run", f"{whole_site}/openapi.json", "--checks", CHECKS, "--seed", "1", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "60", "--continue-on-failure"),
        ],
        cwd=tmp_path,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated is not None
    assert int(generated[1]) >= 1000


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_description_can_be_read_and_tried_with_no_other_host(
    whole_site: str, description: Any, browser: Browser, path: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        visit = watched(page, whole_site)
        page.goto(whole_site + path)
        expect(page.locator(".info .title")).to_contain_text("Policy assistant")
        expect(page.locator(".opblock")).to_have_count(len(operations(description)))
        healthy = page.locator(".opblock", has_text="/healthz")
        healthy.locator("button.opblock-summary-control").click()
        healthy.get_by_role("button", name="Try it out").click()
        healthy.get_by_role("button", name="Execute").click()
        expect(healthy.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200")
        assert visit.outside_requests() == []
        assert visit.complaints == []


def test_the_description_stands_below_the_path_of_a_proxy(written_answers: WrittenAnswers, browser: Browser) -> None:
    app = create_app(written_answers, root_path="/policy", today=lambda: TODAY)
    with running(behind_proxy(app, "/policy", stripped=True)) as site, browser.new_context() as context:
        page = context.new_page()
        visit = watched(page, f"{site}/policy/")
        page.goto(f"{site}/policy/docs")
        expect(page.locator(".opblock").first).to_be_visible()
        assert visit.outside_requests() == []
        assert visit.complaints == []
        told = httpx.get(f"{site}/policy/openapi.json", trust_env=False).json()
        assert told["servers"] == [{"url": "/policy"}]


# ---- errors of what is mounted below the pages ----


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/none", 404, "not_found"),
        ("GET", "/assets/none.js", 404, "not_found"),
        ("GET", "/static/none", 404, "not_found"),
        ("GET", "/svelte/none", 404, "not_found"),
        ("POST", "/", 405, "method_not_allowed"),
        ("DELETE", "/config", 405, "method_not_allowed"),
        ("GET", "/gradio_api/component_server", 405, "method_not_allowed"),
        ("GET", "/docs/../docs/none.js", 404, "not_found"),
        ("POST", "/docs", 405, "method_not_allowed"),
        ("QUERY", "/healthz", 405, "method_not_allowed"),
        ("GET", "/api", 404, "not_found"),
    ],
)
def test_errors_below_the_pages_are_worded_as_the_apis(
    site: str, method: str, path: str, status: int, kind: str
) -> None:
    reply = httpx.request(method, f"{site}{path}", trust_env=False)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/json"
    assert set(reply.json()) == {"error"}
    assert reply.json()["error"]["type"] == kind
    assert ("allow" in reply.headers) is (status == 405)


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (500, b"Internal Server Error", {}, "internal"),
        (404, b'{"detail": "Not Found"}', {}, "not_found"),
        (405, b"Method Not Allowed", {"Allow": "GET"}, "method_not_allowed"),
        (400, b"[" * 100_000, {}, "invalid_request"),
        (418, b"", {}, "invalid_request"),
    ],
)
def test_an_error_of_a_mounted_application_is_worded_as_ours(
    status: int, body: bytes, headers: dict[str, str], expected: str
) -> None:
    mounted = Response(body, status, headers)
    with running(ErrorsWorded(mounted)) as address:
        reply = httpx.get(f"{address}/there", trust_env=False)
    assert (reply.status_code, reply.json()["error"]["type"]) == (status, expected)
    assert reply.headers.get("allow") == headers.get("Allow")


def test_an_error_that_is_followed_by_an_exception_is_sent_once() -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("Internal Server Error", 500)(scope, receive, send)
        raise RuntimeError("told to whoever logs")

    with running(ErrorsWorded(fails)) as address:
        reply = httpx.get(address, trust_env=False)
    assert (reply.status_code, reply.json()["error"]["type"]) == (500, "internal")


def test_what_is_no_error_or_words_its_own_passes() -> None:
    own = b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": "no"}}'
    for status, body in ((200, b'{"detail": "x"}'), (304, b""), (400, own)):
        with running(ErrorsWorded(Response(body, status, media_type="application/json"))) as address:
            reply = httpx.get(address, trust_env=False)
            assert (reply.status_code, reply.content) == (status, body)


def test_a_question_on_the_command_line_loads_none_of_the_doors() -> None:
    heavy = ("fastapi", "gradio", "openai", "mcp", "uvicorn")
    code = f"import sys, app.cli, app.commands, app.assistant; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
