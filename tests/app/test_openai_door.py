"""``/v1`` as OpenAI's own client and LangChain's see it, over a real socket."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI

from app.assistant import Assistant
from app.i18n import load_texts
from app.models import Answer, Message
from app.programs.chat_completions import tokens
from app.programs.message_text import RULE, without_appendix
from app.records import Records, database_url
from app.records.store import LogFilter
from app.server import create_app
from app.serving import Capacity
from corpus.models import Policy
from tests.app.conftest import TODAY, WrittenAnswers, behind_proxy, running

STANDARD = "参与制定国家标准能拿多少钱？"
ENGLISH = "How much for a national standard?"
ASKED: Any = [{"role": "user", "content": STANDARD}]


@pytest.fixture(scope="module")
def client(site: str) -> Iterator[openai.OpenAI]:
    with client_of(site) as opened:
        yield opened


@pytest.fixture(scope="module")
def raw(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, trust_env=False, timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def real(assistant: Assistant) -> Iterator[openai.OpenAI]:
    """Over an assistant that really answers."""
    with running(create_app(assistant, today=lambda: TODAY)) as address, client_of(address) as opened:
        yield opened


def client_of(site: str) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{site}/v1", api_key="none", max_retries=0, http_client=openai.DefaultHttpxClient(trust_env=False)
    )


def extra(reply: Any) -> Any:
    """The answer object that rides on a reply of the client."""
    return reply.model_extra["policy"]


def ask(client: openai.OpenAI, messages: Any = ASKED, **options: Any) -> Any:
    return client.chat.completions.create(**{"model": "policy-assistant", "messages": messages, **options})


# ---- a reply ----


def test_a_reply_is_the_answer_with_its_object(client: openai.OpenAI, raw: httpx.Client) -> None:
    reply = ask(client)
    told = raw.post("/api/ask", json={"question": STANDARD}).json()
    (choice,) = reply.choices
    assert choice.message.content.startswith(told.pop("answer") + RULE)
    assert extra(reply) == told
    assert (choice.finish_reason, choice.message.role, reply.object) == ("stop", "assistant", "chat.completion")
    assert reply.model == "policy-assistant"
    assert reply.usage.prompt_tokens == tokens(STANDARD)
    assert reply.usage.completion_tokens == tokens(choice.message.content)
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_the_text_names_clauses_with_links_and_the_standing_notes(client: openai.OpenAI, site: str) -> None:
    text = ask(client).choices[0].message.content
    assert text.count("[(十九) 推进建立统一的新材料检测和认证标准]") == 1
    link = text.split("](")[1].split(")")[0]
    assert link.startswith(f"{site}/?")
    assert parse_qs(urlsplit(link).query) == {"clause": ["sz-new-materials-2023#19"]}
    assert "- 本措施自2023年9月13日起实施，有效期5年，即至2028年9月12日。 （六、附则）" in text
    english = ask(client, [{"role": "user", "content": ENGLISH}]).choices[0].message.content
    assert "**Sources**" in english
    assert "- No double funding with similar municipal measures. (六、附则)" in english
    assert "统一" not in english.split(RULE)[1]


def test_links_are_without_a_host_when_the_requests_own_is_none(raw: httpx.Client) -> None:
    for host, start in (("policy.example.com:8443", "http://policy.example.com:8443/?"), ('a"><b>', "/?")):
        reply = raw.post("/v1/chat/completions", json={"messages": ASKED}, headers={"host": host})
        assert f"]({start}clause=" in reply.json()["choices"][0]["message"]["content"]


def test_an_answer_without_citations_has_only_what_there_is_below_it(client: openai.OpenAI) -> None:
    reply = ask(client, [{"role": "user", "content": "需要提交哪些材料"}])
    assert extra(reply)["status"] == "not_specified"
    assert "**咨询**" in reply.choices[0].message.content
    reply = ask(client, [{"role": "user", "content": "weather"}])
    assert extra(reply)["status"] == "out_of_scope"
    assert "**依据**" not in reply.choices[0].message.content
    assert "**相近条款**" in reply.choices[0].message.content


def test_markup_of_a_policy_does_not_become_markup_of_the_text(founding_policy: Policy) -> None:
    from app.programs.message_text import appendix

    answer = WrittenAnswers(founding_policy).ask("标准")
    cited = answer.citations[0].__class__(**{
        **{name: getattr(answer.citations[0], name) for name in answer.citations[0].__slots__},
        "id": "other#1", "title": "](http://example.com) ![x](y)",
    })  # fmt: skip
    changed = answer.__class__(**{**{n: getattr(answer, n) for n in answer.__slots__}, "citations": (cited,)})
    text = appendix(changed, (founding_policy,), load_texts(), "http://site")
    assert r"\](http://example.com) !\[x\](y)](http://site/?clause=other%231)" in text


# ---- what is asked ----


def test_the_last_user_message_is_the_question_and_what_stands_before_it_the_history(
    client: openai.OpenAI, written_answers: WrittenAnswers
) -> None:
    first = ask(client).choices[0].message.content
    messages = [
        {"role": "system", "content": "Answer like a pirate."},
        {"role": "user", "content": [{"type": "text", "text": STANDARD}]},
        {"role": "assistant", "content": first},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "tool", "tool_call_id": "1", "content": "a thousand"},
        {"role": "developer", "content": "Say yes."},
        {"role": "user", "content": [{"type": "text", "text": "那行业标准呢？"}]},
    ]
    reply = ask(client, messages)
    assert extra(reply)["standalone_question"] == "参与制定行业标准能拿多少钱？"
    question, history = written_answers.asked[-1]
    assert question == "那行业标准呢？"
    own = first.split(RULE)[0]
    assert history == (Message("user", STANDARD), Message("assistant", own), Message("assistant", ""))


def test_a_follow_up_is_understood_after_a_whole_reply_of_ours(real: openai.OpenAI) -> None:
    for question, follow_up, label in (
        (STANDARD, "那由谁负责？", "(十九)"),
        ("首批次新材料产品最高资助多少？", "那由谁负责？", "(十五)"),
        ("What is the most a test platform can get?", "And who is responsible for it?", "(三)"),
    ):
        first = ask(real, [{"role": "user", "content": question}]).choices[0].message.content
        assert RULE in first
        turns = [{"role": "user", "content": question}, {"role": "assistant", "content": first}]
        reply = ask(real, [*turns, {"role": "user", "content": follow_up}])
        assert {one["label"] for one in extra(reply)["citations"]} == {label}
        assert {fact["kind"] for fact in extra(reply)["facts"]} == {"department"}


def test_only_an_appendix_of_ours_is_taken_off() -> None:
    texts = load_texts()
    assert without_appendix("甲\n\n---\n\n**依据**\n\n- [(一)](x)", texts) == "甲"
    assert without_appendix("A\n\n---\n\n**Please also note**\n\n- b", texts) == "A"
    assert without_appendix("A\r\n\r\n---\r\n**Sources**\r\n- b", texts) == "A"
    assert without_appendix("A\n\n---\n\nB", texts) == "A\n\n---\n\nB"
    assert without_appendix("A **Sources** are said here", texts) == "A **Sources** are said here"


def test_a_long_conversation_loses_its_beginning(client: openai.OpenAI, written_answers: WrittenAnswers) -> None:
    turns = [{"role": "user", "content": f"{n} " + "x" * 30_000} for n in range(20)] + [
        {"role": "user", "content": str(n)} for n in range(300)
    ]
    ask(client, [*turns, *ASKED])
    history = written_answers.asked[-1][1]
    assert len(history) == 100
    assert history[-1].content == "299"


@pytest.mark.parametrize("model", ["policy-assistant", "policy-assistant:sz-new-materials-2023"])
def test_a_model_is_all_policies_or_one_of_them(client: openai.OpenAI, model: str) -> None:
    assert {one.id for one in client.models.list()} == {
        "policy-assistant",
        "policy-assistant:sz-new-materials-2023",
    }
    assert client.models.retrieve(model).id == model
    assert ask(client, model=model).model == model


def test_the_language_can_be_asked_for(real: openai.OpenAI) -> None:
    reply = ask(real, extra_body={"lang": "en"})
    assert extra(reply)["language"] == "en"
    assert "RMB 500,000" in reply.choices[0].message.content


def test_what_changes_nothing_is_passed_over(client: openai.OpenAI) -> None:
    plain = ask(client)
    reply = ask(
        client,
        temperature=0,
        top_p=0.1,
        max_tokens=1,
        max_completion_tokens=1,
        stop=["资助"],
        seed=1,
        user="x",
        logprobs=True,
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        tool_choice="auto",
        response_format={"type": "text"},
        extra_body={"nobody": {"knows": "this"}},
    )
    assert reply.choices[0].message.content == plain.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"
    assert reply.choices[0].message.tool_calls is None


def test_several_choices_are_the_same_answer(client: openai.OpenAI) -> None:
    reply = ask(client, n=3)
    assert [choice.index for choice in reply.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in reply.choices}) == 1
    assert reply.usage.completion_tokens == 3 * tokens(reply.choices[0].message.content)


# ---- a stream ----


def test_a_stream_brings_the_same_text_in_pieces_and_the_object_at_its_end(client: openai.OpenAI) -> None:
    plain = ask(client)
    chunks = list(ask(client, stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(texts) == plain.choices[0].message.content
    assert sum(bool(text) for text in texts) == 3
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * 4 + ["stop"]
    assert extra(chunks[-1]) == extra(plain)
    assert len({chunk.id for chunk in chunks}) == 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}


def test_usage_comes_in_a_chunk_of_its_own_when_asked_for(client: openai.OpenAI) -> None:
    *before, last = ask(client, stream=True, stream_options={"include_usage": True})
    assert [chunk.usage for chunk in before] == [None] * len(before)
    assert last.choices == []
    assert last.usage == ask(client).usage
    assert extra(last)["status"] == "answered"


def test_several_choices_are_streamed_side_by_side(client: openai.OpenAI) -> None:
    said = {0: "", 1: ""}
    for chunk in ask(client, stream=True, n=2):
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    assert said[0] == said[1] == ask(client).choices[0].message.content


def test_the_async_client_reads_it_too(site: str) -> None:
    async def read() -> tuple[str, str]:
        http = openai.DefaultAsyncHttpxClient(trust_env=False)
        async with openai.AsyncOpenAI(base_url=f"{site}/v1", api_key="none", http_client=http) as client:
            plain = await client.chat.completions.create(model="policy-assistant", messages=ASKED)
            stream = await client.chat.completions.create(model="policy-assistant", messages=ASKED, stream=True)
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
            return plain.choices[0].message.content or "", text

    plain, streamed = asyncio.run(read())
    assert plain == streamed != ""


def test_a_stream_is_server_sent_events_that_nobody_keeps_back(raw: httpx.Client) -> None:
    reply = raw.post("/v1/chat/completions", json={"messages": ASKED, "stream": True})
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["x-accel-buffering"] == "no"
    events = reply.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    assert all(event.startswith("data: {") for event in events[:-2])


class Paced(WrittenAnswers):
    """Says a piece each time it is let, and notes when it is stopped."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.may_go_on = threading.Event()
        self.stopped = threading.Event()

    def stream(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Iterator[str | Answer]:
        try:
            yield "first "
            if "without end" in question:
                while True:
                    yield "more "
                    self.stopped.wait(0.02)
            assert self.may_go_on.wait(30)
            if "trouble" in question:
                raise RuntimeError("the model fell over")
            yield "second"
            yield self.ask("标准")
        finally:
            self.stopped.set()


@pytest.fixture
def paced(founding_policy: Policy) -> Iterator[Paced]:
    made = Paced(founding_policy)
    yield made
    made.may_go_on.set()


def posted(client: httpx.Client, question: str) -> Any:
    body = {"messages": [{"role": "user", "content": question}], "stream": True}
    return client.stream("POST", "/v1/chat/completions", json=body)


def events_of(reply: httpx.Response) -> Iterator[Any]:
    for line in reply.iter_lines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def until_said(events: Iterator[Any], text: str) -> None:
    assert any(event["choices"][0]["delta"].get("content") == text for event in events)


@pytest.mark.parametrize("stripped", [True, False])
def test_each_piece_goes_out_at_once_behind_a_proxy_too(paced: Paced, stripped: bool) -> None:
    app = create_app(paced, root_path="/policy", today=lambda: TODAY)
    with (
        running(behind_proxy(app, "/policy", stripped=stripped)) as site,
        httpx.Client(base_url=f"{site}/policy", trust_env=False, timeout=30) as client,
        posted(client, "x") as reply,
    ):
        events = events_of(reply)
        until_said(events, "first ")
        # The rest has not been made yet: nothing waited for it.
        paced.may_go_on.set()
        until_said(events, "second")
        (appendix,) = [e["choices"][0]["delta"]["content"] for e in events if e["choices"][0]["delta"]]
        assert f"({site}/policy/?clause=" in appendix


def test_a_client_that_goes_away_stops_the_work(paced: Paced) -> None:
    with (
        running(create_app(paced, today=lambda: TODAY)) as site,
        httpx.Client(base_url=site, trust_env=False, timeout=30) as client,
    ):
        with posted(client, "without end") as reply:
            until_said(events_of(reply), "more ")
            assert not paced.stopped.is_set()
        assert paced.stopped.wait(10)


def test_trouble_on_the_way_is_an_event_and_not_a_cut(paced: Paced) -> None:
    paced.may_go_on.set()
    with running(create_app(paced, today=lambda: TODAY)) as site:
        with client_of(site) as client, pytest.raises(openai.APIError, match="it has been logged"):
            list(ask(client, [{"role": "user", "content": "trouble"}], stream=True))
        with httpx.Client(base_url=site, trust_env=False, timeout=30) as client, posted(client, "trouble") as reply:
            text = reply.read().decode()
    assert '"error": {"message": "something went wrong here' in text
    assert "fell over" not in text
    assert text.endswith("data: [DONE]\n\n")


def test_answers_that_take_long_hold_up_nobody_else(paced: Paced) -> None:
    # More than the threads that everything else shares.
    waiting = 60
    with (
        running(create_app(paced, today=lambda: TODAY, capacity=Capacity(at_once=waiting + 1))) as site,
        httpx.Client(base_url=site, trust_env=False, timeout=30, limits=httpx.Limits(max_connections=None)) as client,
    ):
        begun = threading.Barrier(waiting + 1, timeout=30)

        def read() -> None:
            with posted(client, "x") as reply:
                events = events_of(reply)
                until_said(events, "first ")
                begun.wait()
                until_said(events, "second")

        readers = [threading.Thread(target=read) for _ in range(waiting)]
        for reader in readers:
            reader.start()
        begun.wait()
        assert client.get("/api/policies").status_code == 200
        paced.may_go_on.set()
        for reader in readers:
            reader.join(30)
        assert not any(reader.is_alive() for reader in readers)


# ---- what is refused ----


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"messages": []}, "messages", "at least 1"),
        ({"messages": "x"}, "messages", "list"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages", "no user message"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages", "is empty"),
        ({"messages": [{"role": "user", "content": "a\0b"}]}, "messages", "not text"),
        ({"messages": [{"role": "user", "content": "问" * 2001}]}, "messages", "2001 characters, at most 2000"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages.0.role", "user"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "messages.0.content",
            "'image_url' can't be read; send text",
        ),
        ({"n": 17}, "n", "16"),
        ({"n": 0}, "n", "1"),
        ({"response_format": {"type": "json_object"}}, "response_format", "answers are text"),
        ({"tool_choice": "required"}, "tool_choice", "no tool is called"),
    ],
)
def test_what_cannot_be_taken_is_a_bad_request_that_names_it(
    client: openai.OpenAI, change: dict[str, Any], param: str, words: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, **change)
    assert caught.value.status_code == 400
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"
    assert caught.value.code == "invalid_request"
    assert words in caught.value.message


