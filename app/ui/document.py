"""The panel: a policy's own text, whole and verbatim, with the cited words marked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from app.i18n import EN, LANGUAGES
from app.ui.markup import Wording, link, marked
from corpus.models import Clause, Policy, Span


def document_html(policy: Policy, spans: Sequence[Span], wording: Wording) -> str:
    """The policy's text in reading order, ``spans`` marked.

    A clause stands in ``<section data-clause="<id>">``; text between clauses keeps its lines, section
    headings among them. A clause inside another is shown once, within the outer one.
    """
    parts = []
    position = 0
    for clause in sorted(policy.clauses, key=lambda c: (c.start, -c.end)):
        if clause.start < position:
            continue
        parts.append(_between(policy, position, clause.start, spans))
        parts.append(_clause(policy, clause, spans, wording))
        position = clause.end
    parts.append(_between(policy, position, len(policy.source_text), spans))
    return "".join(parts)


def contents_html(policy: Policy, wording: Wording) -> str:
    """The table of contents: the sections with their clauses, and the parts outside them, in the text's order.

    Each entry leads to ``data-clause`` in the panel; its address opens the clause in a tab of its own.
    """
    headings = {section.clause_ids[0]: section for section in policy.sections if section.clause_ids}
    entries = []
    end = 0
    for clause in sorted(policy.clauses, key=lambda c: (c.start, -c.end)):
        if clause.start < end:
            continue
        end = clause.end
        section = headings.get(clause.id)
        if section is not None and section.title and clause.title != section.title:
            heading = section.heading
            entries.append(f'<li class="contents-section"><span lang="zh-Hans">{escape(heading)}</span></li>')
        title = "" if clause.label.endswith(clause.title) else clause.title
        translation = policy.translations.get(clause.id)
        wordings = dict.fromkeys(LANGUAGES, title) | {EN: translation.title if translation else title}
        shown = f" {wording.of(wordings)}" if title else ""
        entries.append(f"<li>{link('contents-link', policy.id, clause.id, (), clause.label, shown)}</li>")
    return f"<ol>{''.join(entries)}</ol>"


def _between(policy: Policy, start: int, end: int, spans: Sequence[Span]) -> str:
    headings = {section.start for section in policy.sections}
    lines = []
    position = start
    for line in policy.source_text[start:end].splitlines(keepends=True):
        line_end = position + len(line)
        if line.strip() == policy.title:
            tag = "h2"
        else:
            tag = "h3" if any(position <= heading < line_end for heading in headings) else "p"
        lines.append(_piece(policy.source_text, position, line_end, spans, tag))
        english = policy.english_sections.get(line.strip()) if tag == "h3" else None
        if english:
            lines.append(f'<p class="translation" lang="en">{escape(english)}</p>')
        position = line_end
    shown = "".join(lines)
    return f'<div class="between">{shown}</div>' if shown else ""


def _clause(policy: Policy, clause: Clause, spans: Sequence[Span], wording: Wording) -> str:
    text = policy.source_text
    body_start = min(max(clause.body_span.start, clause.start), clause.end)
    body_end = min(max(clause.body_span.end, body_start), clause.end)
    cited = any(span.start < clause.end and span.end > clause.start for span in spans)
    translation = policy.translations.get(clause.id)
    return (
        f'<section class="clause{" cited" if cited else ""}" data-clause="{escape(clause.id)}">'
        + _permalink(policy, clause, wording)
        # An unnumbered part, such as the closing provisions, is headed like a section.
        + _piece(text, clause.start, body_start, spans, "h3" if clause.number is None else "h4")
        + _piece(text, body_start, body_end, spans, "p")
        + _piece(text, body_end, clause.end, spans, "p", "departments")
        + (
            f'<div class="translation" lang="en"><p class="translation-mark">{wording.span("source.reference")}</p>'
            f"<h5>{escape(translation.title)}</h5><p>{escape(translation.text)}</p></div>"
            if translation
            else ""
        )
        + "</section>"
    )


def _permalink(policy: Policy, clause: Clause, wording: Wording) -> str:
    named = wording.texts.each("source.link", label=clause.label)
    return (
        f'<button type="button" class="quiet permalink" data-link="?clause={quote(clause.id, safe="")}"'
        f"{wording.attributes(title=named)}>{wording.span('source.link_short')}"
        f'<span class="visually-hidden" lang="zh-Hans"> {escape(clause.label)}</span></button>'
    )


def _piece(text: str, start: int, end: int, spans: Sequence[Span], tag: str, css: str = "") -> str:
    """``text[start:end]`` less the white space at its ends as one element, or nothing when blank."""
    stripped = text[start:end].strip()
    if not stripped:
        return ""
    start = text.index(stripped, start)
    name = f' class="{css}"' if css else ""
    return f"<{tag}{name}>{marked(text, start, start + len(stripped), spans)}</{tag}>"
