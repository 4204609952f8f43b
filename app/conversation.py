"""What a follow-up leaves unsaid, taken from the conversation so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.amounts import money_in
from app.models import Message
from app.question import Question, QuestionReader
from corpus.labels import label_numbers
from corpus.models import Clause, Policy
from corpus.numerals import half_width
from corpus.terms import fold

_MAX_TURNS = 40
_MAX_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Focus:
    """What the conversation is about: clauses (none when no label was named), the question that led there, the
    sums of the last answer, and those of all answers about these clauses."""

    clauses: tuple[Clause, ...]
    question: Question
    sums: frozenset[int]
    all_sums: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Turn:
    question: str
    answer: str


def turns_of(history: Sequence[Message]) -> list[_Turn]:
    """Questions with their answers, oldest first; anything that is neither user nor assistant is passed over."""
    turns: list[_Turn] = []
    for message in history[-_MAX_TURNS:]:
        if message.role == "user":
            turns.append(_Turn(message.content[:_MAX_CHARS], ""))
        elif message.role == "assistant" and turns:
            turns[-1] = replace(turns[-1], answer=f"{turns[-1].answer}\n{message.content[:_MAX_CHARS]}")
    return turns


def focus_of(history: Sequence[Message], question: Question, reader: QuestionReader, policy: Policy) -> Focus | None:
    """What the question may lean on: the last turn that was about some clause, or the first one where it says so.

    A question that only named what its predecessor asked for (那行业标准呢) takes over what it asked about it.
    """
    # What gives orders is no subject to lean on; a turn that is nothing else is none.
    cleaned = ((reader.without_orders(t.question), t.answer) for t in turns_of(history))
    turns = [_Turn(question, answer) for question, answer in cleaned if question]
    if not turns:
        return None
    order = turns if "first_topic" in question.turns else turns[::-1]
    wanted: Question | None = None
    for turn in order:
        asked = reader.read(turn.question)
        if wanted is None or not (wanted.facets or wanted.attributes):
            wanted = asked if wanted is None else replace(wanted, facets=asked.facets, attributes=asked.attributes)
        clauses = clauses_in(turn.answer, policy) or clauses_in(turn.question, policy)
        if clauses:
            sums = frozenset(m.value for m in money_in(fold(turn.answer)))
            before = frozenset(
                m.value
                for t in turns
                for m in money_in(fold(t.answer))
                if set(clauses_in(t.answer, policy)) & set(clauses)
            )
            return Focus(tuple(clauses), wanted, sums, before)
        sums = frozenset(m.value for m in money_in(fold(turn.answer)))
        if asked.topic and "first_topic" not in question.turns:
            # No label was given (another program's answer): the question itself says what it was about.
            return Focus((), asked, sums, sums)
    return Focus((), wanted, frozenset(), frozenset()) if wanted else None


def clauses_in(text: str, policy: Policy) -> list[Clause]:
    """Clauses that a text names by their labels, each once, in order of the text."""
    numbers = list(dict.fromkeys(n for n, _, _ in label_numbers(text)))
    found = [c for n in numbers for c in policy.numbered if c.number == n]
    plain = half_width(text)
    found += [c for c in policy.clauses if c.number is None and len(c.label) > 2 and half_width(c.label) in plain]
    return found
