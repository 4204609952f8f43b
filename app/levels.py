"""Levels of honours, standards and programmes: whose they are. Every policy of this kind ranks by them, and a
question may name one that the clause leaves out."""

from __future__ import annotations

import re

# What a bare name of our own place stands before where it means the level and not the payer.
_HONOUR_ZH = r"(?=单项|专精|标准|地标|地方标准|小巨人|认定|称号|冠军|荣誉|牌子|评的|评定|示范|创新中心)"
_HONOUR_EN = r"(?=champion|title|standard|honou?r|award|recogni|label|specialised|specialized|local|badge|one\b)"
_LEVELS = {
    "international": re.compile(r"国际(?!化)|\biso\b|\biec\b|international|global standard|worldwide standard"),
    "national": re.compile(
        r"国家级|国家一级|国家(?!金融|制造业转型|科技奖)|全国|国标|国级"
        r"|(?<![a-z])(?:national(?:ly)?(?:[- ]level)?|natl|nat'l|state-level|state (?=title|award|honou?r|recogn|champion|level)|country-level|gb)(?![a-z])"
    ),
    "provincial": re.compile(
        r"省级|省一级|广东省|全省|省里|省(?=单项|专精|小巨人|标)|(?<![a-z])(?:provincial(?:ly)?(?:[- ]level)?|province(?:[- ]level)?)(?![a-z])"
    ),
    "municipal": re.compile(
        r"市级|市一级|市里评|全市|地标|市(?=单项|专精|级)|(?<![a-z])(?:municipal(?:[- ]level)?|city-level|municipal-level|city level)(?![a-z])"
        rf"|(?:深圳市?|本市|我市|市里)(?:自己|本地)?的?{_HONOUR_ZH}"
        r"|(?:深圳|市里|市)的(?=$|[呢嘞咧,，、?？]|和|跟|与|比)|(?:深圳|市里|本市|市)(?:那个|这个|认的|给的|评的)"
        rf"|(?<![a-z])(?:city|shenzhen|shenzen)(?:'s)?(?: own|-grade)? (?:single[- ])?{_HONOUR_EN}"
    ),
    "district": re.compile(r"区级|(?<![a-z])district(?:-level)?(?![a-z])"),
    "industry": re.compile(r"行业的?标准|行业(?:里|内)的?.{0,3}标准|行业的(?=$|[和跟、,，呢嘞咧啦?？])|行业级|行标|(?<![a-z])(?:one|an|each|an each) industry(?= and|,| one)|(?:industry|sector|sectoral)(?:-level|-wide)?(?: \(\w+\))?(?: \w+)?[- ](?:standard|figure|one)|standard for (?:an|the) (?:entire |whole )?(?:industry|sector)|(?:sector|industry)[- ]level"),
    "group": re.compile(r"团体标准|团标|团体的|(?:group|association)(?: \(\w+\))? (?:standard|one)"),
    "enterprise": re.compile(r"企业标准|企标|(?:enterprise|company|corporate|in-house) standard"),
}
# Our own place named by itself: the level only where no other is named (国家级的称号，深圳给多少 asks for the
# national ones, and Shenzhen pays).
_OWN_PLACE = re.compile(r"深圳|本市|我市|市里的|(?<![a-z])(?:city|shenzhen|shenzen|sz)(?![a-z])")
_PLACES = ("international", "national", "provincial", "municipal", "district")
# Words for a level that hold the noun it is of.
_NOUNS = {"industry": " 标准 standard ", "group": " 标准 standard ", "enterprise": " 标准 standard "}

LEVEL_NAMES = {
    "international": ("国际", "international"),
    "national": ("国家级", "national"),
    "provincial": ("省级", "provincial"),
    "municipal": ("市级", "municipal"),
    "district": ("区级", "district-level"),
    "industry": ("行业", "industry"),
    "group": ("团体", "group"),
    "enterprise": ("企业", "enterprise"),
}


def levels_in(text: str) -> frozenset[str]:
    """The levels a folded text names."""
    named = named_levels(text)
    return named or (frozenset({"municipal"}) if _OWN_PLACE.search(text) else named)


def named_levels(text: str) -> frozenset[str]:
    """The levels a folded text names by more than the name of our own place."""
    return frozenset(name for name, pattern in _LEVELS.items() if pattern.search(text))


def without_places(folded: str) -> str:
    """A folded text without the words that rank by place; a kind of standard stays what it is."""
    for name in _PLACES:
        folded = _LEVELS[name].sub(lambda m: " 标准 " if m.group().endswith("标") else " ", folded)
    return _OWN_PLACE.sub(" ", folded)


def without_levels(folded: str) -> str:
    """A folded text without any words for levels; the noun that a level was said of stays."""
    folded = without_places(folded)
    for name, noun in _NOUNS.items():
        folded = _LEVELS[name].sub(noun, folded)
    return folded
