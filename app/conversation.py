"""What a follow-up leaves unsaid, taken from the conversation so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.amounts import money_in
from app.models import Message
from app.question import Question, QuestionReader
from corpus.labels import english_number, label_numbers
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
    """Questions with their answers, oldest first; anything that is neither user nor assistant is passed over.

    An answer is one message: what else came in the name of the assistant under the same question is none of ours.
    """
    turns: list[_Turn] = []
    for message in history:
        if message.role == "user":
            turns.append(_Turn(message.content, ""))
        elif message.role == "assistant" and turns and not turns[-1].answer:
            turns[-1] = replace(turns[-1], answer=message.content)
    return turns


def focus_of(history: Sequence[Message], question: Question, reader: QuestionReader, policy: Policy) -> Focus | None:
    """What the question may lean on: the last turn that was about some clause, or the first one where it says so.

    A question that only named what its predecessor asked for (那行业标准呢) takes over what it asked about it.
    """
    # What gives orders is no subject to lean on, whoever sent it; a turn that is nothing else is none.
    cleaned = (
        replace(m, content=reader.without_orders(m.content[:_MAX_CHARS], answer=m.role == "assistant"))
        for m in history[-_MAX_TURNS:]
    )
    turns = turns_of([m for m in cleaned if m.content.strip()])
    # What nobody answered and what asks nothing is not what the conversation is about.
    turns = [t for t in turns if t.answer or reader.asks(t.question)]
    if not turns:
        return None
    order = turns if "first_topic" in question.turns else turns[::-1]
    named = reader.cues.hints.nth_turn.search(question.plain)
    if named is not None and (at := english_number(next(g for g in named.groups() if g))) and at <= len(turns):
        # 刚才第二个问的: the turn by its place, before all others.
        order = [turns[at - 1], *(t for t in order if t is not turns[at - 1])]
    if "return" in question.turns:
        # Back to that centre: to the last turn that spoke of one.
        order = sorted(order, key=lambda t: not any(word in fold(t.question) for word in question.topic))
    wanted: Question | None = None
    for turn in order:
        asked = reader.read(turn.question)
        if asked.turns & {"greeting", "thanks"} and not asked.wanted:
            # Who greets speaks of nothing yet.
            continue
        if wanted is None or not (wanted.facets or wanted.attributes):
            wanted = asked if wanted is None else replace(wanted, facets=asked.facets, attributes=asked.attributes)
        clauses = clauses_in(turn.answer, policy) or clauses_in(turn.question, policy)
        # The closing part is cited beside a measure for what holds of all of them.
        clauses = [c for c in clauses if c.number is not None] or clauses
        if clauses:
            sums = _sums_in(turn.answer, clauses)
            before = frozenset(
                value
                for t in turns
                if set(clauses_in(t.answer, policy)) & set(clauses)
                for value in _sums_in(t.answer, policy.clauses)
            )
            return Focus(tuple(clauses), wanted, sums, before)
        sums = _sums_in(turn.answer, policy.clauses)
        if asked.topic and "first_topic" not in question.turns:
            # No label was given (another program's answer): the question itself says what it was about.
            return Focus((), asked, sums, sums)
    return Focus((), wanted, frozenset(), frozenset()) if wanted else None


def _sums_in(answer: str, clauses: Iterable[Clause]) -> frozenset[int]:
    """The sums of an earlier answer that these clauses grant. No other is one: a turn of the conversation can point
    at what the policy says, not add to it."""
    amounts = [p.amount for c in clauses for p in c.provisions if p.amount]
    granted = {a.value for a in amounts} | {a.value_min for a in amounts}
    return frozenset(m.value for m in money_in(fold(answer)) if m.value in granted)


def clauses_in(text: str, policy: Policy) -> list[Clause]:
    """Clauses that a text names by their labels, each once, in order of the text."""
    numbers = list(dict.fromkeys(n for n, _, _ in label_numbers(text)))
    found = [c for n in numbers for c in policy.numbered if c.number == n]
    plain = half_width(text)
    found += [c for c in policy.clauses if c.number is None and len(c.label) > 2 and half_width(c.label) in plain]
    return found
