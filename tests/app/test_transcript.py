"""An answer to copy and a conversation to keep: whole, readable, and with nothing in it taken for markup."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from docx import Document
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.i18n import Texts, load_texts
from app.transcript import Conversation, Exchange, Quoted, copy_text, exchange_of, markdown, word
from app.ui.downloads import MAX_CONVERSATION_BYTES, add_downloads
from tests.app.conftest import TODAY, WrittenAnswers

ATTACK = "# <img src=x onerror=alert(1)> **粗** [x](http://example.com) `c` | a_b ~~d~~ &lt;"


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts()


@pytest.fixture(scope="module")
def client(texts: Texts) -> TestClient:
    app = FastAPI()
    add_downloads(app, texts, lambda: TODAY)
    return TestClient(app)


def exchange(**fields: object) -> Exchange:
    return Exchange.model_validate({"question": "问", "answer": "答", **fields})


def test_a_copied_answer_is_plain_text_with_question_words_source_and_the_fixed_line(
    written_answers: WrittenAnswers, texts: Texts
) -> None:
    answer = written_answers.ask("哪些条款的资助上限最高？")
    lines = copy_text(exchange_of(answer, written_answers.policies, texts), texts).splitlines()
    assert lines[:3] == ["问：哪些条款的资助上限最高？", "", "答：资助上限最高为5000万元，共有三条并列："]
    assert "· (三) 最高5000万元，按一定比例" in lines
    assert "依据：《深圳市关于推动新材料产业集群高质量发展的若干措施》（深工信规〔2023〕11号）" in lines
    assert "(九) 完善新材料领域创新载体体系建设" in lines
    assert all(f"“{citation.quote}”" in lines for citation in answer.citations)
    assert lines[-1] == "以政策原文及主管部门解释为准"
    assert not any(mark in line for line in lines for mark in ("**", "](", "<"))


def test_a_copied_english_answer_is_in_english_and_says_that_the_chinese_prevails(
    written_answers: WrittenAnswers, texts: Texts
) -> None:
    answer = written_answers.ask("a national standard")
    text = copy_text(exchange_of(answer, written_answers.policies, texts), texts)
    assert text.startswith("Q: a national standard\n\nA: Entities that lead")
    assert "Source: Several Measures of Shenzhen" in text
    assert "(the Chinese text prevails)\n“对主导或参与国际标准" in text


def test_a_refusal_is_copied_with_the_clauses_that_are_near(written_answers: WrittenAnswers, texts: Texts) -> None:
    text = copy_text(exchange_of(written_answers.ask("天气"), written_answers.policies, texts), texts)
    assert "相近条款：\n· (五)" in text
    assert "依据" not in text


def test_markdown_holds_the_conversation_and_escapes_every_word_of_it(texts: Texts) -> None:
    spoken = Conversation(
        exchanges=[
            exchange(
                question=f"{ATTACK}\nsecond line",
                answer=f"{ATTACK}\n- 一项\n1. 不是列表",
                quotes=[Quoted(label="(一)", title=ATTACK, quote=ATTACK)],
                notes=[ATTACK],
                near=[ATTACK],
                contact=ATTACK,
                source=ATTACK,
                understood=ATTACK,
            )
        ]
    )
    text = markdown(spoken, texts, date(2026, 3, 2))
    assert text.startswith("# 政策问答记录\n\n2026-03-02\n\n## \\# \\<img")
    assert "\n- 一项\n" in text
    assert "\n\\1. 不是列表" in text
    assert "\n> \\# \\<img" in text
    unescaped = text.replace("\\<", "").replace("\\[", "").replace("\\*", "").replace("\\`", "")
    assert not any(mark in unescaped for mark in ("<img", "[x]", "`c"))
    assert unescaped.count("**") == 2, "only the label of the clause is set in bold"


def test_a_word_file_holds_the_same_words_as_they_were(texts: Texts) -> None:
    spoken = Conversation(
        language="en",
        exchanges=[
            exchange(
                question=ATTACK + "\x07",
                answer=f"{ATTACK}\n- 一项",
                quotes=[{"label": "(一)", "title": "题", "quote": "原"}],
            )
        ],
    )
    document = Document(io.BytesIO(word(spoken, texts, date(2026, 3, 2))))
    found = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs if paragraph.style]
    assert found == [
        ("Title", "Policy questions and answers"),
        ("Normal", "2026-03-02"),
        ("Heading 1", ATTACK),
        ("Normal", ATTACK),
        ("List Bullet", "一项"),
        ("Normal", "(一) 题"),
        ("Quote", "原"),
        ("Normal", "The policy text and the competent authorities' interpretation prevail"),
    ]


def post(client: TestClient, kind: str, content: bytes | str) -> tuple[int, bytes, str]:
    response = client.post(f"/transcript/{kind}", content=content, headers={"Content-Type": "text/plain"})
    return response.status_code, response.content, response.headers.get("content-disposition", "")


def test_a_file_is_offered_under_a_name_that_says_what_it_is(client: TestClient) -> None:
    body = "conversation=" + json.dumps({"exchanges": [{"question": "问", "answer": "答"}]}) + "\r\n"
    status, content, disposition = post(client, "md", body)
    assert status == 200
    assert "## 问" in content.decode()
    assert disposition.startswith('attachment; filename="transcript.md"; filename*=UTF-8')
    assert post(client, "docx", body)[1][:2] == b"PK"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "conversation=",
        "conversation={}",
        'conversation={"exchanges": []}',
        'conversation={"exchanges": [{"question": "x"}]}',
        'conversation={"exchanges": [{"question": "x", "answer": "y", "more": 1}]}',
        'conversation={"exchanges": [{"question": "\\ud800", "answer": "y"}]}',
        json.dumps({"exchanges": [{"question": "x" * 20_001, "answer": "y"}]}),
        json.dumps({"exchanges": [{"question": "x", "answer": "y"}] * 201}),
        b"\xff\xfe",
    ],
)
def test_what_is_no_conversation_is_refused(client: TestClient, content: bytes | str) -> None:
    assert post(client, "md", content)[0] == 422


def test_more_than_any_conversation_is_refused_and_another_kind_is_not_known(client: TestClient) -> None:
    assert post(client, "docx", b"x" * (MAX_CONVERSATION_BYTES + 1))[0] == 413
    assert post(client, "exe", "conversation={}")[0] == 422
