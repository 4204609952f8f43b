"""Every claim of an answer against the words it cites. What fails here is never shown.

A claim is a sum with its bound and what it is for, a department, a date, a document number or a clause label.
Words copied from a cited span, or from the reference translation of a cited clause, are right as they stand;
all others are read again and compared with the typed facts of the clauses that are cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from app.amounts import MoneyMention, money_in
from app.department_claims import DepartmentClaim, department_claims, said_twice
from app.items import ItemPicker
from app.models import Answer, Checks
from corpus.departments import Directory, Mention
from corpus.labels import label_numbers
from corpus.models import Clause, Policy, Provision, Role
from corpus.numerals import half_width
from corpus.provisions import provisions_of
from corpus.terms import to_simplified

_BOUND = re.compile(
    r"(?:不超过|最高|上限|封顶|不高于|至多|最多)[^，。；、\d]{0,8}$"
    r"|(?:up to|no more than|not more than|at most|capped at|maximum of|not exceeding|cap of|highest is|highest:?)\s*$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})|(?<!\d)(\d{1,2})\s+([A-Z][a-z]+)\s+(\d{4})")
_MONTHS = {
    m: i
    for i, m in enumerate(
        ("January February March April May June July August September October November December").split(), 1
    )
}
_DOC_NO = re.compile(r"[\u4e00-\u9fff]{2,10}\s*[〔\[]\s*\d{4}\s*[〕\]]\s*第?\s*\d+\s*号")
_YEARS = re.compile(r"有效期\s*(\d+)\s*年|(?:valid for|for) (\d+) years|(\d+)\s*年有效")
# Which of the policy's dates a sentence speaks of: words close before it or after it.
_DATE_ROLES = (
    ("issued", re.compile(r"落款|成文|印发日期|dated?\s*$|dated", re.IGNORECASE), None),
    ("published", re.compile(r"发布|上网|信息提供|published|put online", re.IGNORECASE), None),
    (
        "effective_to",
        re.compile(r"(?:有效期|推算)?至\s*$|到\s*$|until\s*$|makes\s*$|截止", re.IGNORECASE),
        re.compile(r"^\s*(?:the last day|为止)"),
    ),
    (
        "effective_from",
        re.compile(r"自\s*$|(?:took|takes?) effect on\s*$|from\s*$|effective\s*$", re.IGNORECASE),
        re.compile(r"^日?\s*起"),
    ),
)
# To take part and not to lead is to be responsible all the same.
_TAKES_PART = re.compile(r"参与负责|takes part")
_QUOTATION = re.compile(r"“([^”]*)”|「([^」]*)」")
_LABEL_RUN = re.compile(r"(?:\([一二三四五六七八九十百]+\)){3,}")
# A line that leads up to a list, and the items of one.
_LIST_HEAD = re.compile(r":\s*$")
_LIST_ITEM = re.compile(r"\s*- ")
# Beside an English figure its original: (50万元) is the same claim over again, its bound stands before the figure.
_ORIGINAL = re.compile(r"[(（]\s*$")
_EXTREME = re.compile(r"(?:最高|最低|第二高)的是|The (?:highest|lowest|second highest) is")
# A sum said again, of which one thing is told: it is one that the answer states.
_OF_STATED = re.compile(r"说的是一项|is for one; whether")
# A line that says who is responsible, or who published: only they may stand there.
_RESPONSIBLE = re.compile(
    r"责任单位|发布单位|^Responsible|responsible department|departments? responsible|publishing bureau"
)
# Who is responsible, all of them; and the mark of the one that leads.
_ALL_RESPONSIBLE = re.compile(r"责任单位\s*:|^\s*Responsible\b[^:]*:")
_LEADING = re.compile(r"\s*[(（]?\s*(?:牵头|,\s*lead\b)")
# A percentage, or a ratio; times of day (9:00) are neither.
_RATIO = re.compile(
    r"\d+(?:\.\d+)?\s*(?:%|percent|per cent)|百分之[\d一二三四五六七八九十百零点]+"
    r"|(?<![\d:])\d{1,2}\s*:\s*\d{1,2}(?![\d:])(?!-|0)",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:市|省|区|国家|深圳市?)[\u4e00-\u9fff]{2,10}?(?:局|委员会|健康委|委|厅)(?=[、，。；()（）：:\s]|$)"
)
_DATE_ALONE = re.compile(rf"(?:{_DATE.pattern})\s*日?")
# In place of a figure, where a sentence is compared without its figures.
_FIGURE = "\0"
_COUNTED = re.compile(r"^[\d一二三四五六七八九十百]+\s*条")
_MIN_COPY = 8


@dataclass(frozen=True)
class AnswerChecker:
    """Checks texts against one library's directory of departments."""

    directory: Directory
    picker: ItemPicker

    def check(self, text: str, answer: Answer, policy: Policy) -> Checks:
        """Which kinds of claim the text makes, and which of them do not follow from what ``answer`` cites.

        ``text`` may be the answer's own or another wording of it. ``checked`` lists the kinds that were met,
        ``failed`` one line for each claim that does not hold.
        """
        cited = {c.id: policy.clause(c.id) for c in answer.citations if c.policy == policy.id}
        state = _State(policy, list(cited.values()), answer)
        plain = half_width(to_simplified(text))
        rest = _without_copies(plain, state)
        # What the source numbers within a clause, or refers to, is no label of the answer's.
        self._labels(state, rest)
        self._repeats(state, plain)
        here: list[Clause] = []
        lines = rest.split("\n")
        for at, line in enumerate(lines):
            listed = state.listed_under(lines, at)
            for sentence in filter(str.strip, re.split(r"(?<=。)", line)):
                named = state.named_in(sentence)
                # The highest and the lowest are of all that is cited, not of what the line before spoke of.
                here = state.cited if _EXTREME.match(sentence) else named or here or state.cited
                if named:
                    self._belongs(state, sentence, named)
                self._amounts(state, sentence, here)
                self._departments(state, sentence, here, named, listed)
                self._ratios(state, sentence, here)
                self._dates(state, sentence)
        self._document_numbers(state, plain)
        return Checks(not state.failed, tuple(state.failed), tuple(sorted(state.kinds)))

    def _labels(self, state: _State, text: str) -> None:
        numbers = {c.number for c in state.cited}
        for number, start, end in label_numbers(text):
            if text[max(0, start - 1) : start] == "没" or re.search(r"(?:没有|no)\s*$", text[:start], re.IGNORECASE):
                continue  # 没有第25条: says itself that there is none
            if text[start:end].lower().startswith("no"):
                continue  # No. 11: the number of a document
            if _COUNTED.search(text[start:end]) and not text[start:end].startswith("第"):
                continue  # 15条写明了金额: a count
            state.met("label")
            if number not in numbers:
                state.fail(f"label: {text[start:end]} is not cited")
        unnumbered = {half_width(c.label): c for c in state.policy.clauses if c.number is None}
        for name, clause in unnumbered.items():
            if re.search(rf"[(（]\s*{re.escape(name)}\s*[)）]", text):
                state.met("label")
                if clause.id not in {c.id for c in state.cited}:
                    state.fail(f"label: {name} is not cited")
        for run in _LABEL_RUN.findall(half_width(text)):
            listed = [number for number, _, _ in label_numbers(run)]
            if len(set(listed)) < len(listed):
                state.fail(f"label: {run} names a clause twice")
        for match in re.finditer(r"(?:Measure|Article)\s+(\d+)\s*\(([一二三四五六七八九十百]+)\)", text):
            pair = label_numbers(f"({match.group(2)})")
            if pair and pair[0][0] != int(match.group(1)):
                state.fail(f"label: {match.group()} names two clauses")

    @staticmethod
    def _belongs(state: _State, line: str, named: list[Clause]) -> None:
        """A line that carries a clause's title, or the words for what one of its provisions is for, has to name
        that clause."""
        folded = line.lower()
        for clause in state.cited:
            translation = state.policy.translations.get(clause.id)
            words = [clause.title, *(p.what for p in clause.provisions)]
            if translation:
                words += [translation.title, *translation.provisions.values()]
            if clause not in named and any(len(w) >= _MIN_COPY and half_width(w).lower() in folded for w in words):
                state.fail(f"label: {_labels_of(named)} is not where that stands")
        # What a line quotes stands in a clause that it names.
        own = [*named, *(c for c in state.cited if c.number is None and half_width(c.label) in line)]
        for match in _QUOTATION.finditer(line):
            quoted = (match[1] or match[2] or "").strip("。；;. ")
            if quoted and any(state.has_words(c, quoted) for c in state.cited if c not in own):
                state.met("label")
                if not any(state.has_words(c, quoted) for c in own):
                    state.fail(f"label: {_labels_of(own)} is not where {quoted} stands")

    def _lists(self, state: _State, line: str, here: list[Clause]) -> None:
        """A list that distributes sums (分别给予) is read again, item by item."""
        own = {half_width(p.what): p for c in here for p in c.provisions if p.amount}
        # What leads up to the list (label, title, 原文) is no part of it.
        listed = re.sub(r"^[^。;；]*[:：「](?=[^:：「]*分别)", "", line)
        for read in provisions_of("", listed, 0, ""):
            meant = own.get(half_width(read.what))
            if read.amount and meant and meant.amount and read.amount.value != meant.amount.value:
                state.fail(f"recipient: {read.amount.text} is not what {_labels_of(here)} gives for {read.what}")

    @staticmethod
    def _repeats(state: _State, text: str) -> None:
        """A sentence in the very words of a cited one has to have its sums and dates, each in its place."""
        # Two clauses may say the same of different sums.
        written: dict[str, set[tuple[str, ...]]] = {}
        for sentence in _sentences_of(state):
            bare, figures = _without_figures(sentence)
            if figures and len(bare) - len(figures) >= _MIN_COPY:
                written.setdefault(bare, set()).add(figures)
        for line, said in (_without_figures(line) for line in text.split("\n")):
            for bare, allowed in written.items():
                for match in re.finditer(re.escape(bare), line):
                    first = line.count(_FIGURE, 0, match.start())
                    stated = said[first : first + bare.count(_FIGURE)]
                    if stated not in allowed:
                        kind = "amount" if any("yuan" in f for f in stated) else "date"
                        state.fail(f"{kind}: {', '.join(stated)} is not what that sentence says")

    def _amounts(self, state: _State, line: str, here: list[Clause]) -> None:
        # A sum in the source's own words for what is granted something (收入首次达到1000万元) is no grant.
        named = _stretches_of([p.what for c in here for p in c.provisions if p.amount], line)
        mentions = [m for m in money_in(line) if not any(start <= m.start and m.end <= end for start, end in named)]
        if "分别" in line:
            self._lists(state, line, here)
        if _EXTREME.match(line) or _OF_STATED.search(line):
            stated = {f.value for f in state.answer.facts if f.kind == "amount"}
            for wrong in (m for m in mentions if m.value not in stated):
                state.fail(f"amount: {line[wrong.start : wrong.end]} is not the sum that is stated")
        for i, mention in enumerate(mentions):
            state.met("amount")
            if mention.value in state.computed:
                continue
            owners = [(c, p) for c in here for p in c.provisions if p.amount and p.amount.value == mention.value]
            owners += [(c, p) for c in here for p in c.provisions if p.amount and p.amount.value_min == mention.value]
            shown = line[mention.start : mention.end]
            following = mentions[i + 1] if i + 1 < len(mentions) else None
            if (
                following
                and re.fullmatch(r"\s*[(（]\s*", line[mention.end : following.start])
                and following.value != mention.value
            ):
                state.fail(f"amount: {shown} is not {line[following.start : following.end]}")
                continue
            if not owners:
                state.fail(f"amount: {shown} is not in {_labels_of(here)}")
                continue
            if not _ORIGINAL.search(line[: mention.start]):
                state.met("qualifier")
                bound = bounded(line[: mention.start])
                owners_so_bound = [(c, p) for c, p in owners if p.amount and p.amount.qualifier.is_bound == bound]
                if not owners_so_bound and not _EXTREME.match(line):
                    state.fail(f"qualifier: {shown} is {'not ' if bound else ''}a bound in {_labels_of(here)}")
                    continue
            if not self._is_for(state, line, mentions, i, owners):
                state.fail(f"recipient: {shown} is not what {_labels_of(here)} gives for that")

    def _is_for(
        self,
        state: _State,
        line: str,
        mentions: list[MoneyMention],
        i: int,
        owners: list[tuple[Clause, Provision]],
    ) -> bool:
        """Whether the words beside a figure are those of a provision that grants it."""
        for clause in {c.id: c for c, _ in owners}.values():
            among = [p for p in clause.provisions if p.amount]
            granting = {p.id for c, p in owners if c.id == clause.id}
            if len({p.amount.value for p in among if p.amount}) < 2:
                return True
            words = _beside(line, mentions, i)
            # Where the line has a provision's own words, that provision it is.
            own = [p for p in among if half_width(p.what) in words]
            if own:
                longest = max(len(p.what) for p in own)
                return any(p.id in granting for p in own if len(p.what) == longest)
            scores = self.picker.scores(state.policy, clause, words.lower(), among)
            best = max(scores.values())
            if best <= 0 or any(scores[p] >= best - 1e-9 for p in granting):
                return True
        return False

    def _departments(
        self, state: _State, line: str, here: list[Clause], named: list[Clause], listed: list[Clause]
    ) -> None:
        owners = {d.key for c in listed or here for d in c.departments}
        mentions = self.directory.mentions(line)
        claims = department_claims(line, mentions)
        if len(named) == 1 and _ALL_RESPONSIBLE.search(line) and not any(c.doubted for c in claims):
            self._all_responsible(state, line, named[0])
        if listed:
            self._of_each(state, line, claims, listed)
        for one, other in said_twice(line, mentions):
            if one.department.key != other.department.key:
                state.fail(f"department: {_name_in(line, one)} is not {_name_in(line, other)}")
        # What a quotation beside the sentence says of responsible units says nothing of this one.
        strict = _RESPONSIBLE.search(_QUOTATION.sub("", line))
        asked = state.asked_about(self.directory)
        for claim in claims:
            mention = claim.mention
            name = _name_in(line, mention)
            state.met("department")
            if mention.department.key in owners:
                if claim.denied and strict and not claim.leading and not listed:
                    state.fail(f"department: {name} is responsible in {_labels_of(here)}")
                continue
            if claim.denied and asked and mention.department.key not in asked:
                state.fail(f"department: {name} is not what was asked about")
                continue
            if not strict and any(name in q or mention.department.name in q for q in state.quotes_of(named)):
                continue
            if strict and not claim.doubted and mention.department.key != state.host_key(self.directory):
                state.fail(f"department: {name} is not responsible in {_labels_of(here)}")
                continue
            takes_part = _TAKES_PART.search(line)
            if not takes_part and (mention.department.key in self._elsewhere(state) or claim.doubted):
                continue
            state.fail(f"department: {name} is not named in {_labels_of(here)}")

        known = {d.name for c in state.cited for d in c.departments} | {d.name for d in self.directory.departments}
        source = "".join(state.quotes) + "".join(c.text for c in state.cited)
        for match in _BODY.finditer(line):
            if (
                match.group() not in known
                and match.group() not in source
                and not self.directory.mentions(match.group())
            ):
                state.met("department")
                state.fail(f"department: {match.group()} is not named in {_labels_of(here)}")

    @staticmethod
    def _of_each(state: _State, line: str, claims: list[DepartmentClaim], listed: list[Clause]) -> None:
        """What the head of a list says of departments holds for each clause of the list."""
        said = {c.mention.department.key for c in claims if not c.denied}
        for clause in listed:
            own = {d.key for d in clause.departments}
            leading = {d.key for d in clause.departments if d.role is Role.LEAD}
            for claim in claims:
                key = claim.mention.department.key
                if key in own if claim.denied else key not in (leading if claim.leading else own):
                    state.fail(f"department: {_name_in(line, claim.mention)} is not what {clause.label} names")
            if any(c.alone and not c.denied for c in claims) and own != said:
                state.fail(f"department: {clause.label} names others too")

    def _all_responsible(self, state: _State, line: str, clause: Clause) -> None:
        """A line that says who is responsible names all of them, and none but the lead as the lead."""
        said = self.directory.mentions(line)
        keys = {m.department.key for m in said}
        own = {m.department.key for d in clause.departments for m in self.directory.mentions(half_width(d.name))}
        if said and own - keys:
            state.fail(f"department: not all that are responsible in {clause.label}")
        lead = {d.key for d in clause.departments if d.role is Role.LEAD}
        for mention in said:
            if _LEADING.match(line, mention.end) and mention.department.key not in lead:
                state.fail(f"department: {line[mention.start : mention.end]} does not lead {clause.label}")

    @staticmethod
    def _ratios(state: _State, line: str, here: list[Clause]) -> None:
        """A percentage or a ratio has to stand in a clause the line speaks of."""
        texts = [half_width(t) for t in (*(c.text for c in here), *state.quotes)]
        known = {_bounded_ratio(t, m) for t in texts for m in _RATIO.finditer(t)}
        for match in _RATIO.finditer(line):
            state.met("ratio")
            if _bounded_ratio(line, match) not in known:
                state.fail(f"ratio: {match.group().strip()} is not in {_labels_of(here)}")

    def _elsewhere(self, state: _State) -> set[str]:
        """Departments that a quotation names otherwise than in a responsibility note, and the host bureau."""
        keys = {m.department.key for q in state.quotes for m in self.directory.mentions(half_width(q))}
        own = {d.key for c in state.cited for d in c.departments}
        host = state.host_key(self.directory)
        return (keys - own) | ({host} if host else set())

    def _dates(self, state: _State, line: str) -> None:
        for match in _DATE.finditer(line):
            state.met("date")
            day = _day(match)
            role = _role_of_date(line, match.start(), match.end())
            known = state.days.get(role) if role else None
            if day != known if known else day not in state.dates:
                state.fail(f"date: {match.group()} is not in what is cited")
        for match in _YEARS.finditer(line):
            state.met("date")
            if int(match[1] or match[2] or match[3]) != state.policy.validity.term_years:
                state.fail(f"date: {match.group()} is not the term of the policy")

    @staticmethod
    def _document_numbers(state: _State, text: str) -> None:
        known = {re.sub(r"\s", "", half_width(q)) for q in [state.policy.doc_no or "", *state.quotes]}
        for match in _DOC_NO.finditer(text):
            state.met("doc_no")
            if not any(re.sub(r"\s", "", match.group()) in k for k in known):
                state.fail(f"doc_no: {match.group()} is not in what is cited")


