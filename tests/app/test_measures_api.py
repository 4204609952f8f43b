"""``GET /api/measures``: the table of provisions by its filters, in its order and as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from app.i18n import LANGUAGES, load_texts
from app.measures import as_csv, measure_rows, sort_rows, yuan
from app.measures_api import add_measures
from app.server import create_app
from corpus import read_policy
from corpus.departments import Directory
from corpus.models import Policy
from tests.app.conftest import TODAY, WrittenAnswers

EVIL = """示例市机器人产业促进办法

示例市为促进机器人产业发展，制定本办法。

第一条 支持机器人整机研发。对=HYPERLINK("http://x")整机企业，给予最高80万元资助。（责任单位：市科技局）

第二条 本办法自2024年5月1日起施行，有效期3年。
"""


@pytest.fixture(scope="module")
def client(written_answers: WrittenAnswers) -> Iterator[httpx.Client]:
    with TestClient(create_app(written_answers, today=lambda: TODAY)) as opened:
        yield opened


def rows_of(client: httpx.Client, **parameters: str) -> list[dict[str, Any]]:
    reply = client.get("/api/measures", params=parameters)
    assert reply.status_code == 200, reply.text
    rows: list[dict[str, Any]] = reply.json()["measures"]
    return rows


def test_there_is_one_row_a_provision_and_the_same_as_the_command_gives(
    client: httpx.Client, founding_policy: Policy
) -> None:
    data = client.get("/api/measures").json()
    assert [row["id"] for row in data["measures"]] == [p.id for c in founding_policy.numbered for p in c.provisions]
    assert (data["clauses"], data["clauses_total"]) == (20, 20)
    own = measure_rows(founding_policy)
    for row, mine in zip(data["measures"], own, strict=True):
        assert {k: row[k] for k in ("what", "amount", "qualifier", "ratio", "whom")} == {
            k: mine[k] for k in ("what", "amount", "qualifier", "ratio", "whom")
        }
        assert founding_policy.source_text[row["start"] : row["end"]] == row["text"]


@pytest.mark.parametrize("name", ["发改委", "發改委", "深圳市发展和改革委员会", "Development and Reform Commission"])
def test_a_department_is_known_by_all_its_names(client: httpx.Client, name: str) -> None:
    data = client.get("/api/measures", params={"department": name}).json()
    assert data["clauses"] == 14
    assert data["filters"]["department"] == "市发展改革委"


def test_a_unit_that_only_the_notes_name_can_be_asked_for(client: httpx.Client) -> None:
    named = client.get("/api/measures").json()["departments"]
    for entry in named:
        assert rows_of(client, department=entry["name"]), entry


@pytest.mark.parametrize("name", ["绿色建筑材料", "绿色建材", "綠色建材", "green building materials"])
def test_a_field_is_known_by_its_names_and_its_terms(client: httpx.Client, name: str) -> None:
    assert {row["label"] for row in rows_of(client, field=name)} == {"(十三)"}


def test_a_field_is_no_part_of_a_longer_word(client: httpx.Client, founding_policy: Policy) -> None:
    # 新能源汽车 is a market of the first clause, which names the field too; 前沿交叉研究平台 is no frontier material.
    assert "(十一)" not in {row["label"] for row in rows_of(client, field="前沿新材料")}
    assert {row["label"] for row in rows_of(client, field="固态电解质")} == {"(一)"}


@pytest.mark.parametrize("least", ["3000000", "3,000,000", "300万", "300万元"])
def test_amounts_are_read_as_on_the_command_line(client: httpx.Client, least: str) -> None:
    rows = rows_of(client, min_amount=least, max_amount="500万元")
    assert {row["amount"] for row in rows} == {3_000_000, 5_000_000}


def test_rows_with_and_without_a_sum_make_up_the_whole(client: httpx.Client) -> None:
    having, lacking = rows_of(client, has_amount="true"), rows_of(client, has_amount="false")
    assert all(row["amount"] is not None for row in having)
    assert all(row["amount"] is None and row["qualifier"] is None for row in lacking)
    assert len(having) + len(lacking) == len(rows_of(client))


def test_words_are_looked_for_in_chinese_and_in_the_translation(client: httpx.Client) -> None:
    assert {row["label"] for row in rows_of(client, q="首版次")} == {"(八)"}
    assert {row["label"] for row in rows_of(client, q="首版次 软件")} == {"(八)"}
    assert "(三)" in {row["label"] for row in rows_of(client, q="verification platform")}
    assert rows_of(client, q="没有这样的字") == []


def test_sorted_by_amount_ties_share_a_rank_and_rows_without_a_sum_come_last(client: httpx.Client) -> None:
    rows = rows_of(client, sort="-amount")
    assert [(row["label"], row["rank"]) for row in rows[:3]] == [("(三)", 1), ("(九)", 1), ("(十二)", 1)]
    assert rows[3]["rank"] == 4
    with_sum = [row["amount"] for row in rows if row["amount"] is not None]
    assert with_sum == sorted(with_sum, reverse=True)
    assert [row["amount"] for row in rows[len(with_sum) :]] == [None] * (len(rows) - len(with_sum))
    up = [row["amount"] for row in rows_of(client, sort="amount") if row["amount"] is not None]
    assert up == with_sum[::-1]


def test_a_sum_that_is_not_all_says_so_with_the_sentence(client: httpx.Client, founding_policy: Policy) -> None:
    rows = {row["id"].split("#")[1]: row for row in rows_of(client)}
    (matching,) = rows["9.1"]["notes"]
    assert (matching["kind"], matching["own"]) == ("matching", False)
    assert "1:1" in matching["text"]
    assert founding_policy.source_text[matching["start"] : matching["end"]] == matching["text"]
    assert [(n["kind"], n["own"]) for n in rows["9.2"]["notes"]] == [("matching", True)]
    assert [n["kind"] for n in rows["12.1"]["notes"]] == ["case_by_case"]
    assert rows["3.1"]["notes"] == []


def test_whom_is_in_the_words_of_the_sentence(client: httpx.Client) -> None:
    rows = {row["id"].split("#")[1]: row for row in rows_of(client)}
    assert rows["2.1"]["whom"] == "上游材料企业、高校、科研院所"
    assert rows["12.1"]["whom"] == "国内外领先企业、机构及团队"
    # Those whom a platform serves are not those who are supported.
    assert rows["3.1"]["whom"] is None
    for row in rows.values():
        if row["whom"] and row["whom"] != row["what"]:
            assert row["whom"] in row["text"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"department": "外星人局"}, 400),
        ({"min_amount": "很多"}, 400),
        ({"sort": "beauty"}, 400),
        ({"policy": "none"}, 404),
        ({"format": "pdf"}, 422),
        ({"has_amount": "perhaps"}, 422),
        ({"q": "长" * 201}, 422),
        ({"min_amount": "9" * 50}, 400),
    ],
)
def test_what_cannot_be_read_is_refused_in_json(client: httpx.Client, parameters: dict[str, str], status: int) -> None:
    reply = client.get("/api/measures", params=parameters)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]


# ---- files ----


def test_the_csv_opens_in_excel_and_has_the_same_rows(client: httpx.Client) -> None:
    parameters = {"department": "发改委", "sort": "-amount"}
    reply = client.get("/api/measures", params={**parameters, "format": "csv"})
    assert reply.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in reply.headers["content-disposition"]
    read = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    rows = rows_of(client, **parameters)
    assert [row["clause"] for row in read] == [row["clause"] for row in rows]
    assert [row["amount"] for row in read] == [str(row["amount"] or "") for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_has_numbers_as_numbers_and_a_fixed_header(client: httpx.Client, language: str) -> None:
    parameters = {"min_amount": "1000万", "sort": "-amount"}
    reply = client.get("/api/measures", params={**parameters, "format": "xlsx", "lang": language})
    book = load_workbook(io.BytesIO(reply.content))
    table, source = book.worksheets
    head = [cell.value for cell in table[1]]
    texts = load_texts()
    at = head.index(texts.text("measures.column_amount", language))
    rows = rows_of(client, **parameters)
    assert [line[at].value for line in table.iter_rows(min_row=2)] == [row["amount"] for row in rows]
    assert all(line[at].data_type == "n" for line in table.iter_rows(min_row=2))
    assert table.freeze_panes == "A2"
    assert all(table.column_dimensions[letter].width >= 8 for letter in "ABCDEFGH")
    assert "深工信规〔2023〕11号" in {cell.value for cell in source["B"]}
    ranks = [line[0].value for line in table.iter_rows(min_row=2)]
    assert ranks[:4] == [1, 1, 1, 4]


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_text(EVIL, encoding="utf-8")
    policy = read_policy(file, Directory.load())
    from fastapi import FastAPI

    class Own:
        policies = (policy,)

    app = FastAPI()
    add_measures(app, Own)
    client = TestClient(app)
    rows = rows_of(client)
    assert any(row["what"].startswith("=") for row in rows)
    for line in csv.reader(io.StringIO(client.get("/api/measures?format=csv").content.decode("utf-8-sig"))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line)
    book = load_workbook(io.BytesIO(client.get("/api/measures?format=xlsx").content))
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "＝"])
def test_a_cell_of_the_csv_never_starts_a_formula(founding_policy: Policy, start: str) -> None:
    row = {**measure_rows(founding_policy)[0], "what": f"{start}1+1"}
    line = next(csv.DictReader(io.StringIO(as_csv([row]))))
    assert line["what"] == f"'{start}1+1"


def test_an_unknown_order_is_no_order(founding_policy: Policy) -> None:
    with pytest.raises(KeyError):
        sort_rows(measure_rows(founding_policy), "beauty")


@pytest.mark.parametrize("text", ["", "many", "5", "1_000", "五十万", "RMB 2 million"])
def test_yuan_reads_a_sum_or_refuses(text: str) -> None:
    known = {"5": 5, "1_000": 1000, "五十万": 500_000, "RMB 2 million": 2 * 10**6}
    if text in known:
        assert yuan(text) == known[text]
    else:
        with pytest.raises(ValueError, match="no amount"):
            yuan(text)
