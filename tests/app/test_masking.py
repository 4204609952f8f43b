"""Personal data is masked before it is stored, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.masking import (
    BANK_CARD,
    EMAIL,
    ID_CARD,
    LANDLINE,
    MOBILE,
    Masker,
    check_digit,
    is_bank_card,
    is_id_card,
    public_numbers,
)
from corpus.models import Policy

FULL_WIDTH = str.maketrans("0123456789-+@", "０１２３４５６７８９－＋＠")
masked = Masker()

digits = st.text("0123456789", min_size=8, max_size=8)
mobiles = st.builds(lambda second, rest: f"1{second}{rest}0", st.sampled_from("3456789"), digits)
gaps = st.sampled_from(["", " ", "-"])
prefixes = st.sampled_from(["", "+86", "86 ", "0086-"])
# What may stand before and after: no digits and nothing that could belong to an address.
surroundings = st.text(
    st.characters(
        exclude_categories=["Nd", "Nl", "No", "Cs"], exclude_characters="-+()（）－＋＠@.%_转[] \u00a0"
    ).filter(lambda c: not c.isascii() and c not in "零〇○一幺二两三四五六七八九‐‑‒–—−"),
    max_size=8,
)


@st.composite
def id_cards(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
    first = f"{draw(st.sampled_from(['110105', '440304', '650102']))}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first + check_digit(first)


@st.composite
def bank_cards(draw: st.DrawFn) -> str:
    first = draw(st.sampled_from("3456")) + draw(st.text("0123456789", min_size=14, max_size=17))
    return next(first + last for last in "0123456789" if is_bank_card(first + last))


@given(mobiles, gaps, prefixes, surroundings, surroundings, st.booleans())
def test_a_mobile_number_is_masked_however_it_is_written(
    number: str, gap: str, prefix: str, before: str, after: str, full_width: bool
) -> None:
    written = prefix + gap.join((number[:3], number[3:7], number[7:]))
    if full_width:
        written = written.translate(FULL_WIDTH)
    assert masked(before + written + after) == before + MOBILE + after


@given(id_cards(), surroundings, st.booleans())
def test_an_identity_number_is_masked_and_with_a_wrong_check_digit_it_is_none(
    number: str, before: str, lower: bool
) -> None:
    written = number.lower() if lower else number
    assert masked(f"{before}{written}。") == f"{before}{ID_CARD}。"
    wrong = number[:17] + next(digit for digit in "0123456789X" if digit != number[17])
    assert not is_id_card(wrong)


@given(bank_cards(), st.sampled_from(["", " ", "-"]))
def test_a_bank_card_is_masked_in_groups_of_four_too(number: str, gap: str) -> None:
    written = gap.join(number[i : i + 4] for i in range(0, len(number), 4))
    # A number may be that of an identity card as well; either way it is gone.
    assert masked(f"卡号{written}，谢谢") in (f"卡号{BANK_CARD}，谢谢", f"卡号{ID_CARD}，谢谢")


@given(
    st.emails(domains=st.sampled_from(["example.com", "mail.gov.cn"])).filter(
        lambda address: all(c.isalnum() or c in "._%+-@" for c in address)
    )
)
def test_an_address_is_masked(address: str) -> None:
    assert masked(f"请发到{address}，谢谢") == f"请发到{EMAIL}，谢谢"


@given(st.text())
def test_masking_again_changes_nothing_and_any_text_can_be_stored(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    once.encode()
    assert "\0" not in once


@given(st.integers(1, 99_999), st.sampled_from(["元", "万元", "亿元", "%"]), st.dates(date(2000, 1, 1)))
def test_sums_and_dates_stay(figure: int, unit: str, day: date) -> None:
    text = f"{day.isoformat()}起，给予不超过{figure}{unit}资助，即{figure * 1000}元；深工信规〔{day.year}〕11号"
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("座机0755-26001234转8", f"座机{LANDLINE}"),
        ("(0755)2600 1234", LANDLINE),
        ("010-12345678", LANDLINE),
        ("电话：26001234", f"电话：{LANDLINE}"),
        ("一三八零零一三八零零零", MOBILE),
        ("440304 19900101 0011", ID_CARD),
        ("440304 19900101 0012", "440304 19900101 0012"),
        ("补贴26001234元", "补贴26001234元"),
        ("拨打12345", "拨打12345"),
        ("400-8123-456", "400-8123-456"),
    ],
)
def test_landlines_are_masked_and_other_figures_are_not(text: str, left: str) -> None:
    assert masked(text) == left


def test_the_numbers_that_the_policy_publishes_stay(founding_policy: Policy) -> None:
    public = public_numbers([founding_policy.source_text])
    keep = Masker(public)
    for published in (
        "0755-88102553",
        "(0755) 8810 2553",
        "０７５５－８８１０２５５３",
        "电话88102553",
        "xzc@gxj.sz.gov.cn",
    ):
        assert keep(published) == published
        assert masked(published) != published
    assert keep("0755-88102554") == LANDLINE


def test_an_office_may_name_another_offices_number() -> None:
    office = Masker(landlines=False)
    assert office("请致电市商务局0755-26001234，勿拨13800138000") == f"请致电市商务局0755-26001234，勿拨{MOBILE}"
