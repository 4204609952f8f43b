"""An answer to copy, and a conversation to keep: plain text, Markdown and Word.

The conversation is what the page sends back; it is kept nowhere here. Every word of it is data.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.i18n import EN, LANGUAGES, ZH, Texts
from app.models import Answer
from corpus.models import Policy

if TYPE_CHECKING:
    from docx.document import Document

Language = Literal["zh", "zh-Hant", "en"]
# What XML, and with it a Word file, can't hold.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")
# A line that would begin a list, a heading or a rule.
_LINE_MARK = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|[-+=])")
_EAST_ASIAN_FONT = "SimSun"


class Quoted(BaseModel):
    """A cited clause with its words."""

    model_config = ConfigDict(extra="forbid")
    label: str = Field(max_length=200)
    title: str = Field(max_length=500)
    quote: str = Field(max_length=20_000)


class Exchange(BaseModel):
    """A question with its answer, as the page keeps it."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(max_length=20_000)
    understood: str = Field(default="", max_length=20_000)
    language: Language = "zh"
    answer: str = Field(max_length=20_000)
    source: str = Field(default="", max_length=1000)
    quotes: list[Quoted] = Field(default=[], max_length=200)
    notes: list[str] = Field(default=[], max_length=20)
    near: list[str] = Field(default=[], max_length=50)
    contact: str = Field(default="", max_length=1000)


class Conversation(BaseModel):
    """What the reader's tab holds, oldest first."""

    model_config = ConfigDict(extra="forbid")
    language: Language = "zh"
    exchanges: list[Exchange] = Field(min_length=1, max_length=200)


def exchange_of(answer: Answer, policies: Sequence[Policy], texts: Texts) -> Exchange:
    """The answer as the page keeps it for copies and downloads, in the language of the answer."""
    language = answer.language if answer.language in LANGUAGES else ZH
    policy_id = answer.citations[0].policy if answer.citations else ""
    policy = next((p for p in policies if p.id == policy_id), None)
    contact = ""
    if answer.contact:
        details = [texts.text("card.contact", language, name=answer.contact.name)]
        if answer.contact.phone:
            details.append(texts.text("card.phone", language, phone=answer.contact.phone))
        if answer.contact.hours:
            details.append(texts.text("card.hours", language, hours=answer.contact.hours))
        contact = (", " if language == EN else "，").join(details)
    completed = answer.standalone_question not in ("", answer.question)
    return Exchange.model_construct(
        question=answer.question,
        understood=answer.standalone_question if completed else "",
        language=language,
        answer=answer.answer,
        source=_source(policy, texts, language) if policy else "",
        quotes=[
            Quoted.model_construct(label=c.label, title="" if c.label.endswith(c.title) else c.title, quote=c.quote)
            for c in answer.citations
        ],
        notes=[note.text for note in answer.notes],
        near=[f"{near.label} {near.title}" for near in answer.see_also],
        contact=contact,
    )


def _source(policy: Policy, texts: Texts, language: str) -> str:
    title = policy.title
    if language == EN and policy.english_title:
        title = f"{policy.english_title}（{policy.title}）"
    doc_no = policy.doc_no or ""
    if doc_no:
        doc_no = f"({doc_no})" if language == EN else f"（{doc_no}）"
    return texts.text("plain.source", language, title=title, doc_no=doc_no).strip()


def copy_text(exchange: Exchange, texts: Texts) -> str:
    """The answer with its source as plain text: short lines and blank lines only, for a message or a mail."""
    language = exchange.language
    blocks = [
        texts.text("plain.question", language, text=exchange.question),
        texts.text("plain.answer", language, text=_bullets(exchange.answer)),
    ]
    if exchange.source:
        blocks.append(exchange.source)
    for label, title, quotes in _by_clause(exchange.quotes):
        mark = f" {texts.text('plain.prevails', language)}" if language == EN else ""
        blocks.append("\n".join([f"{label} {title}".strip() + mark, *[f"“{quote}”" for quote in quotes]]))
    if exchange.notes:
        blocks.append("\n".join([texts.text("plain.notes", language), *[f"· {note}" for note in exchange.notes]]))
    if exchange.near:
        blocks.append("\n".join([texts.text("plain.near", language), *[f"· {near}" for near in exchange.near]]))
    if exchange.contact:
        blocks.append(exchange.contact)
    blocks.append(texts.text("page.disclaimer", language))
    return "\n\n".join(blocks)


