from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dictionary import Dictionary
from corpus.prepared import Grouped, grouped, prepared


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    return Dictionary(tmp_path_factory.mktemp("cache"))


def test_the_commoner_word_comes_first(dictionary: Dictionary) -> None:
    assert dictionary.to_chinese["compani"][0] == "公司"


def test_a_phrase_is_found_by_its_stems(dictionary: Dictionary) -> None:
    assert "超级市场" in dictionary.to_chinese["supermarket"]
    assert dictionary.to_chinese.get("no such phrase") is None


def test_remarks_about_a_word_are_no_translations(dictionary: Dictionary) -> None:
    assert not any("surname" in phrase for phrase in dictionary.to_english["李"])
    assert not any("(" in phrase for phrase in dictionary.to_english["仓库"])


def test_what_was_prepared_is_read_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> tuple[int, ...]:
        made.append(1)
        return (1, 2)

    assert prepared("table", tmp_path, make) == prepared("table", tmp_path, make) == (1, 2)
    assert len(made) == 1


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    prepared("table", tmp_path, lambda: (1, 2))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert prepared("table", tmp_path, lambda: (3,)) == (3,)
    assert prepared("table", tmp_path, lambda: (4,)) == (3,)


@given(st.dictionaries(st.text(min_size=1, max_size=6), st.integers(0, 1000)))
def test_grouping_loses_nothing(table: dict[str, int]) -> None:
    assert dict(Grouped[int](grouped(table))) == table
