"""Sums of money in questions and answers, however they are written: 五十万, 3000万元, RMB 5 million, 500k yuan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from corpus.numerals import chinese_to_int, half_width, yuan

_CN_DIGIT = "一二两三四五六七八九十百千"
_PATTERN = re.compile(
    r"(?P<figure>\d[\d,]*(?:\.\d+)?)\s*(?P<scale>十万|百万|千万|[万亿])\s*(?:元|块|人民币|rmb)?"
    rf"|(?P<han>[{_CN_DIGIT}]*[{_CN_DIGIT}]万[{_CN_DIGIT}]*|[{_CN_DIGIT}]+亿)(?:元|块)?"
    r"|(?:rmb|cny|¥|yuan)\s*(?P<en>\d[\d,]*(?:\.\d+)?)\s*(?P<en_scale>million|billion|thousand|mn|mio|m|k|bn)?(?![a-z\d])"
    r"|(?P<post>\d[\d,]*(?:\.\d+)?)\s*(?P<post_scale>million|billion|thousand|mn|mio|m|k|bn)?\s*(?:rmb|cny|yuan|renminbi)"
    r"|(?P<bare>\d[\d,]*(?:\.\d+)?)\s*(?P<bare_scale>million|billion|mn|mio)(?![a-z])"
    r"|(?P<plain>\d[\d,]*)\s*元"
)
_EN_SCALE = {
    "": 1,
    "k": 1_000,
    "thousand": 1_000,
    "m": 10**6,
    "mn": 10**6,
    "mio": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "billion": 10**9,
}
_EN_WORDS = {w: i for i, w in enumerate("one two three four five six seven eight nine ten".split(), 1)}
_EN_WORD_MONEY = re.compile(rf"(?<![a-z])(?P<n>{'|'.join(_EN_WORDS)}|half a)\s+(?P<scale>million|billion)")


@dataclass(frozen=True, slots=True)
class MoneyMention:
    """A sum written in a text: yuan, and ``text[start:end]``, offsets into the text as given."""

    value: int
    start: int
    end: int


def money_in(text: str) -> list[MoneyMention]:
    """Every sum in a text, in order. Case, width and thousands separators do not matter."""
    plain = half_width(text).lower()
    # Lower case may change the length of a few letters; offsets have to fit the text as given.
    if len(plain) != len(text):
        plain = half_width(text)
    found = []
    for m in _PATTERN.finditer(plain):
        value = _value(m)
        if value is not None:
            found.append(MoneyMention(value, *m.span()))
    for m in _EN_WORD_MONEY.finditer(plain):
        figure = Decimal("0.5") if m["n"] == "half a" else Decimal(_EN_WORDS[m["n"]])
        found.append(MoneyMention(int(figure * _EN_SCALE[m["scale"]]), *m.span()))
    return sorted(found, key=lambda money: money.start)


def _value(m: re.Match[str]) -> int | None:
    if m["figure"]:
        return yuan(m["figure"], m["scale"])
    if m["han"]:
        return chinese_to_int(m["han"])
    for figure, scale in (("en", "en_scale"), ("post", "post_scale"), ("bare", "bare_scale")):
        if m[figure]:
            value = Decimal(m[figure].replace(",", "")) * _EN_SCALE[m[scale] or ""]
            return int(value) if value == value.to_integral_value() else None
    return yuan(m["plain"], "")
