"""A right answer passes its checks; one altered in a single figure, bound, name, date or label never does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.assistant import Assistant
from app.models import Answer

QUESTIONS = (
    "参与制定国家标准能拿多少钱？",
    "主导制定国际标准给多少资助？",
    "固态电解质项目最高资助多少？",
    "首批次新材料产品最高资助多少？",
    "国家制造业单项冠军产品奖励多少？",
    "深圳市专精特新中小企业奖励多少？",
    "中试项目能资助多少？",
    "概念验证中心最高资助多少？",
    "资助上限最高的是哪些措施？",
    "哪些措施由发展改革委单独负责？",
    "第十二条由谁负责？",
    "这个政策有效期到什么时候？",
    "这个文件的文号是什么？",
    "參與制定國家標準能拿多少錢？",
    "How much do we get for taking part in writing a national standard?",
    "How much for first-batch new material products?",
    "What is the reward for a national Little Giant?",
    "Which measures have the highest funding cap?",
    "Who is responsible for measure 14?",
    "Is the policy still in force, and until when?",
)
FIGURE = re.compile(r"(?<!\d)(\d{2,5})(?=[万萬]元)")
ENGLISH_FIGURE = re.compile(r"RMB (\d+(?:\.\d+)?) million|RMB (\d[\d,]+)(?! ?million)")
# What a figure of the text may be taken for: a slip, a digit lost or won, another sum of the same policy.
OTHER_FIGURES = ("8000", "5000", "3000", "1500", "1000", "800", "500", "300", "200", "100", "50", "30", "20", "10", "5")


@pytest.fixture(scope="module")
def answers(assistant: Assistant) -> dict[str, Answer]:
    return {question: assistant.ask(question) for question in QUESTIONS}


def caught(assistant: Assistant, answer: Answer, text: str) -> bool:
    return not assistant.check(text, answer).passed


def alterations(
    answers: dict[str, Answer], alter: Callable[[Answer], Iterator[str]], at_least: int
) -> list[tuple[Answer, str]]:
    """Every altered text; a test of nothing is refused."""
    made = [(answer, text) for answer in answers.values() for text in alter(answer) if text != answer.answer]
    assert len(made) >= at_least
    return made


def missed(assistant: Assistant, made: list[tuple[Answer, str]]) -> list[str]:
    return [f"{answer.question} -> {text}" for answer, text in made if not caught(assistant, answer, text)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_unaltered_answer_passes(assistant: Assistant, answers: dict[str, Answer], question: str) -> None:
    answer = answers[question]
    checks = assistant.check(answer.answer, answer)
    assert checks.passed, checks.failed
    assert checks.failed == ()
    assert checks.checked
    # Notes are statements too and rest on what they quote.
    assert answer.status == "answered"


def test_what_was_checked_is_said(assistant: Assistant, answers: dict[str, Answer]) -> None:
    answer = answers["参与制定国家标准能拿多少钱？"]
    assert {"amount", "qualifier", "label", "department"} <= set(answer.checks.checked)
    answer = answers["这个政策有效期到什么时候？"]
    assert "date" in answer.checks.checked


def test_every_other_chinese_figure_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    def alter(answer: Answer) -> Iterator[str]:
        # A table gives each line a figure of its own; there the line tells what it belongs to.
        for match in FIGURE.finditer(answer.answer):
            if answer.language == "en":
                continue
            for other in OTHER_FIGURES:
                if other != match.group(1):
                    yield answer.answer[: match.start(1)] + other + answer.answer[match.end(1) :]

    assert missed(assistant, alterations(answers, alter, 100)) == []


def test_every_other_english_figure_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    def alter(answer: Answer) -> Iterator[str]:
        for match in ENGLISH_FIGURE.finditer(answer.answer):
            for other in (
                "RMB 8 million",
                "RMB 50 million",
                "RMB 3 million",
                "RMB 500,000",
                "RMB 300,000",
                "RMB 50,000",
            ):
                if other != match.group():
                    yield answer.answer[: match.start()] + other + answer.answer[match.end() :]

    assert missed(assistant, alterations(answers, alter, 25)) == []


def test_an_original_beside_an_english_figure_that_differs_from_it_is_caught(
    assistant: Assistant, answers: dict[str, Answer]
) -> None:
    def alter(answer: Answer) -> Iterator[str]:
        if answer.language == "en":
            for match in FIGURE.finditer(answer.answer):
                for other in ("8000", "5", "300"):
                    if other != match.group(1):
                        yield answer.answer[: match.start(1)] + other + answer.answer[match.end(1) :]

    assert missed(assistant, alterations(answers, alter, 12)) == []


def test_a_figure_whose_bound_is_gone_or_was_never_there_is_caught(
    assistant: Assistant, answers: dict[str, Answer]
) -> None:
    def alter(answer: Answer) -> Iterator[str]:
        text = answer.answer
        for match in re.finditer(r"(?:最高)?不[超過过]{2}(?=\d+[万萬])|最高(?=\d+[万萬])|[Uu]p to (?=RMB)", text):
            yield text[: match.start()] + text[match.end() :]
        if "单项冠军" in answer.question:
            for match in FIGURE.finditer(text):
                yield f"{text[: match.start()]}最高{text[match.start() :]}"

    assert missed(assistant, alterations(answers, alter, 10)) == []


def test_another_department_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    def alter(answer: Answer) -> Iterator[str]:
        for name in ("工业和信息化局", "发展改革委", "科技创新委", "市场监管局"):
            if name in answer.answer and "责任单位" in answer.answer:
                for other in ("交通运输局", "财政局", "商务局", "应急管理局"):
                    if other not in "".join(c.quote for c in answer.citations):
                        yield answer.answer.replace(name, other, 1)
        if "Development and Reform Commission" in answer.answer:
            yield answer.answer.replace("Development and Reform Commission", "Transport Bureau", 1)
            yield answer.answer.replace(
                "Development and Reform Commission", "Industry and Information Technology Bureau", 1
            )

    assert missed(assistant, alterations(answers, alter, 12)) == []


def test_a_body_that_the_directory_does_not_know_is_caught_too(
    assistant: Assistant, answers: dict[str, Answer]
) -> None:
    answer = answers["参与制定国家标准能拿多少钱？"]
    for other in ("市卫生健康委", "市教育局", "市司法局", "南山区人民政府"):
        assert caught(assistant, answer, answer.answer.replace("市工业和信息化局", other)), other


def test_a_percentage_or_a_ratio_that_is_not_in_the_text_is_caught(
    assistant: Assistant, answers: dict[str, Answer]
) -> None:
    highest = answers["资助上限最高的是哪些措施？"]
    assert "按不超过1:1的比例" in highest.answer
    for other in ("按不超过2:1的比例", "按不超过1:2的比例", "按1:1的比例"):
        assert caught(assistant, highest, highest.answer.replace("按不超过1:1的比例", other)), other
    trial = answers["中试项目能资助多少？"]
    for claim in (
        "资助比例为30%(十四)。",
        "按项目总投资的50%给予资助(十四)。",
        "The grant covers 30 % of the investment (十四).",
    ):
        assert caught(assistant, trial, trial.answer + "\n" + claim), claim


def test_another_date_or_term_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    def alter(answer: Answer) -> Iterator[str]:
        text = answer.answer
        for match in re.finditer(r"(?<!\d)(?:2023|2028)(?=[年 ]|\b)", text):
            if ("号" not in text[match.end() : match.end() + 5] and "有效" in text + answer.question) or (
                answer.language == "en" and "force" in text
            ):
                yield text[: match.start()] + "2029" + text[match.end() :]
        for match in re.finditer(r"\d{1,2}(?=日|\s+September)", text):
            yield text[: match.start()] + "27" + text[match.end() :]
        for match in re.finditer(r"有效期5年|valid for 5 years", text):
            yield text[: match.start()] + match.group().replace("5", "3") + text[match.end() :]

    assert missed(assistant, alterations(answers, alter, 8)) == []


def test_another_document_number_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    answer = answers["这个文件的文号是什么？"]
    assert "深工信规〔2023〕11号" in answer.answer
    for other in ("深工信规〔2023〕12号", "深工信规〔2022〕11号", "深发改规〔2023〕11号"):
        assert caught(assistant, answer, answer.answer.replace("深工信规〔2023〕11号", other))


def test_another_label_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    def alter(answer: Answer) -> Iterator[str]:
        own = {c.label for c in answer.citations}
        for match in re.finditer(r"\([一二三四五六七八九十]+\)", answer.answer):
            for other in ("(一)", "(八)", "(十八)", "(二十)", "(二十一)"):
                if other not in own:
                    yield answer.answer[: match.start()] + other + answer.answer[match.end() :]
        for match in re.finditer(r"Measure (\d+)", answer.answer):
            yield f"{answer.answer[: match.start(1)]}2{answer.answer[match.end(1) :]}"

    assert missed(assistant, alterations(answers, alter, 40)) == []


def test_an_added_claim_that_is_not_cited_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    answer = answers["参与制定国家标准能拿多少钱？"]
    for claim in (
        "另可获得200万元奖励(十六)。",
        "另有最高5000万元资助。",
        "由市商务局负责。",
        "申请须在2025年6月30日前提交。",
        "参见(十六)。",
    ):
        assert caught(assistant, answer, answer.answer + "\n" + claim), claim


def test_the_sum_of_another_item_of_the_same_clause_is_caught(assistant: Assistant, answers: dict[str, Answer]) -> None:
    answer = answers["参与制定国家标准能拿多少钱？"]
    for swapped in (
        "主导或参与国家标准制定或者修订单位，给予不超过100万元资助(十九)。",
        "主导或参与国际标准制定或者修订单位，给予不超过50万元资助(十九)。",
        "主导或参与国家标准制定或者修订单位，给予不超过30万元资助(十九)。",
        "Up to RMB 1 million (100万元) for leading or participating in a national standard, under Measure 19 (十九).",
    ):
        assert caught(assistant, answer, swapped), swapped


def test_the_same_facts_in_other_words_pass(assistant: Assistant, answers: dict[str, Answer]) -> None:
    answer = answers["参与制定国家标准能拿多少钱？"]
    for wording in (
        "参与制定国家标准，最多可获得不超过50万元的资助(十九)。",
        "根据(十九)，国家标准的资助上限为50万元。",
        "For a national standard, up to RMB 500,000 (50万元), under Measure 19 (十九).",
        "国家标准：不超过五十万元(十九)。",
    ):
        checks = assistant.check(wording, answer)
        assert checks.passed, (wording, checks.failed)


def test_an_answer_that_cites_nothing_can_claim_nothing(assistant: Assistant, answers: dict[str, Answer]) -> None:
    answer = answers["参与制定国家标准能拿多少钱？"]
    bare = replace(answer, citations=(), facts=())
    assert caught(assistant, bare, answer.answer)


@pytest.fixture(scope="module")
def asked(assistant: Assistant) -> Callable[[str], Answer]:
    return lambda question: assistant.ask(question)


def test_a_sentence_repeated_with_another_sum_in_it_is_caught(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("What does measure 16 say?")
    for before, after in (
        ("up to RMB 500,000 (50万元)", "up to RMB 100,000 (10万元)"),
        ("RMB 3 million (300万元) and RMB 2 million (200万元)", "RMB 2 million (200万元) and RMB 3 million (300万元)"),
        ("RMB 2 million (200万元) and RMB 1 million (100万元)", "RMB 2 million (200万元) and RMB 3 million (300万元)"),
    ):
        assert before in answer.answer
        assert caught(assistant, answer, answer.answer.replace(before, after)), after


def test_a_quotation_whose_sum_is_left_but_whose_subject_is_another_is_caught(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("第十八条讲了什么？")
    subject = answer.answer[answer.answer.index("重点围绕") : answer.answer.index("；单个平台")]
    swapped = answer.answer.replace(subject, "围绕重点新材料领域组建市级中小试基地", 1)
    assert "单个平台或活动最高资助金额不超过300万元" in swapped
    assert caught(assistant, answer, swapped)


def test_a_date_that_is_quoted_alone_still_has_to_be_the_date_of_that_event(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("落款日期是哪天？跟开始实行的日子是同一天吗")
    assert {"2023年9月12日", "本措施自2023年9月13日起实施，有效期5年。"} <= {c.quote for c in answer.citations}
    assert caught(assistant, answer, answer.answer.replace("2023年9月13日", "2023年9月12日"))
    assert caught(assistant, answer, answer.answer.replace("2023年9月12日", "2023年9月13日"))


def test_who_is_responsible_names_all_and_the_lead_of_that_clause(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("第十五条由谁负责？")
    assert "市工业和信息化局（牵头）、国家金融监管总局深圳监管局" in answer.answer
    for altered in (
        answer.answer.replace("、国家金融监管总局深圳监管局", ""),
        answer.answer.replace("（牵头）、国家金融监管总局深圳监管局", "、国家金融监管总局深圳监管局（牵头）"),
    ):
        assert altered != answer.answer
        assert caught(assistant, answer, altered), altered
    # That one of them is responsible leaves nobody out.
    assert assistant.check("是的，市工业和信息化局是(十五)的责任单位之一。", answer).passed


def test_the_departments_of_one_clause_under_the_label_of_another_that_has_more_are_caught(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("第十五条和第十六条分别由谁负责？")
    line = next(x for x in answer.answer.split("\n") if "(十六)" in x)
    assert caught(assistant, answer, f"责任单位：市工业和信息化局(十五)。\n{line}")
    assert assistant.check(f"责任单位：市工业和信息化局(十六)。\n{line}", answer).passed


def test_another_sum_in_a_sentence_of_the_translation_is_caught(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("What does measure 19 say?")
    first = "up to RMB 1 million (100万元)"
    assert first in answer.answer
    # A sum that the same sentence gives to another kind of standard, with and without words for its size.
    for other in ("up to RMB 200,000 (20万元)", "up to RMB 500,000 (50万元)", "up to RMB 3 million (300万元)"):
        assert caught(assistant, answer, answer.answer.replace(first, other)), other


def test_the_date_below_a_notice_is_that_of_the_notice(assistant: Assistant, asked: Callable[[str], Answer]) -> None:
    answer = asked("Show me the wording of the covering notice.")
    assert answer.answer.count("12 September 2023") == 1
    for other in ("13 September 2023", "12 September 2028"):
        assert caught(assistant, answer, answer.answer.replace("12 September 2023", other)), other


def test_words_are_quoted_under_the_label_of_a_clause_that_has_them(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("第三条和第十四条分别是什么？")
    for label, passes in (("(十四)", True), ("(三)", False)):
        text = f"{answer.answer}\n比例没有写死，只说“按项目总投资一定比例”{label}。"
        assert assistant.check(text, answer).passed is passes, label


@pytest.mark.parametrize("other", ["市财政局", "市工业和信息化局", "市科技创新委"])
def test_what_the_head_of_a_list_says_of_departments_holds_for_all_of_the_list(
    assistant: Assistant, asked: Callable[[str], Answer], other: str
) -> None:
    answer = asked("哪些措施只由发展改革委负责，不涉及工信局？")
    head, rest = answer.answer.split("\n", 1)
    assert head.startswith("仅由市发展改革委负责、责任单位中没有市工业和信息化局的")
    assert caught(assistant, answer, head.replace("市发展改革委", other) + "\n" + rest)
    denied = head.replace("市工业和信息化局", "市发展改革委").replace("仅由市发展改革委", f"仅由{other}")
    assert caught(assistant, answer, denied + "\n" + rest)


def test_a_department_that_is_not_the_one_in_brackets_is_caught(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("Is the Transport Bureau responsible for measure 10?")
    line = "No, the Transport Bureau of Shenzhen Municipality (市交通运输局) is not among those responsible (十)."
    assert assistant.check(line, answer).passed
    for altered in (
        line.replace("Transport Bureau of Shenzhen Municipality", "Shenzhen Commerce Bureau"),
        line.replace("市交通运输局", "市商务局"),
    ):
        assert caught(assistant, answer, altered), altered


def test_that_a_department_is_not_responsible_is_said_of_the_one_asked_about_and_only_where_it_is_so(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("第十条是不是由交通运输局负责？")
    assert "市交通运输局不在(十)的责任单位之列" in answer.answer
    for other in ("市商务局", "市发展改革委"):
        assert caught(assistant, answer, answer.answer.replace("市交通运输局", other)), other


def test_to_be_one_of_those_responsible_is_said_of_the_clause_that_names_it(
    assistant: Assistant, asked: Callable[[str], Answer]
) -> None:
    answer = asked("Who is responsible for measures 14 and 15?")
    line = "Yes, the Shenzhen Office of the National Financial Regulatory Administration is one of the departments"
    for n, label, passes in ((15, "十五", True), (14, "十四", False)):
        text = f"{answer.answer}\n{line} responsible for Measure {n} ({label})."
        assert assistant.check(text, answer).passed is passes, label


def test_a_sentence_quoted_without_its_stop_passes(assistant: Assistant, asked: Callable[[str], Answer]) -> None:
    answer = asked("第十九条的原文是什么？")
    quote = answer.answer[answer.answer.index("对主导或参与国际标准") :].split("。")[0]
    assert quote.endswith("10万元资助")
    assert assistant.check(f"原文的写法是：「{quote}」(十九)。", answer).passed
    assert caught(assistant, answer, f"原文的写法是：「{quote.replace('30万', '40万')}」(十九)。")
