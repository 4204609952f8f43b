"""Chunks to an index: embedded, tokenised, stored as a new generation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np

from corpus.terms import Tokenizer, encodable, to_simplified
from index.chunks import SPLITTER_VERSION
from index.embedders import Embedder, Vectors
from index.fusion import Scale
from index.models import Chunk, Grain
from index.reference_questions import REFERENCE_QUESTIONS
from index.store import Manifest, Store
from index.tables import Record, Table, digest_of, fingerprint_of

# Small enough for a bar that moves, large enough to keep every core busy.
BATCH = 16
# A bar that appears at once and is gone at once only flickers.
PROGRESS_AFTER_SECONDS = 1.0

# The collection of the reference questions; not a policy, and never searched.
REFERENCE = "reference"


def collection_name(language: str, grain: Grain) -> str:
    return f"{language}-{grain.value}"


def reference_vectors(tables: Mapping[str, Table], kind: str, language: str) -> Vectors:
    """The reference questions of a language as ``kind``, query or passage, row by row."""
    table = tables[REFERENCE]
    return table.vectors[[record.chunk.clause_id == f"{kind}-{language}" for record in table.records]]


def build_index(
    chunks: Sequence[Chunk],
    store: Store,
    embedder: Embedder,
    tokenizer: Tokenizer,
    corpus_hash: str,
    known: Sequence[Table] = (),
    progress: bool | None = None,
) -> Manifest:
    """Write a generation for ``chunks`` and make it current; its manifest is returned.

    Vectors of texts that stand in ``known`` (tables of the same embedder) are taken over, so that one new
    policy costs one policy. ``progress`` draws a bar on stderr: True always, False never, None when it takes
    more than a second. ValueError when two chunks have one id. IndexUnavailable, EmbedderUnavailable.
    """
    _check_ids(chunks)
    records = [
        Record(chunk, tuple(tokenizer.terms(full_text(chunk), chunk.language)), i) for i, chunk in enumerate(chunks)
    ]
    vectors = _embed([full_text(chunk) for chunk in chunks], embedder, _vectors_by_text(known), progress)
    tables = {REFERENCE: _reference_table(embedder, known)}
    for name in dict.fromkeys(collection_name(chunk.language, chunk.grain) for chunk in chunks):
        rows = [i for i, chunk in enumerate(chunks) if collection_name(chunk.language, chunk.grain) == name]
        tables[name] = Table(tuple(records[i] for i in rows), vectors[rows])
    manifest = describe(corpus_hash, embedder, embedder.scale or _measured_scale(tables), tables)
    store.write(manifest, tables)
    return manifest


def full_text(chunk: Chunk) -> str:
    """What is embedded and tokenised: heading and text, in simplified characters."""
    text = f"{chunk.heading}\n{chunk.text}" if chunk.heading else chunk.text
    return to_simplified(encodable(text))


def describe(corpus_hash: str, embedder: Embedder, scale: Scale, tables: Mapping[str, Table]) -> Manifest:
    """The manifest of ``tables``."""
    return Manifest(
        corpus=corpus_hash,
        embedder=str(embedder.identity),
        dimension=embedder.identity.dimension,
        splitter=SPLITTER_VERSION,
        versions=package_versions(),
        floor=scale.floor,
        ceiling=scale.ceiling,
        counts={name: len(table.records) for name, table in tables.items()},
        digest=digest_of(tables),
        fingerprints={name: fingerprint_of(table) for name, table in tables.items()},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def package_versions() -> dict[str, str]:
    """The packages whose versions change what is stored."""
    return {package: version(package) for package in ("chromadb", "jieba", "opencc")}


def _check_ids(chunks: Sequence[Chunk]) -> None:
    seen: set[str] = set()
    for chunk in chunks:
        if chunk.id in seen:
            raise ValueError(f"two chunks have the id {chunk.id!r}")
        seen.add(chunk.id)


def _vectors_by_text(tables: Iterable[Table]) -> dict[str, Vectors]:
    return {
        full_text(record.chunk): vector
        for table in tables
        for record, vector in zip(table.records, table.vectors, strict=True)
        if record.chunk.policy_id != REFERENCE
    }


def _embed(texts: Sequence[str], embedder: Embedder, known: dict[str, Vectors], progress: bool | None) -> Vectors:
    from tqdm import tqdm

    new = [text for text in dict.fromkeys(texts) if text not in known]
    # Texts of like length share a batch: the engine then wastes no time on waiting for the longest.
    new.sort(key=len)
    with tqdm(
        total=len(new),
        desc="index",
        unit="chunk",
        disable=progress is False,
        delay=0 if progress else PROGRESS_AFTER_SECONDS,
        leave=False,
    ) as bar:
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            known.update(zip(batch, embedder.encode_passages(batch), strict=True))
            bar.update(len(batch))
    if not texts:
        return np.empty((0, embedder.identity.dimension), dtype=np.float32)
    return np.stack([known[text] for text in texts])


def _reference_table(embedder: Embedder, known: Iterable[Table]) -> Table:
    """The reference questions of each language, embedded both ways: see ``index.reference_questions``."""
    # A question and a passage with the same text have different vectors.
    vectors = {
        (record.chunk.clause_id, record.chunk.text): vector
        for table in known
        for record, vector in zip(table.records, table.vectors, strict=True)
        if record.chunk.policy_id == REFERENCE
    }
    chunks: list[Chunk] = []
    for language, texts in zip(("en", "zh"), zip(*REFERENCE_QUESTIONS, strict=True), strict=True):
        for kind, encode in (("query", embedder.encode_queries), ("passage", embedder.encode_passages)):
            name = f"{kind}-{language}"
            chunks += [
                Chunk(f"{name}-{number}", REFERENCE, name, Grain.CLAUSE, language, text)
                for number, text in enumerate(texts)
            ]
            new = [text for text in texts if (name, text) not in vectors]
            if new:
                vectors.update(zip([(name, text) for text in new], encode(new), strict=True))
    records = tuple(Record(chunk, (), i) for i, chunk in enumerate(chunks))
    return Table(records, np.stack([vectors[chunk.clause_id, chunk.text] for chunk in chunks]))


def _measured_scale(tables: Mapping[str, Table]) -> Scale:
    """For an embedder that does not know its scale: the reference questions have nothing in common, so their mean
    cosine is where having nothing in common lies."""
    floors = []
    for language in ("en", "zh"):
        cosines = reference_vectors(tables, "query", language) @ reference_vectors(tables, "passage", language).T
        floors.append(float(cosines[~np.eye(len(cosines), dtype=bool)].mean()))
    # The language that keeps its texts further apart: an English-only model sees all Chinese as alike.
    return Scale(floor=round(min(*floors, 0.9), 3), ceiling=1.0)
