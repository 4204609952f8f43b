"""``/mcp`` as the protocol's own client sees it, over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client

from app.assistant import Assistant
from app.records import Records, database_url
from app.records.store import LogFilter
from app.server import create_app
from tests.app.conftest import TODAY, WrittenAnswers, behind_proxy, running

STANDARD = "参与制定国家标准能拿多少钱？"
POLICY = "sz-new-materials-2023"
JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.fixture(scope="module")
def real_site(assistant: Assistant) -> Iterator[str]:
    """The address of a server over an assistant that really answers."""
    with running(create_app(assistant, today=lambda: TODAY)) as address:
        yield address


def connected(address: str, use: Callable[[Client], Awaitable[Any]], mode: Any = "auto") -> Any:
    """What ``use`` makes of a client that is connected to the tools at ``address``."""

    async def run() -> Any:
        async with Client(address, mode=mode) as client:
            return await use(client)

    return asyncio.run(run())


def call(site: str, tool: str, **arguments: Any) -> Any:
    """The result of a call, data and text."""
    return connected(f"{site}/mcp", lambda client: client.call_tool(tool, arguments))


def data(site: str, tool: str, **arguments: Any) -> Any:
    """The data of a call that went well."""
    result = call(site, tool, **arguments)
    assert not result.is_error, result.content
    return result.structured_content


def complaint(site: str, tool: str, **arguments: Any) -> str:
    """The one line with which a tool says what is wrong."""
    result = call(site, tool, **arguments)
    assert result.is_error
    (content,) = result.content
    assert "\n" not in content.text
    return str(content.text)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_there_are_four_tools_that_say_what_they_take_and_give(real_site: str, mode: str) -> None:
    listed = connected(f"{real_site}/mcp", lambda client: client.list_tools(), mode)
    tools = {tool.name: tool for tool in listed.tools}
    assert set(tools) == {"ask_policy", "search_clauses", "get_clause", "list_measures"}
    for tool in tools.values():
        assert tool.title
        assert tool.description
        assert tool.output_schema["type"] == "object"
        assert tool.annotations.read_only_hint is True
        for name, parameter in tool.input_schema["properties"].items():
            assert parameter.get("description"), f"{tool.name}: {name}"
    assert tools["ask_policy"].input_schema["required"] == ["question"]
    assert "checks" in tools["ask_policy"].output_schema["required"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_answer_comes_as_text_with_links_and_as_the_answer_object(site: str, mode: str) -> None:
    asking = {"question": STANDARD}
    result = connected(f"{site}/mcp", lambda client: client.call_tool("ask_policy", asking), mode)
    answer = httpx.post(f"{site}/api/ask", json=asking, trust_env=False).json()
    assert result.structured_content == answer
    text = result.content[0].text
    assert text.startswith(answer["answer"])
    assert f"({site}/?clause={POLICY}%2319)" in text


def test_a_follow_up_is_completed_from_the_history(real_site: str) -> None:
    first = call(real_site, "ask_policy", question=STANDARD).content[0].text
    turns = [{"role": "user", "content": STANDARD}, {"role": "assistant", "content": first}]
    answer = data(real_site, "ask_policy", question="And who is responsible?", history=turns, language="en")
    assert [one["label"] for one in answer["citations"]] == ["(十九)"]
    assert answer["language"] == "en"
    assert {fact["kind"] for fact in answer["facts"]} == {"department"}


def test_clauses_are_ranked(real_site: str) -> None:
    found = data(real_site, "search_clauses", query="中试", limit=3)
    assert found["policy"] == POLICY
    assert len(found["results"]) == 3
    assert found["results"][0]["label"] == "(十四)"
    scores = [one["score"] for one in found["results"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("label", ["十五", "(15)", "measure 15", f"{POLICY}#15"])
def test_a_clause_is_found_by_any_of_its_names(site: str, label: str) -> None:
    clause = data(site, "get_clause", clause=label)
    whole = httpx.get(f"{site}/api/clauses/{POLICY}%2315", trust_env=False).json()
    assert clause == {**whole, "link": f"{site}/?clause={POLICY}%2315"}


def test_measures_are_those_of_the_api_in_the_same_order(site: str) -> None:
    asked = {"department": "市发展改革委", "min_amount": "3000万", "sort": "-amount"}
    table = data(site, "list_measures", **asked)
    assert table == httpx.get(f"{site}/api/measures", params=asked, trust_env=False).json()
    assert table["provisions"] == len(table["measures"]) > 2
    assert data(site, "list_measures", min_amount=50_000_000)["clauses"] == 3


def test_bad_arguments_are_one_clear_line(real_site: str) -> None:
    said = {
        "question: Field required": ("ask_policy", {}),
        "question: is empty": ("ask_policy", {"question": " "}),
        "at most 2000": ("ask_policy", {"question": "问" * 2001}),
        "contains characters that are not text": ("ask_policy", {"question": "a\0b"}),
        f"no policy 'none'; there is: {POLICY}": ("ask_policy", {"question": "x", "policy": "none"}),
        "'zh-Hant' or 'en'": ("ask_policy", {"question": "x", "language": "fr"}),
        "history.0.role": ("ask_policy", {"question": "x", "history": [{"role": "king", "content": "x"}]}),
        "less than or equal to 50": ("search_clauses", {"query": "x", "limit": 51}),
        "has no clause '99': it has (一) to (二十)": ("get_clause", {"clause": "99"}),
        "none is known as '火星局'; the policy names 市科技创新委": ("list_measures", {"department": "火星局"}),
        "'viel' is no amount": ("list_measures", {"min_amount": "viel"}),
        "rows can be ordered by order, amount": ("list_measures", {"sort": "age"}),
        "Unknown tool": ("answer_anything", {}),
    }
    for words, (tool, arguments) in said.items():
        assert words in complaint(real_site, tool, **arguments)


def test_trouble_in_a_tool_does_not_tell_its_cause(site: str) -> None:
    assert "fell over" not in complaint(site, "ask_policy", question="trouble")


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
@pytest.mark.parametrize("stripped", [True, False])
def test_it_works_behind_a_proxy_with_and_without_a_slash(
    written_answers: WrittenAnswers, path: str, stripped: bool
) -> None:
    app = create_app(written_answers, root_path="/policy", today=lambda: TODAY)
    with running(behind_proxy(app, "/policy", stripped=stripped)) as site:
        asking = {"question": STANDARD}
        result = connected(f"{site}/policy{path}", lambda client: client.call_tool("ask_policy", asking))
        assert f"({site}/policy/?clause=" in result.content[0].text


def test_any_host_name_may_lead_here_but_no_other_website(site: str) -> None:
    with httpx.Client(base_url=site, trust_env=False) as client:

        def status(**headers: str) -> int:
            return client.post("/mcp", json=PING, headers={**JSON, **headers}).status_code

        assert status() == 200
        assert status(host="policy.example.com") == 200
        assert status(host="policy.example.com", origin="https://policy.example.com") == 200
        assert status(origin="app://desktop-agent") == 200
        assert status(host="policy.example.com", origin="https://other.example.com") == 403


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status", "kind"),
    [
        ("GET", "/mcp", b"", JSON, 405, "method_not_allowed"),
        ("DELETE", "/mcp/", b"", JSON, 405, "method_not_allowed"),
        ("POST", "/mcp/none", b"{}", JSON, 404, "not_found"),
        ("POST", "/mcp", b"{}", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/mcp", b"{}", {}, 415, "unsupported_media_type"),
        ("POST", "/mcp", b"x" * 1_100_000, JSON, 413, "too_large"),
        (
            "POST",
            "/mcp",
            b"{}",
            {**JSON, "accept": "text/html", "mcp-protocol-version": "2026-07-28"},
            406,
            "not_acceptable",
        ),
    ],
)
def test_what_is_no_call_is_refused_in_the_apis_form(
    site: str, method: str, path: str, content: bytes, headers: dict[str, str], status: int, kind: str
) -> None:
    reply = httpx.request(method, f"{site}{path}", content=content, headers=headers, trust_env=False)
    assert reply.status_code == status
    assert reply.json()["error"]["type"] == kind


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b"[" * 100_000, b"\xff", b'{"jsonrpc": "2.0", "id": 1}'])
@pytest.mark.parametrize("version", [{}, {"mcp-protocol-version": "2026-07-28"}])
def test_what_is_no_message_of_the_protocol_is_an_error_of_the_protocol(
    site: str, content: bytes, version: dict[str, str]
) -> None:
    reply = httpx.post(f"{site}/mcp", content=content, headers={**JSON, **version}, trust_env=False)
    assert reply.status_code == 400
    assert reply.json()["jsonrpc"] == "2.0"
    assert reply.json()["error"]["code"] < 0


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("question", "query", "clause", "history", "policy", "language", "limit", "min_amount", "department", "sort")


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    tool=st.sampled_from(["ask_policy", "search_clauses", "get_clause", "list_measures", "none"]) | anything,
    arguments=st.dictionaries(st.sampled_from(NAMES), anything, max_size=4) | anything,
    version=st.sampled_from([{}, {"mcp-protocol-version": "2025-06-18"}, {"mcp-protocol-version": "2026-07-28"}]),
)
def test_no_call_however_made_is_a_server_error(site: str, tool: Any, arguments: Any, version: dict[str, str]) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    reply = httpx.post(f"{site}/mcp", content=json.dumps(message), headers={**JSON, **version}, trust_env=False)
    assert reply.status_code < 500
    assert {"result", "error"} & set(reply.json())


def test_questions_are_recorded_as_from_this_door(written_answers: WrittenAnswers, tmp_path: Path) -> None:
    records = Records.open(database_url(tmp_path, None), 0)
    with running(create_app(written_answers, today=lambda: TODAY, records=records)) as site:
        data(site, "ask_policy", question=STANDARD)
        data(site, "get_clause", clause="15")
    rows, total = records.questions(LogFilter(), 10)
    assert [(row.question, row.surface) for row in rows] == [(STANDARD, "mcp")]
    assert total == 1
    records.close()
