"""Questions about the document as a whole: validity, number, issuers, dates, what may not be combined."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from app.composing import aligned_english, sentence_spans
from app.draft import Draft
from app.models import Note, Status
from app.question import Question
from app.wording import MONTHS, Wording, keep
from corpus.departments import Directory
from corpus.models import Clause, Fact, Policy, Span
from corpus.numerals import chinese_to_int

_YEARS = re.compile(r"(\d+|[一二两三四五六七八九十]+)\s*年(?!\d)|(\w+)[- ]years?")
_MONTHS = [name[:3].lower() for name in MONTHS]
# 2028年10月1日, 明年底, October 2028, the end of next year.
_TIME = re.compile(
    r"(?:(?P<end_en>end of )|"
    rf"(?:(?P<day_en>\d{{1,2}})(?:st|nd|rd|th)? )?(?P<month_en>{'|'.join(_MONTHS)})[a-z]*\.?,? )?"
    r"(?:(?<!\d)(?P<year>20\d\d)(?!\d)|(?P<next>[明后]年|大后年|next year))"
    r"(?:年?(?P<month>1[0-2]|0?[1-9])月(?:(?P<day>[12]\d|3[01]|0?[1-9])[日号])?|年?(?P<end>底|末))?"
)
_YEARS_ON = {"明年": 1, "后年": 2, "大后年": 3, "next year": 1}
# A rule against double funding that speaks of this city's other measures is silent on the rest.
_THIS_CITY = re.compile(r"本[市省区县]|我[市省区县]")
_EN_NUMBERS = {w: i for i, w in enumerate("one two three four five six seven eight nine ten".split(), 1)}


DOCUMENT_FACTS = frozenset(
    {
        "validity",
        "effective",
        "doc_no",
        "issued",
        "published",
        "issuer",
        "interpreter",
        "no_double_funding",
        "basis",
        "approval",
        "implementation_rules",
        "district_measures",
        "repeals",
        "fields",
        "purpose",
        "preference",
        "contact",
        "title",
    }
)
# Words for these are hardly ever said of anything but the document.
FIRM_DOCUMENTS = frozenset(
    {
        "validity",
        "effective",
        "doc_no",
        "issuer",
        "published",
        "interpreter",
        "no_double_funding",
        "basis",
        "repeals",
        "contact",
    }
)


@dataclass(frozen=True, slots=True)
class _Time:
    """A year, a month of it or a day of that, as a question names it."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def said(self, wording: Wording) -> str:
        """What it is called. A day is not said again: a date in an answer is one of the document's."""
        if self.day:
            return "that day" if wording.english else "那天"
        if self.month:
            return wording.month(self.year, self.month)
        return str(self.year) if wording.english else f"{self.year}年"


def _time(match: re.Match[str], today: date) -> _Time | None:
    """The time a question names; None for a day that no month has."""
    year = int(match["year"]) if match["year"] else today.year + _YEARS_ON[match["next"]]
    if match["end"] or match["end_en"]:
        return _Time(year, 12)
    month = _MONTHS.index(match["month_en"]) + 1 if match["month_en"] else int(match["month"] or 0) or None
    day = int(match["day_en"] or match["day"] or 0) or None
    if month and day and day > monthrange(year, month)[1]:
        return None
    return _Time(year, month, day if month else None)