class _State:
    """What has been looked at so far."""

    def __init__(self, policy: Policy, cited: list[Clause], answer: Answer) -> None:
        self.policy, self.cited, self.answer = policy, cited, answer
        self.quotes = [c.quote for c in answer.citations]
        self._texts = {c.id: self._words_of(c) for c in cited}
        self.computed = {f.value for f in answer.facts if f.kind in ("sum", "difference")}
        self.failed: list[str] = []
        self.kinds: set[str] = set()
        v = policy.validity
        roles = {
            "effective_from": v.effective_from,
            "effective_to": v.effective_to,
            "published": policy.published,
            "issued": policy.issued,
        }
        self.days = {role: (d.year, d.month, d.day) for role, d in roles.items() if d}
        self.dates = set(self.days.values())
        for quote in self.quotes:
            self.dates |= {(int(m[1]), int(m[2]), int(m[3])) for m in _DATE.finditer(half_width(quote)) if m[1]}

    def host_key(self, directory: Directory) -> str | None:
        """The key of the bureau that published the page, where the answer names it."""
        contact = self.policy.contact
        host = directory.named(contact.name) if contact and self.answer.contact else None
        return host.key if host else None

    def met(self, kind: str) -> None:
        self.kinds.add(kind)

    def fail(self, what: str) -> None:
        if what not in self.failed:
            self.failed.append(what)

    def has_its_subject(self, part: str) -> bool:
        """Whether each sum in a part of a quotation stands in it together with what it is for."""
        granting = [p for c in self.cited for p in c.provisions if p.amount and p.amount.text in part]
        return all(p.what in part or p.text.strip("。；") in part for p in granting)

    def named_in(self, line: str) -> list[Clause]:
        numbers = {n for n, _, _ in label_numbers(line)}
        return [c for c in self.cited if c.number in numbers]

    def listed_under(self, lines: list[str], at: int) -> list[Clause]:
        """The clauses that a list names whose head is the line at ``at``; none where it is no such head."""
        if not _LIST_HEAD.search(lines[at]) or _LIST_ITEM.match(lines[at]):
            return []
        items = takewhile(_LIST_ITEM.match, lines[at + 1 :])
        return list({c.id: c for item in items for c in self.named_in(item)}.values())

    def quotes_of(self, named: list[Clause]) -> list[str]:
        """What is quoted of these clauses and of those without a number; of all where there are none."""
        ids = {c.id for c in named}
        numbered = {c.id for c in self.cited if c.number is not None}
        return [c.quote for c in self.answer.citations if not ids or c.id in ids or c.id not in numbered]

    def asked_about(self, directory: Directory) -> set[str]:
        """The keys of the departments that the question names."""
        questions = (self.answer.question, self.answer.standalone_question)
        return {m.department.key for q in questions for m in directory.mentions(to_simplified(q).lower())}

    def has_words(self, clause: Clause, words: str) -> bool:
        """Whether words stand in a clause or in its translation."""
        return words.lower() in self._texts[clause.id]

    def _words_of(self, clause: Clause) -> str:
        translation = self.policy.translations.get(clause.id)
        return half_width(f"{clause.text} {translation.text if translation else ''}").lower()


