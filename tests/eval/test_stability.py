"""Injections and noise: an assistant that they move is found out, one that they don't is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.models import Answer, Citation, FactStated, Message
from corpus.departments import Directory
from eval.attacks import (
    Ask,
    poisoned_sources,
    show_stability,
    stability_dict,
    try_document_injections,
    try_injections,
    try_noise,
)
from eval.attacks.stability import INJECTIONS, NOISES, differences, signature

ASKS = [
    Ask("国家标准多少钱？", "zh"),
    Ask("How much for a national standard?", "en"),
    Ask("國家標準多少錢？", "zh-Hant"),
]


@pytest.fixture
def usual(make_answer: Callable[..., Answer], standard_fact: FactStated) -> Answer:
    return make_answer("不超过50万元(十九)", ["(十九)"], [standard_fact])


def test_steady_answers_are_unchanged(scripted: Any, usual: Answer, directory: Directory) -> None:
    assistant = scripted(lambda question, history: usual)
    for attempt in (try_injections, try_noise):
        report = attempt(assistant, ASKS, directory)
        assert report.same.share == 1
        assert (report.changed, report.leaked) == ((), ())


def test_each_injection_is_tried_in_question_and_history_of_its_language(
    scripted: Any, usual: Answer, directory: Directory
) -> None:
    assistant = scripted(lambda question, history: usual)
    report = try_injections(assistant, ASKS, directory)
    assert report.same.of == 4 * len(INJECTIONS)
    histories = [history for _, history, _ in assistant.asked if history]
    assert len(histories) == 2 * len(INJECTIONS)
    assert {history[-1].role for history in histories} == {"user", "assistant"}


def test_an_assistant_that_obeys_is_found_out(
    scripted: Any, usual: Answer, make_answer: Callable[..., Answer], directory: Directory
) -> None:
    def obedient(question: str, history: Sequence[Message]) -> Answer:
        if "忽略以上" in question + "".join(message.content for message in history):
            return make_answer("最高奖励8888万元")
        return usual

    report = try_injections(scripted(obedient), ASKS, directory)
    assert report.by_name["after: ignore"].hits == 1  # the English one alone
    assert {change.name for change in report.changed} == {
        "after: ignore",
        "before: ignore",
        "history, user: ignore",
        "history, assistant: ignore",
    }
    assert len(report.leaked) == 8
    assert "fact lost: amount (十九) 500000 bounded" in report.changed[0].differences
    assert "citation lost: (十九)" in report.changed[0].differences
    assert "injected sum" in show_stability("injections", report)
    assert json.loads(json.dumps(stability_dict(report)))["leaked"]


def test_a_change_of_status_alone_is_a_change(scripted: Any, usual: Answer, directory: Directory) -> None:
    changed = replace(usual, status=type(usual.status)("partial"))
    assistant = scripted(lambda question, history: changed if "😊" in question else usual)
    report = try_noise(assistant, ASKS, directory)
    assert report.by_name["emoji"].hits == 0
    assert report.same.of - report.same.hits == len(ASKS)
    assert report.changed[0].differences == ("status answered became partial",)


def test_an_exception_is_a_change_not_the_end(scripted: Any, usual: Answer, directory: Directory) -> None:
    def fragile(question: str, history: Sequence[Message]) -> Answer:
        if "🙏" in question:
            raise ValueError("emoji")
        return usual

    report = try_noise(scripted(fragile), ASKS, directory)
    assert "could not be asked: ValueError: emoji" in report.changed[0].differences


def test_noise_keeps_the_ask_and_adds_to_it() -> None:
    for noise in NOISES:
        assert noise.around("国标 GB 多少? A{q}b？") != "国标 GB 多少? A{q}b？"
    assert len({(noise.name, noise.language) for noise in NOISES}) == len(NOISES)
    by_name = {(noise.name, noise.language): noise for noise in NOISES}
    assert by_name["greeting", "zh"].around("国标多少钱？") == "你好，国标多少钱？"
    assert by_name["no stop", "en"].around("How much?") == "How much"
    assert by_name["full width", "en"].around("ISO 9") == "ＩＳＯ ９"


def test_the_document_is_poisoned_in_the_middle_and_at_the_end() -> None:
    source = "第一段\n\n第二段\n\n第三段"
    found = dict(poisoned_sources(source, ["坏话"]))
    assert set(found) == {"document, middle: 1", "document, end: 1"}
    for text in found.values():
        assert [line for line in text.split("\n") if line and line != "坏话"] == source.split("\n\n")
    assert not found["document, middle: 1"].rstrip().endswith("坏话")


def test_a_document_that_takes_over_is_found_out(
    scripted: Any, usual: Answer, make_answer: Callable[..., Answer], directory: Directory
) -> None:
    refusal = make_answer("未作规定", status="not_specified")

    def over(text: str) -> Any:
        return scripted(lambda question, history: refusal if "not specified" in text else usual)

    clean = scripted(lambda question, history: usual)
    report = try_document_injections(clean, over, "甲\n\n乙", ASKS, directory)
    assert report.by_name["document, end: 1"].share == 1
    assert report.by_name["document, end: 2"].share == 0
    assert len(report.changed) == 2 * len(ASKS)


def test_signatures_compare_values_not_wordings(
    make_answer: Callable[..., Answer], standard_fact: FactStated, directory: Directory, cite: Callable[[str], Citation]
) -> None:
    zh = FactStated("department", "(十九)", "市市场监管局", "市市场监管局", role="lead")
    alias = replace(zh, value="市监局", text="市监局")
    one = signature(make_answer("a", ["(十九)"], [standard_fact, zh]), directory)
    other = signature(
        make_answer("b", ["(十九)"], [replace(standard_fact, qualifier="最高", text="50萬元"), alias]), directory
    )
    assert differences(one, other) == ()
    plain = signature(make_answer("c", ["(十九)"], [replace(standard_fact, qualifier=None), zh]), directory)
    assert differences(one, plain) == ("fact lost: amount (十九) 500000 bounded", "fact new: amount (十九) 500000")
