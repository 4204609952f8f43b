"""One answer as a card: the direct answer, the clauses it rests on, the standing notes, what was checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from app.i18n import EN, LANGUAGES, ZH, Wordings
from app.models import Answer, Citation, Status
from app.ui.answer_parts import Block, parts_of
from app.ui.markup import HTML_LANG, Wording, link, place
from corpus.departments import note_spans
from corpus.models import Policy, Role, Span

EnglishNames = Callable[[Policy, str], str | None]
"""A department's English name as a policy means it."""

MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
# Sums of money, percentages, ratios and dates as they are written in Chinese and in English.
FIGURE = (
    r"(?:RMB|CNY|[¥￥])\s?\d+(?:[,.]\d+)*(?:\s(?:thousand|million|billion))?"
    r"|\d+(?:[,.]\d+)*\s?[百千万萬亿億]*元"
    r"|\d+(?:\.\d+)?\s?[%％]|\d+[:：]\d+"
    r"|\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}} (?:{MONTH}) \d{{4}}|(?:{MONTH}) \d{{1,2}}, \d{{4}}"
)
# The original words that an English statement carries: a figure or a name in brackets, a quotation.
ORIGINAL_WORD = re.compile(r"[0-9.,:]*[\u4e00-\u9fff][\u4e00-\u9fff0-9.]+")
CAPTION_WORDS = re.compile(r"^(?:责任单位|責任單位)[：:]|^Responsible: ")
# Beyond this many clauses the chips keep their labels and drop their titles.
MAX_TITLED_CHIPS = 6
# Beyond this many sums a chip says how many there are.
MAX_CHIP_SUMS = 2
FEEDBACK_REASONS = ("amount", "clause", "missed", "unclear", "other")
MAX_COMMENT_CHARS = 1000
# Drawn, since not every system has the character; page.css turns it for the other verdict.
THUMB = (
    '<svg class="thumb" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 11h4v9H3zm6-.6L13 3.4a1.9 1.9 0 0 1 2 2.3'
    'L14.2 9.6h4.8a2 2 0 0 1 2 2.4l-1.4 6.4a2 2 0 0 1-2 1.6H10a1 1 0 0 1-1-1z"/></svg>'
)
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


def card_html(
    answer: Answer,
    wording: Wording,
    policies: Sequence[Policy],
    *,
    english_names: EnglishNames | None = None,
    suggested: Sequence[str] = (),
) -> str:
    """The card. Notes and contact stand in the policy that is cited first, or else in the first of ``policies``.

    ``english_names`` gives a department's English name; ``suggested`` are questions to ask next.
    """
    cited = cited_clauses(answer)
    titles = Titles(policies)
    policy_id = cited[0].citation.policy if cited else policies[0].id if policies else ""
    parts = (
        _status(answer, wording),
        _understood(answer, wording),
        _body(answer, cited, policies, wording, english_names),
        _contact(answer, policy_id, wording),
        _notes(answer, policy_id, wording),
        _chips(answer, cited, titles, wording),
        _near(answer, titles, wording),
        _foot(answer, wording),
        _actions(answer, wording),
        _suggested(answer, suggested, wording),
    )
    return f'<article class="card" data-status="{escape(answer.status)}">{"".join(parts)}</article>'


def _status(answer: Answer, wording: Wording) -> str:
    key = f"status.{answer.status}"
    return f'<p class="status">{wording.span(key)}</p>' if key in wording.texts else ""


def _understood(answer: Answer, wording: Wording) -> str:
    if answer.standalone_question in ("", answer.question):
        return ""
    return (
        f'<p class="understood">{wording.span("card.understood_label")}'
        f'<span class="standalone">{escape(answer.standalone_question)}</span> '
        f'<button type="button" class="quiet correct">{wording.span("card.correct")}</button></p>'
    )


