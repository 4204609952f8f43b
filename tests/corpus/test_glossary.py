from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import BadData
from corpus.glossary import Glossary, Match, PhraseTable, Term, load_glossary
from corpus.terms import Tokenizer, english_stems

HEADER = "zh\ten\talso_zh\talso_en\tkind\n"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "glossary.tsv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_rows_become_terms_and_comments_are_skipped(tmp_path: Path) -> None:
    path = write(
        tmp_path, "# materials", "", "二维材料\t2D material; two-dimensional material\t石墨烯\tgraphene\tmaterial"
    )
    assert load_glossary(path).terms == (
        Term("二维材料", ("2D material", "two-dimensional material"), ("石墨烯",), ("graphene",), "material"),
    )


def test_cells_at_the_end_may_be_missing(tmp_path: Path) -> None:
    (term,) = load_glossary(write(tmp_path, "企业\tenterprise")).terms
    assert term == Term("企业", ("enterprise",), (), (), "general")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["国家标准\t"], "line 2: zh and en may not be empty"),
        (["甲\ta", "# b", "\tb"], "line 4: zh and en may not be empty"),
        (["甲\ta\t\t\tkind\textra"], "line 2: 6 cells"),
        (["甲\ta", "甲\tb"], "line 3: 甲 stands in line 2 already"),
        (["國標\ta", "国标\tb"], "line 3: 国标 stands in line 2 already"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, rows: list[str], complaint: str) -> None:
    with pytest.raises(BadData, match=complaint):
        load_glossary(write(tmp_path, *rows))


def test_a_wrong_header_an_empty_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="line 1: the header has to be"):
        load_glossary(write(tmp_path, header="zh\ten\n"))
    with pytest.raises(BadData, match="empty"):
        load_glossary(write(tmp_path, header=""))
    with pytest.raises(BadData, match="cannot be read"):
        load_glossary(tmp_path / "none.tsv")


GLOSSARY = Glossary(
    [
        Term("标准", ("standard",), (), (), "standard"),
        Term("国家标准", ("national standard",), ("国标",), ("GB",), "standard"),
        Term("团体标准", ("group standard", "association standard"), ("团标",), (), "standard"),
        Term("国际标准", ("international standard",), ("国标",), (), "standard"),
    ]
)


def test_the_longest_english_phrase_is_translated() -> None:
    stems = english_stems("Which national standards and other standards count?")
    table = GLOSSARY.english_to_chinese()
    assert [(stems[m.start : m.end], m.candidates) for m in table.matches(stems)] == [
        (["national", "standard"], ("国家标准", "国标")),
        (["standard"], ("标准",)),
    ]


def test_a_lay_expression_stands_for_every_term_it_may_mean(tmp_path: Path) -> None:
    tokenizer = Tokenizer(GLOSSARY.chinese_words(), tmp_path)
    words = tokenizer.words("参与国标能拿钱吗")
    (match,) = GLOSSARY.lay_to_official_chinese().matches(words)
    assert words[match.start : match.end] == ["国标"]
    assert match.candidates == ("国家标准", "国际标准")


def test_a_lay_phrase_in_english_stands_for_the_preferred_rendering() -> None:
    (match,) = GLOSSARY.lay_to_official_english().matches(english_stems("money for a GB"))
    assert match.candidates == ("national standard",)


def test_every_chinese_expression_is_a_word() -> None:
    assert GLOSSARY.chinese_words() == ("标准", "国家标准", "国标", "团体标准", "团标", "国际标准")


def test_matches_do_not_overlap() -> None:
    table = PhraseTable({"a b": ("x",), "b c": ("y",), "c": ("z",)}, " ")
    assert list(table.matches(["a", "b", "c"])) == [Match(0, 2, ("x",)), Match(2, 3, ("z",))]


def test_an_empty_glossary_knows_nothing() -> None:
    assert list(Glossary().english_to_chinese().matches(["standard"])) == []
