"""Answers to what people ask of the founding policy, through the whole way: read, find, decide, compose, check."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from app.assistant import Assistant
from app.models import Answer, Status
from corpus.models import Policy

LABEL = re.compile(r"[（(]([一二三四五六七八九十]{1,3})[)）]")
QUOTED = re.compile(r"「[^」]*」|“[^”]*”|《[^》]*》")


def sums(answer: Answer) -> list[int]:
    """The sums the answer states, in its order."""
    return [fact.value for fact in answer.facts if fact.kind == "amount" and isinstance(fact.value, int)]


def cited(answer: Answer) -> set[str]:
    return {citation.label for citation in answer.citations}


def numbered(answer: Answer) -> set[str]:
    return {citation.label for citation in answer.citations if citation.number is not None}


def is_sound(answer: Answer, policy: Policy, language: str) -> None:
    """What the outside contract promises of every answer."""
    assert answer.answer.strip()
    assert answer.language == language
    assert answer.mode == "extractive"
    assert answer.checks.passed, answer.checks.failed
    assert {f"({label})" for label in LABEL.findall(answer.answer)} == numbered(answer)
    spans = [(c.start, c.end) for c in answer.citations]
    assert len(spans) == len(set(spans)), "one citation per span"
    by_label: dict[str, str] = {}
    for citation in answer.citations:
        clause = policy.clause(citation.id)
        assert citation.policy == policy.id
        assert (citation.label, citation.number) == (clause.label, clause.number)
        assert citation.quote == policy.source_text[citation.start : citation.end]
        assert clause.start <= citation.start < citation.end <= clause.end
        by_label[citation.label] = by_label.get(citation.label, "") + citation.quote
    for fact in answer.facts:
        if fact.kind == "amount":
            assert fact.text in by_label[fact.clause]
    for note in answer.notes:
        assert note.text.strip()
        assert policy.source_text[note.start : note.end].strip()
        assert any(c.label == note.label and c.start <= note.start < note.end <= c.end for c in policy.clauses)
    assert not {s.label for s in answer.see_also} & cited(answer)
    if answer.status in (Status.OUT_OF_SCOPE, Status.SMALLTALK, Status.ERROR):
        assert answer.citations == ()
        assert answer.facts == ()
        assert answer.notes == ()
    assert set(answer.timings_ms) == {"total", "understand", "retrieve", "compose"}
    if language == "en":
        # Names that are never translated: labels and originals in brackets, quotations, the document's number.
        plain = QUOTED.sub("", re.sub(r"[(（][^()（）]*[)）]", "", answer.answer)).replace(policy.doc_no or "", "")
        assert not re.search(r"[\u4e00-\u9fff]", plain), f"Chinese outside brackets and quotation marks: {plain}"


# -- the questions the product is there for, in Chinese and in English ---------------------------------------------


@pytest.mark.parametrize(
    ("question", "language", "words"),
    [
        ("参与制定国家标准能拿多少钱？", "zh", ["不超过50万元", "(十九)"]),
        (
            "How much do we get for taking part in writing a national standard?",
            "en",
            ["up to RMB 500,000 (50万元)", "Measure 19 (十九)"],
        ),
        ("參與制定國家標準能拿多少錢？", "zh-Hant", ["不超過50萬元", "(十九)"]),
    ],
)
def test_a_national_standard_earns_half_a_million(
    assistant: Assistant, founding: Policy, question: str, language: str, words: list[str]
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.ANSWERED
    assert sums(answer) == [500_000]
    assert cited(answer) == {"(十九)"}
    for word in words:
        assert word.lower() in answer.answer.lower()
    (amount,) = [f for f in answer.facts if f.kind == "amount"]
    assert (amount.text, amount.qualifier, amount.currency) == ("50万元", "不超过", "CNY")


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("主导制定国际标准给多少资助？", 1_000_000),
        ("行业标准呢，能拿多少？", 300_000),
        ("制定深圳地方标准资助多少", 200_000),
        ("团体标准的资助金额是多少？", 100_000),
        ("How much for leading an international standard?", 1_000_000),
        ("What is the grant for an industry standard?", 300_000),
        ("How much for a Shenzhen local standard?", 200_000),
        ("What do we get for a group standard?", 100_000),
        ("深圳市制造业单项冠军产品奖励多少？", 1_000_000),
        ("国家专精特新小巨人奖励多少？", 500_000),
        ("深圳市专精特新中小企业认定后给多少？", 100_000),
        ("How much is the reward for a national Little Giant?", 500_000),
    ],
)
def test_one_item_of_a_list_gets_its_own_figure_and_no_other(
    assistant: Assistant, founding: Policy, question: str, value: int
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, "zh" if re.search("[\u4e00-\u9fff]", question) else "en")
    assert answer.status is Status.ANSWERED
    assert sums(answer) == [value]
    assert len(numbered(answer)) == 1


@pytest.mark.parametrize(
    ("question", "language", "level", "denial"),
    [
        ("国家级和省级的制造业单项冠军分别奖励多少？", "zh", "省级", "没有|未"),
        (
            "What is the reward for a provincial-level versus a national manufacturing single champion?",
            "en",
            "provincial",
            "not|no ",
        ),
    ],
)
def test_a_provincial_single_champion_is_not_in_the_text_and_a_national_one_is(
    assistant: Assistant, founding: Policy, question: str, language: str, level: str, denial: str
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.PARTIAL
    national = [f for f in answer.facts if f.kind == "amount" and re.search("国家|national", str(f.applies_to))]
    assert [f.value for f in national] == [3_000_000, 2_000_000]
    # The city's own single champions may be told of, the other honours of the clause were not asked for.
    assert set(sums(answer)) <= {3_000_000, 2_000_000, 1_000_000}
    assert numbered(answer) == {"(十六)"}
    assert any(level in line and re.search(denial, line) for line in re.split(r"[。\n]|\. ", answer.answer))


@pytest.mark.parametrize(
    ("question", "level"),
    [
        ("省级制造业单项冠军奖励多少？", "省级"),
        ("区级单项冠军能拿多少钱？", "区级"),
        ("How much does a provincial single champion get?", "provincial"),
    ],
)
def test_a_level_that_the_clause_does_not_name_is_said_not_to_be_there(
    assistant: Assistant, founding: Policy, question: str, level: str
) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_SPECIFIED
    assert numbered(answer) == {"(十六)"}
    assert any(level in line and re.search("没有|未|not|no ", line) for line in answer.answer.lower().split("\n"))
    assert not [f for f in answer.facts if level in str(f.applies_to)]
    assert "分别给予300万元和200万元奖励" in "".join(c.quote for c in answer.citations)


@pytest.mark.parametrize(
    ("question", "language", "extras"),
    [
        ("资助上限最高的是哪些措施？", "zh", {"(九)": "1:1", "(十二)": "一企一策"}),
        ("哪一条的资助金额最高？", "zh", {"(九)": "1:1", "(十二)": "一企一策"}),
        ("哪一条给的钱最多？", "zh", {"(九)": "1:1", "(十二)": "一企一策"}),
        (
            "Which measures have the highest funding cap of all?",
            "en",
            {"(九)": "1:1", "(十二)": "one enterprise, one policy"},
        ),
        ("What is the largest grant in the policy?", "en", {"(九)": "1:1", "(十二)": "one enterprise, one policy"}),
    ],
)
def test_the_highest_cap_is_a_tie_of_three_and_two_of_them_add_something(
    assistant: Assistant, founding: Policy, question: str, language: str, extras: dict[str, str]
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.ANSWERED
    assert cited(answer) == {"(三)", "(九)", "(十二)"}
    assert sums(answer) == [50_000_000] * 3
    assert [f.clause for f in answer.facts if f.kind == "amount"] == ["(三)", "(九)", "(十二)"]
    assert "3" in answer.answer or "三条" in answer.answer
    quotes = {label: "".join(c.quote for c in answer.citations if c.label == label) for label in cited(answer)}
    for label, extra in extras.items():
        paragraph = answer.answer[answer.answer.index(label) :]
        assert extra in paragraph
    assert "1:1" in quotes["(九)"]
    assert "一企一策" in quotes["(十二)"]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("哪些措施由发展改革委单独负责？", "zh"),
        ("只由发改委负责的有哪几条？", "zh"),
        ("Which measures is the Development and Reform Commission alone responsible for?", "en"),
    ],
)
def test_what_one_department_alone_is_responsible_for(
    assistant: Assistant, founding: Policy, question: str, language: str
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.ANSWERED
    assert cited(answer) == {"(十一)", "(十四)"}


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("工业和信息化局负责哪些措施？", 18),
        ("发展改革委参与哪些措施？", 14),
        ("科技创新委负责的有哪些条款？", 13),
        ("Which measures involve the Development and Reform Commission?", 14),
    ],
)
def test_the_list_of_a_department_is_complete(
    assistant: Assistant, founding: Policy, question: str, count: int
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, answer.language)
    assert len(numbered(answer)) == count


@pytest.mark.parametrize(
    ("question", "language", "words"),
    [
        (
            "这个政策现在还有效吗？有效期到什么时候？",
            "zh",
            ["目前有效", "2028年9月12日", "自2023年9月13日起实施，有效期5年", "推算"],
        ),
        ("這個政策有效期到什麼時候？", "zh-Hant", ["2028年9月12日", "推算"]),
        ("Is the policy still in force, and until when?", "en", ["in force", "12 September 2028", "computed"]),
    ],
)
def test_the_policy_is_in_force_until_a_day_that_is_marked_as_computed(
    assistant: Assistant, founding: Policy, question: str, language: str, words: list[str]
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.ANSWERED
    assert cited(answer) == {"六、附则"}
    for word in words:
        assert word in answer.answer
    assert "不再有效" not in answer.answer
    assert "expired" not in answer.answer


@pytest.mark.parametrize(
    ("question", "language", "word"),
    [
        ("可以和深圳其他优惠政策同时申请吗？", "zh", "不重复资助"),
        ("能不能跟市里别的扶持政策叠加享受？", "zh", "不重复资助"),
        ("Can this be combined with other city policies?", "en", "no double funding"),
    ],
)
def test_it_cannot_be_combined_with_other_policies_of_the_city(
    assistant: Assistant, founding: Policy, question: str, language: str, word: str
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.ANSWERED
    assert cited(answer) == {"六、附则"}
    assert word in answer.answer.lower()


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("测试验证平台的资助比例具体是百分之几？", "zh"),
        ("What exact percentage does the test platform grant cover?", "en"),
        ("What is the exact percentage of the testing and verification platform grant?", "en"),
    ],
)
def test_a_percentage_the_text_leaves_open_is_said_to_be_open(
    assistant: Assistant, founding: Policy, question: str, language: str
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.NOT_SPECIFIED
    assert numbered(answer) == {"(三)"}
    clause = next(c for c in founding.numbered if c.label == "(三)")
    # Contract: what was read is quoted whole.
    assert clause.text in [c.quote for c in answer.citations]
    assert not re.search(r"\d+\s*[%％]", answer.answer)
    assert re.search("Industry and Information Technology Bureau|工业和信息化局", answer.answer)


@pytest.mark.parametrize(
    ("question", "language", "place"),
    [
        ("上海的新材料政策怎么规定？", "zh", "上海"),
        ("上海也有同样的政策吗？", "zh", "上海"),
        ("What does the same policy say in Shanghai?", "en", "Shanghai"),
        ("广州的国家标准资助是多少？", "zh", "广州"),
    ],
)
def test_the_same_policy_elsewhere_is_out_of_scope_and_cites_nothing(
    assistant: Assistant, founding: Policy, question: str, language: str, place: str
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, language)
    assert answer.status is Status.OUT_OF_SCOPE
    assert place in answer.answer
    assert answer.contact is None


def test_a_shanghai_company_asks_about_this_policy(assistant: Assistant) -> None:
    answer = assistant.ask("我们是上海的企业，参与制定国家标准能拿多少钱？")
    assert answer.status is Status.ANSWERED
    assert sums(answer) == [500_000]


@pytest.mark.parametrize("question", ["今天天气怎么样？", "Who won the football match?", "帮我写一首诗"])
def test_what_has_nothing_to_do_with_the_policy_is_out_of_scope(
    assistant: Assistant, founding: Policy, question: str
) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, answer.language)
    assert answer.status is Status.OUT_OF_SCOPE


@pytest.mark.parametrize("question", ["你好", "您好！", "谢谢", "Hello", "Thanks a lot!"])
def test_small_talk_is_small_talk(assistant: Assistant, founding: Policy, question: str) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, answer.language)
    assert answer.status is Status.SMALLTALK


# -- the day on which it is asked -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "zh", "en"),
    [
        (date(2023, 9, 12), "尚未|还没有?|未生效|未实施", "not yet"),
        (date(2023, 9, 13), "目前有效", "is in force"),
        (date(2028, 9, 12), "目前有效", "is in force"),
        (date(2028, 9, 13), "已(?:经)?(?:过|失|到)|不再有效|届满", "expired|no longer|ended"),
    ],
)
def test_whether_it_is_in_force_depends_on_the_day(
    assistant_on: Callable[[date], Assistant], founding: Policy, today: date, zh: str, en: str
) -> None:
    assistant = assistant_on(today)
    for question, words in (("这个政策现在还有效吗？", zh), ("Is the policy in force now?", en)):
        answer = assistant.ask(question)
        is_sound(answer, founding, answer.language)
        assert re.search(words, answer.answer), answer.answer
        assert cited(answer) == {"六、附则"}


def test_after_the_last_day_every_answer_about_money_says_that_the_policy_has_expired(
    assistant_on: Callable[[date], Assistant],
) -> None:
    question = "参与制定国家标准能拿多少钱？"
    on_the_last_day = assistant_on(date(2028, 9, 12)).ask(question)
    after = assistant_on(date(2028, 9, 12) + timedelta(days=1)).ask(question)
    said = {n.kind: n.text for n in after.notes}
    assert re.search("已(?:经)?(?:过|失|到)|不再有效|届满", said["validity"])
    assert said != {n.kind: n.text for n in on_the_last_day.notes}
    assert sums(after) == [500_000]


# -- standing notes and the contact -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["参与制定国家标准能拿多少钱？", "How much for a national standard?", "最高的资助是多少？"]
)
def test_an_answer_about_money_carries_validity_and_no_double_funding(
    assistant: Assistant, founding: Policy, question: str
) -> None:
    answer = assistant.ask(question)
    notes = {note.kind: note for note in answer.notes}
    assert notes.keys() >= {"validity", "no_double_funding"}
    assert notes["validity"].derived
    assert "2028" in notes["validity"].text
    assert not notes["no_double_funding"].derived
    assert "不重复资助" in founding.source_text[notes["no_double_funding"].start : notes["no_double_funding"].end]
    assert ("chinese_prevails" in notes) == (answer.language == "en")


@pytest.mark.parametrize(
    "question",
    [
        "咨询电话是多少？",
        "工信局的电话是多少？",
        "What is the phone number of the Industry and Information Technology Bureau?",
    ],
)
def test_the_host_bureau_is_given_with_its_telephone(assistant: Assistant, founding: Policy, question: str) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, answer.language)
    assert answer.contact is not None
    assert "0755-88102553" in (answer.contact.phone or "")
    assert "0755-88102553" in founding.source_text[answer.contact.start : answer.contact.end]
    assert "0755-88102553" in answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "发展改革委的电话是多少？",
        "科技创新委怎么联系？",
        "市市场监管局的咨询电话？",
        "What is the phone number of the Development and Reform Commission?",
    ],
)
def test_no_other_department_is_given_the_host_bureaus_telephone_as_its_own(
    assistant: Assistant, founding: Policy, question: str
) -> None:
    answer = assistant.ask(question)
    assert answer.status in (Status.NOT_SPECIFIED, Status.PARTIAL)
    assert answer.contact is None
    assert "88102553" not in answer.answer


# -- languages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "參與制定國家標準能拿多少錢？",
        "首批次新材料產品由哪個部門負責？",
        "資助上限最高的是哪些措施？",
        "測試驗證平台的資助比例具體是多少？",
        "可以和其他優惠政策同時申請嗎？",
        "省級單項冠軍獎勵多少？",
        "廣州的政策呢？",
        "謝謝",
    ],
)
def test_a_traditional_question_gets_a_traditional_answer_whose_labels_stay_as_they_are(
    assistant: Assistant, founding: Policy, question: str
) -> None:
    from opencc import OpenCC

    answer = assistant.ask(question)
    is_sound(answer, founding, "zh-Hant")
    own = answer.answer
    for label in ("六、附则", "一、重点支持领域"):
        own = own.replace(label, "")
    own = QUOTED.sub("", own)
    traditional, simplified = OpenCC("s2t"), OpenCC("t2s")
    # A character that only the simplified script has is one that conversion changes and that it never produces.
    left = {c for c in own if traditional.convert(c) != c and simplified.convert(traditional.convert(c)) == c}
    assert not left - set("台只里后准范于余系采布志游占升注周咨"), f"{left} in {own}"
    for citation in answer.citations:
        assert citation.label in {c.label for c in founding.clauses}
        assert citation.quote in founding.source_text


@pytest.mark.parametrize(("language", "words"), [("zh", "万元"), ("zh-Hant", "萬元"), ("en", "RMB 500,000 (50万元)")])
@pytest.mark.parametrize("question", ["参与制定国家标准能拿多少钱？", "How much for a national standard?"])
def test_the_language_asked_for_is_the_language_of_the_answer(
    assistant: Assistant, founding: Policy, question: str, language: str, words: str
) -> None:
    answer = assistant.ask(question, language=language)
    is_sound(answer, founding, language)
    assert words in answer.answer
    assert sums(answer) == [500_000]
    assert "对主导或参与国际标准" in answer.citations[0].quote


# -- a wide sweep of form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "固态电解质项目最高资助多少？",
        "第十五条讲什么？",
        "（十六）的责任单位是谁？",
        "里程碑式资助适用于什么？",
        "没有写明金额的有哪些条？",
        "一共有多少条措施？",
        "哪些措施的资助上限是5000万元？",
        "资助超过3000万元的措施有哪些？",
        "概念验证中心能拿多少，获奖有多少奖励？",
        "中试项目和产业化项目的上限差多少？",
        "首版次软件有什么支持？",
        "重点支持哪些领域？",
        "这个文件的文号是什么？",
        "谁负责解释本措施？",
        "哪天发布的？",
        "五千万的项目有哪些",
        "新材料展会能补多少",
        "外地企业能申请吗？",
        "需要提交什么材料？",
        "申请截止日期是什么时候？",
        "机器人换人有补贴吗",
        "钙钛矿",
        "Which measures support biomedical materials?",
        "What is Measure 13 about?",
        "Who is responsible for measure 17?",
        "How many measures name an amount?",
        "Who interprets the policy?",
        "What is the document number?",
        "Is there any support for IPO?",
        "What is the deadline for applications?",
        "How much for an industrialisation project of advanced metals?",
        "Which fields does the policy focus on?",
    ],
)
def test_whatever_the_answer_its_form_holds(assistant: Assistant, founding: Policy, question: str) -> None:
    answer = assistant.ask(question)
    is_sound(answer, founding, "zh" if re.search("[\u4e00-\u9fff]", question) else "en")
    again = assistant.ask(question)
    assert {**again.as_dict(), "timings_ms": None} == {**answer.as_dict(), "timings_ms": None}


def test_with_explain_the_answer_says_what_was_understood_and_why(assistant: Assistant) -> None:
    question = "参与制定国家标准能拿多少钱？"
    trace = assistant.ask(question, explain=True).trace
    assert trace is not None
    assert trace["status"] == "answered"
    assert trace["checks"]
    assert trace["candidates"][0]["label"] == "(十九)"
    assert "understood" in trace
    assert assistant.ask(question).trace is None
