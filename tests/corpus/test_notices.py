"""The covering notice, the data of the publication and the preamble are told apart, and the capture's own words go."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.cleaner import clean
from corpus.departments import Directory
from corpus.errors import NoPolicyText
from corpus.models import Policy
from corpus.notice import is_notice_line, issued_title
from corpus.parser import parse_policy

DIRECTORY = Directory.load()
NOTICE = """示例市人民政府关于印发示例市创业补贴若干措施的通知
（示府〔2022〕7号）
各区人民政府，市有关部门：
　　《示例市创业补贴若干措施》已经市政府同意，现印发给你们，请认真组织实施。
示例市人民政府
2022年5月6日
"""
MEASURES = """　　为贯彻落实就业部署，结合实际，制定以下措施。
一、支持创业。对新注册的企业给予2万元补贴。
二、支持租房。对租用场地的企业给予不超过3万元补贴。
"""
HEADER = """      某某法宝【法宝引证码】 CLI.14.1
原文链接：https://www.example.com/lar/1.html
示例市人民政府关于印发示例市创业补贴若干措施的通知

"""


def parse(text: str) -> Policy:
    return parse_policy(text, "example", DIRECTORY)


def texts(policy: Policy) -> dict[str, str]:
    return {c.path: c.text for c in policy.clauses if c.number is None}


def is_read(policy: Policy) -> None:
    """Whatever stands around them, notice and preamble of the measures above are these."""
    lines = texts(policy)["notice"].splitlines()
    assert lines[0].endswith("的通知")
    assert lines[-1] == "2022年5月6日"
    assert texts(policy)["preamble"] == "为贯彻落实就业部署，结合实际，制定以下措施。"
    assert policy.title == "示例市创业补贴若干措施"
    assert policy.doc_no == "示府〔2022〕7号"
    assert policy.issued == date(2022, 5, 6)
    assert policy.issuers == ("示例市人民政府",)
    assert {policy.facts[key].clause_id for key in ("doc_no", "issued", "issuers", "approval")} == {"example#notice"}
    assert policy.facts["approval"].value == "经市政府同意"
    assert len(policy.numbered) == 2


@pytest.mark.parametrize("annex", ["", "　　附件\n", "附件：\n"])
@pytest.mark.parametrize("header", ["", HEADER])
def test_a_notice_with_the_measures_under_their_own_title(header: str, annex: str) -> None:
    policy = parse(header + NOTICE + annex + "　　示例市创业补贴若干措施\n" + MEASURES)
    is_read(policy)
    assert "法宝" not in policy.source_text
    assert "http" not in policy.source_text


def test_a_notice_with_the_measures_right_below_it() -> None:
    for header in ("", HEADER):
        quoted = (header + NOTICE).replace("印发示例市创业补贴若干措施的", "印发《示例市创业补贴若干措施》的")
        is_read(parse(quoted + MEASURES))


def test_a_page_of_a_site_with_its_heading_over_the_notice() -> None:
    page = (
        "html\n示例市创业补贴若干措施 - 示例市门户网站\n无障碍 长者助手 EN 登 录\n搜索热词： 创业 补贴\n首页Home\n"
        "您当前所在的位置：首页 > 政务公开 > 政策\n示例市创业补贴若干措施\n"
        "发表时间：2022-05-07 10:00:00 信息来源：示例市商务局 浏览量： -\nA+大 A+中 A+小\n点击查看政策解读：一图读懂\n"
    )
    policy = parse(page + NOTICE + MEASURES)
    assert policy.published == date(2022, 5, 7)
    assert texts(policy)["notice"].startswith("发表时间：")
    assert texts(policy)["notice"].endswith("2022年5月6日")
    assert texts(policy)["preamble"].startswith("为贯彻落实就业部署")
    assert policy.facts["published"].clause_id == "example#notice"
    assert policy.facts["title"].value == policy.title == "示例市创业补贴若干措施"
    left = {x.text for x in policy.left_out}
    assert {"html", "首页Home", "搜索热词： 创业 补贴", "A+大 A+中 A+小", "点击查看政策解读：一图读懂"} <= left


def test_data_of_the_publication_belong_to_the_notice() -> None:
    policy = parse(
        "关于印发《示例新区软件措施》的通知\n发布机构：经济发展局；文号：示新规字〔2024〕4号；生成日期：2024年7月31日。\n"
        "官方来源：https://www.example.com/a.html\n"
        "为落实战略（示府〔2020〕1号），特制定如下政策措施：\n"
        "一、能力\n1. 鼓励建设。给予1万元。\n2. 鼓励研发。给予2万元。\n三、附则\n本文件自2024年9月1日施行。\n"
    )
    assert texts(policy)["notice"].endswith("a.html")
    assert texts(policy)["preamble"] == "为落实战略（示府〔2020〕1号），特制定如下政策措施："
    assert (policy.doc_no, policy.issuers) == ("示新规字〔2024〕4号", ("经济发展局",))
    assert policy.published == date(2024, 7, 31)
    assert policy.validity.effective_from == date(2024, 9, 1)
    assert policy.facts["issuers"].clause_id == policy.facts["published"].clause_id == "example#notice"
    assert policy.facts["effective"].value == "本文件自2024年9月1日施行。"


def test_a_notice_that_only_names_what_is_attached_is_all_notice() -> None:
    policy = parse(HEADER + NOTICE + "附件：示例市创业补贴若干措施\n")
    assert [c.path for c in policy.clauses] == ["notice"]
    assert policy.issued == date(2022, 5, 6)


def test_a_notice_that_is_itself_the_measures_keeps_its_clauses_and_opening() -> None:
    policy = parse(
        "示例局关于加强住房保障的通知\n示建〔2024〕5号\n各区人民政府：\n为保障民生，现通知如下：\n"
        "一、补贴。给予1万元。\n二、施行。本通知自2024年3月4日起施行。\n"
    )
    assert texts(policy)["notice"] == "示例局关于加强住房保障的通知\n示建〔2024〕5号\n各区人民政府："
    assert texts(policy)["preamble"] == "为保障民生，现通知如下："


def test_a_table_of_contents_is_no_preamble() -> None:
    policy = parse("示例条例\n目录\n第一章 总则\n第一章 总则\n第一条 目的。为发展制定。\n第二条 范围。本市适用。\n")
    assert texts(policy) == {}


def test_a_term_within_which_something_is_granted_is_no_statement_of_effect() -> None:
    policy = parse(
        "示例十条\n第一条 【一】政策有效期内择优遴选3个，给予1万元。\n第二条 【二】自主研发并组织实施的给予2万元。\n"
    )
    assert "effective" not in policy.facts


@pytest.mark.parametrize(
    ("line", "is_notice"),
    [
        ("示府〔2022〕7号", True),
        ("（示府规[2022]第7号）", True),
        ("2022年5月6日", True),
        ("各区人民政府，市有关部门：", True),
        ("甲区各街道、镇，区府属各单位；乙区管委会直属各单位：", True),
        ("区属各单位：", True),
        ("文　　号： 示府〔2022〕7号", True),
        ("索引号：000000-2022-00001", True),
        ("现将《示例办法》印发给你们，请遵照执行。", True),
        ("各部门按职责落实下列事项：", False),
        ("为贯彻落实部署，制定以下措施。", False),
        ("依据《示例意见》（示府〔2020〕1号）精神，制定本措施。", False),
        ("来自各地的企业均可申报。", False),
    ],
)
def test_lines_that_only_a_notice_has(line: str, is_notice: bool) -> None:
    assert is_notice_line(line) == is_notice


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("关于印发《示例办法》的通知", ("示例办法", True)),
        ("示例局关于印发示例市若干措施的通知", ("示例市若干措施", False)),
        ("关于公开征求《示例条例（草案）》意见的通告", ("示例条例（草案）", True)),
        ("示例局关于加强管理的通知", None),
    ],
)
def test_what_a_notice_hands_out(line: str, title: tuple[str, bool] | None) -> None:
    assert issued_title(line) == title


def test_what_a_capture_adds_is_left_out_with_the_reason() -> None:
    cleaned = clean(HEADER + NOTICE + MEASURES)
    assert [(x.reason, x.text[:4]) for x in cleaned.left_out] == [
        ("capture", "某某法宝"), ("capture", "原文链接"), ("repeated", "示例市人")
    ]  # fmt: skip


def test_a_scan_of_nothing_but_page_marks_has_no_text() -> None:
    with pytest.raises(NoPolicyText):
        parse("===PAGE 1===\n\n===PAGE 2===\n")


CLAUSES = "示例办法\n第一条 范围。本市适用。\n第二条 本办法自2024年3月1日起施行，有效期2年。\n"


@pytest.mark.parametrize(
    "foot",
    [
        "公开方式：主动公开\n示例市某局办公室\n2024年2月9日印发",
        "（此件公开发布）",
        "抄送：各区人民政府。\n示例市人民政府办公室  2024年2月9日印发",
        "示例市某局\n示例市某某委员会\n2024年2月8日",
        "附件：申请表\n示例市某局\n2024年2月8日",
    ],
)
def test_what_stands_under_the_last_clause_is_none_of_it(foot: str) -> None:
    policy = parse(CLAUSES + foot + "\n")
    assert policy.numbered[-1].text == "第二条 本办法自2024年3月1日起施行，有效期2年。"
    assert texts(policy) == {"imprint": foot}
    assert policy.clauses[-1].label == "落款"


def test_a_signature_at_the_foot_says_who_issued_it_when() -> None:
    policy = parse(CLAUSES + "示例市某局\n2024年2月8日\n附件\n第一条 表格。填写。\n第二条 其他。附上。\n")
    assert policy.issued == date(2024, 2, 8)
    assert policy.facts["issued"].value == "2024年2月8日"
    assert policy.facts["issued"].clause_id == "example#imprint"
    assert policy.issuers == ("示例市某局",)


def test_items_without_a_stop_are_no_signatures() -> None:
    policy = parse(CLAUSES + "（一）申请表格\n（二）其他材料\n2024年2月8日\n")
    assert policy.numbered[-1].text.endswith("（二）其他材料")
