"""One answer against one item: each rule alone, right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.models import Answer, FactStated, Message
from corpus.departments import Directory
from corpus.models import Policy
from eval.gold import GoldItem
from eval.scoring import Counts, ItemScore, occurs, score_answer

RIGHT = "参与国家标准制定的单位，给予不超过50万元资助(十九)。"


@pytest.fixture
def score(directory: Directory, policy: Policy) -> Callable[[GoldItem, Answer | dict[str, Any] | None], ItemScore]:
    def judge(item: GoldItem, answer: Answer | dict[str, Any] | None) -> ItemScore:
        return score_answer(item, answer.as_dict() if isinstance(answer, Answer) else answer, directory, policy)

    return judge


@pytest.fixture
def item(gold_item: Callable[..., GoldItem]) -> GoldItem:
    return gold_item(
        clauses=("(十九)",),
        also_ok=("六、附则",),
        amounts=(500_000,),
        forbid_amounts=(1_000_000, 300_000),
        all_of=(("国家标准", "国标"),),
        none_of=("一定比例",),
    )


@pytest.fixture
def right(make_answer: Callable[..., Answer], standard_fact: FactStated) -> Answer:
    return make_answer(RIGHT, ["(十九)"], [standard_fact])


def kinds(score: ItemScore) -> list[str]:
    return [reason.kind for reason in score.reasons]


def test_a_right_answer_is_right(score: Any, item: GoldItem, right: Answer) -> None:
    found = score(item, right)
    assert found.right
    assert found.clauses == Counts(1, 0, 0)
    assert (found.amounts_exact, found.wrong_amount, found.wrong_citation) == (True, False, False)
    assert (found.false_refusal, found.false_answer) == (False, None)
    assert found.latency_ms == 5.0


def test_a_clause_that_may_be_cited_counts_neither_way(
    score: Any, item: GoldItem, make_answer: Callable[..., Answer], standard_fact: FactStated
) -> None:
    found = score(item, make_answer(RIGHT, ["(十九)", "六、附则"], [standard_fact]))
    assert found.right
    assert found.clauses == Counts(1, 0, 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "partial"}, ["status"]),
        ({"language": "en"}, ["language"]),
        ({"text": "单位制定的，不超过50万元。"}, ["missing words"]),
        ({"text": RIGHT + "按一定比例。"}, ["forbidden words"]),
        ({"text": RIGHT + "行业标准30万元。"}, ["forbidden amount"]),
        ({"text": RIGHT + " RMB 300,000"}, ["forbidden amount"]),
        ({"text": RIGHT + "另有100萬元"}, ["forbidden amount"]),
        ({"labels": []}, ["missing clause"]),
        ({"labels": ["(十九)", "(三)"]}, ["wrong citation"]),
        ({"facts": []}, ["missing amount"]),
        ({"labels": ["(三)"], "facts": []}, ["missing clause", "wrong citation", "missing amount"]),
    ],
)
def test_each_fault_is_named(
    score: Any,
    item: GoldItem,
    make_answer: Callable[..., Answer],
    standard_fact: FactStated,
    changes: dict[str, Any],
    reason: list[str],
) -> None:
    given: dict[str, Any] = {"text": RIGHT, "labels": ["(十九)"], "facts": [standard_fact], **changes}
    assert kinds(score(item, make_answer(**given))) == reason


def test_quoting_the_whole_list_where_one_item_was_asked_fails(
    score: Any, item: GoldItem, make_answer: Callable[..., Answer], standard_fact: FactStated, policy: Policy
) -> None:
    whole = next(c for c in policy.clauses if c.label == "(十九)").text
    found = score(item, make_answer(whole, ["(十九)"], [standard_fact]))
    assert kinds(found) == ["forbidden amount", "forbidden amount"]
    assert found.wrong_amount is True
    assert found.amounts_exact is False


def test_a_forbidden_amount_is_found_among_the_facts(
    score: Any, item: GoldItem, right: Answer, standard_fact: FactStated
) -> None:
    wrong = replace(right, facts=(standard_fact, replace(standard_fact, value=300_000)))
    assert kinds(score(item, wrong)) == ["forbidden amount"]


def test_5000_is_not_taken_for_500(score: Any, gold_item: Callable[..., GoldItem], make_answer: Any) -> None:
    fact = FactStated("amount", "(三)", "5000万元", 50_000_000)
    item = gold_item(clauses=("(三)",), amounts=(50_000_000,), forbid_amounts=(5_000_000,))
    assert score(item, make_answer("最高5000万元(三)", ["(三)"], [fact])).right
    assert kinds(score(item, make_answer("最高5000万元，即500万元(三)", ["(三)"], [fact]))) == ["forbidden amount"]


def test_both_ends_of_a_range_are_amounts(score: Any, gold_item: Callable[..., GoldItem], make_answer: Any) -> None:
    fact = FactStated("amount", "(三)", "10-20万元", value_min=100_000, value_max=200_000)
    item = gold_item(clauses=("(三)",), amounts=(100_000, 200_000))
    assert score(item, make_answer("10-20万元", ["(三)"], [fact])).right


def test_only_amount_facts_are_amounts(score: Any, gold_item: Callable[..., GoldItem], make_answer: Any) -> None:
    item = gold_item(clauses=("(三)",), amounts=(50_000_000,))
    fact = FactStated("threshold", "(三)", "5000万元", 50_000_000)
    assert kinds(score(item, make_answer("最高5000万元", ["(三)"], [fact]))) == ["missing amount"]


def test_a_missing_answer_is_wrong_and_has_no_other_reason(score: Any, item: GoldItem) -> None:
    found = score(item, None)
    assert kinds(found) == ["missing"]
    assert found.clauses == Counts(0, 0, 1)
    assert found.false_refusal is False


def test_an_error_says_what_went_wrong(score: Any, gold_item: Callable[..., GoldItem]) -> None:
    found = score(gold_item(clauses=("(三)",)), {"status": "error", "error": "model is down", "language": "zh"})
    assert found.reasons[0].detail == "error instead of answered: model is down"


def test_english_department_names_count(score: Any, gold_item: Callable[..., GoldItem], make_answer: Any) -> None:
    item = gold_item(lang="en", kind="department", clauses=("(十四)",), departments=("市发展改革委",))
    text = "The Shenzhen Development and Reform Commission is responsible (Measure 14 (十四))."
    found = score(item, make_answer(text, ["(十四)"], language="en"))
    assert found.right
    assert found.departments == Counts(1, 0, 0)


def test_a_department_named_only_as_a_fact_counts(
    score: Any, gold_item: Callable[..., GoldItem], make_answer: Any
) -> None:
    item = gold_item(kind="department", clauses=("(十四)",), departments=("市发展改革委",))
    fact = FactStated("department", "(十四)", "发展改革委", "市发展改革委", role="lead")
    assert score(item, make_answer("见条款(十四)", ["(十四)"], [fact])).right
    assert kinds(score(item, make_answer("见条款(十四)", ["(十四)"]))) == ["missing department"]


def test_departments_are_looked_for_in_facts_and_text_together(
    score: Any, gold_item: Callable[..., GoldItem], make_answer: Any
) -> None:
    item = gold_item(kind="department", clauses=("(十九)",), departments=("市市场监管局", "市工业和信息化局"))
    fact = FactStated("department", "(十九)", "市市场监管局", "市市场监管局", role="lead")
    assert score(item, make_answer("另有市工信局(十九)", ["(十九)"], [fact])).right


def test_the_ministry_is_not_the_bureau(score: Any, gold_item: Callable[..., GoldItem], make_answer: Any) -> None:
    item = gold_item(kind="department", clauses=("(十三)",), departments=("市工业和信息化局",))
    found = score(item, make_answer("由工业和信息化部负责(十三)", ["(十三)"]))
    assert kinds(found) == ["missing department"]
    assert found.departments == Counts(0, 1, 1)


def test_facts_decide_which_departments_are_given(
    score: Any, gold_item: Callable[..., GoldItem], make_answer: Any
) -> None:
    item = gold_item(kind="department", clauses=("(十四)",), departments=("市发展改革委",))
    fact = FactStated("department", "(十四)", "发展改革委", "市发展改革委")
    found = score(item, make_answer("市发展改革委负责，亦可咨询市财政局(十四)", ["(十四)"], [fact]))
    assert found.departments == Counts(1, 0, 0)


def test_a_whole_policy_answer_may_state_the_sums_of_what_it_cites_and_no_others(
    score: Any, gold_item: Callable[..., GoldItem], make_answer: Any
) -> None:
    item = gold_item(kind="aggregate", clauses=("(十四)",), amounts=(15_000_000,))
    asked = FactStated("amount", "(十四)", "1500万元", 15_000_000)
    neighbour = FactStated("amount", "(十四)", "1000万元", 10_000_000)
    stray = FactStated("amount", "(三)", "5000万元", 50_000_000)
    assert score(item, make_answer("(十四)", ["(十四)"], [asked, neighbour])).right
    found = score(item, make_answer("(十四)", ["(十四)"], [asked, stray]))
    assert kinds(found) == ["stray amount"]
    assert found.wrong_amount is True


def test_a_single_question_is_not_judged_for_stray_sums(
    score: Any, gold_item: Callable[..., GoldItem], make_answer: Any
) -> None:
    item = gold_item(clauses=("(十四)",), amounts=(15_000_000,))
    facts = [
        FactStated("amount", "(十四)", "1500万元", 15_000_000),
        FactStated("amount", "(三)", "5000万元", 50_000_000),
    ]
    found = score(item, make_answer("(十四)", ["(十四)"], facts))
    assert found.right
    assert found.wrong_amount is None


def test_false_refusals_and_false_answers(score: Any, gold_item: Callable[..., GoldItem], make_answer: Any) -> None:
    answered, refused = gold_item(clauses=("(三)",)), gold_item(status="not_specified")
    assert score(answered, make_answer("没有规定", status="not_specified")).false_refusal is True
    assert score(answered, make_answer("部分", ["(三)"], status="partial")).false_refusal is False
    assert score(refused, make_answer("有", ["(三)"])).false_answer is True
    assert score(refused, make_answer("不在范围", status="out_of_scope")).false_answer is False
    assert score(refused, {"status": "error"}).false_answer is False


def test_traditional_is_a_language_of_its_own(score: Any, gold_item: Callable[..., GoldItem], make_answer: Any) -> None:
    item = gold_item(lang="zh-Hant", clauses=("(三)",), all_of=(("国家标准",),))
    assert score(item, make_answer("國家標準(三)", ["(三)"], language="zh-Hant")).right
    assert kinds(score(item, make_answer("國家標準(三)", ["(三)"], language="zh"))) == ["language"]


def test_a_citation_of_another_policy_is_wrong(score: Any, item: GoldItem, right: Answer) -> None:
    elsewhere = replace(right, citations=(replace(right.citations[0], policy="other"),))
    found = score(item, elsewhere)
    assert kinds(found) == ["missing clause", "wrong citation"]
    assert found.spans == Counts(0, 1, 0)


def test_a_quote_must_stand_at_its_offsets(score: Any, item: GoldItem, right: Answer, policy: Policy) -> None:
    c = right.citations[0]
    assert score(item, right).spans == Counts(1, 0, 0)
    for wrong in (
        replace(c, start=c.start + 1),
        replace(c, quote=c.quote.replace("50万元", "80万元")),
        replace(c, start=c.start - len(policy.source_text)),
        replace(c, quote="", end=c.start),
    ):
        assert score(item, replace(right, citations=(c, wrong))).spans == Counts(1, 1, 0)


def test_without_the_policy_spans_are_not_judged(item: GoldItem, right: Answer, directory: Directory) -> None:
    assert score_answer(item, right.as_dict(), directory).spans is None


def test_history_does_not_change_the_judgement(
    score: Any, gold_item: Callable[..., GoldItem], make_answer: Any
) -> None:
    item = gold_item(clauses=("(三)",), history=(Message("user", "那国标呢"),))
    assert score(item, make_answer("(三)", ["(三)"])).right


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("National Standard", "a NATIONAL standard", True),
        ("国家标准", "國家標準", True),
        ("國標", "国标", True),
        ("(十九)", "（十九）", True),
        ("5年", "有效期5年", True),
        ("5年", "2025年", False),
        ("50万", "150万元", False),
        ("2023", "20231", False),
        ("1.5", "11.5", False),
        ("3", "3D", True),
        ("地方标准", "行业标准", False),
    ],
)
def test_words_are_looked_for_whatever_their_form(words: str, text: str, found: bool) -> None:
    assert occurs(words, text) is found
