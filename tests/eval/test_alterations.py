"""Every wrong version of a right answer is really wrong, and a check is measured by what it catches."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.models import Answer, Checks, FactStated
from corpus.departments import Directory
from corpus.models import Policy
from eval.attacks import (
    Alteration,
    alterations,
    alterations_dict,
    run_alterations,
    show_alterations,
)
from eval.scoring import Rate, figures_in

STANDARD = "主导或参与国家标准制定或者修订的单位，给予不超过50万元资助(十九)。由市市场监管局、市工业和信息化局负责。"


@pytest.fixture
def altered(policy: Policy, directory: Directory) -> Callable[[Answer], list[Alteration]]:
    return lambda answer: list(alterations(answer, policy, directory))


@pytest.fixture
def standard(make_answer: Callable[..., Answer], standard_fact: FactStated) -> Answer:
    lead = FactStated("department", "(十九)", "市市场监管局", "市市场监管局", role="lead")
    return make_answer(STANDARD, ["(十九)"], [standard_fact, lead])


def texts(found: list[Alteration], kind: str) -> set[str]:
    return {alteration.after for alteration in found if alteration.kind == kind}


def test_no_version_is_the_original_or_stands_twice(altered: Callable[..., list[Alteration]], standard: Answer) -> None:
    versions = [alteration.text for alteration in altered(standard)]
    assert STANDARD not in versions
    assert len(versions) == len(set(versions)) > 10


def test_a_figure_becomes_one_of_each_sort(altered: Callable[..., list[Alteration]], standard: Answer) -> None:
    found = altered(standard)
    assert texts(found, "amount invented") == {"80万元"}
    assert texts(found, "amount of another item") == {"100万元", "30万元", "20万元", "10万元"}
    assert texts(found, "amount tenfold") == {"500万元"}
    assert texts(found, "amount a tenth") == {"5万元"}
    assert texts(found, "amount of another clause") == {"200万元", "300万元"}


def test_an_invented_amount_stands_nowhere_in_the_policy(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer], policy: Policy
) -> None:
    there = {p.amount.value for c in policy.clauses for p in c.provisions if p.amount}
    for value in sorted(there):
        label = next(c.label for c in policy.clauses for p in c.provisions if p.amount and p.amount.value == value)
        text = f"最高{value // 10_000}万元{label}"
        answer = make_answer(text, [label], [FactStated("amount", label, f"{value // 10_000}万元", value)])
        invented = [a for a in altered(answer) if a.kind == "amount invented"]
        assert invented
        assert not {f.value for a in invented for f in figures_in(a.after)} & there


def test_a_figure_repeated_from_the_question_is_left_alone(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer], standard_fact: FactStated
) -> None:
    text = "您说的100万元与原文不符，应为不超过50万元(十九)。"
    found = altered(make_answer(text, ["(十九)"], [standard_fact]))
    assert found
    assert all("您说的100万元" in alteration.text for alteration in found)


def test_english_figures_are_altered_alone_and_with_the_original(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer], standard_fact: FactStated
) -> None:
    text = "A national standard earns up to RMB 500,000 (50万元) under Measure 19 (十九)."
    found = altered(make_answer(text, ["(十九)"], [standard_fact], language="en"))
    invented = {a.text for a in found if a.kind == "amount invented"}
    assert invented == {
        text.replace("RMB 500,000", "RMB 800,000"),
        text.replace("50万元", "80万元"),
        text.replace("RMB 500,000", "RMB 800,000").replace("50万元", "80万元"),
    }


def test_a_figure_that_stands_twice_is_altered_once_and_throughout(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer], standard_fact: FactStated
) -> None:
    text = "50万元。原文：不超过50万元(十九)"
    found = altered(make_answer(text, ["(十九)"], [standard_fact]))
    invented = {a.text for a in found if a.kind == "amount invented"}
    assert text.replace("50万元", "80万元") in invented
    assert text.replace("50万元", "80万元", 1) in invented
    assert len(invented) == 3


def test_traditional_figures_stay_traditional(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer], standard_fact: FactStated
) -> None:
    found = altered(make_answer("不超過50萬元(十九)", ["(十九)"], [standard_fact], language="zh-Hant"))
    assert texts(found, "amount invented") == {"80萬元"}
    assert {a.text for a in found if a.kind == "bound made plain"} == {"50萬元(十九)"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("给予不超过50万元", "给予50万元"),
        ("最高50万元", "50万元"),
        ("最高不超过50万元", "50万元"),
        ("最高资助金额不超过50万元", "资助金额50万元"),
        ("up to RMB 500,000", "RMB 500,000"),
        ("up to RMB 500,000 (最高50万元)", "RMB 500,000 (50万元)"),
        ("a maximum of RMB 500,000", "RMB 500,000"),
    ],
)
def test_a_bound_becomes_plain_and_never_another_bound(
    altered: Callable[..., list[Alteration]],
    make_answer: Callable[..., Answer],
    standard_fact: FactStated,
    text: str,
    plain: str,
) -> None:
    found = altered(make_answer(text, ["(十九)"], [standard_fact]))
    assert [a.text for a in found if a.kind == "bound made plain"] == [plain]
    assert not [a for a in found if a.kind == "plain made a bound"]


def test_a_plain_sum_becomes_a_bound(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    fact = FactStated("amount", "(十六)", "300万元", 3_000_000, currency="CNY")
    found = altered(make_answer("给予300万元奖励(十六)", ["(十六)"], [fact]))
    assert [a.text for a in found if a.kind == "plain made a bound"] == ["给予最高300万元奖励(十六)"]
    english = altered(make_answer("RMB 3 million (300万元)", ["(十六)"], [fact], language="en"))
    assert "up to RMB 3 million (最高300万元)" in {a.text for a in english if a.kind == "plain made a bound"}


def test_the_bound_of_a_list_holds_for_its_later_figures(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer], standard_fact: FactStated
) -> None:
    first = FactStated("amount", "(十九)", "100万元", 1_000_000, qualifier="不超过", applies_to="国际标准")
    found = altered(make_answer("分别给予不超过100万元、50万元", ["(十九)"], [first, standard_fact]))
    assert not [a for a in found if a.kind == "plain made a bound"]


def test_the_right_amount_goes_to_the_wrong_item(altered: Callable[..., list[Alteration]], standard: Answer) -> None:
    assert texts(altered(standard), "item") == {"国际标准", "行业标准", "深圳地方标准", "团体标准"}


def test_items_of_equal_amount_are_not_exchanged(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    # National single-champion products and Shenzhen single-champion enterprises both earn 200万元.
    what = "获得国家“制造业单项冠军产品”称号"
    fact = FactStated("amount", "(十六)", "200万元", 2_000_000, applies_to=what)
    found = texts(altered(make_answer(f"{what}的，给予200万元(十六)", ["(十六)"], [fact])), "item")
    assert found
    assert "获得深圳市“制造业单项冠军示范企业”称号" not in found


def test_a_department_becomes_one_that_is_not_responsible(
    altered: Callable[..., list[Alteration]], standard: Answer, policy: Policy, directory: Directory
) -> None:
    clause = next(c for c in policy.clauses if c.label == "(十九)")
    named = texts(altered(standard), "department")
    assert named
    assert not {d.key for name in named if (d := directory.named(name))} & {d.key for d in clause.departments}
    assert "工业和信息化部" in named


def test_an_english_department_becomes_another_english_name(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    text = "The Shenzhen Development and Reform Commission is responsible (十四)."
    named = texts(altered(make_answer(text, ["(十四)"], language="en")), "department")
    assert named
    assert all(name.isascii() for name in named)


def test_a_traditional_department_becomes_another_traditional_name(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    named = texts(altered(make_answer("由市發展改革委負責(十四)。", ["(十四)"], language="zh-Hant")), "department")
    assert "市國資委" in named
    assert not any(set(name) & set("国发资财务业应") for name in named)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("自2023年9月13日起实施", "2024年9月13日"),
        ("自2023-09-13起实施", "2023-09-14"),
        ("in force from 13 September 2023", "13 September 2024"),
        ("in force from September 13, 2023", "September 14, 2023"),
        ("2023年9月12日印发", "2023年9月13日"),
        ("有效期5年", "3"),
        ("有效期五年", "三"),
        ("valid for five years", "three"),
    ],
)
def test_dates_and_terms_of_the_policy_are_changed(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer], text: str, wrong: str
) -> None:
    assert wrong in {a.after for a in altered(make_answer(text, ["六、附则"]))}


def test_dates_of_other_things_are_left_alone(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    assert altered(make_answer("今天是2025年1月1日，已过去2年", ["前言"])) == []


def test_the_document_number_is_changed(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    found = altered(make_answer("文号：深工信规〔2023〕11号", ["通知"]))
    assert texts(found, "document number") == {"深工信规〔2024〕11号", "深工信规〔2023〕12号"}


def test_labels_become_those_of_clauses_not_cited(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    found = altered(make_answer("见 Measure 15 (十五)", ["(十五)"], language="en"))
    assert {a.text for a in found if a.kind == "label of a clause not cited"} == {
        "见 Measure 14 (十五)",
        "见 Measure 15 (十四)",
        "见 Measure 14 (十四)",
        "见 Measure 16 (十五)",
        "见 Measure 15 (十六)",
        "见 Measure 16 (十六)",
    }


def test_two_clauses_cited_are_exchanged(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    found = altered(make_answer("见(三)和(九)", ["(三)", "(九)"]))
    assert texts(found, "label of another clause cited") == {"(九)", "(三)"}


def test_a_label_under_which_the_line_stays_true_is_no_alteration(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    # 市国资委 is responsible in both, 市财政局 in the first alone.
    both = make_answer("是的，市国资委是(二十)的责任单位之一。\n支持园区(十七)", ["(二十)", "(十七)"])
    assert texts(altered(both), "label of another clause cited") == {"(二十)"}
    one = make_answer("是的，市财政局是(二十)的责任单位之一。\n支持园区(十七)", ["(二十)", "(十七)"])
    assert texts(altered(one), "label of another clause cited") == {"(十七)", "(二十)"}


def test_the_lead_is_given_to_another_and_a_department_left_out(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    found = altered(make_answer("责任单位：市科技创新委（牵头）、市发展改革委(一)。", ["(一)"]))
    assert [a.text for a in found if a.kind == "lead"] == ["责任单位：市科技创新委、市发展改革委（牵头）(一)。"]
    assert [a.text for a in found if a.kind == "department left out"] == ["责任单位：市科技创新委（牵头）(一)。"]
    text = "Responsible: Bureau A (市工业和信息化局, lead), Bureau B (市发展改革委), under Measure 3 (三)."
    found = altered(make_answer(text, ["(三)"], language="en"))
    assert [a.text for a in found if a.kind == "lead"] == [
        "Responsible: Bureau A (市工业和信息化局), Bureau B (市发展改革委, lead), under Measure 3 (三)."
    ]


def test_unnumbered_labels_are_changed_too(
    altered: Callable[..., list[Alteration]], make_answer: Callable[..., Answer]
) -> None:
    found = altered(make_answer("见六、附则", ["六、附则"]))
    assert [a.text for a in found] == ["见通知"]


def test_a_perfect_check_catches_all_and_turns_no_true_answer_down(
    standard: Answer, policy: Policy, directory: Directory
) -> None:
    def perfect(text: str, answer: Answer, policy: Policy) -> Checks:
        return Checks(passed=text == answer.answer)

    report = run_alterations([standard], perfect, policy, directory)
    assert report.caught.share == 1
    assert report.false_alarms == Rate(0, 1)
    assert report.missed == ()


def test_a_blind_check_catches_nothing_and_says_what_it_missed(
    standard: Answer, policy: Policy, directory: Directory
) -> None:
    report = run_alterations([standard], lambda *_: Checks(passed=True), policy, directory)
    assert report.caught.hits == 0
    assert len(report.missed) == report.caught.of > 10
    assert "missed amount invented: 50万元 -> 80万元" in show_alterations(report, limit=100)
    assert alterations_dict(report)["missed"][0]["kind"] == report.missed[0][1].kind


def test_a_check_that_trusts_nothing_is_told_of_its_false_alarms(
    standard: Answer, policy: Policy, directory: Directory
) -> None:
    report = run_alterations([standard], lambda *_: Checks(passed=False, failed=("amount",)), policy, directory)
    assert report.false_alarms == Rate(1, 1)
    assert "turned down for amount" in show_alterations(report)


def test_a_check_that_forgets_departments_shows_in_that_row_alone(
    standard: Answer, policy: Policy, directory: Directory
) -> None:
    def forgetful(text: str, answer: Answer, policy: Policy) -> Checks:
        def without(words: str) -> str:
            for mention in reversed(directory.mentions(words)):
                words = words[: mention.start] + words[mention.end :]
            return words

        return Checks(passed=without(text) == without(answer.answer))

    report = run_alterations([standard], forgetful, policy, directory)
    assert report.by_kind["department"].hits == 0
    assert all(rate.share == 1 for kind, rate in report.by_kind.items() if kind != "department")
