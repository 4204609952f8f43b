"""What people say, as the cue file has it: where a cue may begin, and that every hint has a reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cues import CUES_FILE, load_cues
from app.levels import Levels


def test_an_english_cue_begins_where_a_word_begins() -> None:
    parting = load_cues().hints.parting
    assert parting.search("many thanks")
    assert not parting.search("standby")


def test_a_raw_cue_may_begin_inside_a_word() -> None:
    assert load_cues().hints.responsible.search("the subdepartment")


def test_a_hint_that_nobody_reads_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cues.toml"
    file.write_text(CUES_FILE.read_text(encoding="utf-8") + '\n[hint.unread]\nzh = ["无"]\n', encoding="utf-8")
    with pytest.raises(TypeError, match="unread"):
        load_cues(file)


@pytest.mark.parametrize(
    ("text", "meant", "left"),
    [
        ("国家级的称号,深圳给多少", {"national"}, "的称号, 给多少"),
        ("深圳给多少", {"municipal"}, "给多少"),
        ("团标能拿多少", {"group"}, "标准 standard 能拿多少"),
        ("国标能拿多少", {"national"}, "标准 能拿多少"),
    ],
)
def test_levels_are_found_and_taken_out(text: str, meant: set[str], left: str) -> None:
    levels = Levels.of(load_cues())
    assert levels.meant_in(text) == meant
    assert levels.without_levels(text).split() == left.split()
