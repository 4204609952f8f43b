"""Files of policies as text: HTML, Word and PDF, and what is refused with one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.departments import Directory
from corpus.docx_text import MAX_UNPACKED
from corpus.errors import UnreadableFile
from corpus.library import read_policy
from corpus.pdf_text import Line, paragraphs, without_page_marks
from corpus.reader import read_source
from tests.policy_files import docx, locked_pdf, pdf, printed, with_part

ARTICLES = [
    "第一条 支持整机研发。对新认定的机器人整机企业，按其上一年度投入给予奖励，单个企业奖励不超过500万元。",
    "第二条 支持应用推广。对年度示范项目，给予最高45万元补助。（责任单位：市商务局）",
    "第三条 本办法自2024年5月1日起施行，有效期3年。",
]


def read(folder: Path, name: str, data: bytes | str) -> str:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_source(path)


def test_lines_of_a_pdf_become_paragraphs_again(tmp_path: Path) -> None:
    heading = [("示例市关于支持机器人产业发展的", 150, 780, 20), ("若干措施", 257, 750, 20)]
    text = read(tmp_path, "a.pdf", pdf([[*heading, *printed(ARTICLES), ("— 1 —", 280, 40, 12)]]))
    assert text.split("\n") == ["示例市关于支持机器人产业发展的若干措施", *ARTICLES, ""]


def test_a_sum_that_a_line_break_cuts_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([printed(["示例市机器人办法", *ARTICLES], width=24)]))
    policy = read_policy(tmp_path / "a.pdf", Directory.load())
    sums = [p.amount.value for c in policy.clauses for p in c.provisions if p.amount]
    assert sums == [5_000_000, 450_000]


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    lines = printed([ARTICLES[0]])
    text = read(tmp_path, "a.pdf", pdf([[*lines[:1], ("1", 290, 40, 12)], [*lines[1:], ("2", 290, 40, 12)]]))
    assert text == ARTICLES[0] + "\n"


def line(text: str, left: float = 0.0, size: float = 10.0) -> Line:
    return Line(text, left, left + size * len(text), size)


def test_without_indents_a_label_or_the_end_of_a_sentence_parts_paragraphs() -> None:
    lines = [
        line("一、对甲企业给予补助，"),
        line("最高五十万元的奖励金。"),
        line("二、对乙企业给予奖励。"),
        line("对丙企业也这样给奖励。"),
    ]
    assert paragraphs([lines]) == [
        "一、对甲企业给予补助，最高五十万元的奖励金。",
        "二、对乙企业给予奖励。",
        "对丙企业也这样给奖励。",
    ]


def test_latin_words_are_not_run_together() -> None:
    assert paragraphs([[line("support for robots and"), line("other machines here")]])[0].count("and other") == 1


def test_running_heads_and_page_numbers_are_no_text() -> None:
    pages = [[line("示例市人民政府公报"), line(f"第{n}段"), line(f"第 {n} 页 共 3 页")] for n in (1, 2, 3)]
    assert [[x.text for x in page] for page in without_page_marks(pages)] == [["第1段"], ["第2段"], ["第3段"]]


def test_a_word_file_gives_paragraphs_tables_and_the_numbers_word_counts(tmp_path: Path) -> None:
    data = docx(ARTICLES, [["档次", "金额"], ["一档", "20万元"]], ["支持甲", "支持乙"])
    text = read(tmp_path, "a.docx", data)
    assert text.split("\n") == [*ARTICLES, "档次\t金额", "一档\t20万元", "1. 支持甲", "2. 支持乙", ""]


def test_what_a_tracked_change_deletes_is_left_out_and_what_it_inserts_is_not(tmp_path: Path) -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = (
        f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>最高</w:t></w:r><w:del><w:r><w:delText>20</w:delText>'
        "</w:r></w:del><w:ins><w:r><w:t>30</w:t></w:r></w:ins><w:r><w:t>万元</w:t></w:r></w:p></w:body></w:document>"
    )
    assert read(tmp_path, "a.docx", with_part(docx(), "word/document.xml", body.encode())) == "最高30万元\n"


def test_a_page_gives_its_text_without_markup(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html><head><title>站点</title><style>p{color:red}</style></head><body>
        <h1>示例市办法</h1><p>第一条 支持<b>研发</b>，
        最高 &lt;20万元。<br>第二条</p><table><tr><td>一档</td><td>20万元</td></tr></table>
        <ol start="3"><li>甲</li><li>乙</li></ol><script>alert(1)</script></body></html>"""
    expected = ["示例市办法", "第一条 支持研发， 最高 <20万元。", "第二条", "一档\t20万元", "3. 甲", "4. 乙", ""]
    assert read(tmp_path, "page", page).split("\n") == expected


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", docx(["第一条 甲"])) == "第一条 甲\n"
    assert read(tmp_path, "a.pdf", "第一条 <乙>") == "第一条 <乙>"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("scan.pdf", pdf([[]]), "recognition"),
        ("locked.pdf", locked_pdf(), "encrypted"),
        ("cut.pdf", pdf([printed(ARTICLES)])[:300], "damaged"),
        ("cut.docx", docx(ARTICLES)[:900], "damaged"),
        ("xml.docx", with_part(docx(), "word/document.xml", b"<w:document"), "damaged"),
        ("locked.docx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + bytes(600), "old Office"),
        ("bomb.docx", with_part(docx(), "word/media/a", bytes(MAX_UNPACKED + 1)), "unpacks"),
        ("tables.html", "<html><body>" + "<table><tr><td>" * 5000, "nested"),
    ],
)
def test_what_cannot_be_read_is_refused_with_one_line(tmp_path: Path, name: str, data: bytes | str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why) as refused:
        read(tmp_path, name, data)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_another_kind_of_archive_is_no_word_file(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(UnreadableFile, match="other than a Word document"):
        read_source(tmp_path / "a.xlsx")


def test_an_entity_in_a_word_file_brings_in_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("geheim", encoding="utf-8")
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = (
        f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><w:document xmlns:w="{word}"><w:body><w:p><w:r>'
        "<w:t>x&e;</w:t></w:r></w:p></w:body></w:document>"
    )
    assert "geheim" not in read(tmp_path, "a.docx", with_part(docx(), "word/document.xml", body.encode()))
