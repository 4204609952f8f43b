"""Cleaning takes a page's chrome off and loses nothing: what is left out can be listed and put back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cleaner import Cleaned, clean

LINES = (
    "首页", "政务公开", "互动", "| 首页 &gt; 公告", "## 标题", "#### 一、总则", "（一）支持研发。给予100万元。",
    "第一条 本办法。", "", "  \t", "相关稿件: [图解](#)", "主办单位: 某局", "咨询电话: 12345", "地址: 某路1号",
    "版权所有", "网站标识码: 1", "a&amp;b&quot;&#20013;&bogus;", "[链接](http://x.cn/a)", "[](x)", "\u200b零宽\ufeff",
    "表\x00格\x0b", "2023年9月12日", "。", "&", "[", "#", "# ", "\u2028行\u2029", "\x85",
)  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)
PAGES = st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=30).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r", "\n\n"]).map(lambda end: end.join(lines))
)


def covers(raw: str, cleaned: Cleaned) -> None:
    """The pieces are the capture, without gap or overlap, and the text is what they keep."""
    at = 0
    for piece in cleaned.pieces:
        assert piece.start == at
        assert piece.end >= piece.start
        at = piece.end
        if piece.reason is not None:
            assert piece.kept == ""
    assert at == len(raw)
    assert "".join(raw[p.start : p.end] for p in cleaned.pieces) == raw
    assert "".join(p.kept for p in cleaned.pieces) == cleaned.text


@given(raw=ANY_TEXT | PAGES)
@settings(max_examples=300, deadline=None)
def test_the_pieces_of_any_text_are_that_text(raw: str) -> None:
    cleaned = clean(raw)
    covers(raw, cleaned)
    for left in cleaned.left_out:
        assert raw[left.raw_start : left.raw_end].strip() == left.text
        assert left.reason
    if cleaned.contact:
        start, end = cleaned.contact
        assert 0 <= start < end <= len(cleaned.text)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_insertions_anywhere_in_a_real_page_lose_nothing(data: st.DataObject) -> None:
    raw = _founding_page()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw = raw[:at] + data.draw(st.sampled_from(LINES) | st.text(max_size=8)) + raw[at:]
    covers(raw, clean(raw))


def _founding_page() -> str:
    from corpus.library import POLICIES_FOLDER

    return (Path(POLICIES_FOLDER) / "sz-new-materials-2023" / "source.txt").read_text(encoding="utf-8")


def test_of_a_real_page_nothing_but_chrome_is_missing() -> None:
    raw = _founding_page()
    cleaned = clean(raw)
    covers(raw, cleaned)
    lost = {
        c
        for p in cleaned.pieces
        if p.reason and p.reason not in ("menu", "breadcrumb", "footer")
        for c in raw[p.start : p.end]
    }
    assert lost <= set(" \t\n\r#[]()")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("## 示例办法\n", "示例办法\n"),
        ("  缩进的一行  \r\n", "缩进的一行\n"),
        ("最后一行没有换行", "最后一行没有换行\n"),
        ("“品牌&quot;建设&amp;推广", '“品牌"建设&推广\n'),
        ("&#25919;&#x7B56;", "政策\n"),
        ("见[通知](http://example.com/1.html)。", "见通知。\n"),
        ("零\u200b宽\ufeff", "零宽\n"),
        ("一\n\n\n二", "一\n二\n"),
        ("&bogus; 不变", "&bogus; 不变\n"),
        ("", ""),
    ],
)
def test_marks_go_and_words_stay(raw: str, text: str) -> None:
    assert clean(raw).text == text


def test_a_menu_is_left_out_before_the_text_and_the_same_words_in_it_stay() -> None:
    raw = "首页\n新闻\n政务公开\n服务\n示例办法全文如下。\n首页\n新闻\n政务公开\n服务\n"
    cleaned = clean(raw)
    assert [left.text for left in cleaned.left_out] == ["首页", "新闻", "政务公开", "服务"]
    assert cleaned.text.startswith("示例办法全文如下。\n首页")


def test_two_short_lines_are_no_menu() -> None:
    assert clean("示例办法\n总则\n本办法自发布之日起施行。\n").text.startswith("示例办法\n总则\n")


def test_words_of_a_footer_inside_the_text_are_text() -> None:
    raw = "主办单位: 由各区承担。\n咨询电话: 另行公布。\n本办法自发布之日起施行。\n"
    cleaned = clean(raw)
    assert cleaned.text == raw
    assert cleaned.contact is None


def test_the_contact_lines_of_the_foot_are_kept_and_marked() -> None:
    cleaned = clean("本办法自发布之日起施行。\n版权所有\n主办单位: 示例局\n咨询电话: 12345\n网站标识码: 1\n")
    assert cleaned.contact is not None
    start, end = cleaned.contact
    assert cleaned.text[start:end] == "主办单位: 示例局\n咨询电话: 12345"
    assert {left.text for left in cleaned.left_out} == {"版权所有", "网站标识码: 1"}


def test_a_line_that_says_the_whole_page_again_is_left_out_and_the_foot_is_found_before_it() -> None:
    lines = [f"第{n}条　书店应当在每个工作日开放，开放时间由第{n}书店自行公布。" for n in range(1, 21)]
    page = "\n".join([*lines, "主办单位：某局", "网站地图", "".join(lines)])
    cleaned = clean(page)
    assert cleaned.text.strip().splitlines()[:20] == lines
    assert {(x.reason, x.text[:4]) for x in cleaned.left_out} == {("footer", "网站地图"), ("repeated", lines[0][:4])}


def test_page_numbers_are_left_out_and_numbers_of_a_table_stay() -> None:
    text = "书店在本市登记注册。" * 25
    cleaned = clean("\n".join([text, "63", text, "- 64 -", text, "第65页", text]))
    assert [x.text for x in cleaned.left_out if x.reason == "page"] == ["63", "- 64 -", "第65页"]
    table = "序号\n1\n书店\n2\n书市\n3\n书展\n"
    assert clean(table).text == table
