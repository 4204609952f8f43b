"""What a run leaves behind, for people and for scripts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.models import Answer, Message
from corpus.departments import Directory
from corpus.models import Policy
from eval.answers import score_run
from eval.gold import GoldItem
from eval.reports import as_dict, failures_text, html_report, markdown_table, show_failure, write_report
from eval.scoring import Summary, summarise

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def items(gold_item: Callable[..., GoldItem]) -> list[GoldItem]:
    history = (Message("user", "先问国标"), Message("assistant", "50万元"))
    return [
        gold_item(id="ok", clauses=("(三)",)),
        replace(gold_item(id="bad", clauses=("(三)",), amounts=(50_000_000,), history=history), question=EVIL),
    ]


@pytest.fixture
def answers(make_answer: Callable[..., Answer]) -> dict[str, dict[str, object]]:
    bad = replace(
        make_answer("第一行\n" + "很长" * 200 + "\n" + "行\n" * 30, ["(五)"]),
        standalone_question="国标由谁负责",
        trace={"wanted": "department", "candidates": ["(五)"]},
    )
    return {"ok": make_answer("(三)", ["(三)"]).as_dict(), "bad": bad.as_dict()}


@pytest.fixture
def summary(
    items: list[GoldItem], answers: dict[str, dict[str, object]], directory: Directory, policy: Policy
) -> Summary:
    return score_run(items, answers, directory, policy)


class Page(HTMLParser):
    """The tags and the outside addresses of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [
            value or ""
            for name, value in attrs
            if name in ("src", "href", "xlink:href") and not (value or "").startswith("#")
        ]


def test_a_failure_shows_all_that_is_needed_on_one_screen(
    items: list[GoldItem], answers: dict[str, dict[str, object]], summary: Summary
) -> None:
    shown = show_failure(items[1], answers["bad"], summary.scores[1])
    for needed in (
        "bad",
        "先问国标",
        EVIL,
        "国标由谁负责",
        "wanted",
        "(五)",
        "第一行",
        "missing clause: (三)",
        "wrong citation: (五)",
    ):
        assert needed in shown
    lines = shown.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 130
    assert "more lines" in shown


def test_a_missing_answer_can_be_shown(items: list[GoldItem], directory: Directory) -> None:
    summary = score_run(items[:1], {}, directory)
    assert "there is no answer" in show_failure(items[0], None, summary.scores[0])


def test_only_failures_are_listed(
    items: list[GoldItem], answers: dict[str, dict[str, object]], summary: Summary
) -> None:
    text = failures_text(items, answers, summary)
    assert "── bad" in text
    assert "── ok" not in text


def test_the_table_has_a_row_for_all_each_language_and_each_kind(summary: Summary) -> None:
    table = markdown_table(summary)
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert rows[2].startswith("| all | 2 | 50.0 | 9–91 |")
    assert rows[3].startswith("| zh | 2 |")
    assert rows[4].startswith("| amount | 2 |")
    assert len({row.count("|") for row in rows[:5]}) == 1


def test_what_is_undefined_is_a_dash_in_the_table_and_null_in_json() -> None:
    empty = summarise([])
    assert "| all | 0 | – | – | – |" in markdown_table(empty)
    totals = json.loads(json.dumps(as_dict(empty)))
    assert totals["overall"]["right"] == {"hits": 0, "of": 0, "share": None, "interval": None}
    assert totals["overall"]["clauses"]["f1"] is None
    assert totals["pairs"]["gap"] is None


def test_json_has_the_totals(summary: Summary) -> None:
    totals = json.loads(json.dumps(as_dict(summary)))
    assert totals["overall"]["clauses"] == {
        "tp": 1,
        "fp": 1,
        "fn": 1,
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "f2": 0.5,
    }
    assert totals["by_kind"]["amount"]["right"]["share"] == 0.5
    assert totals["reasons"]["missing clause"] == 1


def test_the_page_is_self_contained_and_shows_markup_as_text(
    items: list[GoldItem], answers: dict[str, dict[str, object]], summary: Summary
) -> None:
    html = html_report(items, answers, summary, {"gold": EVIL})
    page = Page(html)
    assert not page.tags & {"script", "img", "link", "iframe", "object"}
    assert page.addresses == []
    assert "@import" not in html
    assert "url(http" not in html
    assert html.count("&lt;script&gt;") == 2
    assert "svg" in page.tags


def test_the_page_is_the_same_every_time(
    items: list[GoldItem], answers: dict[str, dict[str, object]], summary: Summary
) -> None:
    assert html_report(items, answers, summary, {}) == html_report(items, answers, summary, {})


def test_without_matplotlib_the_tables_remain() -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from eval.reports import html_report\nfrom eval.scoring import summarise\n"
        "html = html_report([], {}, summarise([]), {})\nprint('svg' in html.split('</style>')[1], '<table' in html)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout.split() == ["False", "True"]


def test_a_report_leaves_every_file(
    tmp_path: Path,
    items: list[GoldItem],
    answers: dict[str, dict[str, object]],
    summary: Summary,
    policy: Policy,
) -> None:
    write_report(tmp_path / "a" / "b", items, answers, summary, {"gold": "g.jsonl", "model": None}, policy)
    names = {path.name for path in (tmp_path / "a" / "b").iterdir()}
    assert names == {"totals.json", "items.jsonl", "report.md", "report.html", "failures.txt", "ragas.jsonl"}
    totals = json.loads((tmp_path / "a" / "b" / "totals.json").read_text(encoding="utf-8"))
    assert totals["settings"] == {"gold": "g.jsonl", "model": None}
    rows = [
        json.loads(line) for line in (tmp_path / "a" / "b" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [(row["id"], row["right"]) for row in rows] == [("ok", True), ("bad", False)]