def bounded(before: str) -> bool:
    """Whether the words ``before`` a sum make it an upper bound."""
    return _BOUND.search(before) is not None


def dates_in(text: str) -> list[tuple[tuple[int, int, int], int, int]]:
    """The days written in a text: (year, month, day), start, end. A month that is none counts as 0."""
    return [(_day(m), m.start(), m.end()) for m in _DATE.finditer(text)]


def _day(match: re.Match[str]) -> tuple[int, int, int]:
    if match[1]:
        return int(match[1]), int(match[2]), int(match[3])
    return int(match[6]), _MONTHS.get(match[5], 0), int(match[4])


def _role_of_date(line: str, start: int, end: int) -> str | None:
    """Which date of the policy a date in a sentence claims to be; None when the sentence does not say."""
    before, after = line[max(0, start - 16) : start], line[end : end + 14]
    for role, preceding, following in _DATE_ROLES:
        if preceding.search(before) or (following and following.search(after)):
            return role
    return None


def _without_copies(text: str, state: _State) -> str:
    """The text without stretches copied whole from a cited span or its translation."""
    copies: list[str] = []
    contact = state.policy.contact
    if contact:
        copies += [contact.hours or "", contact.phone or ""]
    copies += state.quotes
    for quote in state.quotes:
        parts = [part for part in _parts(quote) if state.has_its_subject(part)]
        # Quoted within a sentence it has no stop; what a sum is for is not taken away without the sum.
        copies += [*parts, *(part.rstrip("。；") for part in parts if money_in(part))]
    for clause in state.cited:
        copies += [clause.text, state.policy.source_text[clause.body_span.start : clause.body_span.end]]
        translation = state.policy.translations.get(clause.id)
        if translation:
            copies += [translation.text, *_english_sentences(translation.text)]
    for copy in sorted({half_width(c).strip() for c in copies}, key=len, reverse=True):
        # A date by itself is a claim like any other: what it is the date of stands beside it, not in it.
        if len(copy) >= _MIN_COPY and not _DATE_ALONE.fullmatch(copy):
            text = text.replace(copy, " ")
    return text


