"""From a page as captured to the text of the policy: chrome off, nothing lost.

A capture is cut into pieces that together are the capture, character for character. A piece is either kept
(perhaps rewritten: an HTML entity becomes its character) or left out with the reason. The cleaned text is
the kept pieces in order, so what was left out can always be listed and put back.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.models import LeftOut
from corpus.numerals import half_width

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HEADING_MARK = re.compile(r"#{1,6}(?:[ \t]+|$)")
_LINK = re.compile(r"\[(?P<text>[^\[\]\n]*)\]\((?P<target>[^()\n]*)\)")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")
# A navigation entry is a few characters with no sentence punctuation, figure or bracket in it.
_MENU_ENTRY = re.compile(r"[\w|·/&;]{1,10}", re.UNICODE)
_BREADCRUMB = re.compile(
    r"^(?:\||您?(?:现在|当前)的?位置|当前位置|首页)?.{0,12}?首页.{0,6}?(?:>|&gt;|》|»|/)|^(?:您?现在的位置|当前位置)"
)
# Words with which the foot of a government page starts its lines (the host, the registrations, the tools).
_FOOT = re.compile(
    r"^(?:相关稿件|相关链接|相关文章|相关附件|上一篇|下一篇|主办单位|主办|承办单位|承办|版权所有|网站标识码|政府网站标识码|"
    r"[^\s，。]{0,8}ICP备|[^\s，。]{0,8}公网安备|投诉/?咨询电话|咨询电话[:：]|联系电话[:：]|地址[:：]|网站地图|联系我们|关于我们|"
    r"扫一扫|分享到|打印本页|关闭窗口|友情链接|技术支持[:：]|网站声明|隐私声明|您是第)"
)
_CONTACT = re.compile(r"^(?:主办单位|主办|投诉/?咨询电话|咨询电话|联系电话|地址)[:：]")
# What a database or a converter writes over a document it hands out, and page marks between its pages.
_CAPTURE_HEADER = re.compile(
    r"[^\n]{0,16}【法宝引证码】[^\n]*|(?:原文链接|原文地址|原文网址|来源链接|网页链接|URL)\s*[:：]\s*\S+|html",
    re.IGNORECASE,
)
_CAPTURE_MARK = re.compile(r"<!--.*-->|[=-]{2,}\s*PAGE\s*\d+\s*[=-]{2,}", re.IGNORECASE)
# Tools that pages put around a title: size of the letters, share, print, a link to the explanation.
_TOOL = re.compile(
    r"(?:【?(?:字体|字号)|A\+|分享到?[:：]?|打印(?:本页|关闭)?|关闭(?:窗口)?|收藏|扫一扫|点击查看|[-—_=*]+$)",
    re.IGNORECASE,
)
_MIN_REPEATED = 12
# Some pages say their whole text once more in one line, and PDF files number their pages in lines of their own.
_MIN_REPRISE = 200
_SHINGLE = 20
_PAGE = re.compile(r"[-—–]?\s*(?:第\s*)?(?P<n>\d{1,4})\s*(?:页)?\s*(?:/\s*\d{1,4})?\s*[-—–]?")
_MIN_PAGE = 200
_MIN_PAGES = 3
_SENTENCE_END = re.compile(r"[。；;！？：:]$")


@dataclass(frozen=True, slots=True)
class Piece:
    """``raw[start:end]`` and what became of it: ``kept`` (the text in its place) or a ``reason`` to leave it out."""

    start: int
    end: int
    kept: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The cleaned text and how it came about.

    ``pieces`` cover the capture without gap or overlap, in order. ``contact`` is the span of the host's
    contact lines in ``text``, or None.
    """

    text: str
    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...]
    contact: tuple[int, int] | None