@dataclass(frozen=True)
class DocumentComposer:
    """Composes answers from the policy's own facts. ``today`` decides whether it is in force."""

    policy: Policy
    directory: Directory
    wording: Wording
    today: date

    def answer(self, draft: Draft, name: str, question: Question) -> bool:
        """Answer one kind of question about the document; False when the text has no such fact."""
        if name == "contact" and self._contact_of_another(draft, question):
            draft.statuses.append(Status.NOT_SPECIFIED)
            return True
        done = self._special(draft, name, question)
        if done:
            draft.statuses.append(Status.ANSWERED)
        elif name in FIRM_DOCUMENTS:
            draft.statuses.append(Status.NOT_SPECIFIED)
            draft.say("not_specified", what=self.wording.say(f"fact_{name}"))
            return True
        return done

    def _special(self, draft: Draft, name: str, question: Question) -> bool:
        match name:
            case "validity":
                return self._validity(draft, question)
            case "effective":
                return self._effective(draft)
            case "doc_no" | "issued" | "published":
                return self._value(draft, name)
            case "issuer":
                return self._issuers(draft, question)
            case "interpreter":
                return self._interpreter(draft, question)
            case "no_double_funding" | "basis" | "approval" | "implementation_rules" | "district_measures" | "repeals":
                return self._statement(draft, name)
            case "fields":
                return self._fields(draft)
            case "purpose":
                return self._part(draft, "preamble")
            case "preference":
                return self._part(draft, "scope")
            case "contact":
                return self._contact(draft)
            case "title":
                return self._title(draft)
        return False

    def _owner(self, fact: Fact) -> Clause:
        return self.policy.clause(fact.clause_id)

    def _validity(self, draft: Draft, question: Question) -> bool:
        v, w = self.policy.validity, self.wording
        if v.span is None:
            return False
        owner = self._clause_at(v.span)
        asked = _years_in(question.plain)
        if v.term_years and asked and v.term_years not in asked and question.operations & {"confirm"}:
            draft.say("premise_years_no", asked=asked[0])
        elif times := self._asked_times(question):
            for time in times:
                draft.say(self._state_at(time), when=time.said(w))
        else:
            draft.say(self._state_of_validity())
        quote = self._quote(v.span)
        if v.term_years and v.effective_from:
            draft.say(
                "validity", quote=keep(quote), ref=w.ref(owner), start=w.day(v.effective_from), years=v.term_years
            )
        else:
            draft.say("validity_plain", quote=keep(quote), ref=w.ref(owner))
        if v.effective_to:
            draft.say("validity_derived" if v.derived else "validity_until", end=w.day(v.effective_to))
        draft.state("validity", owner, v.span, v.effective_to.isoformat() if v.effective_to else quote)
        return True

    def _state_of_validity(self) -> str:
        v = self.policy.validity
        if v.effective_from and self.today < v.effective_from:
            return "validity_not_yet"
        if v.effective_to and self.today > v.effective_to:
            return "validity_expired"
        return "validity_yes"

    def _asked_times(self, question: Question) -> list[_Time]:
        """The times that the question asks about, each once; of years none that it can only state: the present one,
        and the one the document begins in."""
        start = self.policy.validity.effective_from
        found = dict.fromkeys(t for m in _TIME.finditer(question.plain) if (t := _time(m, self.today)))
        return [
            t
            for t in found
            if not (start and t.year == start.year) and not (t.month is None and t.year == self.today.year)
        ]

    def _state_at(self, time: _Time) -> str:
        v = self.policy.validity
        if v.effective_from and time.last < v.effective_from:
            return "validity_before"
        if v.effective_to and time.first > v.effective_to:
            return "validity_expired_then"
        if v.effective_to and time.last > v.effective_to:
            return "validity_part"
        return "validity_yes_then"

    def _effective(self, draft: Draft) -> bool:
        v = self.policy.validity
        if not v.effective_from or not v.span:
            return False
        owner = self._clause_at(v.span)
        start, ref = self.wording.day(v.effective_from), self.wording.ref(owner)
        if v.term_years:
            # The same sentence says for how long, and whoever asks the one wants to know the other.
            draft.say("effective_for", start=start, years=v.term_years, ref=ref)
        else:
            draft.say("effective", start=start, ref=ref)
        draft.state("date", owner, v.span, v.effective_from.isoformat())
        return True

    def _value(self, draft: Draft, name: str) -> bool:
        fact = self.policy.facts.get(name)
        if fact is None:
            return False
        day = {"issued": self.policy.issued, "published": self.policy.published}.get(name)
        value = self.wording.day(day) if day else keep(fact.value)
        draft.say(name, value=value, ref=self.wording.ref(self._owner(fact)))
        draft.state("date" if day else name, self._owner(fact), fact.span, day.isoformat() if day else fact.value)
        return True

    def _issuers(self, draft: Draft, question: Question) -> bool:
        fact = self.policy.facts.get("issuers")
        if fact is None:
            return False
        if question.departments and "confirm" in question.operations:
            own = {d.key for n in self.policy.issuers if (d := self.directory.named(n))}
            draft.say("yes" if {m.department.key for m in question.departments} <= own else "no")
        names = list(self.policy.issuers)
        if self.wording.english:
            names = [f"{d.en} ({n})" if (d := self.directory.named(n)) else n for n in names]
        key = "issuer" if len(names) > 1 else "issuer_one"
        draft.say(key, value=self.wording.joined(names), ref=self.wording.ref(self._owner(fact)))
        draft.state("issuers", self._owner(fact), fact.span, fact.value)
        return True

    def _interpreter(self, draft: Draft, question: Question) -> bool:
        fact = self.policy.facts.get("interpreter")
        if fact is None:
            return False
        owner, w = self._owner(fact), self.wording
        mentions = self.directory.mentions(fact.value)
        if not mentions:
            return self._statement(draft, "interpreter")
        department = mentions[0].department
        if "confirm" in question.operations and question.departments:
            same = any(m.department.key == department.key for m in question.departments)
            draft.say("yes" if same else "no")
        draft.say("interpreter", name=department.name, en=department.en, ref=w.ref(owner))
        draft.state("interpreter", owner, fact.span, department.name)
        return True

    def _statement(self, draft: Draft, name: str) -> bool:
        fact = self.policy.facts.get(name)
        if fact is None:
            return False
        owner, w = self._owner(fact), self.wording
        quote = keep(self._quote(fact.span))
        english = ""
        if w.english:
            translation = self.policy.translations.get(owner.id)
            english = aligned_english(self.policy, owner, [fact.span]) or (translation.text if translation else "")
        if name in ("no_double_funding", "approval"):
            draft.say(name, quote=quote, ref=w.ref(owner), text=english.rstrip("."))
            if name == "no_double_funding" and _THIS_CITY.search(fact.value):
                draft.say("no_double_scope")
        elif w.english and not english:
            draft.say("statement_plain", quote=quote, ref=w.ref(owner))
        else:
            draft.say(
                "basis" if name == "basis" else "statement", quote=quote, ref=w.ref(owner), text=english.rstrip(".")
            )
        draft.state(name, owner, fact.span, fact.value)
        if english:
            # The translation goes by sentences, and says what the rest of the sentence says too.
            for span in sentence_spans(self.policy.source_text, owner.body_span):
                if span.start < fact.span.end and fact.span.start < span.end:
                    draft.cite(owner, span)
        return True

    def _fields(self, draft: Draft) -> bool:
        fact = self.policy.facts.get("fields")
        if fact is None:
            return False
        owner = self._owner(fact)
        translation = self.policy.translations.get(owner.id)
        english = aligned_english(self.policy, owner, [fact.span]) or (translation.text if translation else "")
        n = len([x for x in re.split(r"[、，,和及]", fact.value) if x.strip()])
        draft.say("fields", n=n, quote=keep(fact.value), ref=self.wording.ref(owner), text=english.rstrip("."))
        draft.state("fields", owner, fact.span, fact.value)
        draft.cite(owner, owner.body_span)
        return True

    def _part(self, draft: Draft, path: str) -> bool:
        clause = next((c for c in self.policy.clauses if c.path == path), None)
        if clause is None:
            return False
        w = self.wording
        translation = self.policy.translations.get(clause.id)
        quote = self.policy.source_text[clause.body_span.start : clause.body_span.end]
        draft.say("quote", ref=w.ref(clause), quote=keep(quote), text=translation.text if translation else f"“{quote}”")
        draft.cite(clause, clause.body_span)
        return True

    def _contact_of_another(self, draft: Draft, question: Question) -> bool:
        """Say that the text has no telephone number of a department other than the host; False when none is asked."""
        host = self.directory.named(self.policy.contact.name) if self.policy.contact else None
        others = [m.department for m in question.departments if host is None or m.department.key != host.key]
        for department in others:
            draft.say("contact_other", name=department.name, en=department.en)
        return bool(others)

    def _contact(self, draft: Draft) -> bool:
        contact = self.policy.contact
        if contact is None or not contact.phone:
            return False
        known = self.directory.named(contact.name)
        name = f"{known.en} ({contact.name})" if known and self.wording.english else contact.name
        hours = self.wording.say("hours", hours=keep(contact.hours)) if contact.hours else ""
        more = "".join(
            self.wording.say(key, value=keep(f"“{value}”" if self.wording.english and not value.isascii() else value))
            for key, value in (("contact_email", contact.email), ("contact_address", contact.address))
            if value
        )
        draft.say("contact", name=name, phone=keep(contact.phone), hours=hours, more=more)
        draft.contact = True
        return True

    def _title(self, draft: Draft) -> bool:
        fact = self.policy.facts.get("title")
        if fact is None:
            return False
        owner = self._owner(fact)
        draft.say("title", title=keep(fact.value), ref=self.wording.ref(owner), text=self.policy.english_title or "")
        draft.state("title", owner, fact.span, fact.value)
        return True

    # -- standing notes --------------------------------------------------------------------------------------------

    def notes(self, cited: list[tuple[int, int, str]]) -> tuple[Note, ...]:
        """Validity, no double funding and, for an English answer, that the Chinese prevails. ``cited`` are the
        (start, end, label) of the answer's citations."""
        w, v = self.wording, self.policy.validity
        made: list[Note] = []
        if v.span is not None:
            owner = self._clause_at(v.span)
            text = self._english_or_quote("note_validity", v.span)
            if v.effective_to and v.derived:
                text += w.say("note_validity_derived", end=w.day(v.effective_to))
            if v.effective_to and self.today > v.effective_to:
                text += w.say("note_validity_expired")
            made.append(Note("validity", w.finish(text), owner.label, v.span.start, v.span.end, v.derived))
        fact = self.policy.facts.get("no_double_funding")
        if fact is not None:
            owner, quote = self._owner(fact), fact.value.rstrip("。")
            english = aligned_english(self.policy, owner, [fact.span]).rstrip(".") or f"“{quote}”"
            text = w.finish(w.say("note_no_double_funding", quote=quote, text=english))
            made.append(Note("no_double_funding", text, owner.label, fact.span.start, fact.span.end))
        if w.english and cited:
            start, end, label = cited[0]
            made.append(Note("chinese_prevails", w.say("note_chinese_prevails"), label, start, end))
        return tuple(made)

    def _english_or_quote(self, key: str, span: Span) -> str:
        v = self.policy.validity
        quote = self._quote(span)
        if self.wording.english and not (v.effective_from and v.term_years):
            return quote
        start = self.wording.day(v.effective_from) if v.effective_from else ""
        return self.wording.say(key, quote=quote, start=start, years=v.term_years)

    def _quote(self, span: Span) -> str:
        return self.policy.source_text[span.start : span.end].rstrip("。")

    def _clause_at(self, span: Span) -> Clause:
        found = next((c for c in self.policy.clauses if c.start <= span.start < c.end), None)
        return found or self.policy.clauses[-1]


def _years_in(plain: str) -> list[int]:
    """Terms of years a question names: 三年, three years."""
    found = []
    for match in _YEARS.finditer(plain):
        number = chinese_to_int(match.group(1)) if match.group(1) else _EN_NUMBERS.get(match.group(2))
        if number is not None and number < 100:
            found.append(number)
    return found
