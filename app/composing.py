"""From evidence to sentences: what each kind of question about a clause is answered with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.cues import Attribute
from app.draft import Draft, lead_first
from app.models import Status
from app.wording import Wording, keep
from corpus.departments import Department, Directory, note_spans
from corpus.models import Clause, Policy, Provision, ResponsibleDepartment, Role, Span
from corpus.numerals import half_width
from corpus.provisions import ITEM_LABEL, names_a_sum
from corpus.terms import fold

_LEADING_SCENE = re.compile(
    r"^(?:重点)?(?:围绕|聚焦|结合|针对|面向)[^，]*?(?:需求|领域|瓶颈|特点|方向|要求)[^，]{0,6}，"
)
_WHEN = re.compile(r"事前|事后|事先|后补助|预拨|分期|分阶段|一次性")
# What is shorter is a heading, which says nothing.
_HEADING = 12
# What a sum turns on, and what bounds it in time or number, in parts of the sentence beside its own.
_BASIS = re.compile(r"\s*(?:根据|依据|视|按照?)")
_LIMIT = re.compile(
    r"[，,；;]\s*(?:且|但|并且)?(?:补贴|补助|资助|奖励|支持|享受|领取)?"
    r"(?:期限|期间|年限|时间|最长|最多|累计|连续|每[年家人户个]|单个|同一|名额|总(?:数|量)|具体[^，,；;。]{0,8}(?:根据|按|视))"
    r"[^，,；;。]*"
)
_FIGURE = re.compile(r"[\d%％]|[一二三四五六七八九十]+(?:年|个?月|成)")
_LIST_MARK = re.compile(r"[，,。；;]")


@dataclass(frozen=True, slots=True)
class Target:
    """A clause that is asked about and the provisions of it that are meant, in the order of the text."""

    clause: Clause
    provisions: tuple[Provision, ...]


@dataclass(frozen=True)
class ClauseComposer:
    """Composes the parts of an answer that concern single clauses. Adds to a draft, in the order of its calls."""

    policy: Policy
    directory: Directory
    wording: Wording

    # -- sums ---------------------------------------------------------------------------------------------------

    def amounts(self, draft: Draft, target: Target) -> bool:
        """The sums of the provisions meant. False when none of them has one."""
        granted = [p for p in target.provisions if p.amount]
        if not granted:
            return False
        for provision in granted:
            draft.add(self.amount_line(target.clause, provision))
            draft.state_amount(target.clause, provision)
        draft.statuses.append(Status.ANSWERED)
        return True

    def amount_line(self, clause: Clause, provision: Provision) -> str:
        """One sum in a sentence of its own, in the source's words as far as the language allows."""
        assert provision.amount is not None
        w = self.wording
        ref = w.ref(clause)
        if w.english:
            amount = w.amount(provision.amount)
            per = self._english_detail(provision, "per")
            what = self._english_what(clause, provision)
            line = w.say(
                "amount",
                amount=amount[:1].upper() + amount[1:],
                per=w.say("per", per=per) if per else "",
                what=what,
                ref=ref,
            )
            return line + self._untold(clause, provision)
        if self._unnamed(clause, provision):
            return w.say("quote", ref=ref, quote=keep(self._own_words(clause, provision)))
        if self._is_item(clause, provision):
            noun = self._noun(provision)
            # 每人每月240元、480元: a sum told apart from its list keeps what it is counted for.
            measure = f"每{provision.per}" if provision.per else ""
            counted = measure if measure in provision.text else ""
            stretch = f"给予{counted}{w.amount(provision.amount)}{noun}"
            return w.say("amount_item", what=self._person(provision.what), stretch=stretch, ref=ref)
        what = _LEADING_SCENE.sub("", provision.what)
        return w.say("amount", what=what, stretch=self._stretch(provision), ref=ref)

    def _untold(self, clause: Clause, provision: Provision) -> str:
        """The source's words around a figure that stands alone, where nobody has translated them and they have more
        figures."""
        assert provision.amount is not None
        if provision.clause_id in self.policy.translations or self._is_item(clause, provision):
            return ""
        own, words = provision.amount.span, self._stretch(provision)
        more = _FIGURE.search(words.replace(self.policy.source_text[own.start : own.end], ""))
        return self.wording.say("in_its_words", quote=keep(words)) if more else ""

    def _unnamed(self, clause: Clause, provision: Provision) -> bool:
        """Whether no words of its own say what a sum is for: only the clause's title, or those that another sum of
        the sentence has too. The sentence says it."""
        alike = [p for p in clause.provisions if p.span == provision.span and p.what == provision.what and p.amount]
        return provision.clause_id not in self.policy.translations and (
            len(alike) > 1 or provision.what in ("", clause.title)
        )

    def _own_words(self, clause: Clause, provision: Provision) -> str:
        part = own_part(self.policy, clause, provision)
        return self.policy.source_text[part.start : part.end].strip(" \n，、；")

    @staticmethod
    def _person(what: str) -> str:
        return what if what.endswith(("单位", "企业", "的", "机构", "人", "项目")) else f"{what}的"

    def _is_item(self, clause: Clause, provision: Provision) -> bool:
        return sum(p.span == provision.span and p.amount is not None for p in clause.provisions) > 1

    def _noun(self, provision: Provision) -> str:
        """资助, 奖励, …: what the source calls the money."""
        assert provision.amount is not None
        tail = self.policy.source_text[provision.amount.span.end : provision.span.end]
        match = re.search(r"资助|奖励|补助|补贴|奖金|扶持|支持|贴息", tail) or re.search(
            r"资助|奖励|补助|补贴|奖金|扶持", provision.text
        )
        return match.group() if match else ""

    def _stretch(self, provision: Provision) -> str:
        """The source's own words around a figure: from the share or the condition to the end of its part."""
        assert provision.amount is not None
        text = self.policy.source_text
        start = _last_mark(text, provision.span.start, provision.amount.span.start)
        end = _next_mark(text, provision.amount.span.end, provision.span.end)
        if provision.ratio and provision.span.start <= provision.ratio.span.start < start:
            between = text[provision.ratio.span.end : start]
            if len(_LIST_MARK.findall(between)) <= 1:
                start = _last_mark(text, provision.span.start, provision.ratio.span.start)
        part = own_part(self.policy, self.policy.clause(provision.clause_id), provision)
        return text[_with_basis(text, part.start, start) : _with_limits(text, end, part.end)].strip()

    def open_ratio(self, draft: Draft, target: Target) -> None:
        """That the share is left open, where it is, beside a sum."""
        for p in target.provisions:
            if p.ratio and p.ratio.is_open and p.amount:
                draft.say("ratio_open", ratio=keep(p.ratio.text), ref=self.wording.ref(target.clause))
                return

    def no_amount(self, draft: Draft, target: Target, name: str) -> None:
        """That no sum is given for what was asked."""
        draft.statuses.append(Status.NOT_SPECIFIED)
        self._unspecified(draft, target.clause, name, target.provisions)

    # -- departments --------------------------------------------------------------------------------------------

    def departments(self, draft: Draft, clause: Clause, topic: bool = True) -> bool:
        """Who is responsible for a clause. False when it names nobody."""
        if not clause.departments:
            return False
        if clause.id in draft.departments_said:
            return True
        draft.departments_said.add(clause.id)
        alone = len(clause.departments) == 1
        names = self.wording.joined([self._named(d, alone) for d in lead_first(clause.departments)])
        key = "departments_topic" if topic else "departments"
        draft.say(key, names=names, ref=self.wording.ref(clause), title=self.wording.title(self.policy, clause))
        self.cite_departments(draft, clause)
        return True

    def cite_departments(self, draft: Draft, clause: Clause) -> None:
        for department in clause.departments:
            draft.state_department(clause, department)
        notes = [Span(clause.start + start, clause.start + end) for start, end in note_spans(clause.text)]
        if not notes:
            # Named in running text: the words from the first of them to the last.
            spans = [d.span for d in clause.departments]
            notes = [Span(min(s.start for s in spans), max(s.end for s in spans))]
        for note in notes:
            draft.cite(clause, note)

    def english_name(self, key: str) -> str:
        """The English name of a department by its key; the key where it is not known."""
        known = self.directory.by_key.get(key)
        return known.en if known else key

    def _named(self, d: ResponsibleDepartment, alone: bool) -> str:
        known = self.directory.by_key.get(d.key)
        english = known.en if known else d.name
        # One department alone leads nobody.
        key = "department_lead" if d.role is Role.LEAD and not alone else "department_joint"
        return self.wording.say(key, name=d.name, en=english)

    def confirm_department(self, draft: Draft, clause: Clause, asked: Department, as_lead: bool) -> None:
        """Whether a department is responsible for a clause, as the question has it."""
        own = next((d for d in clause.departments if d.key == asked.key), None)
        if own is None:
            key = "department_no"
        elif own.role is Role.LEAD:
            key = "department_yes_lead" if len(clause.departments) > 1 else "department_yes_alone"
        else:
            key = "department_not_lead" if as_lead else "department_yes"
        draft.say(key, name=asked.name, en=asked.en, ref=self.wording.ref(clause))

    # -- what the clause says -------------------------------------------------------------------------------------

    def content(self, draft: Draft, target: Target, whole: bool) -> None:
        """What the clause says: whole, or the provisions meant."""
        clause, w = target.clause, self.wording
        provisions = target.provisions
        if whole or not provisions or len(provisions) == len(clause.provisions):
            spans = [clause.body_span]
            said = list(clause.provisions)
        else:
            spans = list(dict.fromkeys(p.span for p in provisions))
            said = [p for p in clause.provisions if p.span in spans]
        quote = "".join(self.policy.source_text[s.start : s.end] for s in spans)
        # A part without a number is called by its title already.
        key = "quote_title" if clause.number is not None else "quote"
        english = self._english(clause, spans, said)
        draft.say(key, ref=w.ref(clause), title=w.title(self.policy, clause), quote=keep(quote), text=english)
        for span in spans:
            draft.cite(clause, span)
        for p in said:
            draft.state_amount(clause, p)
        draft.statuses.append(Status.ANSWERED)

    def sentence(self, draft: Draft, clause: Clause, span: Span) -> None:
        """A stretch of a clause in its own words."""
        quote = self.policy.source_text[span.start : span.end].strip()
        within = [p for p in clause.provisions if span.start <= p.span.start and p.span.end <= span.end]
        draft.say("quote", ref=self.wording.ref(clause), quote=keep(quote), text=self._english(clause, [span], within))
        draft.cite(clause, span)
        for p in within:
            draft.state_amount(clause, p)
        draft.statuses.append(Status.ANSWERED)

    def _english(self, clause: Clause, spans: Sequence[Span], provisions: Sequence[Provision]) -> str:
        if not self.wording.english:
            return ""
        translation = self.policy.translations.get(clause.id)
        if translation is None:
            return "“" + "".join(self.policy.source_text[s.start : s.end] for s in spans) + "”"
        if list(spans) == [clause.body_span]:
            return translation.text
        sentences = aligned_english(self.policy, clause, spans)
        return sentences or translation.text

    def modes(self, draft: Draft, target: Target, timing: bool = False) -> None:
        """How the money is given: the ways the text names, and its own words. Asked for the ``timing``, provisions
        that tell it come before those that were meant."""
        w = self.wording
        if timing and not any(tells_when(p) for p in target.provisions):
            telling = tuple(p for p in target.clause.provisions if tells_when(p))
            target = Target(target.clause, telling or target.provisions)
        modes = list(dict.fromkeys(m for p in target.provisions for m in p.modes))
        if modes and not w.english:
            draft.say("mode", modes=keep("、".join(modes)), ref=w.ref(target.clause))
        self.content(draft, target, whole=not any(p.modes or p.ratio for p in target.provisions))

    # -- what it does not say -----------------------------------------------------------------------------------

    def attribute(self, draft: Draft, target: Target | None, attribute: Attribute, said: str = "") -> None:
        """Something often asked for: the words that give it where there are such, else that there are none.

        ``said`` is the folded question: where the clause has the very words it asks with, the clause is shown.
        """
        w = self.wording
        if target is not None:
            asked = [m.group() for m in attribute.cue.finditer(said) if len(m.group()) > 1]
            span = self._giving(target, attribute, asked, said)
            if span is not None:
                self.sentence(draft, target.clause, span)
                return
        draft.statuses.append(Status.NOT_SPECIFIED)
        name = attribute.name_en if w.english else attribute.name_zh
        if target is None:
            draft.say("not_specified", what=name)
            self._who_to_ask(draft, None)
            return
        self._unspecified(draft, target.clause, name)

    def _giving(self, target: Target, attribute: Attribute, asked: Sequence[str], said: str) -> Span | None:
        """The sentence that gives what is asked for: of the provisions meant before others, else the one that has most
        of the question's words. One that grants nothing (what a term means, who may apply) can be it as well."""
        source = self.policy.source_text

        def has_words(span: Span) -> bool:
            text = source[span.start : span.end]
            return any(a in fold(text) for a in asked) and len(text.strip()) >= _HEADING

        def gives(span: Span) -> bool:
            return has_words(span) or attribute.present.search(half_width(source[span.start : span.end])) is not None

        sentences = sentence_spans(source, target.clause.body_span)
        spans = dict.fromkeys([p.span for p in target.provisions] + sentences)
        found = [span for span in spans if gives(span)]
        worded = [span for span in found if has_words(span)]
        meant = next((p.span for p in target.provisions if p.span in (worded or found)), None)
        if meant is not None and len(target.provisions) < len(target.clause.provisions):
            return _with_items(source, meant, target.clause.body_span.end)
        pairs = {said[i : i + 2] for i in range(len(said) - 1)}
        found = worded or found
        best = max(found, key=lambda x: sum(p in fold(source[x.start : x.end]) for p in pairs), default=None)
        return best and _with_items(source, best, target.clause.body_span.end)

    def _unspecified(self, draft: Draft, clause: Clause, name: str, instead: Sequence[Provision] = ()) -> None:
        """That a clause leaves something open. The clause is cited whole; what it does say is there to be read, and
        what it says ``instead``, where that is short, is said at once."""
        draft.say("not_specified_clause", ref=self.wording.ref(clause), what=name)
        if len({p.span for p in instead}) == 1 and clause.number is not None:
            said = instead[0]
            draft.say(
                "said_instead",
                ref=self.wording.ref(clause),
                quote=keep(said.text.rstrip("。")),
                text=self._english(clause, [said.span], [said]),
            )
        ratio = next((p.ratio for p in clause.provisions if p.ratio and p.ratio.is_open), None)
        if ratio and name in ("具体比例", "the exact percentage"):
            draft.say("ratio_words", ratio=keep(ratio.text))
        draft.about_money |= any(p.amount for p in clause.provisions)
        draft.cite_clause(clause)
        self._who_to_ask(draft, clause)

    def who_to_ask(self, draft: Draft) -> None:
        """Whom to turn to about the document as a whole: its rules to come, and who publishes it."""
        self._who_to_ask(draft, None)

    def _who_to_ask(self, draft: Draft, clause: Clause | None) -> None:
        w = self.wording
        if clause is not None and clause.departments:
            lead = lead_first(clause.departments)[0]
            known = self.directory.by_key.get(lead.key)
            draft.say("ask_department", name=lead.name, en=known.en if known else lead.name)
            draft.state_department(clause, lead)
            self.cite_departments(draft, clause)
        rules = self.policy.facts.get("implementation_rules")
        if rules:
            owner = self.policy.clause(rules.clause_id)
            draft.say("rules_to_follow", quote=keep(rules.value), ref=w.ref(owner))
            draft.cite(owner, rules.span)
        contact = self.policy.contact
        if contact:
            draft.contact = True
            if contact.phone:
                draft.say("ask_host", name=self._host_name(contact.name), phone=keep(contact.phone))

    def _host_name(self, name: str) -> str:
        known = self.directory.named(name)
        return f"{known.en} ({name})" if known and self.wording.english else name

    def _english_what(self, clause: Clause, provision: Provision) -> str:
        if self._unnamed(clause, provision):
            return f"“{self._own_words(clause, provision)}”"
        translation = self.policy.translations.get(provision.clause_id)
        phrase = translation.provisions.get(provision.id) if translation else None
        return phrase or f"“{provision.what}”"

    def _english_detail(self, provision: Provision, key: str) -> str | None:
        translation = self.policy.translations.get(provision.clause_id)
        detail = translation.details.get(provision.id, {}).get(key) if translation else None
        return detail or (provision.per if key == "per" else None)