def clean(raw: str) -> Cleaned:
    """Clean a captured page. Never raises: any text is a page, if perhaps an empty one."""
    kinds = _line_kinds(raw)
    if not any(kind == "body" and _text(raw, *span) for span, kind in kinds):
        # The foot of a page that says nothing is no host's contact either.
        kinds = [(span, "footer" if kind == "contact" else kind) for span, kind in kinds]
    pieces: list[Piece] = []
    for (start, end), kind in kinds:
        if kind in ("body", "contact"):
            pieces.extend(_inside(raw, start, end))
        else:
            pieces.append(Piece(start, end, "", kind))
    text: list[str] = []
    contact: list[int] = []
    at = 0
    contact_ranges = [span for span, kind in kinds if kind == "contact"]
    for piece in pieces:
        if piece.kept.strip() and any(s <= piece.start < e for s, e in contact_ranges):
            contact += [at, at + len(piece.kept.rstrip("\n"))]
        text.append(piece.kept)
        at += len(piece.kept)
    left_out = tuple(
        LeftOut(p.start, p.end, raw[p.start : p.end].strip(), p.reason)
        for p in pieces
        if p.reason and raw[p.start : p.end].strip()
    )
    return Cleaned("".join(text), tuple(pieces), left_out, (min(contact), max(contact)) if contact else None)


def _lines(raw: str) -> Iterator[tuple[int, int]]:
    """Spans of the lines of a text, each with its line ending."""
    start = 0
    for match in re.finditer(r"\r\n|\n|\r", raw):
        yield start, match.end()
        start = match.end()
    if start < len(raw):
        yield start, len(raw)


def _line_kinds(raw: str) -> list[tuple[tuple[int, int], str]]:
    """What each line is: body, contact, or a reason to leave it out.

    Reasons: blank, menu, breadcrumb, footer, capture, repeated, page.
    """
    spans = list(_lines(raw))
    texts = [raw[s:e].strip() for s, e in spans]
    kinds = ["body" if t else "blank" for t in texts]
    filled = [i for i, t in enumerate(texts) if t]
    _mark_reprises(texts, kinds, filled)
    _mark_pages(texts, kinds, filled)
    filled = [i for i in filled if kinds[i] == "body"]
    _mark_foot(texts, kinds, filled)
    for i in filled:
        if kinds[i] == "body" and len(texts[i]) <= 120 and _BREADCRUMB.search(html.unescape(texts[i])):
            kinds[i] = "breadcrumb"
    _mark_capture(texts, kinds, filled)
    _mark_menus(texts, kinds, filled)
    return list(zip(spans, kinds, strict=True))


def _mark_reprises(texts: list[str], kinds: list[str], filled: list[int]) -> None:
    """A long line that only says again what stood in the lines before it."""
    said = ""
    for i in filled:
        bare = re.sub(r"\s", "", half_width(html.unescape(texts[i])))
        if len(bare) >= _MIN_REPRISE:
            parts = [bare[at : at + _SHINGLE] for at in range(0, len(bare) - _SHINGLE, _SHINGLE)]
            if 10 * sum(part in said for part in parts) >= 9 * len(parts):
                kinds[i] = "repeated"
                continue
        said += bare


def _mark_pages(texts: list[str], kinds: list[str], filled: list[int]) -> None:
    """Page numbers: numbers alone on their lines that count on one by one with a page of text between them."""
    run: list[tuple[int, int]] = []
    since = 0

    def settle() -> None:
        if len(run) >= _MIN_PAGES:
            for i, _ in run:
                kinds[i] = "page"
        run.clear()

    for i in filled:
        found = _PAGE.fullmatch(half_width(texts[i]))
        if not found:
            since += len(texts[i])
            continue
        number = int(found["n"])
        if run and (number != run[-1][1] + 1 or since < _MIN_PAGE):
            settle()
        run.append((i, number))
        since = 0
    settle()


def _mark_foot(texts: list[str], kinds: list[str], filled: list[int]) -> None:
    """The foot is what follows the last line of running text: only there can its words be trusted."""
    last_sentence = max(
        (i for i in filled if re.search(r"[。；！？]", texts[i]) and not _FOOT.match(texts[i])), default=-1
    )
    in_foot = False
    for i in filled:
        if i > last_sentence and _FOOT.match(texts[i]):
            in_foot = True
        if in_foot:
            kinds[i] = "contact" if _CONTACT.match(texts[i]) else "footer"


