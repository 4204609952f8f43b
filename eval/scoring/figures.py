"""Sums of money in running text, Chinese and English, by value.

Written apart from the parser of policies and from the checks of answers: a judge must not share their mistakes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from corpus.numerals import chinese_to_int, half_width, yuan

# One character for one, so that offsets stay those of the text. A full-width comma separates (1:1，5000万元); made
# half-width with the rest it would group digits.
_MONEY_CHARACTERS = str.maketrans("萬億圓圆幣兩￥–—，", "万亿元元币两¥--；")
_SCALES = {
    **dict.fromkeys(("thousand", "k"), 1_000),
    "wan": 10_000,
    **dict.fromkeys(("million", "mn", "m"), 1_000_000),
    **dict.fromkeys(("billion", "bn"), 1_000_000_000),
}
_FIGURE = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
_SYMBOL = r"(?:RMB|CNY|人民币|US\$|USD|HK\$|HKD|EUR|[¥$€])"
_UNIT = r"(?:元人民币|人民币|美元|港元|港币|欧元|元(?![素化器])|块钱|yuan|RMB|CNY|renminbi)"
_CN_SCALE = r"(?:十万|百万|千万|万|亿)"
# A number before 万 or 亿 may count something else: 3万家, 1亿股.
_COUNTED = r"(?![人家个台套件吨次平亩户名项份股倍瓦度字种年天])"
# fmt: off
_NUMBER_WORDS = {
    "half": 0, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}
# fmt: on
_WORD = "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))
_YUAN = r"(?:yuan|RMB|CNY|renminbi)(?![a-z])"
_MONEY = re.compile(
    # 1亿5000万元 is one sum.
    rf"(?P<yi>\d+(?:\.\d+)?)\s*亿\s*零?\s*(?P<wan>\d+(?:\.\d+)?)\s*万\s*(?:{_UNIT})?"
    rf"|(?P<symbol>{_SYMBOL})?\s*(?P<figure>{_FIGURE})(?:"
    rf"\s*(?P<cn>{_CN_SCALE})\s*(?P<cnunit>{_UNIT})"
    rf"|\s*(?P<cnbare>{_CN_SCALE}){_COUNTED}"
    rf"|\s*(?P<plain>{_UNIT})(?![a-z])"
    rf"|[\s-]*(?P<en>million|billion|thousand|mn|bn|wan|m|k)(?![a-z])(?:\s*(?P<enunit>{_YUAN}))?"
    rf"|(?!\d))"
    rf"|(?P<han>[一二两三四五六七八九十][零〇一二两三四五六七八九十百千万亿]*)\s*(?P<hanunit>{_UNIT}|(?<=[万亿]){_COUNTED})"
    rf"|(?:{_SYMBOL}\s*)?(?<![a-z])(?P<words>(?:(?:{_WORD}|hundred)[\s-]+(?:and\s+)?)+)"
    rf"(?P<wordscale>thousand|million|billion)(?![a-z])(?:\s*{_YUAN})?",
    re.IGNORECASE,
)
_JOINT = r"\s*(?:、|和|及|或|至|到|/|-|~|,|to|and|or)\s*"
_FOREIGN = {
    **dict.fromkeys(("美元", "us$", "usd", "$"), "USD"),
    **dict.fromkeys(("港元", "港币", "hk$", "hkd"), "HKD"),
    **dict.fromkeys(("欧元", "eur", "€"), "EUR"),
}
# 5,525 may be a count; from here on a grouped figure in an answer about a policy is money.
_GROUPED_IS_MONEY = 10_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum of money written in a text: ``value`` in whole units of ``currency``, ``text[start:end]``."""

    value: int
    start: int
    end: int
    currency: str = "CNY"


