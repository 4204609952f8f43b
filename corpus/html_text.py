"""From an HTML page to its text: one line for each block, cells of a table row side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# What a browser doesn't show as text.
_UNSHOWN = {"script", "style", "noscript", "template", "head", "svg", "math", "object", "iframe", "select", "textarea"}
_BLOCKS = set(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section summary table tbody tfoot thead title "
    "tr ul".split()
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>", re.IGNORECASE)
_LOOKS_LIKE = re.compile(
    r"\A\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE | re.DOTALL
)


def is_html(text: str) -> bool:
    """Whether a text opens as an HTML page does."""
    return _LOOKS_LIKE.match(text[:5000]) is not None


def html_text(page: str) -> str:
    """The text of a page, without its markup. Items of an ordered list keep the number a browser shows.

    ValueError, in words that follow the file's name, when there is no element in it or too many inside each other.
    """
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    try:
        # lxml refuses a str that declares an encoding.
        root = html.document_fromstring(_DECLARATION.sub("", page), parser=parser)
    except etree.ParserError as error:
        raise ValueError("is an HTML page with nothing in it: save it anew") from error
    # What stands deeper would be left out, and nobody would know.
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ValueError("is nested too deeply: save its text as .txt")
    return "\n".join(_lines(root)) + "\n"


def _lines(element: Any) -> list[str]:
    text = "".join(_pieces(element))
    lines = (re.sub(r"[^\S\u3000\t]+", " ", line).strip(" \t") for line in text.split("\n"))
    return [line for line in lines if line.strip()]


def _pieces(root: Any) -> Iterator[str]:
    """Text in the order of the page, a line feed around each block. Iterative: pages nest as deep as they like."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if leaving:
            yield "\n" if tag in _BLOCKS else ""
            yield _flowing(element.tail)
            continue
        if tag in _UNSHOWN or not tag:
            yield _flowing(element.tail)
            continue
        if tag == "tr":
            yield "\n" + _row(element) + "\n"
            yield _flowing(element.tail)
            continue
        yield "\n" if tag in _BLOCKS else ""
        if tag == "li":
            yield _number(element)
        text = element.text or ""
        yield text.replace("\r\n", "\n") if tag == "pre" else _flowing(text)
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))


def _flowing(text: str | None) -> str:
    """Text whose line feeds are only how the page was written."""
    return re.sub(r"[ \t\r\n\f]+", " ", text or "")


def _row(row: Any) -> str:
    """The cells of a row on one line; where one of them has several lines, the table only lays out the page."""
    cells = [lines for cell in row if cell.tag in ("td", "th") and (lines := _lines(_alone(cell)))]
    if all(len(lines) == 1 for lines in cells):
        return "\t".join(lines[0] for lines in cells)
    return "\n".join(line for lines in cells for line in lines)


def _alone(element: Any) -> Any:
    element.tail = None
    return element


def _number(item: Any) -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol" or parent.get("type", "1") != "1":
        return ""
    first = parent.get("start", "1")
    before = sum(1 for sibling in item.itersiblings(preceding=True) if sibling.tag == "li")
    return f"{int(first) + before}. " if re.fullmatch(r"\d{1,4}", first) else ""
