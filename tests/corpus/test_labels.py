"""A clause is found by any form in which people write its label, and by nothing that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnknownClause
from corpus.labels import clause_by_label, label_numbers
from corpus.library import Library
from corpus.models import Policy
from corpus.numerals import chinese_to_int, half_width, int_to_chinese

FORMS = (
    "{n}", "{wide}", "{han}", "({n})", "（{n}）", "({han})", "（{han}）", "（ {han} ）", "第{n}条", "第{han}条",
    "第 {n} 条", "第{han}项", "第{han}項", "第{n}條", "第{han}点", "措施{n}", "条款{n}", "measure {n}", "Measure {n}",
    "MEASURE {n}", "clause {n}", "article {n}", "item ({n})", "#{n}", "No. {n}", "sz-new-materials-2023#{n}",
    "Measure {n} ({han})", "({han})。",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_label_means_its_clause(founding: Policy, form: str) -> None:
    found = {}
    for n in range(1, 21):
        wide = str(n).translate({ord(str(d)): 0xFF10 + d for d in range(10)})
        clause = clause_by_label(founding, form.format(n=n, wide=wide, han=int_to_chinese(n)))
        found[n] = clause.number if clause else None
    assert found == {n: n for n in range(1, 21)}


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("the fifteenth measure", 15),
        ("measure fifteen", 15),
        ("the 3rd clause", 3),
        ("Clause Twenty", 20),
        ("the first article", 1),
    ],
)
def test_english_number_words_are_numbers(founding: Policy, label: str, number: int) -> None:
    clause = clause_by_label(founding, label)
    assert clause is not None
    assert clause.number == number


def test_a_title_or_a_part_names_its_clause(founding: Policy) -> None:
    for clause in founding.clauses:
        for name in (clause.label, clause.title, clause.id):
            assert clause_by_label(founding, name) is not None
        assert clause_by_label(founding, clause.id) == clause
        assert clause_by_label(founding, clause.label) == clause
    closing = clause_by_label(founding, "附则")
    assert closing is not None
    assert closing.path == "closing"


@pytest.mark.parametrize(
    "label",
    [
        "",
        " ",
        "零",
        "0",
        "21",
        "二十一",
        "九十九",
        "(100)",
        "第0条",
        "十五和十六",
        "measure",
        "条",
        "-1",
        "1.5",
        "十五万",
        "∞",
        "\x00",
        "9" * 50,
    ],
)
def test_what_is_no_label_of_the_policy_means_no_clause(founding: Policy, label: str) -> None:
    assert clause_by_label(founding, label) is None


def test_an_unknown_label_is_refused_with_the_labels_there_are(library: Library) -> None:
    with pytest.raises(UnknownClause, match=r"'九十九'.*\(一\).*\(二十\)"):
        library.clause("九十九")


@given(label=st.text(st.characters(exclude_categories=()), max_size=30))
@settings(deadline=None)
def test_any_text_is_a_label_or_none(library: Library, label: str) -> None:
    policy = library.policies[0]
    found = clause_by_label(policy, label)
    assert found is None or found in policy.clauses


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(十五)和第十六条", [15, 16]),
        ("measure 9 and measure 12", [9, 12]),
        ("第2条、第3條", [2, 3]),
        ("最高5000万元，有效期5年", []),
        ("2023年第11号", []),
        ("1:1配套，20+8产业", []),
        ("measure 90% of it", []),
    ],
)
def test_labels_in_running_text_are_told_from_other_numbers(text: str, found: list[int]) -> None:
    assert [number for number, _, _ in label_numbers(text)] == found


def test_places_of_labels_fit_the_text_as_given() -> None:
    text = "请看（十五），还有 measure 3。"
    assert [text[start:end] for _, start, end in label_numbers(text)] == ["（十五）", "measure 3"]


@given(number=st.integers(1, 9999))
def test_chinese_numerals_round_trip(number: int) -> None:
    assert chinese_to_int(int_to_chinese(number)) == number
    assert chinese_to_int(str(number)) == number


@given(text=st.text(max_size=50))
def test_half_width_keeps_every_character_in_its_place(text: str) -> None:
    assert len(half_width(text)) == len(text)
    assert half_width(half_width(text)) == half_width(text)
