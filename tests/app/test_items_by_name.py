"""Each sum is found by the name of what it is for, however the question is put, and no neighbour's with it."""

from __future__ import annotations

import pytest

from app.assistant import Assistant

CHINESE = (
    "{}给多少",
    "我们拿下了{}，能领多少",
    "{}这个，深圳给多少",
    "做成{}以后市里给多少",
    "老板让我问{}能补多少，我们是做新能源材料的",
)
ENGLISH = (
    "How much for a {}?",
    "We just got the {}. What does the city pay?",
    "If we manage a {}, how much do we get from Shenzhen?",
)
ITEMS = [
    ("国家级单项冠军示范企业", 3_000_000),
    ("工信部的单项冠军示范企业", 3_000_000),
    ("国家单项冠军产品", 2_000_000),
    ("市级单项冠军示范企业", 2_000_000),
    ("深圳的单项冠军产品", 1_000_000),
    ("小巨人", 500_000),
    ("市级专精特新", 100_000),
    ("ISO标准", 1_000_000),
    ("国标", 500_000),
    ("国家级标准", 500_000),
    ("行业标准", 300_000),
    ("地方标准", 200_000),
]
ITEMS_IN_ENGLISH = [
    ("national single champion enterprise", 3_000_000),
    ("national single champion product", 2_000_000),
    ("municipal champion product", 1_000_000),
    ("Little Giant", 500_000),
    ("international standard", 1_000_000),
    ("group standard", 100_000),
]


def stated(assistant: Assistant, question: str) -> set[object]:
    return {fact.value for fact in assistant.ask(question).facts if fact.kind == "amount"}


@pytest.mark.parametrize(("name", "value"), ITEMS)
def test_a_chinese_name_brings_its_own_sum(assistant: Assistant, name: str, value: int) -> None:
    for around in CHINESE:
        assert stated(assistant, around.format(name)) == {value}, around


@pytest.mark.parametrize(("name", "value"), ITEMS_IN_ENGLISH)
def test_an_english_name_brings_its_own_sum(assistant: Assistant, name: str, value: int) -> None:
    for around in ENGLISH:
        assert stated(assistant, around.format(name)) == {value}, around


@pytest.mark.parametrize("around", ["{}最多给多少", "{}的封顶是多少，谁管"])
def test_every_sum_is_found_by_the_texts_own_words(assistant: Assistant, around: str) -> None:
    policy = assistant.policies[0]
    granted = [p for clause in policy.numbered for p in clause.provisions if p.amount]
    assert len(granted) == 27
    for provision in granted:
        assert provision.amount is not None
        assert stated(assistant, around.format(provision.what)) == {provision.amount.value}, provision.what


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("拿了国家级单项冠军示范企业，市级财政奖多少", {3_000_000}),
        ("我们是市级单项冠军产品，不是国家级的那种，给多少", {1_000_000}),
        ("单项冠军示范企业，国家级跟市级差多少", {3_000_000, 2_000_000}),
        ("National champion product here, the municipal level pays how much?", {2_000_000}),
    ],
)
def test_a_level_may_be_who_pays_or_what_it_is_not(assistant: Assistant, question: str, values: set[int]) -> None:
    assert stated(assistant, question) == values
