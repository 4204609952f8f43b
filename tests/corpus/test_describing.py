"""The place and the subject of a policy, from its own text."""

from __future__ import annotations

import pytest

from corpus.departments import Directory
from corpus.describing import places_of, subjects_of
from corpus.glossary import Glossary, Term
from corpus.models import Policy
from corpus.parser import parse_policy

GLOSSARY = Glossary((Term("人工智能", ("artificial intelligence",), (), (), "field"),))


def titled(title: str) -> Policy:
    return parse_policy(f"{title}\n第一条 支持甲。\n第二条 支持乙。\n", "x", Directory.load())


@pytest.mark.parametrize(
    ("title", "places"),
    [
        ("示例市关于支持机器人产业发展的若干措施", ("示例市", "示例", "Shili")),
        ("示例省青石市临河区数字经济扶持办法", ("临河区", "临河", "青石市", "青石", "示例省", "示例", "Linhe")),
        ("2024年青石市首台套补贴办法", ("青石市", "青石", "Qingshi")),
        ("城市更新办法", ()),
        ("国家市场监督管理规定", ()),
    ],
)
def test_a_title_begins_with_the_place(title: str, places: tuple[str, ...]) -> None:
    assert places_of(titled(title)) == places


def test_the_issuer_says_the_place_before_the_title_does() -> None:
    notice = "关于印发《支持机器人产业办法》的通知\n各单位：\n现印发给你们。\n青石市商务局\n2024年1月2日\n"
    text = f"{notice}第一条 甲。\n第二条 乙。\n"
    assert places_of(parse_policy(text, "x", Directory.load()))[0] == "青石市"


@pytest.mark.parametrize(
    ("title", "subjects"),
    [
        ("示例市关于支持机器人产业发展的若干措施", ("机器人",)),
        ("青石县加快推进人工智能和无人机产业高质量发展的实施意见", ("人工智能", "无人机", "artificial intelligence")),
        ("示例市绿色建筑管理办法（试行）", ("绿色建筑",)),
        ("示例市人民政府关于进一步促进产业发展的意见", ()),
    ],
)
def test_a_title_names_the_subject(title: str, subjects: tuple[str, ...]) -> None:
    assert subjects_of(titled(title), GLOSSARY) == subjects
