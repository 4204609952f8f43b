"""Whether the policy is in force at a time that a question names, and other short asks about the whole document."""

from __future__ import annotations

import pytest

from app.assistant import Assistant


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("2028年10月还能不能申请", "到2028年10月时已过有效期。"),
        ("2028年9月12日还有效吗", "到那天时仍在有效期内。"),
        ("2028年9月13日还有效吗", "到那天时已过有效期。"),
        ("2028年9月这政策还有效吗", "2028年9月中只有一部分时间在有效期内。"),
        ("Is it still valid in October 2028?", "No, by October 2028 it will have expired."),
        ("Is it still in force in 2027?", "Yes, it covers 2027."),
    ],
)
def test_a_time_named_is_set_against_the_term(assistant: Assistant, question: str, beginning: str) -> None:
    assert assistant.ask(question).answer.startswith(beginning)


def test_the_parts_are_counted_and_named(assistant: Assistant) -> None:
    answer = assistant.ask("一共几条措施，分几部分").answer
    assert "20条" in answer
    assert "6个部分" in answer
    assert "附则" in answer


def test_stamps_are_no_parts(assistant: Assistant) -> None:
    assert "部分" not in assistant.ask("要盖几个章").answer


def test_a_bare_level_turns_to_the_same_list(assistant: Assistant) -> None:
    answer = assistant.ask("国家级小巨人给多少，市级的呢").answer
    assert "50万元" in answer
    assert "10万元" in answer
    assert "单项冠军" not in answer
