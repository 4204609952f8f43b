"""Sums of money: what is written is what is read, in every script, and nothing is rounded away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.amounts import money_in
from corpus.models import Amount, Qualifier, Span
from corpus.money import chinese_amount, chinese_figure, english_amount, english_figure
from corpus.numerals import yuan

# Whole ten-thousands up to ten billion, the way notices write them, and any whole sum.
SUMS = st.integers(1, 1_000_000).map(lambda n: n * 10_000) | st.integers(1, 99_999_999)


def values(text: str) -> list[int]:
    return [found.value for found in money_in(text)]


@given(value=SUMS)
def test_a_sum_in_chinese_is_read_as_it_was_written(value: int) -> None:
    assert values(f"给予最高{chinese_figure(value)}资助") == [value]


@given(value=SUMS)
def test_a_sum_in_english_is_read_as_it_was_written(value: int) -> None:
    assert values(f"a grant of up to {english_figure(value)} is given") == [value]


@given(value=SUMS, low=st.none() | st.integers(1, 99).map(lambda n: n * 10_000))
def test_an_english_amount_has_the_original_beside_it_and_both_say_the_same(value: int, low: int | None) -> None:
    original = chinese_figure(value)
    amount = Amount(value, original, Qualifier.HIGHEST, Span(0, len(original)), value_min=None)
    shown = english_amount(amount)
    assert shown.startswith("up to RMB ")
    assert shown.endswith(f"({original})")
    assert set(values(shown)) == {value}
    if low is not None and low < value:
        ranged = english_amount(Amount(value, original, Qualifier.EXACT, Span(0, 1), value_min=low))
        assert {low, value} <= set(values(ranged))


@given(value=SUMS)
def test_every_mention_is_where_it_says_it_is(value: int) -> None:
    text = f"标准：{chinese_figure(value)}，约合{english_figure(value)}。"
    for mention in money_in(text):
        assert re.search(r"\d", text[mention.start : mention.end])
        assert values(text[mention.start : mention.end]) == [mention.value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50万元", 500_000), ("５０万元", 500_000), ("50 万元", 500_000), ("五十万", 500_000),
        ("五千万元", 50_000_000), ("三百万块", 3_000_000), ("0.5亿元", 50_000_000), ("1.5亿", 150_000_000),
        ("5,000万元", 50_000_000), ("3千万元", 30_000_000), ("2百万", 2_000_000), ("300元", 300),
        ("三个亿", 300_000_000), ("2.5个亿", 250_000_000),
        ("RMB 500,000", 500_000), ("RMB 5 million", 5_000_000), ("5 million yuan", 5_000_000),
        ("CNY 0.5 million", 500_000), ("¥500,000", 500_000), ("500k yuan", 500_000),
        ("RMB 1.2 billion", 1_200_000_000), ("half a million", 500_000), ("two million", 2_000_000),
        ("rmb 30m", 30_000_000), ("50萬元", None), ("一亿元", 100_000_000), ("两千万", 20_000_000),
    ],
)  # fmt: skip
def test_sums_as_people_write_them(text: str, value: int | None) -> None:
    # Traditional characters are made simplified before sums are read.
    assert values(text) == ([] if value is None else [value])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "二维材料",
        "20+8产业",
        "2023年",
        "3D打印",
        "1:1",
        "第十五条",
        "12345 0755-88102553",
        "5G",
        "30%",
        "一定比例",
        "1500万颗",
    ],
)
def test_other_numbers_are_no_sums(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (50_000_000, "5000万元", "RMB 50 million"),
        (500_000, "50万元", "RMB 500,000"),
        (15_000_000, "1500万元", "RMB 15 million"),
        (1_250_000, "125万元", "RMB 1.25 million"),
        (150_000_000, "1.5亿元", "RMB 150 million"),
        (1_234_567, "123.4567万元", "RMB 1,234,567"),
        (300, "300元", "RMB 300"),
        (1, "1元", "RMB 1"),
    ],
)
def test_figures_are_written_the_way_each_language_does(value: int, zh: str, en: str) -> None:
    assert chinese_figure(value) == zh
    assert english_figure(value) == en


def test_the_bound_stays_in_the_words_of_the_source() -> None:
    for qualifier in Qualifier:
        amount = Amount(500_000, "50万元", qualifier, Span(0, 4))
        assert chinese_amount(amount) == f"{qualifier.value}50万元"
        assert english_amount(amount).startswith("up to ") == qualifier.is_bound


@pytest.mark.parametrize(
    ("figure", "scale", "value"),
    [
        ("0.5", "亿", 50_000_000),
        ("３０", "万", 300_000),
        ("1,000", "", 1_000),
        ("二", "千万", 20_000_000),
        ("0.00001", "万", None),
        ("x", "万", None),
        ("1", "兆", None),
        ("", "万", None),
    ],
)
def test_a_figure_and_its_scale_make_whole_yuan_or_nothing(figure: str, scale: str, value: int | None) -> None:
    assert yuan(figure, scale) == value


@given(
    text=st.text(st.characters(exclude_categories=()), max_size=200)
    | st.text("0123456789.,万亿千百元RMBmilonk ¥（", max_size=60)
)
@settings(max_examples=300, deadline=None)
def test_any_text_can_be_searched_for_sums(text: str) -> None:
    for mention in money_in(text):
        assert 0 <= mention.start < mention.end <= len(text)
        assert mention.value >= 0
