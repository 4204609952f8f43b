"""From a Word file to its text: paragraphs with the numbers Word gives them, rows of tables on one line each."""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.numerals import int_to_chinese

# A policy with pictures has some tens of megabytes and some hundreds of parts; more than this is no policy.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_PARTS = 5000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9


def docx_text(data: bytes) -> str:
    """The text of a Word file, deletions that a tracked change proposes left out. ValueError, in words that follow
    the file's name, when it is none or is too large."""
    _check_archive(data)
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        numbers = _Numbers.of(document)
        return "\n".join(_lines(document.element.body, numbers)) + "\n"
    except Exception as error:  # A damaged file fails in as many ways as its parsers know.
        raise ValueError("is a damaged Word file: open it in Word and save it anew as .docx") from error


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise ValueError("is a damaged ZIP archive: get the file again") from error
    names = {part.filename for part in parts}
    if "EncryptedPackage" in names or any(part.flag_bits & 1 for part in parts):
        raise ValueError("is encrypted: save it without a password")
    if "word/document.xml" not in names:
        raise ValueError("is an archive or an Office file other than a Word document: save its text as .docx or .txt")
    # Reading stops at the size that an archive declares for a part, so that these bound the memory taken.
    if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > MAX_PARTS:
        raise ValueError(
            f"unpacks to more than {MAX_UNPACKED:,} bytes or {MAX_PARTS:,} parts: save its text alone as .docx or .txt"
        )


def _lines(parent: Any, numbers: _Numbers) -> Iterator[str]:
    for element in parent:
        if element.tag == f"{_W}p":
            yield from (numbers.before(element) + _text(element)).split("\n")
        elif element.tag == f"{_W}tbl":
            yield from _rows(element, numbers)
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml", f"{_W}smartTag"):
            yield from _lines(element, numbers)


def _rows(table: Any, numbers: _Numbers) -> Iterator[str]:
    """Each row on a line; where a cell has several lines, the table only lays out the page."""
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells = [
            [line for line in _lines(cell, numbers) if line.strip()]
            for cell in row.iter(f"{_W}tc")
            if next(cell.iterancestors(f"{_W}tr")) is row
        ]
        cells = [lines for lines in cells if lines]
        if all(len(lines) == 1 for lines in cells):
            yield "\t".join(lines[0] for lines in cells)
        else:
            yield from (line for lines in cells for line in lines)


def _text(paragraph: Any) -> str:
    """What a paragraph shows, text boxes and deletions left out."""
    pieces: list[str] = []
    stack = [paragraph]
    while stack:
        element = stack.pop()
        if element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag == f"{_W}tab":
            pieces.append("\t")
        elif element.tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif element.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif element.tag not in (f"{_W}pPr", f"{_W}rPr", f"{_W}del", f"{_W}moveFrom", f"{_W}drawing", f"{_W}pict"):
            stack.extend(reversed(element))
    return "".join(pieces)


@dataclass
class _Level:
    text: str
    form: str
    start: int
    suffix: str


@dataclass
class _Numbers:
    """Numbers that Word counts itself and that stand nowhere in the text."""

    levels: dict[str, dict[int, _Level]]
    abstract: dict[str, str]
    of_style: dict[str, tuple[str, int]]
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, document: Any) -> _Numbers:
        of_style = {
            style.get(f"{_W}styleId", ""): found
            for style in document.styles.element.iter(f"{_W}style")
            if (found := _list_of(style))
        }
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return cls({}, {}, of_style)
        levels = {
            entry.get(f"{_W}abstractNumId"): {
                int(level.get(f"{_W}ilvl")): _Level(
                    _value(level, "lvlText") or "",
                    _value(level, "numFmt") or "decimal",
                    int(_value(level, "start") or 1),
                    {"nothing": "", "space": " "}.get(_value(level, "suff") or "tab", " "),
                )
                for level in entry.iterchildren(f"{_W}lvl")
            }
            for entry in numbering.iterchildren(f"{_W}abstractNum")
        }
        abstract = {
            entry.get(f"{_W}numId"): _value(entry, "abstractNumId") or ""
            for entry in numbering.iterchildren(f"{_W}num")
        }
        return cls(levels, abstract, of_style)

    def before(self, paragraph: Any) -> str:
        """The number that stands before a paragraph, with what parts them; empty where there is none."""
        style = next((s.get(f"{_W}val", "") for s in paragraph.iterfind(f"{_W}pPr/{_W}pStyle")), "")
        found = _list_of(paragraph) or self.of_style.get(style)
        if found is None:
            return ""
        list_id, depth = found
        kind = self.abstract.get(list_id, "")
        levels = self.levels.get(kind, {})
        level = levels.get(depth)
        if level is None or level.form == "none":
            return ""
        # Lists of one kind go on counting together.
        counts = self.counts[kind]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in range(depth + 1, _LEVELS):
            counts.pop(deeper, None)
        if level.form == "bullet":
            return ""

        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = levels.get(at, level)
            return _written(counts.get(at, other.start), other.form)

        shown = re.sub(r"%([1-9])", number, level.text)
        return shown + level.suffix if shown else ""


def _list_of(element: Any) -> tuple[str, int] | None:
    """The list that a paragraph or a style puts itself into, and how deep."""
    for entry in element.iterfind(f"{_W}pPr/{_W}numPr"):
        list_id = _value(entry, "numId")
        if list_id and list_id != "0":
            return list_id, int(_value(entry, "ilvl") or 0)
    return None


def _value(element: Any, name: str) -> str | None:
    found = element.find(f"{_W}{name}")
    return None if found is None else found.get(f"{_W}val")


def _written(number: int, form: str) -> str:
    if "hinese" in form or form.startswith(("ideograph", "japanese", "taiwanese")):
        return int_to_chinese(number)
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        return chr((97 if form == "lowerLetter" else 65) + number - 1)
    if form == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    return str(number)
