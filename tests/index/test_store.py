from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from index_samples import CHUNKS, GLOSSARY, LetterEmbedder, clause

from corpus.terms import Tokenizer
from index import IndexUnavailable, PolicyIndex
from index.snapshot import read_snapshot, state_of, write_snapshot
from index.store import DamagedError, EmbeddedStore, store_at
from index.tables import Table, fingerprint_of


def build(folder: Path, tokenizer: Tokenizer, version: str) -> PolicyIndex:
    return PolicyIndex.open(folder, CHUNKS, LetterEmbedder(), tokenizer, GLOSSARY, version)


def generations(folder: Path) -> set[str]:
    return {path.parent.name for path in (folder / "index").glob("*/manifest.json")}


def current(folder: Path) -> Path:
    return folder / "index" / (folder / "index" / "current").read_text().strip()


def test_what_was_written_is_read_back(tmp_path: Path, tokenizer: Tokenizer, embedder: LetterEmbedder) -> None:
    odd = clause(8, "zh", "奇怪\0的\ud800文字", "标题\ud800")
    PolicyIndex.open(tmp_path, [*CHUNKS, odd], embedder, tokenizer, GLOSSARY, "v1")
    found = store_at(tmp_path).read()
    assert found is not None
    manifest, tables = found
    records = sorted(
        (record for name in tables if name != "reference" for record in tables[name].records), key=lambda r: r.position
    )
    assert [record.chunk for record in records][:-1] == CHUNKS
    assert records[-1].chunk.text == "奇怪 的\ufffd文字"
    assert "国家标准" in tables["zh-clause"].records[1].terms
    np.testing.assert_allclose(np.linalg.norm(tables["zh-clause"].vectors, axis=1), 1, atol=1e-5)
    assert manifest.counts == {"reference": 160, "zh-clause": 4, "zh-provision": 1, "en-clause": 2}


def test_a_new_generation_replaces_the_old_and_the_one_before_is_kept(tmp_path: Path, tokenizer: Tokenizer) -> None:
    names = []
    for version in ("v1", "v2", "v3"):
        build(tmp_path, tokenizer, version)
        names.append(current(tmp_path).name)
    assert generations(tmp_path) == set(names[1:])


def test_readers_go_on_when_their_generation_is_gone(tmp_path: Path, tokenizer: Tokenizer) -> None:
    index = build(tmp_path, tokenizer, "v1")
    before = index.search("国家标准", "zh")
    shutil.rmtree(tmp_path / "index")
    assert index.search("国家标准", "zh") == before


def test_nothing_there_is_no_trouble(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "index")
    assert store.read_manifest() is None
    assert store.read() is None


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "manifest cut": lambda folder: truncate(folder / "manifest.json"),
    "manifest gone": lambda folder: (folder / "manifest.json").unlink(),
    "manifest not text": lambda folder: overwrite(folder / "manifest.json"),
    "database cut": lambda folder: truncate(folder / "chroma" / "chroma.sqlite3"),
    "database overwritten": lambda folder: overwrite(folder / "chroma" / "chroma.sqlite3"),
    "database empty": lambda folder: (folder / "chroma" / "chroma.sqlite3").write_bytes(b""),
    "database gone": lambda folder: (folder / "chroma" / "chroma.sqlite3").unlink(),
    "everything gone": shutil.rmtree,
    "pointer empty": lambda folder: (folder.parent / "current").write_text(""),
    "pointer elsewhere": lambda folder: (folder.parent / "current").write_text("../.."),
    "pointer not text": lambda folder: (folder.parent / "current").write_bytes(b"\xff\xfe\xff"),
    "pointer to nothing": lambda folder: (folder.parent / "current").write_text("20200101T000000-abcdef"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_index_is_rebuilt_by_itself(
    tmp_path: Path, tokenizer: Tokenizer, damage: Callable[[Path], None]
) -> None:
    before = build(tmp_path, tokenizer, "v1").search("国家标准", "zh")
    damage(current(tmp_path))
    embedder = LetterEmbedder()
    index = PolicyIndex.open(tmp_path, CHUNKS, embedder, tokenizer, GLOSSARY, "v1")
    assert embedder.embedded
    assert index.search("国家标准", "zh") == before
    assert store_at(tmp_path).read() is not None


def snapshot(folder: Path) -> Path:
    return current(folder) / "snapshot.npz"


def test_an_index_is_opened_without_its_database_library(tmp_path: Path, tokenizer: Tokenizer) -> None:
    build(tmp_path, tokenizer, "v1")
    code = (
        "import sys; from pathlib import Path; from index.store import store_at;"
        "found = store_at(Path(sys.argv[1])).read();"
        "print(len(found[1]), 'chromadb' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["4", "False"], run.stderr


def test_the_copy_holds_what_the_database_holds(tmp_path: Path, tokenizer: Tokenizer) -> None:
    build(tmp_path, tokenizer, "v1")
    copied = store_at(tmp_path).read()
    snapshot(tmp_path).unlink()
    stored = store_at(tmp_path).read()
    assert copied is not None
    assert stored is not None
    assert copied[0] == stored[0]
    assert list(copied[1]) == list(stored[1])
    for name, table in copied[1].items():
        assert table.records == stored[1][name].records
        np.testing.assert_array_equal(table.vectors, stored[1][name].vectors)


def exchange_vectors(path: Path) -> None:
    with np.load(path) as members:
        changed = {name: members[name][::-1] if members[name].ndim == 2 else members[name] for name in members.files}
    np.savez(path, **changed)


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, truncate, overwrite, lambda path: path.write_bytes(b""), exchange_vectors],
    ids=["gone", "cut", "overwritten", "empty", "of other vectors"],
)
def test_a_copy_that_cannot_be_used_is_made_again_from_the_database(
    tmp_path: Path, tokenizer: Tokenizer, damage: Callable[[Path], None]
) -> None:
    before = build(tmp_path, tokenizer, "v1").search("国家标准", "zh")
    kept = snapshot(tmp_path)
    damage(kept)
    embedder = LetterEmbedder()
    index = PolicyIndex.open(tmp_path, CHUNKS, embedder, tokenizer, GLOSSARY, "v1")
    assert index.search("国家标准", "zh") == before
    assert embedder.embedded == []
    assert snapshot(tmp_path) == kept
    assert read_snapshot(kept, state_of(kept.parent / "chroma")) is not None


