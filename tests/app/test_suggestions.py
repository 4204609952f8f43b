"""What is suggested after an answer: every suggestion is one that the text answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.assistant import Assistant
from app.i18n import LANGUAGES, Texts, load_texts
from app.models import Answer, Message, Status
from app.suggestions import MAX_SUGGESTIONS, about_clause, suggestions

ANSWERED = (Status.ANSWERED, Status.PARTIAL)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts()


def conversation(answer: Answer) -> list[Message]:
    return [Message("user", answer.question), Message("assistant", answer.answer)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_suggested_about_any_clause_is_answered_in_its_language(
    assistant: Assistant, texts: Texts, language: str
) -> None:
    blank = Answer("", "", language, Status.ANSWERED, "")
    followed: dict[str, Answer] = {}
    unanswered = []
    for clause in assistant.policy().numbered:
        for question in about_clause(clause, blank, assistant.policies, texts, language):
            answer = assistant.ask(question)
            followed.setdefault(question, answer)
            for further in suggestions(answer, assistant.policies, texts):
                # Asked as the page asks it: with the conversation that it was suggested in.
                followed.setdefault(further, assistant.ask(further, conversation(answer)))
    for question, answer in followed.items():
        if answer.status not in ANSWERED or answer.language != language or not answer.citations:
            unanswered.append((question, answer.status, answer.language))
    assert len(followed) > len(assistant.policy().numbered)
    assert unanswered == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_suggestion_that_names_a_clause_is_answered_from_that_clause(
    assistant: Assistant, texts: Texts, language: str
) -> None:
    astray = []
    for clause in assistant.policy().numbered:
        first = assistant.ask(
            texts.text("suggest.amount", language, clause=_name(clause.label, clause.number, language))
        )
        for question in suggestions(first, assistant.policies, texts):
            if _name(clause.label, clause.number, language) in question:
                answer = assistant.ask(question, conversation(first))
                if clause.label not in {citation.label for citation in answer.citations}:
                    astray.append((question, [citation.label for citation in answer.citations]))
    assert astray == []


def _name(label: str, number: int | None, language: str) -> str:
    inner = label.strip("()")
    return {"en": f"Measure {number}", "zh": f"第{inner}条", "zh-Hant": f"第{inner}條"}[language]


def test_an_item_of_the_same_list_that_was_not_asked_for_is_suggested(assistant: Assistant, texts: Texts) -> None:
    answer = assistant.ask("参与制定国家标准能拿多少钱？")
    item = suggestions(answer, assistant.policies, texts)[0]
    assert item == "主导或参与国际标准制定或者修订单位能拿多少钱？"
    then = assistant.ask(item, conversation(answer))
    assert [fact.value for fact in then.facts if fact.kind == "amount"] == [1_000_000]


def test_what_was_just_asked_or_answered_is_not_suggested_again(assistant: Assistant, texts: Texts) -> None:
    answer = assistant.ask("第十九条由哪个部门负责？")
    suggested = suggestions(answer, assistant.policies, texts)
    assert len(suggested) == MAX_SUGGESTIONS
    assert not any("由哪个部门负责" in question for question in suggested)


def test_a_refusal_suggests_nothing_and_small_talk_suggests_examples_that_are_answered(
    assistant: Assistant, texts: Texts
) -> None:
    assert suggestions(assistant.ask("今天天气怎么样？"), assistant.policies, texts) == ()
    greeting = assistant.ask("你好")
    for language in LANGUAGES:
        shown = suggestions(replace(greeting, language=language), assistant.policies, texts)
        assert len(shown) == MAX_SUGGESTIONS
        assert {assistant.ask(question).status for question in shown} <= set(ANSWERED)


def test_an_answer_about_the_document_suggests_what_the_document_answers(assistant: Assistant, texts: Texts) -> None:
    answer = assistant.ask("申报需要提交哪些材料？")
    shown = suggestions(answer, assistant.policies, texts)
    assert shown
    assert {assistant.ask(question, conversation(answer)).status for question in shown} <= set(ANSWERED)
