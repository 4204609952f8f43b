"""HTML in which every word is escaped, and page texts that change language where they stand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from app.i18n import LANGUAGES, ZH, Texts, Wordings
from corpus.models import Span

HTML_LANG = {"zh": "zh-Hans", "zh-Hant": "zh-Hant", "en": "en"}


@dataclass(frozen=True, slots=True)
class Wording:
    """Page texts as HTML in ``language``, each carrying its other languages for the page's toggle.

    The page's script puts ``data-i18n``, ``{"text" | attribute: {language: wording}}``, in place when the
    reader changes the language, so answers already on the page change with it.
    """

    texts: Texts
    language: str = ZH

    def span(self, key: str, css: str = "", **values: str | Wordings) -> str:
        """The text as a ``<span>``; values are escaped."""
        return self.of(self.texts.each(key, **values), css)

    def of(self, wordings: Wordings, css: str = "") -> str:
        """These wordings as a ``<span>``."""
        name = f' class="{escape(css)}"' if css else ""
        return f"<span{name}{_carry({'text': wordings})}>{escape(wordings[self.language])}</span>"

    def attributes(self, **keys: str | Wordings) -> str:
        """`` attribute="text" …`` for text keys or ready wordings; ``_`` in a name stands for ``-``."""
        ready = {
            name.replace("_", "-"): self.texts.each(key) if isinstance(key, str) else key for name, key in keys.items()
        }
        shown = "".join(f' {name}="{escape(wordings[self.language])}"' for name, wordings in ready.items())
        return shown + _carry(ready)


def _carry(wordings: dict[str, Wordings]) -> str:
    return f' data-i18n="{escape(json.dumps(wordings, ensure_ascii=False))}"'


def language_or_default(value: object) -> str:
    """``value`` if it is one of the page's languages, else simplified Chinese."""
    return value if isinstance(value, str) and value in LANGUAGES else ZH


def place(policy_id: str, clause_id: str, spans: Iterable[Span]) -> str:
    """The attributes by which the page's script opens a place in the policy text. With no clause, the spans
    alone say where."""
    offsets = json.dumps([[span.start, span.end] for span in spans])
    return f' data-open data-policy="{escape(policy_id)}" data-clause="{escape(clause_id)}" data-spans="{offsets}"'


def link(css: str, policy_id: str, clause_id: str, spans: Iterable[Span], label: str, more: str = "") -> str:
    """A link to a place in the policy text, its label in the source's own script. ``more`` is HTML. The address
    opens the clause in a tab of its own."""
    address = f"?clause={quote(clause_id or policy_id, safe='')}"
    return (
        f'<a class="{css}" href="{escape(address)}"{place(policy_id, clause_id, spans)}>'
        f'<span lang="zh-Hans">{escape(label)}</span>{more}</a>'
    )


def marked(text: str, start: int, end: int, spans: Sequence[Span]) -> str:
    """``text[start:end]`` escaped, the parts inside ``spans`` in ``<mark>``; overlapping spans become one."""
    pieces = []
    position = start
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        inside_start, inside_end = max(span.start, position), min(span.end, end)
        if inside_start >= inside_end:
            continue
        pieces.append(escape(text[position:inside_start]))
        pieces.append(f"<mark>{escape(text[inside_start:inside_end])}</mark>")
        position = inside_end
    pieces.append(escape(text[position:end]))
    return "".join(pieces)
