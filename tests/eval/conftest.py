"""The founding policy, and small gold items and answers made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from app.models import Answer, Citation, FactStated, Message, Status
from corpus import Library
from corpus.departments import Directory
from corpus.models import Policy
from eval.gold import Expectation, GoldItem


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load()


@pytest.fixture(scope="session")
def policy(library: Library) -> Policy:
    return library.policy("sz-new-materials-2023")


@pytest.fixture(scope="session")
def directory(library: Library) -> Directory:
    return library.directory


@pytest.fixture
def gold_item() -> Callable[..., GoldItem]:
    def make(status: str = "answered", lang: str = "zh", kind: str = "amount", **expect: Any) -> GoldItem:
        id = expect.pop("id", "q1")
        pair_id = expect.pop("pair_id", None)
        history = expect.pop("history", ())
        return GoldItem(id, lang, kind, "参与制定国家标准能拿多少钱？", Expectation(status, **expect), history, pair_id)

    return make


@pytest.fixture(scope="session")
def cite(policy: Policy) -> Callable[..., Citation]:
    """A citation of a whole clause by its label."""

    def make(label: str) -> Citation:
        c = next(c for c in policy.clauses if c.label == label)
        return Citation(policy.id, c.id, c.label, c.number, c.title, c.text, c.start, c.end)

    return make


@pytest.fixture(scope="session")
def make_answer(cite: Callable[..., Citation]) -> Callable[..., Answer]:
    """An answer: ``labels`` are cited, ``facts`` stated."""

    def make(
        text: str,
        labels: Sequence[str] = (),
        facts: Sequence[FactStated] = (),
        status: str = "answered",
        language: str = "zh",
        question: str = "问",
    ) -> Answer:
        citations = tuple(cite(label) for label in labels)
        return Answer(
            question, question, language, Status(status), text, citations, tuple(facts), timings_ms={"total": 5.0}
        )

    return make


@pytest.fixture
def standard_fact() -> FactStated:
    return FactStated("amount", "(十九)", "50万元", 500_000, currency="CNY", qualifier="不超过", applies_to="国家标准")


class Scripted:
    """An assistant whose answers are known beforehand; it keeps what it was asked."""

    def __init__(self, reply: Callable[[str, Sequence[Message]], Answer]) -> None:
        self.reply = reply
        self.asked: list[tuple[str, tuple[Message, ...], str | None]] = []

    def ask(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Answer:
        self.asked.append((question, tuple(history), policy))
        return self.reply(question, history)


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted
