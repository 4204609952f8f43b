"""Clause labels as people write them, and the clause each one means."""

from __future__ import annotations

import re

from corpus.models import Clause, Policy
from corpus.numerals import chinese_to_int, half_width

_CN = "一二三四五六七八九十百零〇"
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
_WORDS = {word: i for words in (_ORDINALS, _CARDINALS) for i, word in enumerate(words, 1)}
_NOUN = r"(?:measures?|clauses?|articles?|items?|provisions?|paragraphs?|points?|no\.?|number|#)"
_EN_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
# Measures 1 and 2; 第三、第五条: numbers that share one noun.
_SHARED = re.compile(
    rf"(?<![a-z]){_NOUN}\s*(?P<first>\d{{1,3}}|(?:{_EN_WORD})(?![a-z]))(?P<rest>(?:\s*(?:,|and|or|&|versus|vs\.?|to)+\s*(?:and\s*)?(?:\d{{1,3}}|(?:{_EN_WORD})(?![a-z]))(?![\d%]))+)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    rf"\(\s*(?P<bracket>[{_CN}]{{1,4}}|\d{{1,3}})\s*[.、]?\s*\)"
    rf"|(?<![{_CN}\d第几下上这那哪前后每])(?P<bare>[{_CN}]{{1,3}}|\d{{1,2}})\s*条(?=讲|说|写|规定|是(?:什么|啥|关于)|的?内容|[,:]\s*(?:简单|大概|说|讲|念|读|概括|大意|内容|谁|归|多少|上限|啥|什么))"
    rf"|第\s*(?P<nth>[{_CN}]{{1,4}}|\d{{1,3}})\s*(?:条|條|项|項|款|点|點|[个個]措施)"
    rf"|(?:序号|序號|编号|編號)\s*(?P<serial>\d{{1,3}}|[{_CN}]{{1,4}})(?![{_CN}\d])"
    rf"|(?:措施|条款|條款|条|條|项|項)\s*(?P<after>\d{{1,3}}|[{_CN}]{{1,4}})(?:(?![{_CN}\d\u4e00-\u9fff])|(?=的|讲|說|说|写|寫|规定|規定|内容|內容|呢|是|主要|大意|概|怎么|給|给|里|支持|归|跟|和))"
    rf"|(?<![a-z]){_NOUN}\s*\(?(?P<en>\d{{1,3}}|(?:{_EN_WORD})(?![a-z]))\)?(?![\d%])"
    rf"|(?<![a-z])the\s+(?P<ordinal>(?:{'|'.join(_ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th)))\s+(?:measure|clause|article|item|provision)",
    re.IGNORECASE,
)


def label_numbers(text: str) -> list[tuple[int, int, int]]:
    """Clause numbers mentioned in a text: (number, start, end), in order. ``(十五)``, ``第15条``, ``measure 15``."""
    found = []
    plain = half_width(text)
    for shared in _SHARED.finditer(plain):
        for match in re.finditer(rf"\d+|{_EN_WORD}", shared["rest"], re.IGNORECASE):
            number = _number(match.group())
            if number is not None:
                at = shared.start("rest")
                found.append((number, at + match.start(), at + match.end()))
    for match in _MENTION.finditer(plain):
        words = next(v for v in match.groupdict().values() if v is not None)
        number = _number(words)
        if number is not None:
            found.append((number, match.start(), match.end()))
    return sorted(found, key=lambda mention: mention[1])


def _number(words: str) -> int | None:
    words = words.lower()
    if words in _WORDS:
        return _WORDS[words]
    return chinese_to_int(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", words))


def english_number(words: str) -> int | None:
    """The value of ``three``, ``third``, ``3``, ``3rd`` or ``III``; None for anything else."""
    number = _number(words)
    if number is None and re.fullmatch(r"[ivx]+", words.lower()):
        values = [{"i": 1, "v": 5, "x": 10}[c] for c in words.lower()]
        number = sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    return number


def clause_by_label(policy: Policy, label: str) -> Clause | None:
    """The clause that a label typed by a person means, or None.

    Takes the source's own labels (``(十五)``, ``六、附则``, ``第十五条``), bare numbers in either script, and
    English forms; the whole id or path works too.
    """
    plain = _squeezed(label)
    if not plain:
        return None
    for clause in policy.clauses:
        if plain in (_squeezed(clause.label), _squeezed(clause.id), _squeezed(clause.path), _squeezed(clause.title)):
            return clause
    number = _number(plain)
    if number is None:
        # A label in both languages, Measure 15 (十五), mentions its number twice.
        mentioned = {n for n, _, _ in label_numbers(label)}
        number = mentioned.pop() if len(mentioned) == 1 else None
    if number is not None:
        return next((c for c in policy.clauses if c.number == number), None)
    unnumbered = [c for c in policy.clauses if c.number is None and len(plain) >= 2 and plain in _squeezed(c.label)]
    return unnumbered[0] if len(unnumbered) == 1 else None


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", half_width(text)).lower().strip("。.,，")
