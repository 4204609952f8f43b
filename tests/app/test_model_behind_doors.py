"""A language model behind the server: what is verified goes out as it comes, through every door, and is counted."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from playwright.sync_api import Browser

from app.assistant import Assistant
from app.llm import LanguageModel
from app.metrics import Metrics
from app.server import create_app
from eval.attacks.chat_server import ChatHandler
from tests.app import scripted_model as scripted
from tests.app.conftest import TODAY, running
from tests.app.scripted_model import Behaviour, ChatServer, saying

STANDARD = "参与制定国家标准能拿多少钱？"
GOOD = "主导或参与国家标准制定或修订的单位，可获得不超过50万元的资助(十九)。"
LIE = "主导或参与国家标准制定或修订的单位，可获得不超过100万元的资助(十九)。"


@pytest.fixture
def model_server() -> Iterator[ChatServer]:
    with ChatServer(scripted.echoing) as server:
        yield server


@pytest.fixture
def site(assistant: Assistant, model_server: ChatServer) -> Iterator[Callable[[Behaviour], str]]:
    """The address of a server whose model behaves as given."""
    metrics = Metrics()
    worded = copy.copy(assistant)
    worded.model = LanguageModel(model_server.base_url, "scripted", "key")
    worded.model.on_withheld, worded.model.on_fault = metrics.withheld, metrics.model_fault
    with running(create_app(worded, today=lambda: TODAY, metrics=metrics)) as address:

        def behaving(behaviour: Behaviour) -> str:
            model_server.behave = behaviour
            return address

        yield behaving


def client_of(address: str) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{address}/v1", api_key="none", max_retries=0, http_client=openai.DefaultHttpxClient(trust_env=False)
    )


def pieces_of(client: openai.OpenAI) -> Iterator[Any]:
    asked: Any = [{"role": "user", "content": STANDARD}]
    yield from client.chat.completions.create(model="policy-assistant", messages=asked, stream=True)


def test_a_verified_sentence_goes_out_before_the_model_has_ended(site: Callable[[Behaviour], str]) -> None:
    may_end = threading.Event()

    def slow(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(f"{GOOD}\n")
        assert may_end.wait(30)
        handler.piece("责任单位为市市场监管局（牵头）和市工业和信息化局(十九)。")
        handler.end()

    with client_of(site(slow)) as client:
        said, policy = "", None
        for chunk in pieces_of(client):
            policy = (chunk.model_extra or {}).get("policy") or policy
            said += (chunk.choices[0].delta.content or "") if chunk.choices else ""
            if GOOD in said:
                may_end.set()
    assert said.startswith(GOOD)
    assert policy["mode"] == "llm"
    assert policy["model"] == "scripted"
    assert "AI生成" in said


def test_a_lie_passes_through_no_door_and_is_counted(site: Callable[[Behaviour], str]) -> None:
    address = site(saying(lambda _: LIE))
    with client_of(address) as client, httpx.Client(base_url=address, trust_env=False, timeout=60) as raw:
        streamed = "".join(c.choices[0].delta.content or "" for c in pieces_of(client) if c.choices)
        asked = raw.post("/api/ask", json={"question": STANDARD}).json()
        metrics = raw.get("/metrics").text
    for text in (streamed, asked["answer"]):
        assert "100万" not in text
        assert "不超过50万元" in text
    assert asked["mode"] == "extractive"
    (withheld,) = (line for line in metrics.splitlines() if line.startswith("policy_withheld_sentences_total"))
    assert float(withheld.split()[-1]) >= 2


def test_a_fault_is_counted_and_the_answer_comes(site: Callable[[Behaviour], str]) -> None:
    address = site(scripted.refusing(500))
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as raw:
        asked = raw.post("/api/ask", json={"question": STANDARD}).json()
        metrics = raw.get("/metrics").text
    assert "不超过50万元" in asked["answer"]
    assert 'policy_model_faults_total{kind="' in metrics


def test_the_page_says_that_a_model_worded_the_answer(site: Callable[[Behaviour], str], browser: Browser) -> None:
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{site(saying(lambda _: GOOD))}/")
        page.wait_for_selector(".welcome .example")
        page.locator('[name="question"]').fill(STANDARD)
        page.locator('[name="question"]').press("Enter")
        answer = page.locator(".replied .card:not(.waiting)")
        answer.wait_for()
        said = answer.inner_text()
    assert "可获得不超过50万元的资助" in said
    assert "AI生成" in said
