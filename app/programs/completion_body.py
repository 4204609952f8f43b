"""What an OpenAI client sends: which of it is read here, which is passed over, and which can't be taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.i18n import Texts
from app.models import Message
from app.programs.message_text import without_appendix
from app.ui.intake import MAX_TURN_CHARS, MAX_TURNS, Refused, check_history, check_question

# As many copies of one answer as any client asks for.
MAX_CHOICES = 16
Passed = Annotated[Any, Field(description="Passed over: it changes nothing here.")]


class ContentPart(BaseModel):
    """A part of a message. Only ``text`` can be read; a part of another type in a user's message is refused."""

    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """One message. ``system``, ``developer``, ``tool`` and ``function`` messages are taken and passed over: they are
    no instruction to this product."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None


class StreamOptions(BaseModel):
    """What a stream brings besides the text."""

    include_usage: bool | None = Field(None, description="One more chunk at the end, with `usage` and no choice.")


class ResponseFormat(BaseModel):
    """The form of the reply; only ``text`` can be had."""

    type: str


class CompletionBody(BaseModel):
    """A conversation; the last ``user`` message is the question, what stands before it the history."""

    model: str = Field(
        "policy-assistant",
        description="`policy-assistant`, or `policy-assistant:ID` for one policy; see `/v1/models`.",
        # Of another form there is none; that it is not there is said by 404 all the same.
        json_schema_extra={"pattern": r"^policy-assistant(:[A-Za-z0-9.-]+)?$"},
    )
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(
        None, ge=1, le=MAX_CHOICES, description="How often to give the answer: a question has one, so all are the same."
    )
    lang: Literal["auto", "zh", "zh-Hant", "en"] = Field(
        "auto", description="Not OpenAI's: the language of the answer; `auto` is that of the question."
    )
    response_format: ResponseFormat | None = Field(
        None, description="`text` alone: the answer as data is in `policy` without asking."
    )
    tool_choice: Any = Field(None, description="`auto` or `none`: no tool is ever called here.")
    tools: Passed = None
    temperature: Passed = None
    top_p: Passed = None
    max_tokens: Annotated[Any, Field(description="Passed over: no answer is cut in the middle of a fact.")] = None
    max_completion_tokens: Annotated[Any, Field(description="Passed over, as `max_tokens`.")] = None
    stop: Passed = None
    seed: Passed = None
    user: Passed = None
    logprobs: Passed = None


def conversation(body: CompletionBody, limit: int, texts: Texts) -> tuple[str, tuple[Message, ...]]:
    """The question and the turns before it. Refused, with a message that begins with the field that is wrong, when
    there is no question, when it can't be read, or when something else than text is wanted."""
    if body.response_format is not None and body.response_format.type != "text":
        raise Refused("not_text", "response_format: answers are text; the answer as data is in the reply's `policy`")
    if body.tool_choice not in (None, "auto", "none"):
        raise Refused("not_text", "tool_choice: no tool is called here; leave it out, or set it to auto or none")
    places = [place for place, message in enumerate(body.messages) if message.role == "user"]
    if not places:
        raise Refused("empty", "messages: there is no user message, which is the question")
    last = places[-1]
    try:
        question = check_question(_user_text(body.messages[last], last), limit)
        return question, check_history(_turns(body.messages[:last], texts))
    except Refused as refused:
        message = str(refused)
        if not message.startswith("messages"):
            message = f"messages: {message.replace('question:', 'the last user message').replace('history:', '')}"
        raise Refused(refused.kind, " ".join(message.split())) from refused


def _turns(messages: Sequence[ChatMessage], texts: Texts) -> list[dict[str, str]]:
    """User's and assistant's turns, oldest first. A long conversation loses its beginning and not its end, since
    only what was said last can be meant."""
    turns = []
    for place, message in enumerate(messages):
        if message.role == "user":
            turns.append({"role": "user", "content": _user_text(message, place)[:MAX_TURN_CHARS]})
        elif message.role == "assistant":
            said = without_appendix(_text(message.content), texts)
            turns.append({"role": "assistant", "content": said[:MAX_TURN_CHARS]})
    return turns[-MAX_TURNS:]


def _user_text(message: ChatMessage, place: int) -> str:
    if isinstance(message.content, list):
        unread = next((part.type for part in message.content if part.type != "text"), None)
        if unread is not None:
            name = unread[:40]
            raise Refused("not_text", f"messages.{place}.content: a part of type {name!r} can't be read; send text")
    return _text(message.content)


def _text(content: str | list[ContentPart] | None) -> str:
    if isinstance(content, list):
        return "\n".join(part.text for part in content if part.type == "text" and part.text)
    return content or ""
