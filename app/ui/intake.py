"""What comes in from outside, checked where it enters: questions, histories, places to open."""

# The name of the error says what happened, as those of corpus.errors do.

from __future__ import annotations

from collections.abc import Sequence

from app.models import Message
from corpus.models import Span

MAX_TURNS = 100
MAX_TURN_CHARS = 20_000
# A whole-policy answer cites every clause; nothing honest asks for more than this many places at once.
MAX_SPANS = 500


class Refused(ValueError):
    """Input that can't be taken. ``kind`` is ``empty``, ``too_long``, ``not_text`` or ``history`` and names the
    page's wording ``refused.<kind>``, filled with ``values``; the message is one line for an API client."""

    def __init__(self, kind: str, message: str, **values: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.values = values


def check_question(text: object, limit: int) -> str:
    """The question without surrounding white space. Refused when it is empty, longer than ``limit`` characters,
    or not text (NUL, half of a surrogate pair)."""
    if not isinstance(text, str) or not _is_text(text):
        raise Refused("not_text", "question: contains characters that are not text")
    question = text.strip()
    if not question:
        raise Refused("empty", "question: is empty")
    if len(question) > limit:
        raise Refused(
            "too_long",
            f"question: {len(question)} characters, at most {limit} are allowed",
            length=f"{len(question):,}",
            limit=f"{limit:,}",
        )
    return question


def check_history(turns: object) -> tuple[Message, ...]:
    """The turns so far, oldest first. Refused unless each is a ``user`` or ``assistant`` turn of plain text."""
    if not isinstance(turns, Sequence) or isinstance(turns, str) or len(turns) > MAX_TURNS:
        raise Refused("history", f"history: must be a list of at most {MAX_TURNS} turns")
    messages = []
    for turn in turns:
        role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, dict) else (None, None)
        if role not in ("user", "assistant") or not isinstance(content, str):
            raise Refused("history", 'history: each turn needs a role, "user" or "assistant", and a text as content')
        if len(content) > MAX_TURN_CHARS or not _is_text(content):
            raise Refused("history", f"history: a turn is longer than {MAX_TURN_CHARS} characters or not text")
        messages.append(Message(role=role, content=content))
    return tuple(messages)


def readable_spans(value: object, length: int) -> tuple[Span, ...]:
    """The well-formed spans among ``[[start, end], …]`` that lie within a text of ``length`` code points, in
    their order; anything else is left out, since a wrong place is only not highlighted."""
    if not isinstance(value, list):
        return ()
    return tuple(
        Span(start=pair[0], end=pair[1])
        for pair in value[:MAX_SPANS]
        if isinstance(pair, list)
        and len(pair) == 2
        and all(type(offset) is int for offset in pair)
        and 0 <= pair[0] < pair[1] <= length
    )


def _is_text(text: str) -> bool:
    # NUL silently cuts a text in C libraries, and a lone surrogate can't be encoded.
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
