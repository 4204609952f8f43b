"""Numbers as policies and people write them: 二十, 十五, １５, 五千万, 3000万元, RMB 5 million."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

CHINESE_DIGITS = "零〇一二三四五六七八九十百千两"
# Full-width ASCII to half-width, one character for one, so offsets stay as they are.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SCALE = {
    "": 1,
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "十万": 100_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}
# Labels hardly go beyond 九十九, and the library for all the other numerals takes a tenth of a second to import.
_DIGIT = "零一二三四五六七八九"
_TO_99 = re.compile(r"[零一二三四五六七八九]|(?P<tens>[一二三四五六七八九]?)十(?P<ones>[一二三四五六七八九]?)")
_NUMERAL = re.compile(rf"[{CHINESE_DIGITS}万亿]+")


def half_width(text: str) -> str:
    """The text with full-width ASCII made half-width; same length, so offsets into one fit the other."""
    return text.translate(_HALF_WIDTH)


def chinese_to_int(numeral: str) -> int | None:
    """The value of a Chinese or Arabic whole number (``二十``, ``15``, ``１５``); None when it is not one."""
    numeral = half_width(numeral).strip()
    if numeral.isascii() and numeral.isdigit():
        return int(numeral) if len(numeral) < 10 else None
    if not numeral or not _NUMERAL.fullmatch(numeral) or len(numeral) > 16:
        return None
    numeral = numeral.replace("〇", "零").replace("两", "二")
    if small := _TO_99.fullmatch(numeral):
        if small["tens"] is None:
            return _DIGIT.index(numeral)
        return 10 * _DIGIT.index(small["tens"] or "一") + _DIGIT.index(small["ones"] or "零")
    from cn2an import cn2an

    try:
        return int(cn2an(numeral, "smart"))
    except (ValueError, KeyError):
        return None


def int_to_chinese(number: int) -> str:
    """A whole number from 1 to 9999 as a label writes it: 15 is ``十五``, not ``一十五``."""
    if 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (_DIGIT[tens] if tens > 1 else "") + "十" * (tens > 0) + (_DIGIT[ones] if ones else "")
    from cn2an import an2cn

    text: str = an2cn(number, "low")
    return text[1:] if text.startswith("一十") else text


def yuan(figure: str, scale: str) -> int | None:
    """Yuan of a figure and its scale (``"0.5"``, ``"亿"``); None when it is no number or not whole yuan."""
    figure = half_width(figure).replace(",", "").strip()
    if scale not in _SCALE:
        return None
    try:
        value = Decimal(figure) * _SCALE[scale]
    except InvalidOperation:
        whole = chinese_to_int(figure)
        if whole is None:
            return None
        value = Decimal(whole) * _SCALE[scale]
    return int(value) if value == value.to_integral_value() else None