def _bullets(text: str) -> str:
    return re.sub(r"(?m)^[-•*]\s+", "· ", text)


def _by_clause(quotes: Iterable[Quoted]) -> list[tuple[str, str, list[str]]]:
    """The quotations of one clause together, in the order in which the clauses are first cited."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in quotes:
        found.setdefault((one.label, one.title), []).append(one.quote)
    return [(label, title, quoted) for (label, title), quoted in found.items()]


def markdown(conversation: Conversation, texts: Texts, day: date) -> str:
    """The conversation as Markdown. Its words are escaped: none of them is markup."""
    language = conversation.language
    lines = [f"# {texts.text('transcript.title', language)}", "", day.isoformat(), ""]
    for exchange in conversation.exchanges:
        own = exchange.language
        lines += [f"## {_one_line(exchange.question)}", ""]
        if exchange.understood:
            lines += [f"{texts.text('card.understood_label', own)} {_one_line(exchange.understood)}", ""]
        for line in exchange.answer.splitlines():
            item = re.match(r"[-•*]\s+", line)
            lines += [f"- {_escaped(line[item.end() :])}"] if item else [_escaped(line), ""]
        lines.append("")
        if exchange.source:
            lines += [_one_line(exchange.source), ""]
        for label, title, quotes in _by_clause(exchange.quotes):
            lines += [f"**{_one_line(label)}** {_one_line(title)}".rstrip(), ""]
            for quote in quotes:
                lines += [*[f"> {_escaped(part)}" for part in quote.splitlines()], ""]
        for heading, items in (("plain.notes", exchange.notes), ("plain.near", exchange.near)):
            if items:
                lines += [texts.text(heading, own), "", *[f"- {_one_line(item)}" for item in items], ""]
        if exchange.contact:
            lines += [_one_line(exchange.contact), ""]
    lines += ["---", "", texts.text("page.disclaimer", language), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _escaped(text: str) -> str:
    return _LINE_MARK.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", text.replace("&", "&amp;")))


def _one_line(text: str) -> str:
    return _escaped(" ".join(text.split()))


def word(conversation: Conversation, texts: Texts, day: date) -> bytes:
    """The conversation as a Word file. Imports python-docx."""
    import docx

    language = conversation.language
    document = docx.Document()
    _set_fonts(document)
    document.core_properties.title = texts.text("transcript.title", language)
    document.core_properties.author = texts.text("page.name", language)
    document.add_heading(texts.text("transcript.title", language), 0)
    document.add_paragraph(day.isoformat())
    for exchange in conversation.exchanges:
        own = exchange.language
        document.add_heading(_xml(exchange.question), 1)
        if exchange.understood:
            document.add_paragraph(_xml(f"{texts.text('card.understood_label', own)}{exchange.understood}"))
        for line in exchange.answer.splitlines():
            item = re.match(r"[-•*]\s+", line)
            if item:
                document.add_paragraph(_xml(line[item.end() :]), style="List Bullet")
            elif line.strip():
                document.add_paragraph(_xml(line))
        if exchange.source:
            document.add_paragraph(_xml(exchange.source))
        for label, title, quotes in _by_clause(exchange.quotes):
            heading = document.add_paragraph()
            heading.add_run(_xml(f"{label} {title}".strip())).bold = True
            for quote in quotes:
                document.add_paragraph(_xml(quote), style="Quote")
        for key, items in (("plain.notes", exchange.notes), ("plain.near", exchange.near)):
            if items:
                document.add_paragraph(texts.text(key, own))
                for one in items:
                    document.add_paragraph(_xml(one), style="List Bullet")
        if exchange.contact:
            document.add_paragraph(_xml(exchange.contact))
    document.add_paragraph(texts.text("page.disclaimer", language))
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _set_fonts(document: Document) -> None:
    """A font for Chinese in every style: the template names none, and programs then pick one each."""
    from docx.oxml.ns import qn

    for style in document.styles:
        properties = style.element.find(qn("w:rPr"))
        fonts = properties.find(qn("w:rFonts")) if properties is not None else None
        if fonts is not None:
            fonts.set(qn("w:eastAsia"), _EAST_ASIAN_FONT)
            fonts.attrib.pop(qn("w:eastAsiaTheme"), None)


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
