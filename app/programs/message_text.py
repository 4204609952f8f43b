"""An answer as one text in Markdown, for programs that show nothing else of it.

The answer's own words come first, unchanged. Under a rule follow the clauses with a link to each, the standing notes,
the contact and what is near.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from app.i18n import EN, LANGUAGES, ZH, Texts
from app.models import Answer, Citation, SeeAlso
from corpus.models import Policy

RULE = "\n\n---\n\n"
_HEADINGS = ("sources", "notes", "contact", "near")
_MARKUP = re.compile(r"([\\`*_\[\]<>])")


def message_text(answer: Answer, policies: Sequence[Policy], texts: Texts, site: str) -> str:
    """The answer's text and what belongs under it; ``site`` is the address of the chat page without the slash at its
    end."""
    return answer.answer + appendix(answer, policies, texts, site)


def appendix(answer: Answer, policies: Sequence[Policy], texts: Texts, site: str) -> str:
    """What belongs under the answer's text, its rule included; empty where there is nothing."""
    language = answer.language if answer.language in LANGUAGES else ZH
    titles = _titles(policies, language)

    def linked(clauses: Iterable[Citation | SeeAlso]) -> list[str]:
        named = {one.id: f"{one.label} {titles.get(one.id, one.title)}".strip() for one in clauses}
        return [f"[{_escaped(name)}]({clause_link(site, id)})" for id, name in named.items()]

    contact: list[str] = []
    if answer.contact:
        details = [answer.contact.name]
        if answer.contact.phone:
            details.append(texts.text("card.phone", language, phone=answer.contact.phone))
        if answer.contact.hours:
            details.append(texts.text("card.hours", language, hours=answer.contact.hours))
        contact = [(", " if language == EN else "，").join(details)]
    notes = [_escaped(f"{note.text} {_bracketed(note.label, language)}") for note in answer.notes]
    parts = dict(zip(_HEADINGS, (linked(answer.citations), notes, contact, linked(answer.see_also)), strict=True))
    blocks = [
        "\n".join([_heading(texts, name, language), "", *[f"- {line}" for line in lines]])
        for name, lines in parts.items()
        if lines
    ]
    return RULE + "\n\n".join(blocks) if blocks else ""


def without_appendix(text: str, texts: Texts) -> str:
    """The answer's own words in a message that was made here and comes back in a conversation."""
    headings = "|".join(re.escape(_heading(texts, name, language)) for name in _HEADINGS for language in LANGUAGES)
    # Programs change white space: line ends, blank lines, the ends of a message.
    found = re.search(rf"^---[ \t\r]*\n\s*(?:{headings})", text, re.MULTILINE)
    return text[: found.start()].rstrip() if found else text


def clause_link(site: str, clause_id: str) -> str:
    """The address at which the chat page opens on a clause."""
    return f"{site}/?clause={quote(clause_id, safe='')}"


def _bracketed(label: str, language: str) -> str:
    if label.startswith("("):
        return label
    return f"({label})" if language == EN else f"（{label}）"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _heading(texts: Texts, name: str, language: str) -> str:
    return f"**{texts.text(f'programs.{name}', language)}**"


def _titles(policies: Sequence[Policy], language: str) -> dict[str, str]:
    """Titles of clauses by id: none where the label says the same, English ones for an English answer."""
    found = {}
    for policy in policies:
        for clause in policy.clauses:
            translation = policy.translations.get(clause.id) if language == EN else None
            title = "" if clause.label.endswith(clause.title) else clause.title
            found[clause.id] = translation.title if translation else title
    return found
