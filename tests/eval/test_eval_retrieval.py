from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.retrieval import BadBeirFolder, format_report, read_beir, run, score

DOCUMENTS = [
    ("d1", "对主导或参与国家标准制定的单位给予资助。"),
    ("d2", "支持举办高端展会和论坛。"),
    ("d3", "明天有雨，气温下降。"),
]
QUERIES = [("q1", "参与制定国家标准有钱吗"), ("q2", "办展会"), ("q3", "没有判断的问题")]


def write_beir(folder: Path, qrels: str = "q1\td1\t1\nq2\td2\t2\nq2\td3\t0\n") -> Path:
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", DOCUMENTS), ("queries", QUERIES)):
        lines = (json.dumps({"_id": id_, "title": "", "text": text}, ensure_ascii=False) for id_, text in rows)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels, encoding="utf-8")
    return folder


def test_a_folder_is_indexed_asked_and_scored(tmp_path: Path) -> None:
    trec = tmp_path / "out" / "run.trec"
    report = run(write_beir(tmp_path / "demo"), "bundled", trec, tmp_path / "data", progress=False)
    assert report["metrics"] == pytest.approx(
        {"nDCG@10": 1.0, "MRR@10": 1.0, "recall@1": 1.0, "recall@5": 1.0, "recall@10": 1.0}
    )
    assert (report["documents"], report["queries"], report["queries_without_judgements"]) == (3, 2, 1)
    assert report["query_language"] == "zh"
    assert report["document_languages"] == {"zh": 3}
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p99"]
    assert json.loads(json.dumps(report)) == report
    rows = [line.split() for line in trec.read_text(encoding="utf-8").splitlines()]
    assert next(row[:4] for row in rows if row[0] == "q2") == ["q2", "Q0", "d2", "1"]
    assert [int(row[3]) for row in rows if row[0] == "q1"] == [1, 2, 3]
    text = format_report(report)
    assert "nDCG@10 100.0" in text
    assert "1 queries without judgements" in text
    # The index stays in the folder that was given, and the next run uses it.
    assert list((tmp_path / "data" / "retrieval").glob("demo-*/index/current"))


def test_scores_are_worked_out_by_hand() -> None:
    qrels = {"a": {"x": 1}, "b": {"y": 1, "z": 1}}
    rankings = {"a": [("w", 0.9), ("x", 0.9)], "b": [("y", 0.5)]}
    values = score(qrels, rankings)
    # a: right at rank 2; b: one of two, at rank 1.
    assert values["MRR@10"] == pytest.approx((1 / 2 + 1) / 2)
    assert values["recall@1"] == pytest.approx((0 + 1 / 2) / 2)
    assert values["recall@5"] == pytest.approx((1 + 1 / 2) / 2)
    ideal = 1 + 0.6309297535714575
    assert values["nDCG@10"] == pytest.approx((0.6309297535714575 + 1 / ideal) / 2)


def test_a_query_that_found_nothing_counts_as_zero() -> None:
    assert score({"a": {"x": 1}, "b": {"y": 1}}, {"a": [("x", 1.0)], "b": []})["recall@10"] == pytest.approx(0.5)


def test_no_judged_query_has_no_scores(tmp_path: Path) -> None:
    report = run(write_beir(tmp_path / "demo", qrels=""), data_dir=tmp_path / "data", progress=False)
    assert report["metrics"] == {}
    assert "no query with judgements" in format_report(report)


def test_grades_of_zero_are_no_judgements_for_anything(tmp_path: Path) -> None:
    assert read_beir(write_beir(tmp_path / "demo")).qrels == {"q1": {"d1": 1}, "q2": {"d2": 2}}


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("corpus.jsonl", '{"_id": "a", "text": "b"}\n{broken', "corpus.jsonl, line 2: not JSON"),
        ("corpus.jsonl", "[1]", "corpus.jsonl, line 1: not a JSON object"),
        ("queries.jsonl", '{"text": "b"}', "queries.jsonl, line 1: no _id"),
        ("queries.jsonl", '{"_id": "a"}', "queries.jsonl, line 1: no text"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 d1 1\n", "test.tsv, line 2: not query-id, corpus-id, score"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, file: str, content: str, complaint: str) -> None:
    folder = write_beir(tmp_path / "demo")
    (folder / file).write_text(content)
    with pytest.raises(BadBeirFolder, match=complaint):
        read_beir(folder)


def test_a_missing_file_is_told_with_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(BadBeirFolder, match=r"a BEIR folder has corpus\.jsonl, queries\.jsonl and qrels/test\.tsv"):
        run(tmp_path / "nothing")
