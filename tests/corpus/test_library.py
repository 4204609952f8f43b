"""The library of policies: what is in a folder is what is read, and its digest tells any change of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import BadData, CorpusError, UnknownPolicy, UnreadableFile
from corpus.library import Library

OTHER = "示例市绿色建筑办法\n第一条 支持绿色建筑，给予最高20万元奖励。\n第二条 本办法自2025年1月1日起施行。\n"


def add(folder: Path, policy_id: str, source: str = OTHER) -> Path:
    home = folder / policy_id
    home.mkdir(parents=True)
    (home / "policy.toml").write_text(f'id = "{policy_id}"\n', encoding="utf-8")
    (home / "source.txt").write_text(source, encoding="utf-8")
    return home


def test_policies_come_in_the_order_of_their_ids_and_keep_apart(small_corpus: Path) -> None:
    add(small_corpus, "green")
    library = Library.load(small_corpus)
    assert [p.id for p in library.policies] == ["green", "robots"]
    assert library.policy().id == "green"
    assert library.clause("一", "robots").text.startswith("第一条 支持机器人整机研发")
    assert library.clause("一", "green").id == "green#1"


def test_a_policy_that_is_not_there_is_refused_with_those_that_are(small_corpus: Path) -> None:
    with pytest.raises(UnknownPolicy, match=r"'red'.*robots"):
        Library.load(small_corpus).policy("red")


def test_the_digest_is_that_of_the_content(small_corpus: Path) -> None:
    before = Library.load(small_corpus).digest
    assert Library.load(small_corpus).digest == before
    source = small_corpus / "robots" / "source.txt"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("80万元", "90万元"), encoding="utf-8")
    changed = Library.load(small_corpus).digest
    assert changed != before
    source.write_text(text, encoding="utf-8")
    assert Library.load(small_corpus).digest == before
    (small_corpus / "robots" / "lay.toml").write_text(
        '[[lay]]\nclause = "1"\nzh = ["造机器人的补贴"]\n', encoding="utf-8"
    )
    assert Library.load(small_corpus).digest != before


def test_folders_without_a_policy_are_passed_over(small_corpus: Path) -> None:
    (small_corpus / "notes").mkdir()
    (small_corpus / "README.md").write_text("x", encoding="utf-8")
    assert [p.id for p in Library.load(small_corpus).policies] == ["robots"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_source_is_read_in_any_usual_encoding(small_corpus: Path, encoding: str) -> None:
    source = small_corpus / "robots" / "source.txt"
    text = source.read_text(encoding="utf-8")
    plain = Library.load(small_corpus).policies[0].source_text
    source.write_bytes(text.encode(encoding))
    assert Library.load(small_corpus).policies[0].source_text == plain


def test_what_cannot_be_read_is_named(tmp_path: Path, small_corpus: Path) -> None:
    with pytest.raises(UnreadableFile, match="nowhere"):
        Library.load(tmp_path / "nowhere")
    (small_corpus / "robots" / "source.txt").unlink()
    with pytest.raises(UnreadableFile, match=r"source\.txt"):
        Library.load(small_corpus)


def test_two_policies_with_one_id_are_refused(small_corpus: Path) -> None:
    home = add(small_corpus, "green")
    (home / "policy.toml").write_text('id = "robots"\n', encoding="utf-8")
    with pytest.raises(CorpusError, match="robots"):
        Library.load(small_corpus)


@pytest.mark.parametrize("policy_id", ["", "a#b", "a/b"])
def test_an_id_that_would_confuse_a_clauses_identity_is_refused(small_corpus: Path, policy_id: str) -> None:
    (small_corpus / "robots" / "policy.toml").write_text(f'id = "{policy_id}"\n', encoding="utf-8")
    with pytest.raises(BadData, match=r"policy\.toml"):
        Library.load(small_corpus)