def own_part(policy: Policy, clause: Clause, provision: Provision) -> Span:
    """A provision's sentence; of one that grants several sums one after the other, the part that grants its own."""
    if provision.amount is None:
        return provision.span
    own, text = provision.amount.span, policy.source_text
    sums = [p.amount.span for p in clause.provisions if p.amount and p.span == provision.span]
    before = max((s.end for s in sums if s.end <= own.start), default=None)
    after = min((s.start for s in sums if s.start >= own.end), default=None)
    # What stands between two sums belongs to the later one from the first comma on; without one they are a list.
    start = provision.span.start if before is None else _next_mark(text, before, own.start)
    end = provision.span.end if after is None else _next_mark(text, own.end, after)
    return provision.span if start == own.start or end == after else Span(start, end)


def tells_when(provision: Provision) -> bool:
    """Whether a provision says if the money comes before or after."""
    return _WHEN.search(provision.text) is not None


def aligned_english(policy: Policy, clause: Clause, spans: Sequence[Span]) -> str:
    """The English sentences that stand for Chinese ones, where both have the same number; else an empty text."""
    translation = policy.translations.get(clause.id)
    if translation is None:
        return ""
    chinese = sentence_spans(policy.source_text, clause.body_span)
    english = re.split(r"(?<=[.])\s+(?=[A-Z“])", translation.text)
    if len(chinese) != len(english):
        return ""
    chosen = [
        e for c, e in zip(chinese, english, strict=True) if any(s.start < c.end and c.start < s.end for s in spans)
    ]
    return " ".join(chosen)


