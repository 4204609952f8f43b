"""One answer as a card: the direct answer, the clauses it rests on, the standing notes, what was checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from app.i18n import EN, LANGUAGES, Wordings
from app.models import Answer, Citation, Status
from app.ui.markup import HTML_LANG, Wording, link, place
from corpus.models import Policy, Span

MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
# Sums of money, percentages, ratios and dates as they are written in Chinese and in English.
FIGURE = (
    r"(?:RMB|CNY|[¥￥])\s?\d+(?:[,.]\d+)*(?:\s(?:thousand|million|billion))?"
    r"|\d+(?:[,.]\d+)*\s?[百千万萬亿億]*元"
    r"|\d+(?:\.\d+)?\s?[%％]|\d+[:：]\d+"
    r"|\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}} (?:{MONTH}) \d{{4}}|(?:{MONTH}) \d{{1,2}}, \d{{4}}"
)
LIST_ITEM = re.compile(r"[-•·*]\s+")
# Beyond this many clauses the chips keep their labels and drop their titles.
MAX_TITLED_CHIPS = 6
# Beyond this many quotations the originals beside an English answer are folded.
MAX_OPEN_QUOTES = 2
# A longer first paragraph is a text to read, not a direct answer to set large.
MAX_LEAD_CHARS = 160


@dataclass(frozen=True, slots=True)
class Cited:
    """A clause that the answer rests on, with all the spans cited from it."""

    citation: Citation
    spans: tuple[Span, ...]


def cited_clauses(answer: Answer) -> tuple[Cited, ...]:
    """The cited clauses in the order of their first citation; a clause cited twice comes once."""
    spans: dict[tuple[str, str], list[Span]] = {}
    first: dict[tuple[str, str], Citation] = {}
    for citation in answer.citations:
        key = (citation.policy, citation.id)
        first.setdefault(key, citation)
        spans.setdefault(key, []).append(Span(citation.start, citation.end))
    return tuple(Cited(citation, tuple(spans[key])) for key, citation in first.items())


class Titles:
    """Clause titles for readers of each language: the source's own, and its reference translation in English."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._policies = {policy.id: policy for policy in policies}

    def of(self, policy_id: str, clause_id: str, label: str, title: str) -> Wordings:
        """The title in each language; empty where it would only repeat the label (``六、附则``)."""
        policy = self._policies.get(policy_id)
        translation = policy.translations.get(clause_id) if policy else None
        source = "" if label.endswith(title) else title
        return dict.fromkeys(LANGUAGES, source) | {EN: translation.title if translation else source}


def card_html(answer: Answer, wording: Wording, policies: Sequence[Policy]) -> str:
    """The card. Notes and contact stand in the policy that is cited first, or else in the first of ``policies``."""
    cited = cited_clauses(answer)
    titles = Titles(policies)
    policy_id = cited[0].citation.policy if cited else policies[0].id if policies else ""
    parts = (
        _status(answer, wording),
        _understood(answer, wording),
        _body(answer, cited),
        _originals(answer, cited, wording),
        _chips(cited, titles, wording),
        _near(answer, titles, wording),
        _notes(answer, policy_id, wording),
        _contact(answer, policy_id, wording),
        _foot(answer, wording),
    )
    return f'<article class="card" data-status="{escape(answer.status)}">{"".join(parts)}</article>'


def _status(answer: Answer, wording: Wording) -> str:
    key = f"status.{answer.status}"
    return f'<p class="status">{wording.span(key)}</p>' if key in wording.texts else ""


def _understood(answer: Answer, wording: Wording) -> str:
    if answer.standalone_question in ("", answer.question):
        return ""
    return f'<p class="understood">{wording.span("card.understood", question=answer.standalone_question)}</p>'


def _body(answer: Answer, cited: tuple[Cited, ...]) -> str:
    blocks: list[str] = []
    items: list[str] = []
    for line in [*answer.answer.splitlines(), ""]:
        item = LIST_ITEM.match(line)
        if item:
            items.append(f"<li>{_inline(line[item.end() :], answer, cited)}</li>")
            continue
        if items:
            blocks.append(f"<ul>{''.join(items)}</ul>")
            items = []
        if line.strip():
            lead = ' class="lead"' if not blocks and len(line) <= MAX_LEAD_CHARS else ""
            blocks.append(f"<p{lead}>{_inline(line.strip(), answer, cited)}</p>")
    language = HTML_LANG.get(answer.language, answer.language)
    return f'<div class="answer" lang="{escape(language)}">{"".join(blocks)}</div>'


