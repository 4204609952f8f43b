"""Sums are read from lists, ranges and wrapped lines; what is no grant is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.models import Provision
from corpus.provisions import provisions_of


def granted(text: str) -> list[Provision]:
    return [p for p in provisions_of("p#1", text, 0, "标题") if p.amount]


def sums(text: str) -> list[tuple[str, int]]:
    return [(p.what, p.amount.value // 10_000) for p in granted(text) if p.amount]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("对人才发放奖励，其中博士5万元、硕士3万元、本科毕业生2万元。", [("博士", 5), ("硕士", 3), ("本科毕业生", 2)]),
        ("对引进的人才给予安家补贴，其中，博士每人5万元，硕士每人3万元。", [("博士", 5), ("硕士", 3)]),
        ("给予入户补贴，标准为：副高级以上人员5万元、硕士3万元。", [("副高级以上人员", 5), ("硕士", 3)]),
        ("对企业给予补贴，其中大型企业8万元。", [("大型企业", 8)]),
        ("对一等奖企业给予10万元、二等奖5万元的一次性奖励。", [("一等奖企业", 10), ("二等奖", 5)]),
    ],
)  # fmt: skip
def test_a_list_of_items_and_sums_grants_each_its_sum(text: str, wanted: list[tuple[str, int]]) -> None:
    assert sums(text) == wanted
    for provision in granted(text):
        assert text[provision.what_span.start : provision.what_span.end] == provision.what


@pytest.mark.parametrize(
    "text",
    [
        "项目总投资500万元，其中设备300万元、软件100万元。",
        "对项目给予支持，其中设备投资300万元、软件投入100万元。",
        "对年产值达到5000万元、1亿元的企业优先推荐。",
        "对投资额100万元以上的项目予以支持。",
    ],
)
def test_sums_that_are_conditions_are_not_granted(text: str) -> None:
    assert granted(text) == []


@given(low=st.integers(1, 998), more=st.integers(1, 998), sign=st.sampled_from("-—–~～至到－"))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize(
    "shape", ["{}{}{}万元", "{}万元{}{}万元", "{}万{}{}万元", "{}万元（含）{}{}万元", "{} 万元 {} {} 万元"]
)
def test_a_range_has_both_its_ends(shape: str, low: int, more: int, sign: str) -> None:
    written = shape.format(low, sign, low + more)
    (provision,) = granted(f"对企业给予一次性{written}补贴。")
    amount = provision.amount
    assert amount is not None
    assert (amount.value_min, amount.value) == (low * 10_000, (low + more) * 10_000)
    assert amount.text == written


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("30-50万", 300_000, 500_000),
        ("五十万元至一百万元", 500_000, 1_000_000),
        ("5000万元—1亿元", 50_000_000, 100_000_000),
        ("3000-5000元", 3_000, 5_000),
    ],
)
def test_ranges_in_other_words(written: str, low: int, high: int) -> None:
    (provision,) = granted(f"对企业给予{written}奖励。")
    assert provision.amount is not None
    assert (provision.amount.value_min, provision.amount.value, provision.amount.text) == (low, high, written)


def test_a_greater_number_before_a_sum_is_no_lower_end() -> None:
    (provision,) = granted("对企业给予2021-50万元补贴。")
    assert provision.amount is not None
    assert (provision.amount.value_min, provision.amount.text) == (None, "50万元")


def test_a_range_of_shares_is_quoted_whole() -> None:
    (provision,) = granted("对企业给予投资额50-80%的补贴，最高不超过30万元。")
    assert provision.ratio is not None
    assert "50-80%" in provision.ratio.text


def test_a_line_that_a_page_broke_goes_on() -> None:
    text = (
        "对符合条件的企业在本市开展的技术改造、设备更新和软件采购等项目，奖励金额最高不\n"
        "超过项目总投资的一定比例，同一年度累计不超过30 万\n元。\n单位名称\n另行通知。"
    )
    (provision,) = granted(text)
    assert provision.amount is not None
    assert provision.amount.qualifier.value == "不超过"
    assert provision.amount.text == "30 万\n元"
    assert provision.text.endswith("元。")
    assert provision.what == "符合条件的企业在本市开展的技术改造、设备更新和软件采购等项目"


def test_a_responsibility_note_before_a_sentence_is_no_part_of_what_is_granted() -> None:
    text = (
        "支持甲类项目。（责任单位：市发改委）对乙类企业给予8万元奖励。（责任单位：市商务局）对丙类企业给予9万元奖励。"
    )
    assert sums(text) == [("乙类企业", 8), ("丙类企业", 9)]
    assert all(not p.text.startswith("（责任") for p in provisions_of("p#1", text, 0, "标题"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("对新认定的国家级、省级馆，分别给予20万元、5万元奖励。", [("新认定的国家级馆", 20), ("新认定的省级馆", 5)]),
        ("对列入省级、国家级甲、乙的，分别奖励5万元、6万元。", [("列入省级甲、乙", 5), ("列入国家级甲、乙", 6)]),
        ("收入达到1000万元、1亿元的，分别奖励2万元、3万元。", [("收入达到1000万元", 2), ("收入达到1亿元", 3)]),
        ("对甲类企业奖励5万元，收入达到1亿元的，给予奖励6万元。", [("甲类企业", 5), ("收入达到1亿元", 6)]),
        ("对首次上规的企业给予奖励5万元。", [("首次上规的企业", 5)]),
        ("对甲类企业给予5万元奖励，对乙类企业予以6万元补助。", [("甲类企业", 5), ("乙类企业", 6)]),
        ("主导标准制定的，给予9万元奖励。", [("主导标准制定", 9)]),
        ("支持创新。每年安排7万元经费支持平台。", [("平台", 7)]),
        ("支持创新。每年安排7万元经费。", [("标题", 7)]),
        ("对使用平台服务的企业按服务费的3%给予补贴，最高7万元。", [("使用平台服务的企业", 7)]),
        ("对采购软件，采购额超过1万元的单位，按照采购额给予补助，最高7万元。",
         [("采购软件，采购额超过1万元的单位", 7)]),
        ("被评为示范馆的本区园区，给予每家7万元支持。", [("被评为示范馆的本区园区", 7)]),
        ("新认定的书店中心给予7万元补助。", [("新认定的书店中心", 7)]),
        ("在店工作满1年的青年，租房居住的，在职期间可领取每人每月7万元补贴。", [("在店工作满1年的青年，租房居住", 7)]),
        ("对甲馆给予6万元补助，新认定的乙书店中心给予7万元补助。", [("甲馆", 6), ("新认定的乙书店中心", 7)]),
        ("鼓励和支持书店上网。给予最高7万元支持。", [("书店上网", 7)]),
        ("（一）租房补贴。每年最高给予7万元。", [("租房补贴", 7)]),
        ("对书店，首次达到2000万元、1亿元的，分别奖励6万元、7万元。",
         [("书店，首次达到2000万元", 6), ("书店，首次达到1亿元", 7)]),
        ("对进入百强、五百强的书店，排名前10、11-50名的，分别给予7万元、6万元。",
         [("进入百强、五百强的书店，排名前10", 7), ("进入百强、五百强的书店，11-50名", 6)]),
        ("对获得图书金奖、银奖的书店，分别给予7万元、6万元奖励。",
         [("获得图书金奖的书店", 7), ("获得图书银奖的书店", 6)]),
        ("主导国际标准制定、修订的，分别给予7万元、6万元奖励。", [("主导国际标准制定", 7), ("主导国际标准修订", 6)]),
        ("对评为“好店”“新店”两个称号的企业分别给予7万元、6万元。",
         [("评为“好店”称号的企业", 7), ("评为“新店”称号的企业", 6)]),
        ("对获评国家、省示范店的企业分别奖励7万元、6万元。", [("获评国家示范店的企业", 7), ("获评省示范店的企业", 6)]),
        ("对评价为A、B两个等级的书店，分别奖励7万元、6万元。", [("评价为A等级的书店", 7), ("评价为B等级的书店", 6)]),
    ],
)  # fmt: skip
def test_each_sum_is_for_what_the_words_before_it_say(text: str, wanted: list[tuple[str, int]]) -> None:
    assert sums(text) == wanted


def test_what_a_sum_is_counted_for_is_no_verb() -> None:
    assert [p.per for p in granted("每年安排最高7万元经费支持平台。单个企业原则上最高8万元奖励。")] == [None, "企业"]
    assert [p.per for p in granted("对人才给予奖励，单人最高1万元，每家企业最高3万元。")] == ["人", "企业"]


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("对书店给予每家7万元补助。", "家"),
        ("对学徒给予每人每月3000元补助。", "人每月"),
        ("对书店按30元/平方米给予补助。", "平方米"),
        ("对书店按10万元/人给予奖励。", "人"),
        ("对书店给予奖励，同一书店最高7万元。", "书店"),
    ],
)
def test_what_a_sum_is_counted_for_stands_right_at_it(text: str, per: str) -> None:
    assert [p.per for p in granted(text)] == [per]


@pytest.mark.parametrize(
    ("text", "sums_granted"),
    [
        ("对投资超300万元的项目奖励20万元。", [20]),
        ("对收入超过1亿元的企业，奖励30万元。", [30]),
        ("对每月补助不足2万元的，按照3万元予以发放。", [3]),
    ],
)
def test_what_must_be_exceeded_is_not_granted(text: str, sums_granted: list[int]) -> None:
    assert [p.amount.value // 10_000 for p in granted(text) if p.amount] == sums_granted


def test_a_bound_in_two_syllables_is_one() -> None:
    (provision,) = granted("对书店给予不超50万元奖励。")
    assert provision.amount is not None
    assert provision.amount.qualifier.value == "不超过"


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("对增速均达10%以上的书店，按不超过新增面积（不含库房）费用的30%给予补助，最高7万元。",
         "按不超过新增面积(不含库房)费用的30%"),
        ("对使用平台的书店按服务费的3%给予补贴，最高7万元。", "按服务费的3%"),
        ("对销售增长20%以上的书店给予7万元补助。", None),
    ],
)  # fmt: skip
def test_a_share_that_must_be_reached_is_not_the_share_that_is_paid(text: str, ratio: str | None) -> None:
    (provision,) = granted(text)
    assert (provision.ratio.text.replace("（", "(").replace("）", ")") if provision.ratio else None) == ratio


def test_nothing_is_supported_where_the_words_are_part_of_a_name() -> None:
    found = provisions_of("p#1", "发挥引导作用，支持书店上网。本着鼓励创新的原则，引导书店联合。", 0, "标题")
    assert [p.what for p in found] == ["书店上网", "书店联合"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "本办法所称书店，是指面向公众售书的场所。"),
        ("", "本办法自2024年3月1日起施行，有效期2年。"),
        ("申报条件", "书店在本市登记注册。"),
        ("监督管理", "任何单位不得挪用奖励资金。"),
        ("", "获得补贴的书店弄虚作假的，追回资金。"),
    ],
)
def test_what_defines_dates_or_forbids_gives_no_provision(title: str, text: str) -> None:
    assert provisions_of("p#1", text, 0, title) == ()


def test_a_measure_in_plain_words_is_one() -> None:
    (provision,) = provisions_of("p#1", "搭建书店联盟，统一采购。", 0, "打造书店联盟")
    assert provision.what == "打造书店联盟"


LIST_OF_STANDARDS = """津贴按照下列标准发放：
（一）年满80周岁不满90周岁的，每人每月100元；
（二）年满90周岁的，每人每月320元。
护理补贴标准如下：
（一）特困人员，轻度、中度、重度失能的，分别为每人每月240元、480元、860元；
（二）其他家庭，按实际费用的80%补贴，每户最高4500元。
申请人月收入3000元。"""


def test_a_list_of_standards_grants_what_its_items_say() -> None:
    found = [(p.what, p.amount.value, p.per) for p in granted(LIST_OF_STANDARDS) if p.amount]
    assert found == [
        ("年满80周岁不满90周岁", 100, "人每月"),
        ("年满90周岁", 320, "人每月"),
        ("特困人员，轻度失能", 240, "人每月"),
        ("特困人员，中度失能", 480, "人每月"),
        ("特困人员，重度失能", 860, "人每月"),
        ("其他家庭", 4500, "户"),
    ]


def test_a_list_of_conditions_grants_nothing() -> None:
    assert granted("申请补贴应当符合下列条件：\n（一）投资，每户30万元；\n（二）面积，每户20元。") == []