def _body(
    answer: Answer,
    cited: tuple[Cited, ...],
    policies: Sequence[Policy],
    wording: Wording,
    english_names: EnglishNames | None,
) -> str:
    """The answer in its fixed order; beside an English one the Chinese words that each statement rests on."""
    parts = parts_of(answer)
    claims = _Claims(answer, cited)
    shown = [f'<div class="part direct">{claims.blocks(parts.direct, lead=True)}</div>' if parts.direct else ""]
    if answer.status is Status.OUT_OF_SCOPE:
        shown.append(f'<p class="quiet-line">{wording.span("card.refusal")}</p>')
    added = _unsaid(answer, cited, policies, wording, english_names)
    for name, blocks, more in (
        ("conditions", parts.conditions, ""),
        ("departments", parts.departments, added.departments),
        ("left_open", parts.open, added.left_open),
    ):
        if blocks or more:
            shown.append(
                f'<div class="part {name}"><h3 class="caption">{wording.span(f"card.{name}")}</h3>'
                f"{claims.blocks([_without_caption(block) for block in blocks])}{more}</div>"
            )
    language = HTML_LANG.get(answer.language, answer.language)
    mark = f'<p class="caption prevails-mark">{wording.span("card.original")}</p>' if claims.quoted else ""
    css = "answer beside" if claims.quoted else "answer"
    return f'<div class="{css}" lang="{escape(language)}">{mark}{"".join(shown)}{claims.rest()}</div>'


def _without_caption(block: Block) -> Block:
    """The block without the words that its caption says already."""
    return Block(CAPTION_WORDS.sub("", block.line), block.items)


@dataclass
class _Claims:
    """The blocks of an answer as HTML; ``quoted`` are the citations whose words stand beside them already."""

    answer: Answer
    cited: tuple[Cited, ...]
    quoted: list[Citation] = field(default_factory=list)

    def blocks(self, blocks: Sequence[Block], lead: bool = False) -> str:
        shown = []
        for number, block in enumerate(blocks):
            large = lead and number == 0 and len(block.line) <= MAX_LEAD_CHARS
            shown.append(self._claim("p", block.line, "lead" if large else ""))
            if block.items:
                shown.append(f"<ul>{''.join(self._claim('li', item, '') for item in block.items)}</ul>")
        return "".join(shown)

    def rest(self) -> str:
        """The words that no statement names its clause for."""
        if self.answer.language.startswith("zh"):
            return ""
        left = [c for c in self.answer.citations if c not in self.quoted]
        return "".join(_quote(citation) for citation in left)

    def _claim(self, tag: str, text: str, css: str) -> str:
        words = _inline(text, self.answer, self.cited)
        name = f' class="{css}"' if css else ""
        quotes = "".join(_quote(citation) for citation in self._originals(text))
        if not quotes:
            return f"<{tag}{name}>{words}</{tag}>"
        claim = f'<div class="claim"><div{name}>{words}</div><div class="originals">{quotes}</div></div>'
        return f"<li>{claim}</li>" if tag == "li" else claim

    def _originals(self, text: str) -> list[Citation]:
        if self.answer.language.startswith("zh"):
            return []
        named = [c for c in self.answer.citations if c.label in text]
        words = ORIGINAL_WORD.findall(text)
        near = [c for c in named if any(word in c.quote for word in words)]
        fresh = [c for c in near or named if c not in self.quoted[-1:]]
        self.quoted += fresh
        return fresh


def _quote(citation: Citation) -> str:
    return (
        f'<blockquote lang="zh-Hans"><span class="label">{escape(citation.label)}</span> '
        f"{escape(citation.quote)}</blockquote>"
    )


@dataclass(frozen=True, slots=True)
class _Unsaid:
    departments: str = ""
    left_open: str = ""


