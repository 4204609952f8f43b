"""An assistant that is already running: answering beside embedding alone, one by one and by the thousand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from itertools import islice, product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from eval.bench.figures import Figure, spread

if TYPE_CHECKING:
    from app.assistant import Assistant

# What people say before they ask; a question with another opener is another question.
OPENERS = [
    "请问，",
    "您好，",
    "我想问一下：",
    "麻烦问下，",
    "咨询：",
    "老师好，",
    "帮忙看看，",
    "打扰了，",
    "问个问题：",
    "想了解，",
    "请教：",
    "急，",
    "再问一下，",
    "顺便问，",
    "我们公司想知道：",
    "客户问：",
    "这个能查吗：",
]
OPENERS_EN = [
    "Hi,",
    "Please:",
    "Hello:",
    "Question:",
    "Quickly:",
    "Well,",
    "Again:",
    "Now,",
    "Listen:",
    "Morning!",
    "Afternoon!",
    "Query:",
    "Information:",
    "Help:",
    "Urgent:",
    "Today:",
    "So,",
]


def read_questions() -> list[str]:
    """The questions that come with the benchmarks, Chinese and English, each once."""
    return Path(__file__).with_name("questions.txt").read_text(encoding="utf-8").splitlines()


def varied(questions: Sequence[str], count: int) -> list[str]:
    """``count`` different questions: each with one opening or another before it."""
    pairs = product(range(len(OPENERS)), questions)
    made = (
        f"{OPENERS_EN[opener] + ' ' if question.isascii() else OPENERS[opener]}{question}" for opener, question in pairs
    )
    return list(islice(made, count))


def answering(assistant: Assistant, questions: Sequence[str], rounds: int) -> list[Figure]:
    """A warm answer against embedding the same question alone, p50 of ``questions``; the median of ``rounds``."""
    for question in questions:
        assistant.ask(question)
        assistant.index.embed_query(question)
    ratios, answers, embeddings = [], [], []
    for turn in range(rounds):
        asked, embedded = [], []
        for i, question in enumerate(questions):
            # Which of the two goes first alternates, so that neither always finds the caches warm.
            if (i + turn) % 2:
                asked.append(_seconds(lambda q=question: assistant.ask(q)))  # type: ignore[misc]
                embedded.append(_seconds(lambda q=question: assistant.index.embed_query(q)))  # type: ignore[misc]
            else:
                embedded.append(_seconds(lambda q=question: assistant.index.embed_query(q)))  # type: ignore[misc]
                asked.append(_seconds(lambda q=question: assistant.ask(q)))  # type: ignore[misc]
        answers.append(median(asked))
        embeddings.append(median(embedded))
        ratios.append(answers[-1] / embeddings[-1])
    detail = f"answer {1000 * median(answers):.1f} ms, embedding {1000 * median(embeddings):.1f} ms; {spread(ratios)}"
    return [Figure("a warm answer / embedding its question, p50", median(ratios), "×", detail, aim=2.0)]


def batch_rate(assistant: Assistant, questions: Sequence[str], blocks: int, jobs: int) -> list[Figure]:
    """The rate of ``batch`` against that of embedding the same questions alone, both over ``blocks`` in turn."""
    from app.batch import run_batch

    size = len(questions) // blocks
    shares, answered, embedded = [], 0.0, 0.0
    with TemporaryDirectory(prefix="policy-bench-") as folder:
        for block in range(blocks):
            part = questions[block * size : (block + 1) * size]
            source = Path(folder) / f"{block}.jsonl"
            lines = [json.dumps({"id": i, "question": q}, ensure_ascii=False) for i, q in enumerate(part)]
            source.write_text("\n".join(lines) + "\n", encoding="utf-8")
            target = source.with_suffix(".out.jsonl")
            batch = _seconds(lambda s=source, t=target: run_batch(s, t, lambda: assistant, jobs=jobs))  # type: ignore[misc]
            alone = _seconds(lambda p=part: [assistant.index.embed_query(q) for q in p])  # type: ignore[misc]
            shares.append(100 * alone / batch)
            answered += batch
            embedded += alone
    count = size * blocks
    detail = f"{count / answered:.0f} answers/s, {count / embedded:.0f} embeddings/s; {spread(shares)}"
    name = f"batch of {count}, {jobs} job{'s' if jobs > 1 else ''} / embedding rate"
    return [Figure(name, median(shares), "%", detail, aim=60.0 if jobs == 1 else None, at_least=True)]


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
