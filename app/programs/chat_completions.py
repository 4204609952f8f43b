"""``/v1``: the assistant as OpenAI's clients know a model. Nothing of a conversation is kept here."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from app.i18n import Texts
from app.models import Answer, Message
from app.programs.completion_body import CompletionBody, conversation
from app.programs.event_stream import EventStream
from app.programs.message_text import appendix
from app.refusals import refuse, shown
from app.ui.intake import Refused
from app.ui.page import Asks
from corpus.models import Policy

log = logging.getLogger(__name__)

MODEL = "policy-assistant"
# Streams that wait for a language model at the same time; each takes a thread while it waits.
STREAMS = 100
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")


def add_chat_completions(
    app: FastAPI, assistant: Callable[[], Asks], texts: Texts, max_question_chars: int, root_path: str
) -> None:
    """Add the routes. ``assistant`` may block until it is ready; it is called from worker threads only."""
    threads = CapacityLimiter(STREAMS)

    def completions(body: CompletionBody, request: Request) -> Response:
        try:
            question, history = conversation(body, max_question_chars, texts)
        except Refused as refused:
            return refuse(400, "invalid_request", str(refused), str(refused).split(":")[0])
        asked = assistant()
        found = [one for one in models(asked.policies) if one["id"] == body.model]
        if not found:
            return _no_model(body.model, asked.policies)
        reply = _Reply(body, question, history, site_of(request, root_path), texts)
        if body.stream:
            return EventStream(reply.events(asked), threads)
        return JSONResponse(reply.whole(asked))

    def listed() -> dict[str, Any]:
        return {"object": "list", "data": models(assistant().policies)}

    def one_model(model_id: str) -> Response:
        policies = assistant().policies
        found = [one for one in models(policies) if one["id"] == model_id]
        return JSONResponse(found[0]) if found else _no_model(model_id, policies)

    for slash in ("", "/"):
        # OpenAI's addresses have no slash at the end; what a client adds does no harm.
        told: dict[str, Any] = {"include_in_schema": not slash, "response_model": None}
        app.add_api_route(f"/v1/chat/completions{slash}", completions, methods=["POST"], **told)
        app.add_api_route(f"/v1/models{slash}", listed, methods=["GET"], **told)
    app.add_api_route("/v1/models/{model_id:path}", one_model, methods=["GET"], response_model=None)


def models(policies: Sequence[Policy]) -> list[dict[str, Any]]:
    """The models: one over all policies, and one for each of them. ``created`` is the day of publication."""
    published = [
        int(datetime(p.published.year, p.published.month, p.published.day, tzinfo=UTC).timestamp())
        if p.published
        else 0
        for p in policies
    ]
    whole = {"id": MODEL, "object": "model", "created": max(published, default=0), "owned_by": MODEL, "name": MODEL}
    return [
        whole,
        *(
            {"id": f"{MODEL}:{p.id}", "object": "model", "created": day, "owned_by": MODEL, "name": p.title}
            for p, day in zip(policies, published, strict=True)
        ),
    ]


def site_of(request: Request, root_path: str) -> str:
    """Where the request's own client reaches the pages, without a slash at the end; a path alone when its Host is
    none."""
    if not _HOST.fullmatch(request.headers.get("host", "")):
        return root_path
    return f"{request.url.scheme}://{request.headers['host']}{root_path}"


def tokens(text: str) -> int:
    """About how many tokens a text is: one for a wide character (Chinese), one for four others. No tokenizer is
    loaded for what nothing here depends on."""
    wide = len(_WIDE.findall(text))
    return wide + (len(text) - wide + 3) // 4


def _no_model(model: str, policies: Sequence[Policy]) -> Response:
    known = ", ".join(one["id"] for one in models(policies))
    return refuse(404, "model_not_found", f"there is no model {shown(model)}; there is: {known}", "model")


@dataclass(frozen=True)
class _Reply:
    """One question put by an OpenAI client, and how its answer goes out."""

    body: CompletionBody
    question: str
    history: tuple[Message, ...]
    site: str
    texts: Texts

    def whole(self, assistant: Asks) -> dict[str, Any]:
        """The reply in one piece."""
        answer = assistant.ask(self.question, self.history, policy=self._policy, language=self.body.lang)
        content = answer.answer + appendix(answer, assistant.policies, self.texts, self.site)
        message = {"role": "assistant", "content": content, "refusal": None}
        choice = {"message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._head("chat.completion"),
            "choices": [{"index": index, **choice} for index in range(self._copies)],
            "usage": self._usage(content),
            "policy": _as_data(answer),
        }

    def events(self, assistant: Asks) -> Generator[str, None, None]:
        """The reply in server-sent events; trouble is an event too. Closing it stops the assistant's work."""
        head = self._head("chat.completion.chunk")
        if self._wants_usage:
            head["usage"] = None
        said: list[str] = []

        def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
            choices = [
                {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
                for index in range(self._copies)
            ]
            return _event({**head, "choices": choices, **more})

        yield chunk({"role": "assistant", "content": ""})
        try:
            pieces = assistant.stream(self.question, self.history, policy=self._policy, language=self.body.lang)
            with closing(pieces):  # type: ignore[type-var]
                for piece in pieces:
                    text = (
                        appendix(piece, assistant.policies, self.texts, self.site)
                        if isinstance(piece, Answer)
                        else piece
                    )
                    said.append(text)
                    if text:
                        yield chunk({"content": text})
                    if isinstance(piece, Answer):
                        policy = {"policy": _as_data(piece)}
                        yield chunk({}, "stop", **policy)
                        if self._wants_usage:
                            yield _event({**head, "choices": [], "usage": self._usage("".join(said)), **policy})
        except Exception:
            log.exception("an answer was interrupted")
            message = "something went wrong here; it has been logged"
            yield _event({"error": {"message": message, "type": "server_error", "param": None, "code": "internal"}})
        yield "data: [DONE]\n\n"

    @property
    def _policy(self) -> str | None:
        return self.body.model.partition(":")[2] or None

    @property
    def _copies(self) -> int:
        return self.body.n or 1

    @property
    def _wants_usage(self) -> bool:
        return bool(self.body.stream_options and self.body.stream_options.include_usage)

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{uuid4().hex}",
            "object": kind,
            "created": int(time.time()),
            "model": self.body.model,
        }

    def _usage(self, content: str) -> dict[str, int]:
        asked = tokens(self.question) + sum(tokens(message.content) for message in self.history)
        given = tokens(content) * self._copies
        return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}


def _as_data(answer: Answer) -> dict[str, Any]:
    """The answer object without its text, which is the message."""
    data = answer.as_dict()
    del data["answer"]
    return data


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