def sentence_spans(text: str, span: Span) -> list[Span]:
    """The sentences (to 。) of a stretch of the source."""
    spans, at = [], span.start
    for match in re.finditer(r"[。\n]+", text[span.start : span.end]):
        end = span.start + match.end()
        if text[at:end].strip():
            spans.append(Span(at, end))
        at = end
    if text[at : span.end].strip():
        spans.append(Span(at, span.end))
    return spans


def _with_items(text: str, span: Span, end: int) -> Span:
    """A sentence that ends in a colon with the list it opens, one item a line, as far as ``end``; others as they
    are."""
    if not text[span.start : span.end].rstrip().endswith((":", "：")):
        return span
    last = span.end
    for line in re.finditer(r"[^\n]*\n?", text[span.end : end]):
        if line.group().strip():
            if not ITEM_LABEL.match(half_width(line.group())):
                break
            last = span.end + line.end()
    return Span(span.start, last)


def _with_basis(text: str, start: int, at: int) -> int:
    """Where the part before ``at`` begins, if it says what a sum turns on (根据规模和影响力，); else ``at``."""
    before = _last_mark(text, start, at - 1)
    return before if start < before < at and _BASIS.match(text, before, at) and not names_a_sum(text[before:at]) else at


def _with_limits(text: str, at: int, end: int) -> int:
    """The end of the parts after ``at`` that bound a sum in time or number (，补贴期限最长6个月); else ``at``."""
    while (match := _LIMIT.match(text, at, end)) and not names_a_sum(match.group()):
        at = match.end()
    return at


def _last_mark(text: str, start: int, end: int) -> int:
    marks = [m.end() for m in _LIST_MARK.finditer(text, start, end)]
    return marks[-1] if marks else start


def _next_mark(text: str, start: int, end: int) -> int:
    match = _LIST_MARK.search(text, start, end)
    return match.start() if match else end
