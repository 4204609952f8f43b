"""A text becomes clauses whatever way it is numbered; every span is exact and nothing but an empty text is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.cleaner import clean
from corpus.departments import Directory
from corpus.errors import NoPolicyText
from corpus.library import POLICIES_FOLDER
from corpus.models import Policy, Span
from corpus.numerals import int_to_chinese
from corpus.parser import parse_policy

DIRECTORY = Directory.load()
SHREDS = (
    "（一）", "(二)", "（三十）", "一、", "二、", "十、", "第一条", "第二十条 ", "第三章", "1.", "2、", "10．", "★3.",
    "Article 1 ", "Chapter I", "I.", "(IV)", "附件1", "附件：", "目录", "附则", "总则", "支持研发",
    "关于印发《示例办法》的通知", "示例办法", "（责任单位：市科技局、财政局）", "责任单位：",
    "牵头单位：某局；配合单位：", "给予不超过", "最高", "最高不超过", "分别给予", "100万元", "1.5亿元", "０．５万元",
    "3000万、1亿元", "50-100万元", "一百万元", "万元", "30%", "１：１", "按一定比例", "、", "和", "，", "。", "；",
    "“", "”", "《", "》", "对获得国家、省级", "称号的", "本办法自", "2023年9月13日", "2023年2月30日", "起实施",
    "有效期", "5年", "九九九年", "有效期9999年", "有效期至2025年13月40日", "发布日期：", "2024-05-01",
    "深工信规〔2023〕11号", "经市政府同意", "由某局负责解释", "主办单位: 某局", "电话: 1", " ", "\t", "\u3000", "²",
    "٣", "Ⅳ", "㈠", "①", "\x00", "\ud800", "😀", "&quot;",
)  # fmt: skip
SHREDDED = st.lists(st.sampled_from(SHREDS) | st.just("\n"), max_size=50).map("".join)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)


def parse(text: str, policy_id: str = "p") -> Policy:
    return parse_policy(text, policy_id, DIRECTORY)


def is_exact(policy: Policy) -> None:
    """Every span of a policy gives the words it stands for, and no two clauses share a character."""
    source = policy.source_text

    def words(span: Span) -> str:
        assert 0 <= span.start <= span.end <= len(source)
        return source[span.start : span.end]

    at = 0
    for clause in policy.clauses:
        assert at <= clause.start < clause.end <= len(source)
        at = clause.end
        assert source[clause.start : clause.end] == clause.text
        assert clause.title.strip()
        assert clause.label
        assert clause.id == f"{policy.id}#{clause.path}"
        for span in (clause.title_span, clause.body_span):
            words(span)
            assert clause.start <= span.start <= span.end <= clause.end
        for department in clause.departments:
            assert clause.start <= department.span.start < department.span.end <= clause.end
            assert department.name.endswith(words(department.span)) or words(department.span) in department.name
        for number, provision in enumerate(clause.provisions, 1):
            assert provision.id == f"{clause.id}.{number}"
            assert provision.clause_id == clause.id
            assert words(provision.span) == provision.text
            assert clause.start <= provision.span.start < provision.span.end <= clause.end
            assert clause.start <= provision.what_span.start <= provision.what_span.end <= clause.end
            if provision.amount:
                assert words(provision.amount.span) == provision.amount.text
                assert (
                    provision.span.start
                    <= provision.amount.span.start
                    < provision.amount.span.end
                    <= provision.span.end
                )
                assert provision.amount.value >= (provision.amount.value_min or 0)
            if provision.ratio:
                assert words(provision.ratio.span) == provision.ratio.text
    assert len({c.id for c in policy.clauses}) == len(policy.clauses)
    ids = {c.id for c in policy.clauses}
    for section in policy.sections:
        assert source[section.start : section.end].strip()
        assert set(section.clause_ids) <= ids
    for fact in policy.facts.values():
        assert words(fact.span).strip()
        clause = policy.clause(fact.clause_id)
        assert clause.start <= fact.span.start < fact.span.end <= clause.end
    if policy.validity.span:
        assert words(policy.validity.span).strip()
    if policy.contact:
        assert words(Span(policy.contact.start, policy.contact.end)).strip()


def test_every_span_of_the_founding_policy_is_exact(founding: Policy) -> None:
    is_exact(founding)


def test_outside_the_clauses_stand_only_title_headings_and_contact(founding: Policy) -> None:
    outside, at = [], 0
    for start, end in [*((c.start, c.end) for c in founding.clauses), (len(founding.source_text),) * 2]:
        outside.append(founding.source_text[at:start].strip())
        at = end
    contact = founding.contact
    assert contact is not None
    # Sections without numbered clauses are clauses themselves.
    headings = [f"{s.label}{s.title}" for s in founding.sections if len(s.clause_ids) > 1]
    assert [text for text in outside if text] == [
        founding.title, *headings, founding.source_text[contact.start : contact.end]
    ]  # fmt: skip


@given(text=ANY_TEXT | SHREDDED)
@settings(max_examples=400, deadline=None)
@example(text="示例办法\n本办法自2023年9月13日起实施，有效期9999年。")
@example(text="示例办法\n本办法自2024年2月29日起实施，有效期3年。")
@example(text="示例办法\n本办法自9998年1月1日起实施，有效期5年。")
@example(text="第²条 甲\n第三条 乙")
@example(text="Article ٣ a\nArticle ٤ b")
@example(text="（一）甲给予" + "9" * 400 + "万元。\n（二）乙给予0万元。")
@example(text="（一）甲\n（一）甲\n（一）甲")
@example(text="一、\n二、\n三、")
@example(text="1.甲\n2.乙\n附件1\n1.丙\n2.丁")
def test_any_text_is_parsed_with_exact_spans_or_refused_as_empty(text: str) -> None:
    try:
        policy = parse(text)
    except NoPolicyText:
        assert not clean(text).text.strip()
    else:
        is_exact(policy)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_the_founding_page_with_anything_inserted_is_parsed_with_exact_spans(data: st.DataObject) -> None:
    raw = (POLICIES_FOLDER / "sz-new-materials-2023" / "source.txt").read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        raw = raw[:at] + data.draw(st.sampled_from(SHREDS) | st.text(max_size=6)) + raw[at:]
    is_exact(parse(raw, "sz-new-materials-2023"))


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "首页\n新闻\n服务\n", "\x00\x00"])
def test_a_text_with_nothing_in_it_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(NoPolicyText, match="scan"):
        parse(text)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\n\n\n"])
def test_line_ends_do_not_matter(founding: Policy, line_end: str) -> None:
    raw = (POLICIES_FOLDER / "sz-new-materials-2023" / "source.txt").read_text(encoding="utf-8")
    assert parse(raw.replace("\n", line_end), founding.id).source_text == founding.source_text


# -- ways of numbering ------------------------------------------------------------------------------------------


def numbers(policy: Policy) -> list[int | None]:
    return [c.number for c in policy.numbered]


ARTICLES = """示例市创业补贴办法