def _unsaid(
    answer: Answer,
    cited: tuple[Cited, ...],
    policies: Sequence[Policy],
    wording: Wording,
    english_names: EnglishNames | None,
) -> _Unsaid:
    """Who is responsible and which share is left open, from the one clause that the answer rests on, where the
    answer itself doesn't say."""
    numbered = [one for one in cited if one.citation.number is not None]
    if len(numbered) != 1 or answer.status not in (Status.ANSWERED, Status.PARTIAL):
        return _Unsaid()
    citation = numbered[0].citation
    policy = next((p for p in policies if p.id == citation.policy), None)
    clause = next((c for c in policy.clauses if c.id == citation.id), None) if policy else None
    if policy is None or clause is None:
        return _Unsaid()
    language = answer.language if answer.language in LANGUAGES else ZH

    def cite(start: int, end: int) -> str:
        return link("cite", citation.policy, citation.id, (Span(start, end),), citation.label)

    departments = left_open = ""
    said = any(fact.kind == "department" for fact in answer.facts) or "责任单位" in answer.answer
    notes = [(clause.start + start, clause.start + end) for start, end in note_spans(clause.text)]
    if clause.departments and notes and not said:
        alone = len(clause.departments) == 1
        names = []
        for unit in sorted(clause.departments, key=lambda d: d.role is not Role.LEAD):
            english = english_names(policy, unit.name) if english_names and language == EN else None
            name = f"{english} ({unit.name})" if english else unit.name
            leads = unit.role is Role.LEAD and not alone
            names.append(wording.texts.text("card.lead_department", language, name=name) if leads else name)
        joined = ("; " if language == EN else "、").join(names)
        departments = f"<p>{escape(joined)} {cite(*notes[0])}</p>"
    for provision in clause.provisions:
        ratio = provision.ratio
        read = any(s.start < provision.span.end and provision.span.start < s.end for s in numbered[0].spans)
        if read and ratio and ratio.is_open and provision.amount and not _says_open_share(answer.answer):
            words = wording.texts.text("card.ratio_open", language, ratio=ratio.text)
            left_open = f"<p>{escape(words)} {cite(ratio.span.start, ratio.span.end)}</p>"
            break
    return _Unsaid(departments, left_open)


def _says_open_share(text: str) -> bool:
    return any(words in text for words in ("具体比例", "具體比例", "exact share", "exact percentage"))


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


def _chips(answer: Answer, cited: tuple[Cited, ...], titles: Titles, wording: Wording) -> str:
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
            f'{wording.attributes(title=hint)}><span class="label" lang="zh-Hans">'
            f"{escape(citation.label)}</span>{_sums(answer, citation.label, wording)}"
            f"{wording.of(title, 'title') if with_titles else ''}</button>"
        )
    return (
        f'<div class="citations"><h3 class="caption">{wording.span("card.citations")}</h3>'
        f'<div class="chips{"" if with_titles else " short"}">{"".join(chips)}</div></div>'
    )


def _sums(answer: Answer, label: str, wording: Wording) -> str:
    """The sums that the answer states of a clause, in the source's own words."""
    sums = [f"{f.qualifier or ''}{f.text}" for f in answer.facts if f.kind == "amount" and f.clause == label]
    sums = list(dict.fromkeys(sums))
    if not sums:
        return ""
    if len(sums) > MAX_CHIP_SUMS:
        more = wording.span("card.more_amounts", count=str(len(sums)))
        return f'<span class="sum"><span lang="zh-Hans">{escape(sums[0])}</span> {more}</span>'
    return f'<span class="sum" lang="zh-Hans">{escape("、".join(sums))}</span>'


def _near(answer: Answer, titles: Titles, wording: Wording) -> str:
    if not answer.see_also:
        return ""
    links = []
    for near in answer.see_also:
        title = wording.of(titles.of(near.policy, near.id, near.label, near.title))
        links.append(f"<li>{link('near-link', near.policy, near.id, (), near.label, f' {title}')}</li>")
    return f'<div class="near"><h3 class="caption">{wording.span("card.near")}</h3><ul>{"".join(links)}</ul></div>'


def _notes(answer: Answer, policy_id: str, wording: Wording) -> str:
    if not answer.notes:
        return ""
    items = []
    for note in answer.notes:
        spans = (Span(note.start, note.end),)
        derived = wording.span("card.derived", css="derived") if note.derived else ""
        items.append(f"<li>{escape(note.text)} {derived} {link('cite', policy_id, '', spans, note.label)}</li>")
    return f'<div class="notes"><h3 class="caption">{wording.span("card.notes")}</h3><ul>{"".join(items)}</ul></div>'


