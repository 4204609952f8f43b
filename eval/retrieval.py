"""Retrieval measured on a BEIR folder, through the same index and search that answer questions.

A BEIR folder holds ``corpus.jsonl`` (``_id``, ``text``, optional ``title``), ``queries.jsonl`` (``_id``, ``text``) and
``qrels/test.tsv`` (``query-id``, ``corpus-id``, ``score``, with a header line).
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.glossary import Glossary
from corpus.terms import Tokenizer, language_of
from index import Chunk, Embedder, Grain, PolicyIndex, embedder_from_spec

# As deep as published runs are.
RUN_DEPTH = 100
MEASURES = ("nDCG@10", "RR@10", "R@1", "R@5", "R@10")
# What the field calls them: the mean of the reciprocal rank is MRR.
MEASURE_NAMES = {"RR@10": "MRR@10", "R@1": "recall@1", "R@5": "recall@5", "R@10": "recall@10"}
PERCENTILES = (50, 90, 95, 99)


class BadBeirFolder(ValueError):
    """The folder is not as BEIR has it; the message names the file and line."""


@dataclass(frozen=True, slots=True)
class BeirData:
    """``documents`` and ``queries`` by id in file order; ``qrels``: query id -> document id -> grade above 0."""

    name: str
    documents: dict[str, str]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]


def run(
    beir_dir: Path,
    embedder_spec: str = "bundled",
    run_file: Path | None = None,
    data_dir: Path | None = None,
    glossary: Glossary | None = None,
    limit: int | None = None,
    progress: bool | None = None,
) -> dict[str, Any]:
    """Index the folder's documents, ask its queries, and score: JSON-ready, see ``format_report``.

    The index is one of its own: under ``data_dir``, where it is kept for the next run, or in a temporary folder.
    ``run_file`` receives the ranking in TREC format. ``limit`` asks only the first so many queries that have
    judgements. Raises BadBeirFolder and what opening an index raises.
    """
    data = read_beir(beir_dir)
    with _index_folder(data, data_dir) as folder:
        return evaluate(data, embedder_from_spec(embedder_spec), folder, run_file, glossary, limit, progress)


def evaluate(
    data: BeirData,
    embedder: Embedder,
    data_dir: Path,
    run_file: Path | None = None,
    glossary: Glossary | None = None,
    limit: int | None = None,
    progress: bool | None = None,
) -> dict[str, Any]:
    """As ``run``, with the data read and the embedder made."""
    glossary = glossary or Glossary()
    chunks = _chunks(data)
    started = time.perf_counter()
    index = PolicyIndex.open(
        data_dir,
        chunks,
        embedder,
        Tokenizer(glossary.chinese_words()),
        glossary,
        _corpus_hash(data),
        progress=progress,
    )
    opened = time.perf_counter() - started
    # A query without judgements has no score; it is counted, not averaged in as a zero.
    judged = [query_id for query_id in data.queries if query_id in data.qrels][:limit]
    query_language = _majority(list(data.queries.values()))
    rankings: dict[str, list[tuple[str, float]]] = {}
    latencies = []
    for query_id in judged:
        # In a Chinese set a query that is just a name (iPhone 12) is a Chinese speaker's all the same.
        text = data.queries[query_id]
        asked = time.perf_counter()
        hits = index.search(text, language_of(text, query_language), RUN_DEPTH, Grain.CLAUSE)
        latencies.append((time.perf_counter() - asked) * 1000)
        rankings[query_id] = [(hit.chunk.clause_id, hit.score) for hit in hits]
    if run_file is not None:
        write_trec(run_file, rankings)
    return {
        "dataset": data.name,
        "documents": len(data.documents),
        "document_languages": dict(Counter(chunk.language for chunk in chunks)),
        "queries": len(judged),
        "queries_without_judgements": len(data.queries.keys() - data.qrels.keys()),
        "query_language": query_language,
        "embedder": index.manifest.embedder,
        "versions": index.manifest.versions,
        "metrics": score(data.qrels, rankings),
        "latency_ms": _percentiles(latencies),
        "open_seconds": round(opened, 3),
        "run_file": str(run_file) if run_file else None,
    }


def score(
    qrels: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[tuple[str, float]]]
) -> dict[str, float]:
    """The measures, 0..1, averaged over the queries of ``rankings``; empty when there are none."""
    import ir_measures

    if not rankings:
        return {}
    judgements = [
        ir_measures.Qrel(query, document, grade) for query in rankings for document, grade in qrels[query].items()
    ]
    # The position decides, not the score: trec_eval would order equal scores by document id.
    scored = [
        ir_measures.ScoredDoc(query, document, -position)
        for query, ranking in rankings.items()
        for position, (document, _) in enumerate(ranking)
    ]
    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    values = ir_measures.calc_aggregate(measures, judgements, scored)
    return {MEASURE_NAMES.get(str(measure), str(measure)): float(values[measure]) for measure in measures}


def write_trec(path: Path, rankings: Mapping[str, Sequence[tuple[str, float]]], tag: str = "policy-assistant") -> None:
    """The ranking as ``query Q0 document rank score tag`` lines, ranks from 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for query, ranking in rankings.items():
            for rank, (document, value) in enumerate(ranking, 1):
                file.write(f"{query} Q0 {document} {rank} {value:.6f} {tag}\n")


