"""Added policies: what is put there, refused, replaced and removed, and that a kill leaves the old or the new."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from corpus import CorpusError, Fate, Library, Shelf
from corpus.departments import Directory
from corpus.errors import NotAdded
from corpus.library import state_of

GREEN = "示例县绿色建筑办法\n第一条 支持绿色建筑，给予最高{sum}万元奖励。\n第二条 本办法自2025年1月1日起施行。\n"


@pytest.fixture
def directory() -> Directory:
    return Directory.load()


@pytest.fixture
def shelf(small_corpus: Path, tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "data" / "policies", small_corpus)


def written(folder: Path, name: str, sum_: int = 20) -> Path:
    path = folder / name
    path.write_text(GREEN.format(sum=sum_), encoding="utf-8")
    return path


def library(shelf: Shelf) -> Library:
    return Library.load(shelf.shipped, added=shelf.folder)


def test_an_added_policy_stands_after_those_that_come_along(shelf: Shelf, directory: Directory, tmp_path: Path) -> None:
    fate, policy = shelf.add(written(tmp_path, "a green one.txt"), directory)
    assert (fate, policy.id) == (Fate.ADDED, "a-green-one")
    there = library(shelf)
    assert [p.id for p in there.policies] == ["robots", "a-green-one"]
    assert there.added == {"a-green-one"}
    assert there.policy("a-green-one") == policy
    assert policy.jurisdiction[:2] == ("示例县", "示例")
    assert policy.subjects == ("绿色建筑",)
    assert [p.id for p in Library.load(shelf.shipped).policies] == ["robots"]


def test_the_same_text_is_added_once(shelf: Shelf, directory: Directory, tmp_path: Path) -> None:
    shelf.add(written(tmp_path, "green.txt"), directory)
    before = state_of(shelf.folder)
    fate, policy = shelf.add(written(tmp_path, "again.txt"), directory)
    assert (fate, policy.id) == (Fate.UNCHANGED, "green")
    assert state_of(shelf.folder) == before


def test_another_text_takes_an_id_only_when_told_to(shelf: Shelf, directory: Directory, tmp_path: Path) -> None:
    shelf.add(written(tmp_path, "green.txt"), directory)
    with pytest.raises(NotAdded, match="--replace"):
        shelf.add(written(tmp_path, "green.txt", 30), directory)
    fate, policy = shelf.add(tmp_path / "green.txt", directory, replace=True)
    assert fate is Fate.REPLACED
    assert "30万元" in policy.source_text
    assert library(shelf).policy("green") == policy
    assert len(list((shelf.folder / "green").glob("source-*"))) == 1


def test_what_a_person_put_right_stays_when_the_text_is_replaced(
    shelf: Shelf, directory: Directory, tmp_path: Path
) -> None:
    shelf.add(written(tmp_path, "green.txt"), directory)
    data = shelf.folder / "green" / "policy.toml"
    data.write_text(data.read_text(encoding="utf-8").replace('"示例县"', '"样本县"'), encoding="utf-8")
    (shelf.folder / "green" / "lay.toml").write_text('[[lay]]\nclause = "1"\nzh = ["盖房子"]\n', encoding="utf-8")
    _, policy = shelf.add(written(tmp_path, "green.txt", 30), directory, replace=True)
    assert policy.jurisdiction[0] == "样本县"
    assert [w.text for w in policy.wordings] == ["盖房子"]


def test_a_translation_that_the_new_text_has_no_sum_for_keeps_it_out(
    shelf: Shelf, directory: Directory, tmp_path: Path
) -> None:
    shelf.add(written(tmp_path, "green.txt"), directory)
    (shelf.folder / "green" / "en.toml").write_text(
        '[[clause]]\nid = "1"\ntitle = "Green"\ntext = "Up to {1}."\n', encoding="utf-8"
    )
    before = state_of(shelf.folder)
    (tmp_path / "green.txt").write_text(GREEN.replace("，给予最高{sum}万元奖励", ""), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"\{1\}"):
        shelf.add(tmp_path / "green.txt", directory, replace=True)
    assert state_of(shelf.folder) == before


@pytest.mark.parametrize("policy_id", ["..", "-x", "a/b", "a#b", "x" * 61, ".hidden"])
def test_an_id_that_is_none_is_refused(shelf: Shelf, directory: Directory, tmp_path: Path, policy_id: str) -> None:
    with pytest.raises(NotAdded, match="--id"):
        shelf.add(written(tmp_path, "green.txt"), directory, policy_id)
    assert state_of(shelf.folder) == ()


def test_the_id_of_one_that_comes_along_stays_its_own(shelf: Shelf, directory: Directory, tmp_path: Path) -> None:
    with pytest.raises(NotAdded, match="comes along"):
        shelf.add(written(tmp_path, "robots.txt"), directory, replace=True)


def test_a_name_that_is_no_id_gives_way_to_the_title(shelf: Shelf, directory: Directory, tmp_path: Path) -> None:
    assert shelf.add(written(tmp_path, "---.txt"), directory)[1].id == "示例县绿色建筑办法"


def test_a_file_may_be_called_anything(shelf: Shelf, directory: Directory, tmp_path: Path) -> None:
    name = 'a"\\\n]\x7f😀.txt'
    _, policy = shelf.add(written(tmp_path, name), directory)
    data = tomllib.loads((shelf.folder / policy.id / "policy.toml").read_text(encoding="utf-8"))
    assert data["file"] == name.replace("\x7f", " ")
    assert set(data) == {"id", "source", "file", "subjects", "jurisdiction"}


def test_only_added_policies_are_removed(shelf: Shelf, directory: Directory, tmp_path: Path) -> None:
    shelf.add(written(tmp_path, "green.txt"), directory)
    with pytest.raises(NotAdded, match="comes along"):
        shelf.remove("robots")
    with pytest.raises(NotAdded, match="not there"):
        shelf.remove("../green")
    shelf.remove("green")
    assert [p.id for p in library(shelf).policies] == ["robots"]
    assert shelf.add(tmp_path / "green.txt", directory)[0] is Fate.ADDED


def test_one_that_can_no_longer_be_read_is_named_and_can_be_removed(
    shelf: Shelf, directory: Directory, tmp_path: Path
) -> None:
    shelf.add(written(tmp_path, "green.txt"), directory)
    next((shelf.folder / "green").glob("source-*")).unlink()
    with pytest.raises(CorpusError, match="green"):
        library(shelf)
    shelf.remove("green")
    assert len(library(shelf).policies) == 1


def test_a_folder_that_may_not_be_written_is_named(small_corpus: Path, directory: Directory, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    with pytest.raises(NotAdded, match="POLICY_DATA_DIR"):
        Shelf(tmp_path / "data" / "policies", small_corpus).add(written(tmp_path, "green.txt"), directory)


_CHANGING = """
import sys
from pathlib import Path
from corpus import Shelf
from corpus.departments import Directory
shelf, directory = Shelf(Path(sys.argv[1]), Path(sys.argv[2])), Directory.load()
print("begun", flush=True)
while True:
    for name in ("old.txt", "new.txt"):
        shelf.add(Path(sys.argv[3]) / name, directory, "green", replace=True)
    shelf.remove("green")
"""


def test_a_kill_at_any_moment_leaves_the_old_the_new_or_none(
    shelf: Shelf, directory: Directory, tmp_path: Path
) -> None:
    whole = {GREEN.format(sum=sum_) for sum_ in (20, 30)}
    written(tmp_path, "old.txt")
    written(tmp_path, "new.txt", 30)
    for attempt in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", _CHANGING, str(shelf.folder), str(shelf.shipped), str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent.parent.parent,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(0.05 + 0.0073 * attempt)
        process.kill()
        process.wait()
        process.stdout.close()
        left = [p for p in library(shelf).policies if p.id == "green"]
        assert all(p.source_text in whole for p in left)
    shelf.add(written(tmp_path, "last.txt", 40), directory, "green", replace=True)
    assert [p.name for p in shelf.folder.iterdir() if p.is_dir()] == ["green"]