第一章 总则

第一条 为鼓励创业，制定本办法。

第二条 本办法适用于本市注册的企业。

第二章 补贴

第三条 对新注册的企业，给予5万元补贴。（责任单位：市商务局）

第四条 对租用场地的企业，按租金的50%给予最高不超过12万元补贴。（责任单位：市财政局、商务局）

第五条 本办法自2024年3月1日起施行，有效期2年。
"""


def test_articles_run_on_across_chapters() -> None:
    policy = parse(ARTICLES)
    is_exact(policy)
    assert [c.label for c in policy.numbered] == ["第一条", "第二条", "第三条", "第四条", "第五条"]
    assert policy.title == "示例市创业补贴办法"
    assert [s.title for s in policy.sections] == ["总则", "补贴"]
    amounts = {
        c.number: [(p.amount.value, p.amount.qualifier.value) for p in c.provisions if p.amount]
        for c in policy.numbered
    }
    assert amounts[3] == [(50_000, "")]
    assert amounts[4] == [(120_000, "最高不超过")]
    assert [(d.name, d.role.value) for d in policy.numbered[3].departments] == [
        ("市财政局", "lead"),
        ("市商务局", "joint"),
    ]
    assert policy.validity.effective_to == date(2026, 2, 28)


def test_flat_chinese_numbers_are_the_clauses() -> None:
    policy = parse(
        "示例县人才若干政策\n\n一、支持引进。对引进的博士，每人给予最高30万元安家补贴。\n\n"
        "二、支持培养。对企业开展的培训给予不超过8万元补助。\n\n三、支持住房。对租房的人才优先配租。\n"
    )
    is_exact(policy)
    assert numbers(policy) == [1, 2, 3]
    assert [c.title for c in policy.numbered] == ["支持引进", "支持培养", "支持住房"]
    assert [[p.amount.value if p.amount else None for p in c.provisions] for c in policy.numbered] == [
        [300_000],
        [80_000],
        [None],
    ]


def test_arabic_numbers_that_run_on_across_sections_are_the_clauses() -> None:
    policy = parse(
        "示例市数字经济若干措施\n\n一、夯实基础\n1.建设平台。对平台给予最高200万元奖励。\n2.开放数据。支持数据开放。\n"
        "二、壮大产业\n3.培育企业。对上市企业奖励500万元。\n4.引进人才。每人补贴2万元。\n"
    )
    is_exact(policy)
    assert numbers(policy) == [1, 2, 3, 4]
    assert [c.section for c in policy.numbered] == ["一、夯实基础"] * 2 + ["二、壮大产业"] * 2
    assert [p.amount.value for c in policy.numbered for p in c.provisions if p.amount] == [2_000_000, 5_000_000, 20_000]


def test_numbers_that_start_anew_in_every_section_get_a_path_of_their_own() -> None:
    policy = parse(
        "示例市试点通知\n\n一、申报\n（一）单位申请。按要求申请。\n（二）部门审核。及时审核。\n二、管理\n（一）过程检查。加强检查。\n（二）总结验收。组织验收。\n"
    )
    is_exact(policy)
    assert numbers(policy) == [1, 2, 1, 2]
    labels = [c.label for c in policy.numbered]
    assert len(set(labels)) == 4
    assert all(label.endswith(("(一)", "(二)")) for label in labels)


def test_a_missing_number_stays_missing() -> None:
    policy = parse("示例办法\n1. 支持甲。给予1万元。\n2. 支持乙。给予2万元。\n4. 支持丁。给予4万元。\n")
    assert numbers(policy) == [1, 2, 4]


def test_full_width_digits_and_brackets_are_read_and_labels_have_half_width_brackets() -> None:
    policy = parse("示例办法\n（一）支持甲。给予不超过１００万元。\n（ 二 ）支持乙。给予最高２．５万元。\n")
    assert [c.label for c in policy.numbered] == ["(一)", "(二)"]
    assert [p.amount.value for c in policy.numbered for p in c.provisions if p.amount] == [1_000_000, 25_000]


def test_a_table_of_contents_is_not_the_text() -> None:
    policy = parse(
        "示例条例\n目录\n第一章 总则\n第二章 附则\n"
        "第一章 总则\n第一条 为发展制定。\n第二章 附则\n第二条 自公布之日起施行。\n"
    )
    assert numbers(policy) == [1, 2]
    assert [s.title for s in policy.sections] == ["总则", "附则"]


def test_closing_words_without_a_label_leave_the_last_clause() -> None:
    policy = parse("示例措施\n一、支持甲。给予1万元。\n二、支持乙。给予2万元。\n本措施自发布之日起施行，有效期3年。\n")
    assert policy.clauses[-1].path == "closing"
    assert "有效期" not in policy.numbered[-1].text


def test_an_english_policy_is_read_by_its_articles() -> None:
    policy = parse("Sample Measures\n\nArticle 1 Purpose. To promote trade.\n\nArticle 2 Scope. These apply to all.\n")
    assert numbers(policy) == [1, 2]
    assert policy.numbered[0].label == "Article 1"


def test_a_text_without_any_numbering_is_one_citable_part() -> None:
    policy = parse("示例公告\n市民可以凭证件领取补贴，每人最高300元。\n")
    is_exact(policy)
    assert policy.numbered == ()
    assert any("领取补贴" in c.text for c in policy.clauses)


@given(count=st.integers(2, 60))
@settings(max_examples=15, deadline=None)
def test_as_many_clauses_as_are_written_are_found(count: int) -> None:
    text = "示例办法\n" + "\n".join(
        f"第{int_to_chinese(n)}条 支持事项甲{n}。对乙类项目给予最高{n}万元资助。" for n in range(1, count + 1)
    )
    policy = parse(text)
    is_exact(policy)
    assert numbers(policy) == list(range(1, count + 1))
    assert [p.amount.value for c in policy.numbered for p in c.provisions if p.amount] == [
        n * 10_000 for n in range(1, count + 1)
    ]


# -- validity ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "start", "end", "derived"),
    [
        ("本办法自2024年3月1日起施行，有效期2年。", date(2024, 3, 1), date(2026, 2, 28), True),
        ("本办法自2024年2月29日起施行，有效期三年。", date(2024, 2, 29), date(2027, 2, 28), True),
        ("本办法自2024年3月1日起实施，有效期至2026年12月31日。", date(2024, 3, 1), date(2026, 12, 31), False),
        ("本办法自2024年3月1日起实施。", date(2024, 3, 1), None, False),
        ("本办法由市财政局负责解释。", None, None, False),
    ],
)
def test_validity_is_as_stated_and_a_computed_end_is_marked(
    sentence: str, start: date | None, end: date | None, derived: bool
) -> None:
    validity = parse(f"示例办法\n第一条 为发展，制定本办法。\n第二条 {sentence}\n").validity
    assert (validity.effective_from, validity.effective_to, validity.derived) == (start, end, derived)


def test_a_heading_between_sections_and_clauses_is_no_part_of_the_clause_before_it() -> None:
    policy = parse(
        "示例措施\n一、重点任务\n（一）建设平台\n1.书店平台。搭建平台。\n2.图书平台。搭建平台。\n"
        "（二）优化服务\n3.服务窗口。设立窗口。\n4.服务热线。开通热线。\n"
    )
    assert [c.text.splitlines() for c in policy.numbered][1] == ["2.图书平台。搭建平台。"]
    assert numbers(policy) == [1, 2, 3, 4]


def test_where_one_number_comes_twice_all_are_told_by_their_section() -> None:
    policy = parse(
        "示例办法\n一、条件\n（一）注册登记。\n（二）守法经营。\n二、程序\n（一）提出申请。\n（二）审核。\n（三）发放。\n"
    )
    assert [c.path for c in policy.numbered] == ["1.1", "1.2", "2.1", "2.2", "2.3"]
    assert policy.numbered[-1].label == "二、(三)"


def test_a_list_inside_one_of_many_clauses_does_not_become_the_clauses() -> None:
    policy = parse(
        "示例问答\n一、怎样申请？带上证件。\n二、材料。\n（一）身份证。\n（二）营业执照。\n"
        "三、时限。五日。\n四、地点。窗口。\n五、电话。见公告。\n"
    )
    assert numbers(policy) == [1, 2, 3, 4, 5]


def test_sums_of_a_section_without_clauses_are_read() -> None:
    policy = parse(
        "示例办法\n一、对象\n（一）书店。\n（二）书市。\n二、标准\n对书店给予7万元奖励。\n三、程序\n（一）申请。\n（二）发放。\n"
    )
    (provision,) = policy.clause("p#s2").provisions
    assert provision.amount is not None
    assert provision.amount.value == 70_000


def test_what_is_attached_to_a_last_section_leaves_it() -> None:
    policy = parse(
        "示例局关于书店的通知\n各区：\n一、补贴。给予1万元。\n二、本通知自2024年3月4日起施行。\n"
        "附件：\n1．申请表\n2．标准\n示例市某局\n2024年3月4日\n"
    )
    assert policy.numbered[-1].text == "二、本通知自2024年3月4日起施行。"
    assert policy.clauses[-1].path == "imprint"
    assert policy.issued == date(2024, 3, 4)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("本办法自印发之日起30日后施行，有效期2年。", date(2024, 2, 29), date(2026, 2, 28)),
        ("本办法自印发之日起，有效期两年。", date(2024, 1, 30), date(2026, 1, 29)),
        ("本办法有效期自2024年3月1日至2026年12月31日。", date(2024, 3, 1), date(2026, 12, 31)),
        ("本办法自2024年3月1日起施行，至2026年12月31日止。", date(2024, 3, 1), date(2026, 12, 31)),
        ("本办法自2024年3月1日起施行，试行一年。", date(2024, 3, 1), date(2025, 2, 28)),
        ("自公布之日起5日内提出申请。", None, None),
    ],
)
def test_terms_are_read_from_many_wordings(words: str, start: date | None, end: date | None) -> None:
    policy = parse(
        f"示例市某局关于印发示例办法的通知\n各区：\n示例市某局\n2024年1月30日\n示例办法\n第一条 甲。\n第二条 {words}\n"
    )
    assert (policy.validity.effective_from, policy.validity.effective_to) == (start, end)


def test_a_regulation_says_who_passed_it_when() -> None:
    policy = parse(
        "示例市书店条例\n2022年8月30日 示例市人民代表大会常务委员会第十一次会议通过\n第一条 甲。\n第二条 乙。\n"
    )
    assert policy.issuers == ("示例市人民代表大会常务委员会",)
    assert policy.issued == date(2022, 8, 30)
    assert "第十一次会议通过" in policy.facts["approval"].value


def test_a_notice_of_its_own_is_issued_by_whom_its_title_names() -> None:
    policy = parse("示例市书店管理局关于征集书单的通知\n各区：\n一、申请。给予1万元。\n二、材料。书单。\n")
    assert policy.issuers == ("示例市书店管理局",)
