"""Kinds of organisation in the words of a policy, and whom a provision says it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from corpus.models import Provision, Span


class Organisation(StrEnum):
    """Kinds that policies tell apart."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    INSTITUTE = "institute"
    TESTING = "testing"
    FINANCE = "finance"
    ASSOCIATION = "association"
    MEDICAL = "medical"
    DISTRICT = "district"


_WORDS: dict[Organisation, str] = {
    Organisation.TESTING: r"(?:检测|认证|检验)(?:检测|认证|检验)*机构",
    Organisation.FINANCE: r"金融机构|银行|保险机构|(?:投资|政策性|产业|引导)基金",
    Organisation.MEDICAL: r"医院|医疗机构",
    Organisation.INSTITUTE: r"科研院所|研究院|研究所|(?:研究|科研|研发)机构",
    Organisation.UNIVERSITY: r"高校|大学(?!科)|(?<!研究)院校|高等学校",
    Organisation.ASSOCIATION: r"行业组织|协会|学会|联盟|商会",
    Organisation.DISTRICT: r"各区(?:政府|人民政府)?|等区|区政府|园区(?:运营|管理|建设)(?:单位|机构|企业|方)",
    Organisation.ENTERPRISE: r"企业|公司|开发商|厂商",
}
# Words for any kind: 单位 always, 机构 and 团队 where they stand alone in a list.
_ANY_KIND = r"(?<!责任)单位|(?<=[、及和或])(?:机构|团队)|申报主体"
_MENTION = re.compile(
    "|".join(f"(?P<{kind.value}>{words})" for kind, words in _WORDS.items()) + f"|(?P<any_kind>{_ANY_KIND})"
)
# Whom something is offered to by another: 面向我市新材料企业提供…服务的平台 is not support for those enterprises.
_SERVED = re.compile(r"(?:面向|(?<!导)向|服务于?)[^，。；]*$")
_VERB = r"(?:支持|鼓励|引进|对于|对(?!接)|引导|推动)"
_ANY = "|".join([*_WORDS.values(), _ANY_KIND])
_MORE = rf"(?:[、和及与][^，。；、]{{0,14}}?(?:{_ANY}))*"
_OPEN_LIST = re.compile(rf"{_MORE}等(?!级|区)")
_LIST_GOES_ON = rf"{_MORE}(?:等(?:相关|有关)?(?:单位|机构|企业)|等[^，。；、]{{0,6}}(?:{_ANY}){_MORE}|等)?"
_NAMED = re.compile(rf"{_VERB}(?!聚焦|以)(?P<whom>(?:(?!{_VERB})[^，。；]){{0,60}}?(?:{_ANY}){_LIST_GOES_ON})")
_TOGETHER = re.compile(rf"(?P<whom>以[^，。；]{{0,8}}(?:{_ANY})为主体，联合[^，。；]{{0,8}}?(?:{_ANY}){_LIST_GOES_ON})")
_GIVEN = re.compile(rf"给予(?P<whom>(?:(?!给予)[^，。；\d])*?(?:{_ANY}))(?=支持|资助|奖励|补助|补贴)")
_WINNER = re.compile(r"对(?P<whom>获奖者|获奖单位|获评者)")
# What a provision is for and whom may be the same words: 获得国家…称号, 主导或参与…制定单位.
_RECIPIENT = re.compile(rf"^获|^[^，]*(?:单位|{_WORDS[Organisation.ENTERPRISE]})$")


@dataclass(frozen=True, slots=True)
class OrganisationMention:
    """A kind of organisation that a text names; ``kind`` None for a word that covers all. ``is_open`` when it
    stands in a list that ends in 等."""

    kind: Organisation | None
    span: Span
    is_open: bool


def organisations_in(text: str, offset: int = 0) -> list[OrganisationMention]:
    """The kinds that ``text`` names as those it is about, in order; spans are moved by ``offset``."""
    return [
        OrganisationMention(
            kind=None if m.lastgroup == "any_kind" else Organisation(str(m.lastgroup)),
            span=Span(offset + m.start(), offset + m.end()),
            is_open=_OPEN_LIST.match(text, m.end()) is not None,
        )
        for m in _MENTION.finditer(text)
        if not _SERVED.search(text, 0, m.start())
    ]


def whom(provision: Provision) -> str | None:
    """Whom a provision is for, in the words of its sentence; None where it names nobody."""
    if _RECIPIENT.search(provision.what):
        return provision.what
    for pattern in (_WINNER, _GIVEN, _TOGETHER, _NAMED):
        for found in pattern.finditer(provision.text):
            said = found["whom"]
            if any(not _SERVED.search(said, 0, m.start()) for m in _MENTION.finditer(said)):
                return str(said)
    return None