def figures_in(text: str) -> list[Figure]:
    """The sums written in a text, in order, Chinese or English; a shared unit (``10-20万元``) counts for each.

    The value is parsed, so 5000万元 holds no 500万元. Dates, telephone numbers and clause labels are none.
    """
    plain = half_width(text.translate(_MONEY_CHARACTERS))
    found: list[Figure] = []
    for match in _MONEY.finditer(plain):
        figure = _figure(match)
        if figure is None:
            continue
        sharing = _sharing(plain, match, figure)
        if sharing:
            # RMB 3 to 5 million: what looked like RMB 3 is 3 million.
            found = [f for f in found if f.end <= sharing[0].start]
        found += [*sharing, figure]
    return found


def _figure(match: re.Match[str]) -> Figure | None:
    group = match.groupdict()
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    end = match.start() + len(match.group().rstrip())
    unit = group["cnunit"] or group["plain"] or group["hanunit"] or ""
    currency = _FOREIGN.get(unit.lower()) or _FOREIGN.get((group["symbol"] or "").lower(), "CNY")
    value: int | None = None
    if group["yi"]:
        value = (yuan(group["yi"], "亿") or 0) + (yuan(group["wan"], "万") or 0)
    elif group["figure"]:
        value = _digits(group, start)
    elif group["han"]:
        # 多元 and 一元 are words; a sum in numerals has at least a 十.
        value = chinese_to_int(group["han"]) if re.search("[十百千万亿]", group["han"]) else None
    elif group["words"]:
        value = _spelled(group["words"], group["wordscale"])
    return None if not value else Figure(value, start, end, currency)


def _digits(group: dict[str, str | None], start: int) -> int | None:
    figure = str(group["figure"])
    chinese = group["cn"] or group["cnbare"]
    if chinese:
        return yuan(figure, chinese)
    if group["plain"]:
        return yuan(figure, "")
    scale = (group["en"] or "").lower()
    plain_scale = scale in ("million", "billion", "mn", "bn")
    if scale:
        if not (group["symbol"] or group["enunit"] or plain_scale):
            return None
        return _scaled(figure, scale)
    value_plain = yuan(figure, "")
    if group["symbol"] or ("," in figure and value_plain is not None and value_plain >= _GROUPED_IS_MONEY):
        return value_plain
    return None


def _scaled(figure: str, scale: str) -> int | None:
    value = Decimal(figure.replace(",", "")) * _SCALES[scale]
    return int(value) if value == value.to_integral_value() else None


def _spelled(words: str, scale: str) -> int | None:
    total, words_found = 0, re.findall(r"[a-z]+", words.lower())
    if words_found[0] == "half":
        return _SCALES[scale.lower()] // 2
    for word in words_found:
        if word == "hundred":
            total = (total or 1) * 100
        elif word != "and":
            total += _NUMBER_WORDS.get(word, 0)
    return total * _SCALES[scale.lower()] or None


def _sharing(plain: str, match: re.Match[str], last: Figure) -> list[Figure]:
    """Figures before this one that take its scale: the 10 of 10-20万元, the 3 of RMB 3 to 5 million."""
    scale = match["cn"] or match["cnbare"] or (match["en"] or "").lower()
    if not match["figure"] or not scale:
        return []
    before = plain[: match.start("figure")]
    run = re.search(rf"(?<![\d.:])(?:{_FIGURE}{_JOINT})+$", before, re.IGNORECASE)
    if run is None:
        return []
    if match["en"] and not re.search(rf"{_SYMBOL}\s*$", before[: run.start()], re.IGNORECASE):
        return []  # measures 3 and 9 are no sums
    # ``1、50万元`` at the start of a line or after a stop is a numbered list.
    lead = before[: run.start()].rstrip(" ")
    if (not lead or lead[-1] in "\n;。:") and re.fullmatch(r"\d{1,2}\s*、\s*", run.group()):
        return []
    found = []
    for piece in re.finditer(_FIGURE, run.group()):
        value = yuan(piece.group(), scale) if scale not in _SCALES else _scaled(piece.group(), scale)
        if value:
            found.append(Figure(value, run.start() + piece.start(), run.start() + piece.end(), last.currency))
    return found