def _mark_capture(texts: list[str], kinds: list[str], filled: list[int]) -> None:
    """What the capture put over the document, all before any running text: headers, tools, a title said twice.

    Whatever stands above a breadcrumb belongs to the site.
    """
    for i in filled:
        if _CAPTURE_MARK.fullmatch(texts[i]):
            kinds[i] = "capture"
    first_sentence = next((n for n, i in enumerate(filled) if "。" in texts[i]), len(filled))
    head = filled[:first_sentence]
    crumb = max((i for i in head if kinds[i] == "breadcrumb"), default=-1)
    for i in head:
        if kinds[i] != "body":
            continue
        if _CAPTURE_HEADER.fullmatch(texts[i]):
            kinds[i] = "capture"
        elif i < crumb or _TOOL.match(texts[i]):
            kinds[i] = "menu"
    left = [i for i in head if kinds[i] == "body"]
    for i, following in pairwise(left):
        if len(texts[i]) >= _MIN_REPEATED and _same(texts[i], texts[following]):
            kinds[i] = "repeated"


def _same(one: str, other: str) -> bool:
    """Whether two lines say the same, width of characters and spaces aside."""
    return re.sub(r"\s", "", half_width(one)) == re.sub(r"\s", "", half_width(other))


def _mark_menus(texts: list[str], kinds: list[str], filled: list[int]) -> None:
    """Three or more navigation entries in a row, before any running text, are a menu."""
    run: list[int] = []

    def settle() -> None:
        if len(run) >= 3:
            for i in run:
                kinds[i] = "menu"
        run.clear()

    for i in filled:
        if kinds[i] == "body" and _MENU_ENTRY.fullmatch(texts[i]) and not re.search(r"\d", texts[i]):
            run.append(i)
        elif kinds[i] == "body":
            settle()
            if _SENTENCE_END.search(texts[i]):
                return
    settle()


def _inside(raw: str, start: int, end: int) -> Iterator[Piece]:
    """Pieces of a kept line: marks and invisible characters out, entities decoded, one line feed at the end."""
    line = raw[start:end]
    body_end = len(line.rstrip("\r\n"))
    lead = len(line) - len(line.lstrip())
    tail = len(line[:body_end].rstrip())
    if lead:
        yield Piece(start, start + lead, "", "indent")
    at = lead
    mark = _HEADING_MARK.match(line, lead, tail)
    if mark:
        yield Piece(start + at, start + mark.end(), "", "markup")
        at = mark.end()
    while at < tail:
        found = _next_special(line, at, tail)
        stop = found.start() if found else tail
        if stop > at:
            yield Piece(start + at, start + stop, line[at:stop])
        if not found:
            break
        whole = found.group()
        if whole.startswith("["):
            text_start, text_end = found.span("text")
            yield Piece(start + found.start(), start + text_start, "", "markup")
            if text_end > text_start:
                yield Piece(start + text_start, start + text_end, line[text_start:text_end])
            yield Piece(start + text_end, start + found.end(), "", "markup")
        elif whole.startswith("&"):
            yield Piece(start + found.start(), start + found.end(), html.unescape(whole))
        else:
            yield Piece(start + found.start(), start + found.end(), "", "invisible")
        at = found.end()
    if tail < len(line):
        yield Piece(start + tail, end, "\n")
    elif not line.endswith(("\n", "\r")):
        yield Piece(end, end, "\n")


def _text(raw: str, start: int, end: int) -> str:
    """What is left of a kept line, without its line feed."""
    return "".join(piece.kept for piece in _inside(raw, start, end)).strip()


def _next_special(line: str, at: int, end: int) -> re.Match[str] | None:
    """The first entity, link or invisible character in ``line[at:end]``."""
    matches = [m for m in (p.search(line, at, end) for p in (_ENTITY, _LINK, _INVISIBLE)) if m]
    return min(matches, key=lambda m: m.start()) if matches else None