def _parts(text: str) -> list[str]:
    return re.split(r"(?<=[。；])", text)


def _english_sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.])\s+(?=[A-Z“])", text)


def _sentences_of(state: _State) -> Iterator[str]:
    """The sentences of what is cited and of its reference translation, without their last stop."""
    for clause in state.cited:
        body = state.policy.source_text[clause.body_span.start : clause.body_span.end]
        translation = state.policy.translations.get(clause.id)
        for sentences in (_parts(body), _english_sentences(translation.text) if translation else []):
            plain = [half_width(s) for s in sentences]
            for before, sentence in zip(["", *plain], plain, strict=False):
                # The date below a notice says nothing by itself; with what stands above it it is that of the notice.
                short = len(_without_figures(sentence)[0]) < _MIN_COPY
                yield (f"{before} {sentence}" if short else sentence).strip().rstrip("。；;.")


def _without_figures(text: str) -> tuple[str, tuple[str, ...]]:
    """A text with a mark for each of its sums and dates, and what these are."""
    figures = [(m.start, m.end, f"{m.value} yuan") for m in money_in(text)]
    figures += [(m.start(), m.end(), "-".join(map(str, _day(m)))) for m in _DATE_ALONE.finditer(text)]
    bare, at, said = "", 0, []
    for start, end, figure in sorted(figures):
        if start >= at:
            bare += text[at:start] + _FIGURE
            at = end
            said.append(figure)
    return bare + text[at:], tuple(said)


