"""Sums read from running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.money import chinese_figure, english_figure
from eval.scoring import figures_in


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("不超过50万元", [500_000]),
        ("最高5000万元资助", [50_000_000]),
        ("分别给予100万元、50万元、30万元", [1_000_000, 500_000, 300_000]),
        ("給予最高50萬元獎勵", [500_000]),
        ("５０００万元", [50_000_000]),
        ("3000 万", [30_000_000]),
        ("1.5亿元", [150_000_000]),
        ("1亿5000万元", [150_000_000]),
        ("五千万元和五十万元", [50_000_000, 500_000]),
        ("5,000,000元", [5_000_000]),
        ("人民币50万", [500_000]),
        ("RMB 500,000", [500_000]),
        ("RMB 5 million", [5_000_000]),
        ("up to RMB 1.5 million (150万元)", [1_500_000, 1_500_000]),
        ("5 million yuan", [5_000_000]),
        ("CNY 500k, RMB5m", [500_000, 5_000_000]),
        ("half a million yuan", [500_000]),
        ("RMB five hundred thousand", [500_000]),
        ("1,000,000 and 500,000 respectively", [1_000_000, 500_000]),
        ("10-20万元", [100_000, 200_000]),
        ("100、50、30万元", [1_000_000, 500_000, 300_000]),
        ("RMB 3 to 5 million", [3_000_000, 5_000_000]),
        ("按1:1，5000万元封顶", [50_000_000]),
        ("按1:1,5000万元封顶", [50_000_000]),
        ("2023年，123万元", [1_230_000]),
        ("按1:1、50万元", [500_000]),
    ],
)
def test_a_sum_is_read_by_its_value(text: str, values: list[int]) -> None:
    assert [figure.value for figure in figures_in(text)] == values


@pytest.mark.parametrize(
    "text",
    [
        "2023年9月13日起实施，有效期5年",
        "电话 12345，0755-88102553",
        "第15条、(十五)、measure 15",
        "按不超过1:1的比例",
        "“20+8”产业集群，3D打印材料",
        "5,525 characters in 20 clauses",
        "3万家企业，1亿股",
        "三元材料、多元化",
        "千万不要错过",
        "a distance of 500 m",
    ],
)
def test_other_numbers_are_no_sums(text: str) -> None:
    assert figures_in(text) == []


def test_a_list_marker_does_not_share_the_unit() -> None:
    assert [f.value for f in figures_in("1、50万元；2、30万元")] == [500_000, 300_000]


def test_clause_numbers_before_a_sum_do_not_share_its_scale() -> None:
    assert [f.value for f in figures_in("measures 3 and 9, 5 million yuan")] == [5_000_000]


def test_5000_holds_no_500() -> None:
    assert 5_000_000 not in {f.value for f in figures_in("最高5000万元")}


def test_another_currency_is_told_apart() -> None:
    assert [(f.value, f.currency) for f in figures_in("500万美元，US$5 million，HK$100,000")] == [
        (5_000_000, "USD"),
        (5_000_000, "USD"),
        (100_000, "HKD"),
    ]


def test_places_are_those_of_the_text() -> None:
    text = "資助 50萬元（RMB 500,000）"
    assert [text[f.start : f.end] for f in figures_in(text)] == ["50萬元", "RMB 500,000"]


@given(st.integers(min_value=1, max_value=100_000).map(lambda n: n * 10_000))
def test_what_the_product_writes_is_read_back(value: int) -> None:
    assert [f.value for f in figures_in(f"最高{chinese_figure(value)}。")] == [value]
    assert [f.value for f in figures_in(f"up to {english_figure(value)}.")] == [value]


@given(
    st.text(alphabet=st.characters(), max_size=60)
    | st.text(alphabet="0123456789万亿元,.-、 millionRMB和一二十", max_size=30)
)
def test_no_text_is_too_odd(text: str) -> None:
    figures = figures_in(text)
    assert all(0 <= f.start < f.end <= len(text) for f in figures)
    assert [f.start for f in figures] == sorted(f.start for f in figures)
