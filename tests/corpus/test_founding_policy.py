"""The founding policy is read as it stands: counted by hand from the text, once, and held to that."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from corpus.models import Policy, Qualifier, Role

TITLES = [
    "支持下一代高性能新能源材料研发与应用",
    "支持围绕电子信息材料开展定向攻关",
    "支持建设芯片制造封装、新型显示、高端通讯器件等领域关键材料测试验证平台",
    "支持生物医用材料上下游企业组建创新联合体",
    "支持在先进金属材料领域建设高端研究机构",
    "支持高分子材料分子设计和规模化制备工艺研究",
    "营造前沿新材料技术概念验证生态系统",
    "推动材料科学和信息技术融合创新发展",
    "完善新材料领域创新载体体系建设",
    "建立新材料领域科技研发长效支持机制",
    "强化大科学装置集群对新材料产业支撑作用",
    "引进领先企业及团队优化产业链布局",
    "支持开展关键环节提升和智能化绿色化改造",
    "支持实施新材料中试及产业化项目",
    "加速首批重点新材料供应链导入进程",
    "培育新材料制造业单项冠军和“专精特新”企业",
    "支持专业新材料产业园区建设",
    "完善新材料产业公共服务平台体系建设",
    "推进建立统一的新材料检测和认证标准",
    "引导金融机构服务新材料产业",
]
NUMERALS = [
    "一",
    "二",
    "三",
    "四",
    "五",
    "六",
    "七",
    "八",
    "九",
    "十",
    "十一",
    "十二",
    "十三",
    "十四",
    "十五",
    "十六",
    "十七",
    "十八",
    "十九",
    "二十",
]
# Every sum of the text, clause by clause, in its order: 万元 and the words that bound it.
SUMS = {
    1: [(3000, "不超过")],
    2: [(3000, "不超过")],
    3: [(5000, "最高")],
    4: [(3000, "不超过")],
    6: [(3000, "不超过")],
    7: [(500, "最高"), (100, "最高不超过")],
    8: [(1000, "不超过")],
    9: [(5000, "最高")],
    12: [(5000, "最高不超过")],
    13: [(500, "最高")],
    14: [(1000, "最高不超过"), (1500, "最高不超过")],
    15: [(1000, "最高不超过")],
    16: [(300, ""), (200, ""), (200, ""), (100, ""), (50, "最高"), (10, "最高")],
    18: [(300, "最高不超过"), (1000, "最高")],
    19: [(100, "不超过"), (50, "不超过"), (30, "不超过"), (20, "不超过"), (10, "不超过")],
}


def test_the_source_is_the_page_as_it_was_captured(founding_folder: Path) -> None:
    content = (founding_folder / "source.txt").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "a115713e8636fda49fe492733ecc6d5b53e5fbebe528176492cd99c8c0d434c3"
    assert len(content.decode("utf-8")) == 5525


def test_twenty_clauses_in_order_with_their_titles(founding: Policy) -> None:
    assert [c.number for c in founding.numbered] == list(range(1, 21))
    assert [c.title for c in founding.numbered] == TITLES
    assert [c.label for c in founding.numbered] == [f"({n})" for n in NUMERALS]
    assert [c.id for c in founding.numbered] == [f"sz-new-materials-2023#{n}" for n in range(1, 21)]


def test_the_parts_around_the_clauses_have_their_places(founding: Policy) -> None:
    ids = [c.id.split("#")[1] for c in founding.clauses]
    assert ids == ["notice", "preamble", "scope", *map(str, range(1, 21)), "closing"]
    labels = {c.path: c.label for c in founding.clauses if c.number is None}
    assert labels == {"notice": "通知", "preamble": "前言", "scope": "一、重点支持领域", "closing": "六、附则"}
    by_path = {c.path: c for c in founding.clauses}
    assert by_path["notice"].text.startswith("深圳市工业和信息化局")
    assert by_path["notice"].text.endswith("2023年9月12日")
    assert by_path["preamble"].text.startswith("新材料是新一轮科技革命")
    assert by_path["preamble"].text.endswith("制定本措施。")
    assert by_path["closing"].text.endswith("有效期5年。")


def test_six_sections_hold_the_clauses(founding: Policy) -> None:
    assert [(s.label, s.title) for s in founding.sections] == [
        ("一、", "重点支持领域"),
        ("二、", "突破重点材料领域发展瓶颈"),
        ("三、", "打造材料科技创新发展高地"),
        ("四、", "推动新材料集群高质量发展"),
        ("五、", "完善材料产业配套服务体系"),
        ("六、", "附则"),
    ]
    assert [len(s.clause_ids) for s in founding.sections] == [1, 7, 4, 5, 4, 1]


def test_twenty_seven_sums_in_fifteen_clauses_each_with_its_bound(founding: Policy) -> None:
    found = {
        c.number: [(p.amount.value // 10_000, p.amount.qualifier.value) for p in c.provisions if p.amount]
        for c in founding.numbered
        if any(p.amount for p in c.provisions)
    }
    assert found == SUMS
    assert sum(map(len, found.values())) == 27
    assert len(found) == 15
    assert {c.label for c in founding.numbered if c.number not in found} == {
        "(五)",
        "(十)",
        "(十一)",
        "(十七)",
        "(二十)",
    }


def test_a_clause_without_a_sum_still_says_what_it_supports(founding: Policy) -> None:
    for clause in founding.numbered:
        assert clause.provisions
        for provision in clause.provisions:
            assert provision.what.strip()
            assert len(provision.what) > 4


def test_a_bound_is_a_bound_and_a_fixed_sum_is_not(founding: Policy) -> None:
    by_bound = Counter(
        p.amount.qualifier.is_bound for c in founding.numbered for p in c.provisions if p.amount is not None
    )
    assert by_bound == {True: 23, False: 4}
    assert not Qualifier.EXACT.is_bound


@pytest.mark.parametrize(
    ("number", "items"),
    [
        (
            16,
            [
                ("国家", "制造业单项冠军示范企业", 3_000_000, ""),
                ("国家", "制造业单项冠军产品", 2_000_000, ""),
                ("深圳市", "制造业单项冠军示范企业", 2_000_000, ""),
                ("深圳市", "制造业单项冠军产品", 1_000_000, ""),
                ("国家", "专精特新“小巨人”", 500_000, "最高"),
                ("深圳市", "专精特新中小企业", 100_000, "最高"),
            ],
        ),
        (
            19,
            [
                ("主导或参与", "国际标准", 1_000_000, "不超过"),
                ("主导或参与", "国家标准", 500_000, "不超过"),
                ("主导或参与", "行业标准", 300_000, "不超过"),
                ("主导或参与", "深圳地方标准", 200_000, "不超过"),
                ("主导或参与", "团体标准", 100_000, "不超过"),
            ],
        ),
    ],
)
def test_each_sum_of_a_list_has_its_own_recipient_and_bound(
    founding: Policy, number: int, items: list[tuple[str, str, int, str]]
) -> None:
    clause = next(c for c in founding.numbered if c.number == number)
    found = [p for p in clause.provisions if p.amount]
    assert len(found) == len(items)
    others = {name for _, name, _, _ in items}
    for provision, (level, name, value, bound) in zip(found, items, strict=True):
        assert provision.amount is not None
        assert (provision.amount.value, provision.amount.qualifier.value) == (value, bound)
        assert level in provision.what
        assert name in provision.what
        assert not [other for other in others - {name} if other in provision.what]


def test_departments_are_counted_with_what_the_lists_leave_out_restored(founding: Policy) -> None:
    counts: dict[str, Counter[str]] = {}
    for clause in founding.numbered:
        for department in clause.departments:
            counts.setdefault(department.name, Counter())[department.role.value] += 1
    for name, total, lead in (("市工业和信息化局", 18, 12), ("市发展改革委", 14, 2), ("市科技创新委", 13, 5)):
        assert counts[name].total() == total
        assert counts[name][Role.LEAD.value] == lead
    assert sum(count[Role.LEAD.value] for count in counts.values()) == 20
    assert not any("工业和信息化部" in name for name in counts)


def test_names_that_never_had_a_prefix_get_none(founding: Policy) -> None:
    names = {d.name for c in founding.numbered for d in c.departments}
    assert {
        "国家金融监管总局深圳监管局",
        "深圳证监局",
        "各区人民政府",
        "各区政府",
        "新区管委会",
        "深汕特别合作区管委会",
    } <= names
    assert {"市乡村振兴和协作交流局", "市规划和自然资源局", "市地方金融监管局", "市市场监管局"} <= names


def test_what_one_department_alone_is_responsible_for(founding: Policy) -> None:
    alone = [c.label for c in founding.numbered if [d.name for d in c.departments] == ["市发展改革委"]]
    assert alone == ["(十一)", "(十四)"]


def test_seven_shares_are_left_open_and_one_is_given(founding: Policy) -> None:
    ratios = {c.number: [p.ratio for p in c.provisions if p.ratio] for c in founding.numbered}
    with_open_share = [n for n, found in ratios.items() if any("一定比例" in r.text for r in found)]
    assert with_open_share == [3, 4, 6, 9, 13, 14, 15]
    assert all(r.is_open and r.percent is None for n in with_open_share for r in ratios[n] if "一定比例" in r.text)
    (given,) = [r for found in ratios.values() for r in found if "1:1" in r.text]
    assert not given.is_open
    assert "不超过" in given.text


def test_what_the_notice_says_of_itself(founding: Policy) -> None:
    assert founding.title == "深圳市关于推动新材料产业集群高质量发展的若干措施"
    assert founding.doc_no == "深工信规〔2023〕11号"
    assert founding.issuers == ("深圳市工业和信息化局", "深圳市发展和改革委员会", "深圳市科技创新委员会")
    assert (founding.published, founding.issued) == (date(2023, 9, 13), date(2023, 9, 12))
    validity = founding.validity
    assert (validity.effective_from, validity.effective_to) == (date(2023, 9, 13), date(2028, 9, 12))
    assert (validity.term_years, validity.derived) == (5, True)
    assert validity.span is not None
    assert founding.source_text[validity.span.start : validity.span.end] == "本措施自2023年9月13日起实施，有效期5年。"


@pytest.mark.parametrize(
    ("key", "part", "words"),
    [
        ("interpreter", "closing", "本措施由市工业和信息化局负责解释"),
        ("no_double_funding", "closing", "由企业自主选择申报，不重复资助"),
        ("implementation_rules", "closing", "实施细则或操作规程"),
        ("district_measures", "closing", "鼓励各区、各产业园区"),
        ("effective", "closing", "自2023年9月13日起实施"),
        ("approval", "notice", "经市政府同意"),
        ("doc_no", "notice", "深工信规〔2023〕11号"),
        ("issued", "notice", "2023年9月12日"),
        ("published", "notice", "2023-09-13"),
        ("basis", "preamble", "《深圳市人民政府关于发展壮大战略性新兴产业集群"),
        ("fields", "scope", "新能源材料、电子信息材料"),
    ],
)
def test_a_fact_rests_on_words_of_the_part_that_states_it(founding: Policy, key: str, part: str, words: str) -> None:
    fact = founding.facts[key]
    assert words in founding.source_text[fact.span.start : fact.span.end]
    assert fact.clause_id == f"sz-new-materials-2023#{part}"
    clause = founding.clause(fact.clause_id)
    assert clause.start <= fact.span.start < fact.span.end <= clause.end


def test_the_foot_of_the_page_gives_the_contact(founding: Policy) -> None:
    contact = founding.contact
    assert contact is not None
    assert contact.name == "深圳市工业和信息化局"
    assert contact.phone == "12345 0755-88102553"
    assert contact.hours == "9:00-12:00 14:00-18:00 (工作日)"
    assert contact.email == "xzc@gxj.sz.gov.cn"
    assert "福中三路市民中心" in (contact.address or "")
    shown = founding.source_text[contact.start : contact.end]
    assert contact.name in shown
    assert contact.phone in shown
    assert contact.start >= founding.clauses[-1].end


def test_what_was_left_out_is_listed_with_the_reason(founding: Policy, founding_folder: Path) -> None:
    raw = (founding_folder / "source.txt").read_text(encoding="utf-8")
    reasons: dict[str, list[str]] = {}
    for piece in founding.left_out:
        assert raw[piece.raw_start : piece.raw_end].strip() == piece.text
        reasons.setdefault(piece.reason, []).append(piece.text)
    assert reasons["menu"] == ["首页", "政务公开", "政务服务", "政民互动", "主题服务", "权责清单", "数据开放"]
    assert [text.startswith("| 首页") for text in reasons["breadcrumb"]] == [True]
    assert {text[:5] for text in reasons["footer"]} == {"相关稿件:", "网站标识码"}
    assert set(reasons["markup"]) <= {"##", "###", "####"}
    for text in ("政民互动", "网站标识码", "&gt;", "####"):
        assert text not in founding.source_text


def test_every_clause_has_a_reference_translation_with_its_figures_filled_in(founding: Policy) -> None:
    assert founding.translations.keys() == {c.id for c in founding.clauses}
    for clause in founding.numbered:
        text = founding.translations[clause.id].text
        assert "{" not in text
        for provision in clause.provisions:
            if provision.amount:
                assert f"({provision.amount.text})" in text
                assert founding.translations[clause.id].provisions.get(provision.id)
