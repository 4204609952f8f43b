"""From a PDF file to its text: paragraphs put together again from the lines they are printed on.

A PDF knows no paragraphs. A line that reaches the right margin goes on in the next one, unless that one begins a
paragraph: by its indent where the document indents, else by a label or after the end of a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from corpus.numerals import half_width

MAX_PAGES = 1000
MAX_CHARS = 5_000_000
# All in ems, the height of the document's letters. A line as near as this to the margin is full.
_NEAR_MARGIN = 1.6
_INDENT = 1.2
# A line that stands as far as this from both margins, in letters of one size, is a heading in the middle.
_CENTRED = 2.0
_MUCH_LARGER = 1.15
# A line that stands at the same end of so many pages, and of half of them, is a running head.
_MIN_RUNNING = 3

_PAGE_NUMBER = re.compile(
    r"[-—–－·\s]*(?:第\s*)?(?:page\s*)?\d{1,4}(?:\s*页)?(?:\s*[/,，共of]+\s*\d{1,4}\s*页?)?[-—–－·\s]*", re.IGNORECASE
)
_LABEL = re.compile(
    r"\s*(?:第[一二三四五六七八九十百零〇\d]+[章节编条]|[一二三四五六七八九十]+\s*[、.]|\([一二三四五六七八九十\d]+\)"
    r"|\d{1,3}\s*[.、](?!\d)|[①-⑳]|附件\s*\d*\s*[:：]?\s*$|(?:Article|Chapter)\s+\w+|[-•●■▪◆])"
)
_SENTENCE_END = re.compile(r"[。！？；;:：.!?][”’\"')）》]*\s*$")
_LATIN = re.compile(r"[A-Za-z0-9,;)]$"), re.compile(r"[A-Za-z(]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as printed: ``left`` and ``right`` in points from the page's left edge, ``size`` the height of its
    letters in points."""

    text: str
    left: float
    right: float
    size: float


def pdf_text(data: bytes) -> str:
    """The text of a PDF file. ValueError, in words that follow the file's name, when it has none to give."""
    pages = _pages(data)
    if not any(pages):
        raise ValueError("has no text, only pictures of pages: let text recognition (OCR) run over it first")
    return "\n".join(paragraphs(without_page_marks(pages))) + "\n"


def _pages(data: bytes) -> list[list[Line]]:
    import pypdfium2
    from pypdfium2 import PdfiumError, raw

    try:
        document = pypdfium2.PdfDocument(data)
    except PdfiumError as error:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise ValueError("is encrypted: save it without a password") from error
        raise ValueError("is a damaged PDF file: get it again, or print it anew as PDF") from error
    try:
        if len(document) > MAX_PAGES:
            raise ValueError(f"has {len(document):,} pages, more than {MAX_PAGES:,}: split it")
        pages: list[list[Line]] = []
        chars = 0
        for page in document:
            lines = _lines_of(page.get_textpage())
            chars += sum(len(line.text) for line in lines)
            if chars > MAX_CHARS:
                raise ValueError(f"has more than {MAX_CHARS:,} characters: split it")
            pages.append(lines)
        return pages
    except PdfiumError as error:
        raise ValueError("is a damaged PDF file: get it again, or print it anew as PDF") from error
    finally:
        document.close()


def _lines_of(page: Any) -> list[Line]:
    from pypdfium2 import raw

    lines: list[Line] = []
    text: list[str] = []
    boxes: list[tuple[float, float, float]] = []

    def close() -> None:
        if boxes:
            said = re.sub(r"[^\S\u3000]+", " ", "".join(text)).strip()
            left, right = min(b[0] for b in boxes), max(b[1] for b in boxes)
            lines.append(Line(said, left, right, median(b[2] for b in boxes)))
        text.clear()
        boxes.clear()

    for index in range(min(page.count_chars(), MAX_CHARS)):
        code = raw.FPDFText_GetUnicode(page, index)
        # Halves of a pair, which some documents have for rare characters, are put together by the codec.
        character = chr(code) if 0 < code < 0x110000 else ""
        if character in "\r\n":
            close()
        elif character == "\x02":
            # PDFium's own mark for a hyphen that only divides a word.
            text.append("")
        else:
            text.append(character)
            if character.strip():
                left, bottom, right, top = page.get_charbox(index, loose=True)
                boxes.append((left, right, top - bottom))
    close()
    return [_sound(line) for line in lines if line.text]


def _sound(line: Line) -> Line:
    text = line.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Line(text, line.left, line.right, line.size)


def without_page_marks(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without their numbers and the heads and feet that run through them."""

    def masked(line: Line) -> str:
        return re.sub(r"\d+", "0", line.text)

    running = {
        text
        for end in (0, -1)
        for text, count in Counter(masked(page[end]) for page in pages if page).items()
        if count >= max(_MIN_RUNNING, len(pages) / 2)
    }
    kept: list[list[Line]] = []
    for page in pages:
        body = list(page)
        for end in (0, -1):
            while body and (masked(body[end]) in running or _PAGE_NUMBER.fullmatch(body[end].text)):
                body.pop(end)
        kept.append(body)
    return kept


def paragraphs(pages: Sequence[Sequence[Line]]) -> list[str]:
    """The paragraphs of a document from its lines, page by page."""
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    em = median(line.size for line in lines) or 1.0
    usual = median(max(line.right for line in page) for page in pages if page)
    margins = {
        line: (min(other.left for other in page), max(usual, max(other.right for other in page)))
        for page in pages
        for line in page
    }
    full = {line for line in lines if line.right >= margins[line][1] - _NEAR_MARGIN * em}
    # Where most labels that stand in the text are indented, so are paragraphs without one.
    labelled = [line for line in lines if _LABEL.match(half_width(line.text))]
    inset = [line for line in labelled if line.left > margins[line][0] + _INDENT * em]
    indents = 2 * len(inset) > len(labelled)

    def centred(line: Line) -> bool:
        left, right = margins[line]
        before, after = line.left - left, right - line.right
        return min(before, after) > _CENTRED * em and abs(before - after) < _CENTRED * em

    def goes_on(line: Line, following: Line) -> bool:
        if centred(line) and centred(following):
            alike = abs(line.size - following.size) < 0.1 * em
            return alike and line.size > _MUCH_LARGER * em and not _LABEL.match(half_width(following.text))
        if line not in full or abs(line.size - following.size) > 0.25 * em:
            return False
        if indents:
            return following.left <= margins[following][0] + _INDENT * em
        return not _LABEL.match(half_width(following.text)) and not _SENTENCE_END.search(line.text)

    found = [lines[0].text]
    for line, following in pairwise(lines):
        if goes_on(line, following):
            ending, opening = _LATIN
            between = " " if ending.search(found[-1]) and opening.match(following.text) else ""
            found[-1] += between + following.text
        else:
            found.append(following.text)
    return found