def _inline(text: str, answer: Answer, cited: tuple[Cited, ...]) -> str:
    """The text escaped; labels of cited clauses become links, figures are emphasised."""
    links = {one.citation.label: one for one in cited}
    stated = {fact.text for fact in answer.facts if fact.kind in ("amount", "ratio", "date") and fact.text}
    # Longest first: a label or a figure may begin with another one.
    labels = "|".join(re.escape(label) for label in sorted(links, key=len, reverse=True))
    figures = "|".join([*(re.escape(fact) for fact in sorted(stated, key=len, reverse=True)), FIGURE])
    pattern = re.compile(f"(?P<label>{labels})|(?P<figure>{figures})" if labels else f"(?P<figure>{figures})")
    pieces = []
    position = 0
    for match in pattern.finditer(text):
        pieces.append(escape(text[position : match.start()]))
        if match.lastgroup == "label":
            one = links[match.group()]
            pieces.append(link("cite", one.citation.policy, one.citation.id, one.spans, match.group()))
        else:
            pieces.append(f"<strong>{escape(match.group())}</strong>")
        position = match.end()
    pieces.append(escape(text[position:]))
    return "".join(pieces)


def _originals(answer: Answer, cited: tuple[Cited, ...], wording: Wording) -> str:
    """The verbatim Chinese beside an answer in another language."""
    if answer.language.startswith("zh") or not cited:
        return ""
    quotes = "".join(
        f'<blockquote lang="zh-Hans"><span class="label">{escape(citation.label)}</span> '
        f"{escape(citation.quote)}</blockquote>"
        for citation in answer.citations
    )
    is_open = " open" if len(answer.citations) <= MAX_OPEN_QUOTES else ""
    return f'<details class="originals"{is_open}><summary>{wording.span("card.original")}</summary>{quotes}</details>'


def _chips(cited: tuple[Cited, ...], titles: Titles, wording: Wording) -> str:
    if not cited:
        return ""
    with_titles = len(cited) <= MAX_TITLED_CHIPS
    chips = []
    for one in cited:
        citation = one.citation
        title = titles.of(citation.policy, citation.id, citation.label, citation.title)
        hint = wording.texts.each("card.open", label=citation.label, title=title)
        chips.append(
            f'<button type="button" class="chip"{place(citation.policy, citation.id, one.spans)}'
            f'{wording.attributes(title=hint, aria_label=hint)}><span class="label" lang="zh-Hans">'
            f"{escape(citation.label)}</span>{wording.of(title, 'title') if with_titles else ''}</button>"
        )
    return (
        f'<div class="citations"><p class="caption">{wording.span("card.citations")}</p>'
        f'<div class="chips{"" if with_titles else " short"}">{"".join(chips)}</div></div>'
    )


def _near(answer: Answer, titles: Titles, wording: Wording) -> str:
    if not answer.see_also:
        return ""
    links = []
    for near in answer.see_also:
        title = wording.of(titles.of(near.policy, near.id, near.label, near.title))
        links.append(f"<li>{link('near-link', near.policy, near.id, (), near.label, f' {title}')}</li>")
    return f'<div class="near"><p class="caption">{wording.span("card.near")}</p><ul>{"".join(links)}</ul></div>'


def _notes(answer: Answer, policy_id: str, wording: Wording) -> str:
    if not answer.notes:
        return ""
    items = []
    for note in answer.notes:
        spans = (Span(note.start, note.end),)
        derived = wording.span("card.derived", css="derived") if note.derived else ""
        items.append(f"<li>{escape(note.text)} {derived} {link('cite', policy_id, '', spans, note.label)}</li>")
    return f'<div class="notes"><p class="caption">{wording.span("card.notes")}</p><ul>{"".join(items)}</ul></div>'


def _contact(answer: Answer, policy_id: str, wording: Wording) -> str:
    contact = answer.contact
    if contact is None:
        return ""
    details = [wording.span("card.contact", name=contact.name)]
    if contact.phone:
        details.append(wording.span("card.phone", phone=contact.phone))
    if contact.hours:
        details.append(wording.span("card.hours", hours=contact.hours))
    return f'<p class="contact">{" ".join(details)}</p>'


def _foot(answer: Answer, wording: Wording) -> str:
    checks = ""
    if not answer.checks.passed:
        checks = f'<p class="unchecked">{wording.span("card.check_failed")}</p>'
    elif answer.status not in (Status.SMALLTALK, Status.ERROR):
        kinds = _kinds(answer.checks.checked, wording)
        if kinds[wording.language]:
            line = wording.span("card.checked", kinds=kinds)
            checks = f'<p class="checked"><span class="tick" aria-hidden="true"></span>{line}</p>'
    return f'<footer class="card-foot">{checks}<p class="fixed-line">{wording.span("page.disclaimer")}</p></footer>'


def _kinds(checked: Iterable[str], wording: Wording) -> Wordings:
    """The kinds of claim that were compared, in each language; one without a name is left out of the line."""
    names = [wording.texts.each(f"checked.{kind}") for kind in checked if f"checked.{kind}" in wording.texts]
    return {
        language: (", " if language == "en" else "、").join(dict.fromkeys(name[language] for name in names))
        for language in LANGUAGES
    }
