"""Gold items: questions with typed expectations, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.models import Message, Status
from corpus.labels import clause_by_label
from corpus.models import Policy
from corpus.numerals import half_width

LANGUAGES = ("zh", "zh-Hant", "en")
ANSWERING = frozenset({Status.ANSWERED.value, Status.PARTIAL.value})
REFUSING = frozenset(
    {Status.NOT_SPECIFIED.value, Status.OUT_OF_SCOPE.value, Status.CLARIFY.value, Status.SMALLTALK.value}
)
# These rest on nothing in the text, so there is nothing to cite or to state.
_WITHOUT_FACTS = frozenset({Status.OUT_OF_SCOPE.value, Status.SMALLTALK.value})
_LISTS = ("clauses", "also_ok", "amounts", "forbid_amounts", "all_of", "none_of", "departments")
_ITEM_KEYS = frozenset({"id", "lang", "kind", "history", "question", "expect", "pair_id"})


class GoldError(Exception):
    """A file of gold items or answers can't be used: one line says which line and what to correct."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a right answer has.

    ``clauses`` must be cited and nothing outside ``clauses`` and ``also_ok`` may be; labels with half-width
    brackets. Amounts are in yuan. Each group of ``all_of`` lists alternatives of which one must stand in the
    answer's text. ``departments`` are names with an elided 市 restored.
    """

    status: str
    clauses: tuple[str, ...] = ()
    also_ok: tuple[str, ...] = ()
    amounts: tuple[int, ...] = ()
    forbid_amounts: tuple[int, ...] = ()
    all_of: tuple[tuple[str, ...], ...] = ()
    none_of: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldItem:
    """One question. ``history`` is oldest first; items of one ``pair_id`` ask the same in two languages."""

    id: str
    lang: str
    kind: str
    question: str
    expect: Expectation
    history: tuple[Message, ...] = ()
    pair_id: str | None = None


def load_gold(path: Path) -> tuple[GoldItem, ...]:
    """The items of a gold file, in its order; blank lines are skipped.

    Raises GoldError when the file can't be read, a line is malformed, an id stands twice, or there is no item.
    Messages name the line and the field, never the question: a held-out file may be loaded without being seen.
    """
    items: list[GoldItem] = []
    seen: dict[str, int] = {}
    for number, data in read_jsonl(path):
        where = f"{path}:{number}"
        item = _item(data, where)
        if item.id in seen:
            raise GoldError(f"{where}: id {item.id!r} stands in line {seen[item.id]} already; ids must be unique")
        seen[item.id] = number
        items.append(item)
    if not items:
        raise GoldError(f"{path} holds no item: give one JSON object a line")
    return tuple(items)


def sampled(items: Sequence[GoldItem], count: int) -> tuple[GoldItem, ...]:
    """At most ``count`` of the items, the same each time: as many of each kind and language as its share, spread over
    the file, and in its order."""
    groups: dict[tuple[str, str], list[GoldItem]] = {}
    for item in items:
        groups.setdefault((item.kind, item.lang), []).append(item)
    # The items of one group after those of another, and of these every so many.
    ordered = [item for key in sorted(groups) for item in groups[key]]
    count = min(count, len(ordered))
    chosen = {ordered[i * len(ordered) // count].id for i in range(count)}
    return tuple(item for item in items if item.id in chosen)


def read_jsonl(path: Path) -> Iterator[tuple[int, Any]]:
    """Line number (from 1) and value of every line that isn't blank. Raises GoldError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(f"{path} cannot be read ({error}); give a UTF-8 JSON Lines file") from error
    # Not splitlines(): U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            raise GoldError(f"{path}:{number}: not JSON ({error.msg}, column {error.colno})") from error


def warnings_of(items: Sequence[GoldItem], policy: Policy | None = None) -> list[str]:
    """What can be scored but looks wrong, a line each; empty when nothing does. No question is quoted.

    With a policy, labels and amounts are looked up in it.
    """
    found: list[str] = []
    for item in items:
        found += [f"{item.id}: {problem}" for problem in _contradictions(item)]
        if policy is not None:
            found += [f"{item.id}: {problem}" for problem in _not_in_policy(item, policy)]
    by_pair: dict[str, list[str]] = {}
    for item in items:
        if item.pair_id is not None:
            by_pair.setdefault(item.pair_id, []).append(item.lang)
    for pair, languages in by_pair.items():
        if len(languages) != 2 or languages.count("en") != 1:
            found.append(f"pair {pair}: has {', '.join(languages)}; a pair is one Chinese and one English item")
    return found


def normal_label(label: str) -> str:
    """A label as answers give it: half-width brackets, no white space."""
    return "".join(half_width(label).split())