def test_a_model_that_is_not_there_is_not_found(client: openai.OpenAI) -> None:
    for model in ("gpt-4o", "policy-assistant:none", ""):
        with pytest.raises(openai.NotFoundError) as caught:
            ask(client, model=model)
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
        assert "policy-assistant:sz-new-materials-2023" in caught.value.message
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_trouble_is_a_server_error_without_its_cause(founding_policy: Policy) -> None:
    with running(create_app(WrittenAnswers(founding_policy), today=lambda: TODAY)) as site, client_of(site) as client:
        with pytest.raises(openai.InternalServerError) as caught:
            ask(client, [{"role": "user", "content": "trouble"}])
        assert caught.value.type == "server_error"
        assert "fell over" not in caught.value.message


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status", "code"),
    [
        ("GET", "/v1", b"", {}, 404, "not_found"),
        ("GET", "/v1/none", b"", {}, 404, "not_found"),
        ("POST", "/v1/embeddings", b"{}", JSON, 404, "not_found"),
        ("GET", "/v1/chat/completions", b"", {}, 405, "method_not_allowed"),
        ("PUT", "/v1/models", b"", {}, 405, "method_not_allowed"),
        ("QUERY", "/v1/models", b"", {}, 405, "method_not_allowed"),
        ("POST", "/v1/chat/completions", b"{}", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/v1/chat/completions", b"{}", {}, 415, "unsupported_media_type"),
        ("POST", "/v1/chat/completions", b"{", JSON, 400, "invalid_request"),
        ("POST", "/v1/chat/completions", b"", JSON, 400, "invalid_request"),
        ("POST", "/v1/chat/completions", b"[" * 100_000, JSON, 400, "invalid_request"),
        ("POST", "/v1/chat/completions", b"\xff", JSON, 400, "invalid_request"),
        (
            "POST",
            "/v1/chat/completions",
            b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
            JSON,
            400,
            "invalid_request",
        ),
        ("POST", "/v1/chat/completions", b'"' + b"x" * 1_100_000 + b'"', JSON, 413, "too_large"),
    ],
)
def test_every_error_under_v1_has_openais_form(
    raw: httpx.Client, method: str, path: str, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    reply = raw.request(method, path, content=content, headers=headers)
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"]) == ("invalid_request_error", code)
    assert "\n" not in error["message"]
    assert error["message"]


def test_a_body_that_hides_its_length_is_refused_in_openais_form(raw: httpx.Client) -> None:
    reply = raw.post("/v1/chat/completions", content=iter([b"x" * 600_000] * 2), headers=JSON)
    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "too_large"


# ---- the records, and LangChain ----


def test_questions_are_recorded_as_from_this_door(written_answers: WrittenAnswers, tmp_path: Path) -> None:
    records = Records.open(database_url(tmp_path, None), 0)
    with (
        running(create_app(written_answers, today=lambda: TODAY, records=records)) as site,
        client_of(site) as client,
    ):
        ask(client)
        list(ask(client, [{"role": "user", "content": ENGLISH}], stream=True))
    rows, total = records.questions(LogFilter(), 10)
    assert total == 2
    assert {(row.question, row.surface) for row in rows} == {(STANDARD, "openai"), (ENGLISH, "openai")}
    records.close()


def test_langchain_asks_and_streams(site: str) -> None:
    model = ChatOpenAI(base_url=f"{site}/v1", api_key="none", model="policy-assistant", max_retries=0)
    reply = model.invoke(STANDARD)
    assert "不超过50万元" in reply.text
    assert reply.usage_metadata is not None
    assert reply.usage_metadata["output_tokens"] == tokens(reply.text)
    pieces = [chunk.text for chunk in model.stream(STANDARD)]
    assert "".join(pieces) == reply.text
    assert len([piece for piece in pieces if piece]) == 3
