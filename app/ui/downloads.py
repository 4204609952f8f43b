"""The conversation as a file: the page sends what it holds, and gets it back as Markdown or Word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.i18n import Texts
from app.transcript import Conversation, markdown, word

# Beyond any conversation that a reader has; the limit on every request's body holds as well.
MAX_CONVERSATION_BYTES = 900_000
FIELD = "conversation="
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def add_downloads(app: FastAPI, texts: Texts, today: Callable[[], date]) -> None:
    """Add ``POST /transcript/md`` and ``/transcript/docx``: a form with one field, ``conversation``, as JSON.

    A form rather than a script's request: browsers inside other programs save only what a form brings. Its
    type is text/plain, which leaves Chinese at a third of its length in a URL-encoded one.
    """

    @app.post("/transcript/{kind}", include_in_schema=False)
    async def transcript(kind: Literal["md", "docx"], request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_CONVERSATION_BYTES:
            raise HTTPException(413, f"the conversation is larger than {MAX_CONVERSATION_BYTES:,} bytes")
        try:
            conversation = Conversation.model_validate_json(body.decode().removeprefix(FIELD).rstrip())
        except ValueError:
            raise HTTPException(422, "conversation: can't be read") from None
        day = today()
        name = f"{texts.text('transcript.title', conversation.language)} {day.isoformat()}.{kind}"
        if kind == "md":
            text = await run_in_threadpool(markdown, conversation, texts, day)
            content, media = text.encode("utf-8", "replace"), "text/markdown; charset=utf-8"
        else:
            content, media = await run_in_threadpool(word, conversation, texts, day), WORD_TYPE
        disposition = f"attachment; filename=\"transcript.{kind}\"; filename*=UTF-8''{quote(name)}"
        return Response(content, media_type=media, headers={"Content-Disposition": disposition})