def test_a_copy_of_another_state_of_the_database_is_no_copy(tmp_path: Path, tokenizer: Tokenizer) -> None:
    build(tmp_path, tokenizer, "v1")
    folder = current(tmp_path) / "chroma"
    state = state_of(folder)
    assert read_snapshot(snapshot(tmp_path), state) is not None
    with (folder / "chroma.sqlite3").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff")
    assert state_of(folder) != state
    assert read_snapshot(snapshot(tmp_path), state_of(folder)) is None


def test_a_copy_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "nowhere" / "snapshot.npz", {}, "state")
    (tmp_path / "snapshot.npz").mkdir()
    write_snapshot(tmp_path / "snapshot.npz", {}, "state")
    assert list(tmp_path.iterdir()) == [tmp_path / "snapshot.npz"]


def test_what_a_killed_build_left_is_cleared_away(tmp_path: Path, tokenizer: Tokenizer) -> None:
    leftover = tmp_path / "index" / ".building-20200101T000000-abcdef"
    (leftover / "chroma").mkdir(parents=True)
    build(tmp_path, tokenizer, "v1")
    assert not leftover.exists()


def test_records_that_were_changed_behind_its_back_are_damage(tmp_path: Path, tokenizer: Tokenizer) -> None:
    import chromadb
    from chromadb.config import Settings

    build(tmp_path, tokenizer, "v1")
    client = chromadb.PersistentClient(str(current(tmp_path) / "chroma"), settings=Settings(anonymized_telemetry=False))
    client.get_collection("zh-clause", embedding_function=None).delete(ids=["demo#1/zh"])
    client.close()
    with pytest.raises(DamagedError, match="not those that were written"):
        store_at(tmp_path).read()


def test_the_fingerprint_tells_changed_and_exchanged_rows_from_the_last_bit() -> None:
    vectors = np.eye(4, 6, dtype=np.float32)
    whole = fingerprint_of(Table((), vectors))
    assert fingerprint_of(Table((), vectors * np.float32(1 - 1e-7))) == pytest.approx(whole, abs=1e-4)
    assert abs(fingerprint_of(Table((), vectors[::-1].copy())) - whole) > 0.01
    changed = vectors.copy()
    changed[2] = 0
    assert abs(fingerprint_of(Table((), changed)) - whole) > 0.01


def test_a_server_address_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="POLICY_CHROMA_URL is 'nonsense'"):
        store_at(tmp_path, "nonsense")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_index_is_read_and_says_why_it_cannot_be_rebuilt(tmp_path: Path, tokenizer: Tokenizer) -> None:
    before = build(tmp_path, tokenizer, "v1").search("国家标准", "zh")
    everything = [tmp_path, *tmp_path.rglob("*")]
    for path in everything:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        assert build(tmp_path, tokenizer, "v1").search("国家标准", "zh") == before
        with pytest.raises(IndexUnavailable, match="can't be written"):
            build(tmp_path, tokenizer, "v2")
    finally:
        for path in everything:
            path.chmod(0o700)
