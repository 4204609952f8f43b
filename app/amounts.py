"""Sums of money in questions and answers, however they are written: 五十万, 3000万元, RMB 5 million, 500k yuan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from corpus.numerals import chinese_to_int, half_width, yuan

_CN_DIGIT = "一二两三四五六七八九十百千"
_PATTERN = re.compile(
    r"(?P<figure>\d[\d,]*(?:\.\d+)?)\s*个?(?P<scale>十万|百万|千万|[万亿])\s*(?P<unit>元|块|人民币|rmb)?"
    rf"|(?P<han>[{_CN_DIGIT}]*[{_CN_DIGIT}]万[{_CN_DIGIT}]*|[{_CN_DIGIT}]+个?亿)\s*(?P<han_unit>元|块|人民币|rmb)?"
    r"|(?:rmb|cny|¥|yuan)\s*(?P<en>\d[\d,]*(?:\.\d+)?)\s*(?P<en_scale>million|billion|thousand|mn|mio|m|k|bn)?(?![a-z\d])"
    r"|(?P<post>\d[\d,]*(?:\.\d+)?)\s*(?P<post_scale>million|billion|thousand|mn|mio|m|k|bn)?\s*(?:rmb|cny|yuan|renminbi)"
    r"|(?P<bare>\d[\d,]*(?:\.\d+)?)\s*(?P<bare_scale>million|billion|mn|mio)(?![a-z])"
    r"|(?P<plain>\d[\d,]*)\s*元"
)
# What is counted, where a number without a currency is followed by it: 1500万颗 is no sum, 1500万 is one. Measure
# words are a closed class; those that also begin a word that may follow a sum (家电, 项目, 人才) are told from it.
_COUNTED = re.compile(
    r"\s*[多余来几]?\s*(?:"
    r"[颗粒枚株棵艘辆架套吨亩瓦伏例座栋幢册页顷箱桶瓶袋盒罐匹户张篇]"
    r"|平方|平米|立方|公[里斤顷升]|[千毫厘微纳]米|[千毫]克|[千兆]瓦|[千毫]升|小时|分钟|人次|人[份日月年]"
    r"|人(?!民币|才|工|力|社)|台(?!阶|湾|账)|家(?!电|具|居|庭)|个(?!税|体|性)|名(?!称|义|单|额|录)|位(?!于|置)"
    r"|件(?!数)|次(?!年|月|日)|只(?!有|能|要|是|给|限|需|资|对|够|可|在)|条(?!件|款|例|文)|项(?!目|下)|片(?!区|面)"
    r"|头(?!部|雁)|根(?!据)|间(?!接|隔)|份(?!额)|字(?!号|段)|组(?!织|建|成|合|团)|支(?!持|付|撑|出|助|援|柱)"
    r"|部(?!分|门|委|署|级|省)|种(?!类|子|植|业)|批(?!准|复|次|文)|股(?!权|东|份)|票(?!据)|克(?!服)|升(?!级)|米(?!其)"
    r"|度(?=电|[^\u4e00-\u9fff]|$)|[㎡㎥]|(?:[kmg]?wh?|mah|k?m[23²³]?|k?g|t|m?l|pcs|[gt]b)(?![a-z]))"
)
_COUNTED_EN = re.compile(
    r"\s*(?:units|pieces|people|persons|residents|users|employees|workers|companies|firms|vehicles|cars|chips|tons|"
    r"tonnes|kilograms|kilometres|kilometers|metres|meters|hectares|square|cubic|hours|times|copies|shares|"
    r"kwh?|mwh?|gwh?|km|kg)(?![a-z])"
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
_EN_UNITS = {
    w: i
    for i, w in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split(),
        1,
    )
}
_EN_TENS = {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_EN_NUMBER = rf"(?:{'|'.join((*_EN_UNITS, *_EN_TENS, 'hundred', 'and', 'a', 'half a'))})"
# Of thousands only what names the currency: three thousand may be anything.
_EN_WORD_MONEY = re.compile(
    rf"(?<![a-z])(?P<n>(?!and){_EN_NUMBER}(?:[\s-]+{_EN_NUMBER})*)[\s-]+"
    r"(?P<scale>million|billion|thousand(?=\s*(?:rmb|cny|yuan|renminbi)))(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class MoneyMention:
    """A sum written in a text: yuan, and ``text[start:end]``, offsets into the text as given."""

    value: int
    start: int
    end: int


def money_in(text: str) -> list[MoneyMention]:
    """Every sum in a text, in order. Case, width and thousands separators do not matter.

    A number of ten thousands or millions without a currency counts as one unless something that is counted follows
    (``1500万颗``, ``5 million units``).
    """
    plain = half_width(text).lower()
    # Lower case may change the length of a few letters; offsets have to fit the text as given.
    if len(plain) != len(text):
        plain = half_width(text)
    found = []
    for m in _PATTERN.finditer(plain):
        value = _value(m)
        if value is not None and not _is_count(m, plain):
            # What may have followed a figure leaves the space before it.
            found.append(MoneyMention(value, m.start(), m.start() + len(m.group().rstrip())))
    for m in _EN_WORD_MONEY.finditer(plain):
        if _COUNTED_EN.match(plain, m.end()):
            continue
        figure = _spelled(m["n"])
        if figure is None:
            continue
        found.append(MoneyMention(int(figure * _EN_SCALE[m["scale"]]), *m.span()))
    return sorted(found, key=lambda money: money.start)


def _spelled(words: str) -> Decimal | None:
    """The number that English words spell, below a thousand; None where they spell none."""
    if words == "half a":
        return Decimal("0.5")
    total = 0
    for word in re.split(r"[\s-]+", words):
        if word == "hundred":
            total = (total or 1) * 100
        else:
            total += _EN_UNITS.get(word, 0) + _EN_TENS.get(word, 0)
    return Decimal(total or 1) if total or words == "a" else None


def _is_count(m: re.Match[str], text: str) -> bool:
    """Whether a number that names no currency counts something else than money."""
    if (m["figure"] and not m["unit"]) or (m["han"] and not m["han_unit"]):
        return _COUNTED.match(text, m.end()) is not None
    return m["bare"] is not None and _COUNTED_EN.match(text, m.end()) is not None


def _value(m: re.Match[str]) -> int | None:
    if m["figure"]:
        return yuan(m["figure"], m["scale"])
    if m["han"]:
        # 三个亿 is 三亿.
        return chinese_to_int(m["han"].replace("个", ""))
    for figure, scale in (("en", "en_scale"), ("post", "post_scale"), ("bare", "bare_scale")):
        if m[figure]:
            value = Decimal(m[figure].replace(",", "")) * _EN_SCALE[m[scale] or ""]
            return int(value) if value == value.to_integral_value() else None
    return yuan(m["plain"], "")