def format_report(report: Mapping[str, Any]) -> str:
    """What ``run`` returned, as a few lines for a person."""
    languages = ", ".join(f"{count} {language}" for language, count in report["document_languages"].items())
    metrics = "  ".join(f"{name} {100 * value:.1f}" for name, value in report["metrics"].items())
    latency = "  ".join(f"{name} {value:.1f}" for name, value in report["latency_ms"].items())
    unjudged = report["queries_without_judgements"]
    lines = [
        f"{report['dataset']}: {report['queries']} queries ({report['query_language']}) over {languages} documents",
        f"embedder   {report['embedder']}",
        f"%          {metrics or 'no query with judgements'}",
        f"ms/query   {latency}",
    ]
    if unjudged:
        lines.append(f"left out   {unjudged} queries without judgements")
    if report["run_file"]:
        lines.append(f"run        {report['run_file']}")
    return "\n".join(lines)


def read_beir(folder: Path) -> BeirData:
    """The folder's contents. BadBeirFolder when a file is missing or a line is not as it has to be."""
    documents = {
        _text_id(row, where): " ".join(part for part in (row.get("title"), _text(row, where)) if part)
        for row, where in _json_lines(folder / "corpus.jsonl")
    }
    queries = {_text_id(row, where): _text(row, where) for row, where in _json_lines(folder / "queries.jsonl")}
    qrels: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(folder / "qrels" / "test.tsv"), 1):
        cells = line.rstrip("\n").split("\t")
        if (number == 1 and cells[0] == "query-id") or not line.strip():
            continue
        if len(cells) != 3 or not re.fullmatch(r"-?\d+", cells[2]):
            raise BadBeirFolder(f"{folder / 'qrels' / 'test.tsv'}, line {number}: not query-id, corpus-id, score")
        if int(cells[2]) > 0:
            qrels.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    return BeirData(folder.name, documents, queries, qrels)


def _majority(texts: Sequence[str]) -> str:
    votes = Counter(language_of(text) for text in texts)
    return votes.most_common(1)[0][0] if votes else "en"


def _chunks(data: BeirData) -> list[Chunk]:
    return [
        Chunk(
            id=document_id,
            policy_id=data.name,
            clause_id=document_id,
            grain=Grain.CLAUSE,
            language=language_of(text),
            text=text,
        )
        for document_id, text in data.documents.items()
    ]


def _corpus_hash(data: BeirData) -> str:
    digest = hashlib.sha256()
    for document_id, text in data.documents.items():
        digest.update(f"{document_id}\0{text}\0".encode("utf-8", "replace"))
    return digest.hexdigest()


@contextmanager
def _index_folder(data: BeirData, data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        # Apart from the index that answers questions, and one for each set.
        yield data_dir / "retrieval" / f"{data.name}-{_corpus_hash(data)[:8]}"
        return
    with tempfile.TemporaryDirectory(prefix="policy-retrieval-") as folder:
        yield Path(folder)


def _percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    import numpy as np

    if not milliseconds:
        return {}
    return {f"p{p}": round(float(np.percentile(milliseconds, p)), 2) for p in PERCENTILES}


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadBeirFolder(
            f"{path} can't be read ({error}); a BEIR folder has corpus.jsonl, queries.jsonl and qrels/test.tsv"
        ) from error


def _json_lines(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadBeirFolder(f"{where}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise BadBeirFolder(f"{where}: not a JSON object")
        yield row, where


def _text_id(row: Mapping[str, Any], where: str) -> str:
    if not isinstance(row.get("_id"), str):
        raise BadBeirFolder(f"{where}: no _id")
    return str(row["_id"])


def _text(row: Mapping[str, Any], where: str) -> str:
    if not isinstance(row.get("text"), str):
        raise BadBeirFolder(f"{where}: no text")
    return str(row["text"])