def _item(data: Any, where: str) -> GoldItem:
    if not isinstance(data, dict):
        raise GoldError(f"{where}: a gold item is a JSON object, not {type(data).__name__}")
    for key in ("id", "question"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise GoldError(f"{where}: {key!r} must be a text that is not empty")
    expect = data.get("expect")
    if not isinstance(expect, dict):
        raise GoldError(f"{where}: 'expect' must be an object with at least a 'status'")
    if expect.get("status") not in ANSWERING | REFUSING:
        known = ", ".join(sorted(ANSWERING | REFUSING))
        raise GoldError(f"{where}: expect.status is {expect.get('status')!r}; it must be one of {known}")
    unknown = sorted(set(expect) - {"status", *_LISTS})
    if unknown:
        # An expectation nobody scores would pass for met.
        raise GoldError(f"{where}: expect.{unknown[0]} is not an expectation; known are status, {', '.join(_LISTS)}")
    lang = data.get("lang", "zh")
    if lang not in LANGUAGES:
        raise GoldError(f"{where}: lang is {lang!r}; it must be one of {', '.join(LANGUAGES)}")
    pair_id = data.get("pair_id")
    return GoldItem(
        id=data["id"],
        lang=lang,
        kind=str(data.get("kind") or "other"),
        question=data["question"],
        expect=_expectation(expect, where),
        history=_history(data.get("history") or [], where),
        pair_id=None if pair_id is None else str(pair_id),
    )


def _expectation(expect: dict[str, Any], where: str) -> Expectation:
    lists: dict[str, list[Any]] = {}
    for key in _LISTS:
        value = expect.get(key)
        if value is not None and not isinstance(value, list):
            raise GoldError(f"{where}: expect.{key} must be a list")
        lists[key] = value or []
    for key in ("clauses", "also_ok", "none_of", "departments"):
        if not all(isinstance(entry, str) and entry for entry in lists[key]):
            raise GoldError(f"{where}: expect.{key} must be a list of texts that are not empty")
    for key in ("amounts", "forbid_amounts"):
        if not all(isinstance(entry, int) and not isinstance(entry, bool) and entry > 0 for entry in lists[key]):
            raise GoldError(f"{where}: expect.{key} must be a list of whole yuan above 0")
    groups: list[tuple[str, ...]] = []
    for group in lists["all_of"]:
        alternatives = [group] if isinstance(group, str) else group
        if not isinstance(alternatives, list) or not (
            alternatives and all(isinstance(a, str) and a for a in alternatives)
        ):
            raise GoldError(f"{where}: expect.all_of must be a list of groups, each a list of alternative texts")
        groups.append(tuple(alternatives))
    return Expectation(
        status=expect["status"],
        clauses=tuple(dict.fromkeys(map(normal_label, lists["clauses"]))),
        also_ok=tuple(dict.fromkeys(map(normal_label, lists["also_ok"]))),
        amounts=tuple(lists["amounts"]),
        forbid_amounts=tuple(lists["forbid_amounts"]),
        all_of=tuple(groups),
        none_of=tuple(lists["none_of"]),
        departments=tuple(lists["departments"]),
    )


def _history(turns: Any, where: str) -> tuple[Message, ...]:
    if not isinstance(turns, list):
        raise GoldError(f"{where}: 'history' must be a list of {{role, content}}")
    messages = []
    for turn in turns:
        known = isinstance(turn, dict) and turn.get("role") in ("user", "assistant")
        if not known or not isinstance(turn.get("content"), str):
            raise GoldError(f"{where}: each turn of 'history' has a role (user or assistant) and a content")
        messages.append(Message(turn["role"], turn["content"]))
    return tuple(messages)


def _contradictions(item: GoldItem) -> Iterator[str]:
    expect = item.expect
    both = sorted(set(expect.amounts) & set(expect.forbid_amounts))
    if both:
        yield f"amount {both[0]} is both required and forbidden"
    twice = sorted(set(expect.clauses) & set(expect.also_ok))
    if twice:
        yield f"{twice[0]} is both in clauses and in also_ok"
    if expect.status in _WITHOUT_FACTS and (expect.clauses or expect.amounts):
        yield f"status {expect.status} with clauses or amounts, which such an answer does not have"
    if expect.status in ANSWERING and not expect.clauses and not expect.also_ok:
        yield f"status {expect.status} without a clause to cite"


def _not_in_policy(item: GoldItem, policy: Policy) -> Iterator[str]:
    cited = []
    for label in (*item.expect.clauses, *item.expect.also_ok):
        clause = clause_by_label(policy, label)
        if clause is None or normal_label(clause.label) != label:
            yield f"{label} is not a label of {policy.id}"
        else:
            cited.append(clause)
    there = {p.amount.value for c in cited for p in c.provisions if p.amount}
    for value in item.expect.amounts:
        if value not in there:
            yield f"amount {value} stands in none of its clauses"