def _bounded_ratio(text: str, match: re.Match[str]) -> tuple[str, bool]:
    """A ratio without what is between its figures and its sign, and whether the words before it bound it."""
    bare = re.sub(r"\s|percent|per cent|%", "", match.group().lower())
    return bare, bounded(text[: match.start()])


def _beside(line: str, mentions: list[MoneyMention], i: int) -> str:
    """The words that say what a figure is for: before it in Chinese, after it in English (for …)."""
    mention = mentions[i]
    # An English figure and its original in brackets are one.
    after = [m for m in mentions[i + 1 :] if m.value != mention.value]
    before = [m for m in mentions[:i] if m.value != mention.value]
    follows = line[mention.end : after[0].start if after else len(line)]
    if re.match(r"[^a-z]*(?:\(|（)?[^a-z]{0,12}(?:\)|）)?\s*(?:per [a-z ]+ )?for\s", follows, re.IGNORECASE):
        return follows
    return line[before[-1].end if before else 0 : mention.start]


def _stretches_of(words: Iterable[str], line: str) -> list[tuple[int, int]]:
    """Where a line has any of these words that name a sum themselves."""
    found = []
    for said in {half_width(w) for w in words}:
        if money_in(said):
            found += [match.span() for match in re.finditer(re.escape(said), line)]
    return found


def _name_in(line: str, mention: Mention) -> str:
    return line[mention.start : mention.end]


def _labels_of(clauses: Iterable[Clause]) -> str:
    return "".join(c.label for c in clauses) or "what is cited"
