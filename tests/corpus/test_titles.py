"""A title is told from a first sentence, and no sum is lost to a title."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.departments import Directory
from corpus.models import Policy
from corpus.numerals import int_to_chinese
from corpus.parser import parse_policy
from corpus.titles import title_in

DIRECTORY = Directory.load()


def parse(text: str) -> Policy:
    return parse_policy(text, "example", DIRECTORY)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("支持引进人才。对引进的博士给予安家补贴。", "支持引进人才"),
        ("【奖励新项目】对新项目给予最高20万元奖励。", "奖励新项目"),
        ("　【名称，两部分】本办法所称项目是指示例。", "名称，两部分"),
        ("适用范围：本市注册的企业。", "适用范围"),
        ("奖励条件", "奖励条件"),
        ("对接国际标准。支持参加制定。", "对接国际标准"),
        ("加强统筹，形成合力。各区参加。", "加强统筹，形成合力"),
        ("单个项目最高支持300万元。另外鼓励合作。", None),
        ("对入驻企业给予租金补贴。按季发放。", None),
        ("本办法所称企业，是指在本市注册的企业。另有规定的除外。", None),
        ("在本市就业的外地青年参照本办法执行。", None),
        ("本办法自2024年3月1日起施行，有效期2年。", None),
        ("为鼓励创业，制定本办法。适用于本市。", None),
        ("已经办理登记，并有需要的。", None),
        ("符合下列条件的企业：", None),
        ("", None),
    ],
)
def test_a_title_names_and_a_sentence_states(line: str, title: str | None) -> None:
    found = title_in(line, more=False)
    assert (line[found.start : found.end] if found else None) == title


def test_a_bare_line_is_a_title_and_the_text_follows() -> None:
    policy = parse("示例办法\n第一条　奖励条件\n　　企业已经注册。\n第二条　奖励标准\n　　一次性奖励8万元。\n")
    assert [c.title for c in policy.numbered] == ["奖励条件", "奖励标准"]
    assert [p.amount.value for c in policy.numbered for p in c.provisions if p.amount] == [80_000]


def test_a_title_in_lenticular_brackets_leaves_the_sentence_to_the_body() -> None:
    policy = parse(
        "示例十条\n第一条　【聚集人才】对领军人才，给予最高70万元的创业资助和最高90万元的投资奖励。\n"
        "第二条　【建设载体】对载体给予30万元补贴。\n"
    )
    first = policy.numbered[0]
    assert first.title == "聚集人才"
    span = first.title_span
    assert policy.source_text[span.start : span.end] == "聚集人才"
    assert policy.source_text[first.body_span.start :].startswith("对领军人才，")
    assert [p.amount.value for p in first.provisions if p.amount] == [700_000, 900_000]


def test_longer_first_sentences_are_titles_only_among_titles() -> None:
    longer = "鼓励企业和园区开展基础设施、设备和产品的适配改造"
    alone = parse(
        f"示例措施\n1. {longer}。对企业给予2万元。\n2. 企业应当申报。按时申报。\n3. 给予园区3万元。每年一次。\n"
    )
    among = parse(f"示例措施\n1. {longer}。对企业给予2万元。\n2. 申报程序。按时申报。\n3. 园区补贴。给予3万元。\n")
    assert alone.numbered[0].title == "1."
    assert among.numbered[0].title == longer


FIRST = ("支持企业上云", "对上云的企业", "鼓励平台发布计划，支持合作", "引进人才", "【奖励】对项目", "第三方服务")
GRANTS = ("给予最高{}资助", "奖励{}", "单个项目最高支持{}", "一次性给予{}补贴", "补助不超过{}")


@given(
    clauses=st.lists(
        st.tuples(st.sampled_from(FIRST), st.sampled_from("，。：、"), st.sampled_from(GRANTS), st.integers(1, 9999)),
        min_size=2,
        max_size=8,
    ),
    form=st.sampled_from(("第{}条　", "（{}）", "{}、")),
)
@settings(max_examples=200, deadline=None)
def test_no_sum_that_a_clause_grants_is_lost(clauses: list[tuple[str, str, str, int]], form: str) -> None:
    lines = [
        f"{form.format(int_to_chinese(n))}{first}{mark}{grant.format(f'{value}万元')}。\n"
        for n, (first, mark, grant, value) in enumerate(clauses, 1)
    ]
    policy = parse("示例办法\n" + "".join(lines))
    assert [[p.amount.value for p in c.provisions if p.amount] for c in policy.numbered] == [
        [value * 10_000] for *_, value in clauses
    ]
    assert all(p.what.strip() for c in policy.numbered for p in c.provisions)
