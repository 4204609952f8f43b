"""A model that lies about every line: nothing of it is shown, and without the verification nearly all of it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.assistant import Assistant
from app.llm import LanguageModel
from corpus.departments import Directory
from eval.attacks.chat_server import ChatServer
from eval.attacks.lies import Liar, lies_about, show_lies, try_lies
from eval.gold import GoldItem, load_gold, sampled

GOLD = Path("eval/gold/dev.jsonl")
LINE = "主导或参与国家标准制定或者修订单位，给予不超过50万元资助(十九)。"
ENGLISH = "Up to RMB 500,000 (50万元) for leading a national standard, under Measure 19 (十九)."


@pytest.fixture(scope="module")
def items() -> tuple[GoldItem, ...]:
    return sampled(load_gold(GOLD), 150)


@pytest.fixture
def liar(directory: Directory) -> Liar:
    return Liar(directory)


@pytest.fixture
def model(liar: Liar) -> Iterator[LanguageModel]:
    with ChatServer(liar.behaviour) as server:
        yield LanguageModel(server.base_url, "liar")


def test_no_lie_reaches_the_reader(
    assistant: Assistant, items: tuple[GoldItem, ...], model: LanguageModel, liar: Liar
) -> None:
    report = try_lies(assistant, items, model, liar)
    assert len(liar.told) > 150, "too few lies to tell anything"
    assert report.examples == ()
    assert report.wrong_amounts.hits == report.worded.hits == 0


def test_without_the_verification_they_do(
    assistant: Assistant, items: tuple[GoldItem, ...], model: LanguageModel, liar: Liar
) -> None:
    report = try_lies(assistant, items, model, liar, checked=False)
    assert report.wrong_amounts.hits > 10
    assert report.worded.hits > len(items) // 2
    assert "answers with a wrong amount: 0" not in show_lies(report)


@pytest.mark.parametrize("line", [LINE, ENGLISH])
def test_each_line_is_altered_in_many_ways(directory: Directory, line: str) -> None:
    lies = lies_about(line, directory)
    assert line not in {text for _, text in lies}
    assert len(lies) == len({text for _, text in lies})
    assert {"amount tenfold", "amount in words", "bound dropped", "label", "denial", "recipient", "promise"} <= {
        kind for kind, _ in lies
    }


def test_the_sample_is_spread_over_the_kinds_and_always_the_same() -> None:
    items = load_gold(GOLD)
    chosen = sampled(items, 150)
    assert len(chosen) == 150
    assert chosen == sampled(items, 150)
    counts = Counter((item.kind, item.lang) for item in items)
    fair = {group for group, n in counts.items() if n >= len(items) / 150}
    assert fair <= {(item.kind, item.lang) for item in chosen}
    assert sampled(items, len(items) + 5) == items
