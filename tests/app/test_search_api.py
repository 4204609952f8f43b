"""``GET /api/search``: what it finds, what it says of it, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.assistant import Assistant
from app.i18n import load_texts
from app.search_api import add_search
from app.server import create_app
from tests.app.conftest import TODAY, WrittenAnswers
from tests.conftest import FOUNDING


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[TestClient]:
    with TestClient(create_app(assistant, max_question_chars=60, today=lambda: TODAY)) as opened:
        yield opened


def found(client: TestClient, q: str, **more: Any) -> list[dict[str, Any]]:
    reply = client.get("/api/search", params={"q": q, **more})
    assert reply.status_code == 200, reply.text
    results: list[dict[str, Any]] = reply.json()["results"]
    return results


def test_the_clause_asked_for_comes_first_with_the_provision_meant(client: TestClient) -> None:
    first = found(client, "参与制定国家标准能拿多少钱")[0]
    assert first["clause"]["id"] == f"{FOUNDING}#19"
    assert [p["amount"]["value"] for p in first["provisions"]] == [500_000]
    assert first["provisions"][0]["shown"] == {"name": "国家标准", "zh": "不超过50万元", "en": "up to RMB 500,000"}
    assert first["say"]["zh"]["spoken"].endswith("给予不超过五十万元资助，依据本措施第十九条。")
    assert "RMB 500,000" in first["say"]["en"]["spoken"]


def test_words_that_tell_nothing_apart_give_the_whole_list(client: TestClient) -> None:
    first = found(client, "标准")[0]
    assert [p["amount"]["value"] for p in first["provisions"] if p["amount"]] == [
        1_000_000, 500_000, 300_000, 200_000, 100_000,
    ]  # fmt: skip
    assert first["say"]["zh"]["spoken"].startswith("共五项，")


def test_english_and_traditional_queries_find_the_same(client: TestClient) -> None:
    assert found(client, "national standard")[0]["clause"]["number"] == 19
    hant = found(client, "單項冠軍")[0]
    assert hant["clause"]["number"] == 16
    assert "三百萬元" in hant["say"]["zh"]["spoken"]
    assert "三百万元" in found(client, "單項冠軍", lang="zh")[0]["say"]["zh"]["spoken"]


def test_results_come_best_first_and_no_more_than_asked_for(client: TestClient) -> None:
    results = found(client, "中试基地", k=4)
    scores = [r["score"] for r in results]
    assert len(results) == 4
    assert scores == sorted(scores, reverse=True)


def test_lines_are_the_policy_text_and_the_sum_meant_is_marked_with_its_bound(
    client: TestClient, source_text: str
) -> None:
    for result in found(client, "首批次新材料产品"):
        for line in result["lines"]:
            assert "".join(part["text"] for part in line["parts"]) == source_text[line["start"] : line["end"]]
        assert len(result["lines"]) <= 2
    marks = [part["text"] for part in found(client, "首批次")[0]["lines"][-1]["parts"] if part["mark"]]
    assert "最高不超过1000万元" in marks


def test_the_number_stands_with_the_host_bureau_alone_and_is_never_the_hotline_itself(client: TestClient) -> None:
    seen = {}
    for query in ("国家标准", "园区", "金融机构", "中试", "有效期"):
        for result in found(client, query, k=50):
            for unit in result["clause"]["departments"]:
                seen[unit["name"]] = unit["phone"]
            for said in result["say"].values():
                assert "12345" not in "".join([*said["transfer"], said["copy"], said["spoken"], said["sms"]])
    assert seen.pop("市工业和信息化局") == "0755-88102553"
    assert len(seen) > 10
    assert set(seen.values()) == {None}


def test_forwarding_names_the_lead_first(client: TestClient) -> None:
    lines = found(client, "国家标准")[0]["say"]["zh"]["transfer"]
    assert lines[:2] == ["牵头：市市场监管局", "配合：市工业和信息化局"]
    assert lines[2].startswith("市工业和信息化局 0755-88102553 9:00")
    closing = next(r for r in found(client, "有效期", k=50) if r["clause"]["label"] == "六、附则")
    assert closing["say"]["zh"]["transfer"] == ["原文没有写明责任单位"]


def test_a_part_without_provisions_is_said_in_the_words_nearest_to_the_query(client: TestClient) -> None:
    first = found(client, "有效期")[0]
    assert first["say"]["zh"]["spoken"] == "本措施自2023年9月13日起实施，有效期5年，依据本措施附则。"


def test_what_is_copied_has_the_source(client: TestClient) -> None:
    copied = found(client, "国家标准")[0]["say"]["zh"]["copy"]
    assert "原文：对主导或参与国际标准" in copied
    assert "来源：《深圳市关于推动新材料产业集群高质量发展的若干措施》深工信规〔2023〕11号 (十九)" in copied
    assert copied.endswith("以政策原文及主管部门解释为准")


@pytest.mark.parametrize("q", ["", "  ", "\u3000"])
def test_nothing_typed_finds_nothing(client: TestClient, q: str) -> None:
    assert found(client, q) == []


@pytest.mark.parametrize(
    "q", ["<img src=x onerror=alert(1)>", "'; DROP TABLE x --", "?" * 60, "🙂🙂", "𠮷\u200b标准", "(((", "%s {0} {q}"]
)
def test_any_text_is_answered(client: TestClient, q: str) -> None:
    for result in found(client, q):
        assert len(result["say"]["zh"]["spoken"]) <= 80


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({"q": "标" * 61}, 422, "61 characters, at most 60"), ({"q": "a\0b"}, 422, "not text"),
        ({"q": "标准", "k": 0}, 422, "k"), ({"q": "标准", "k": 51}, 422, "k"), ({"q": "标准", "k": "x"}, 422, "k"),
        ({"q": "标准", "policy": "none"}, 404, FOUNDING), ({"q": "标准", "lang": "fr"}, 422, "lang"),
    ],
)  # fmt: skip
def test_what_it_refuses(client: TestClient, parameters: dict[str, Any], status: int, words: str) -> None:
    reply = client.get("/api/search", params=parameters)
    assert reply.status_code == status
    assert words in reply.json()["error"]["message"]


def test_an_assistant_that_only_answers_is_no_defect(written_answers: WrittenAnswers) -> None:
    app = FastAPI()
    add_search(app, lambda: written_answers, load_texts())
    with TestClient(app) as client:
        assert client.get("/api/search", params={"q": "标准"}).status_code == 503