def _contact(answer: Answer, policy_id: str, wording: Wording) -> str:
    contact = answer.contact
    if contact is None:
        return ""
    details = []
    if not contact.phone or contact.phone not in answer.answer:
        details.append(wording.span("card.contact", name=contact.name))
        if contact.phone:
            details.append(wording.span("card.phone", phone=contact.phone))
    if contact.hours:
        details.append(wording.span("card.hours", hours=contact.hours))
    return f'<p class="contact">{" ".join(details)}</p>' if details else ""


def _foot(answer: Answer, wording: Wording) -> str:
    checks = ""
    if not answer.checks.passed:
        checks = f'<p class="unchecked">{wording.span("card.check_failed")}</p>'
    elif answer.status not in (Status.SMALLTALK, Status.ERROR):
        kinds = _kinds(answer.checks.checked, wording)
        if kinds[wording.language]:
            line = wording.span("card.checked", kinds=kinds)
            checks = f'<p class="checked"><span class="tick" aria-hidden="true"></span>{line}</p>'
    worded = ""
    if answer.mode == "llm":
        worded = f'<p class="ai-mark">{wording.span("card.ai_generated", model=answer.model or "")}</p>'
    fixed = f'<p class="fixed-line">{wording.span("page.disclaimer")}</p>'
    return f'<footer class="card-foot">{checks}{worded}{fixed}</footer>'


def _actions(answer: Answer, wording: Wording) -> str:
    """Copy, and what the reader thinks of the answer."""
    if answer.status is Status.SMALLTALK:
        return ""
    reasons = "".join(
        f'<label><input type="radio" name="reason" value="{reason}"> {wording.span(f"feedback.{reason}")}</label>'
        for reason in FEEDBACK_REASONS
    )
    return (
        f'<div class="actions"><button type="button" class="quiet copy">{wording.span("act.copy")}</button>'
        f'<span class="votes" role="group"{wording.attributes(aria_label="feedback.label")}>'
        f'<button type="button" class="quiet vote" data-verdict="up" aria-pressed="false">'
        f"{THUMB} {wording.span('act.up')}</button>"
        f'<button type="button" class="quiet vote" data-verdict="down" aria-pressed="false" aria-expanded="false">'
        f"{THUMB} {wording.span('act.down')}</button></span>"
        f'<span class="said" role="status"></span></div>'
        f'<form class="reasons" hidden><fieldset><legend>{wording.span("feedback.what")}</legend>'
        f'<div class="reason-list">{reasons}</div>'
        f'<textarea name="comment" rows="2" maxlength="{MAX_COMMENT_CHARS}"'
        f"{wording.attributes(aria_label='feedback.comment', placeholder='feedback.comment')}></textarea>"
        f'<div class="reason-foot"><button type="submit" class="small">{wording.span("feedback.send")}</button>'
        f'<button type="button" class="quiet cancel">{wording.span("feedback.cancel")}</button></div>'
        "</fieldset></form>"
    )


def _suggested(answer: Answer, suggested: Sequence[str], wording: Wording) -> str:
    if not suggested:
        return ""
    language = escape(HTML_LANG.get(answer.language, answer.language))
    items = "".join(
        f'<li><button type="button" class="next" lang="{language}">{escape(question)}</button></li>'
        for question in suggested
    )
    return f'<div class="suggested"><h3 class="caption">{wording.span("card.next")}</h3><ul>{items}</ul></div>'


def _kinds(checked: Iterable[str], wording: Wording) -> Wordings:
    """The kinds of claim that were compared, in each language; one without a name is left out of the line."""
    names = [wording.texts.each(f"checked.{kind}") for kind in checked if f"checked.{kind}" in wording.texts]
    return {
        language: (", " if language == "en" else "、").join(dict.fromkeys(name[language] for name in names))
        for language in LANGUAGES
    }
