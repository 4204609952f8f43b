"""Right answers made wrong: does the check of answers notice every one of them? Deterministic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Any

from app.models import Answer, Checks, FactStated
from corpus.departments import Department, Directory
from corpus.labels import label_numbers
from corpus.models import Clause, Policy
from corpus.money import chinese_figure, english_figure
from corpus.numerals import half_width, int_to_chinese
from corpus.terms import fold
from eval.gold import normal_label
from eval.scoring import Figure, Rate, figures_in

Check = Callable[[str, Answer, Policy], Checks]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Alteration:
    """A wrong version of an answer's text: at ``start`` (of the original) ``before`` became ``after``."""

    kind: str
    text: str
    before: str
    after: str
    start: int


@dataclass(frozen=True, slots=True)
class AlterationReport:
    """How many alterations a check caught, by kind. ``false_alarms`` counts unaltered texts that it turned down."""

    by_kind: dict[str, Rate]
    false_alarms: Rate
    missed: tuple[tuple[str, Alteration], ...]
    refused: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def caught(self) -> Rate:
        return Rate(sum(r.hits for r in self.by_kind.values()), sum(r.of for r in self.by_kind.values()))


def run_alterations(answers: Iterable[Answer], check: Check, policy: Policy, directory: Directory) -> AlterationReport:
    """Alter every answer in every way and count what ``check`` catches. The answers are taken to be right."""
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    missed: list[tuple[str, Alteration]] = []
    refused: list[tuple[str, tuple[str, ...]]] = []
    plain = 0
    for answer in answers:
        plain += 1
        verdict = check(answer.answer, answer, policy)
        if not verdict.passed:
            refused.append((answer.question, verdict.failed))
        for alteration in alterations(answer, policy, directory):
            tried[alteration.kind] += 1
            if check(alteration.text, answer, policy).passed:
                missed.append((answer.question, alteration))
            else:
                caught[alteration.kind] += 1
    by_kind = {kind: Rate(caught[kind], tried[kind]) for kind in sorted(tried)}
    return AlterationReport(by_kind, Rate(len(refused), plain), tuple(missed), tuple(refused))


def alterations(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    """Every wrong version of the answer's text, each text once, none equal to the original.

    Only what the answer states as a fact is altered: a figure that it merely repeats from the question may be
    any. Words that bound alike (不超过, 最高, 最高不超过) and equal values are never swapped for one another.
    """
    seen = {answer.answer}
    for makers in (_amounts, _items, _qualifiers, _departments, _roles, _dates, _document_number, _labels):
        for alteration in makers(answer, policy, directory):
            if alteration.text not in seen:
                seen.add(alteration.text)
                yield alteration


def show_alterations(report: AlterationReport, limit: int = 20) -> str:
    """Caught by kind, then the first ``limit`` that were missed and the true answers that were turned down."""
    caught = report.caught
    lines = [f"altered answers caught: {caught.hits} of {caught.of}"]
    lines += [f"  {kind:32} {rate.hits:5} of {rate.of}" for kind, rate in report.by_kind.items()]
    lines.append(f"true answers turned down: {report.false_alarms.hits} of {report.false_alarms.of}")
    lines += [f"  missed {a.kind}: {a.before} -> {a.after} | {question}" for question, a in report.missed[:limit]]
    lines += [f"  turned down for {', '.join(failed)} | {question}" for question, failed in report.refused[:limit]]
    return "\n".join(lines)


def alterations_dict(report: AlterationReport) -> dict[str, Any]:
    """The report as plain JSON-ready data."""
    return {
        "caught": report.caught.as_dict(),
        "by_kind": {kind: rate.as_dict() for kind, rate in report.by_kind.items()},
        "false_alarms": report.false_alarms.as_dict(),
        "missed": [{"question": question, **asdict(alteration)} for question, alteration in report.missed],
        "turned_down": [{"question": question, "failed": list(failed)} for question, failed in report.refused],
    }


def _altered(kind: str, text: str, changes: Sequence[tuple[Span, str]]) -> Alteration:
    """The text with each span replaced; spans don't overlap."""
    changes = sorted(changes)
    altered, at = "", 0
    for (start, end), new in changes:
        altered += text[at:start] + new
        at = end
    before = " … ".join(text[start:end] for (start, end), _ in changes)
    return Alteration(kind, altered + text[at:], before, " … ".join(new for _, new in changes), changes[0][0][0])


def _amount_facts(answer: Answer) -> list[FactStated]:
    return [fact for fact in answer.facts if fact.kind == "amount" and isinstance(fact.value, int | float)]


def _sums(clauses: Iterable[Clause]) -> set[int]:
    return {p.amount.value for clause in clauses for p in clause.provisions if p.amount}


def _stated_figures(answer: Answer) -> list[list[Figure]]:
    """Figures of the text that are facts; an English figure and the original in brackets after it go together."""
    stated = {int(fact.value) for fact in _amount_facts(answer) if isinstance(fact.value, int | float)}
    together: list[list[Figure]] = []
    for figure in figures_in(answer.answer):
        # Of 10-20万元 the 10 can't be rewritten alone.
        if figure.value not in stated or answer.answer[figure.start : figure.end].replace(",", "").isdigit():
            continue
        last = together[-1][-1] if together else None
        between = answer.answer[last.end : figure.start] if last else ""
        if last and last.value == figure.value and re.fullmatch(r"\s*[(（]\D{0,6}", between):
            together[-1].append(figure)
        else:
            together.append([figure])
    return together


def _amounts(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    facts = _amount_facts(answer)
    everywhere = _sums(policy.clauses)
    groups = _stated_figures(answer)
    for value in dict.fromkeys(group[0].value for group in groups):
        own_labels = {normal_label(fact.clause) for fact in facts if fact.value == value}
        own = _sums(c for c in policy.clauses if normal_label(c.label) in own_labels)
        near = sorted(everywhere - own - {value}, key=lambda other: (max(other, value) / min(other, value), other))
        invented = value * 8 // 5
        while invented in everywhere:
            invented += value // 10
        candidates = [("amount invented", invented)]
        candidates += [("amount of another item", other) for other in sorted(own - {value})]
        candidates += [("amount of another clause", other) for other in near[:2]]
        candidates += [("amount tenfold", value * 10), ("amount a tenth", value // 10)]
        mine = [group for group in groups if group[0].value == value]
        for kind, new in candidates:
            if new < 1:
                continue
            for group in mine:
                for part in ([[f] for f in group] + [group]) if len(group) > 1 else [group]:
                    yield _altered(kind, answer.answer, _rewritten(answer.answer, part, new))
            if len(mine) > 1:
                # The same lie throughout: no true figure is left to give it away.
                yield _altered(kind, answer.answer, _rewritten(answer.answer, [f for g in mine for f in g], new))


def _rewritten(text: str, figures: Iterable[Figure], value: int) -> list[tuple[Span, str]]:
    return [((f.start, f.end), _in_style(text[f.start : f.end], value, f.currency)) for f in figures]


def _in_style(figure: str, value: int, currency: str) -> str:
    """The sum written the way ``figure`` is: English or Chinese, with or without currency, simplified or not."""
    if re.search(r"[万萬亿億元圆圓]", figure):
        written = chinese_figure(value)
        if re.search("[萬億圓]", figure):
            written = written.translate(str.maketrans("万亿", "萬億"))
        return written if figure.rstrip()[-1] in "元圆圓" else written.removesuffix("元")
    symbol = re.match(r"\s*([A-Za-z]{3}|[¥￥])(?=[\s\d])\s*", figure)
    unit = re.search(r"\s*(?:yuan|renminbi)$", figure, re.IGNORECASE)
    written = english_figure(value, currency).partition(" ")[2]
    return (symbol.group() if symbol else "") + written + (unit.group() if unit else "")


def _items(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    """The right amount for the wrong item: 国家标准 becomes 行业标准, the figure stays."""
    for fact in _amount_facts(answer):
        at = answer.answer.find(fact.applies_to) if fact.applies_to else -1
        clause = next((c for c in policy.clauses if normal_label(c.label) == normal_label(fact.clause)), None)
        if at < 0 or clause is None or not fact.applies_to:
            continue
        phrases = policy.translations[clause.id].provisions if clause.id in policy.translations else {}
        granted = [(p.amount.value, (p.what, phrases.get(p.id, ""))) for p in clause.provisions if p.amount]
        for _, own in (g for g in granted if g[0] == fact.value):
            for _, other in (g for g in granted if g[0] != fact.value):
                for mine, theirs in zip(own, other, strict=True):
                    new = _for_other_item(fact.applies_to, mine, theirs)
                    if new:
                        span = (at, at + len(fact.applies_to))
                        yield _altered("item", answer.answer, [(span, new)])


def _for_other_item(applies_to: str, mine: str, theirs: str) -> str | None:
    """``applies_to`` with what tells ``mine`` from ``theirs`` exchanged; None where it doesn't hold that."""
    if not mine or not theirs:
        return None
    if applies_to == mine:
        return theirs
    head = _common_start(mine, theirs)
    tail = _common_start(mine[head:][::-1], theirs[head:][::-1])
    core, other = mine[head : len(mine) - tail], theirs[head : len(theirs) - tail]
    return applies_to.replace(core, other, 1) if core and other and core in applies_to else None


def _common_start(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


_BOUND_ZH = r"(?:最高不超[过過]|最高不高[于於]|最高|不超[过過]|不高[于於]|不多[于於]|至多|最多)"
_FILLER_ZH = r"(?:[资資]助|[奖獎][励勵]|[补補][贴貼助]|金[额額]|[额額]度|[给給]予|可[获獲]|支持|[达達为為])"
_BOUND_EN = (
    r"(?:up to|not exceeding|not more than|no more than|at most|(?:a )?(?:maximum|max\.?|cap)(?: of)?|capped at)"
)
_BOUND = re.compile(
    rf"(?:{_BOUND_ZH}(?:{_FILLER_ZH}|\s)*)+(?:人民[币幣]|RMB|CNY|[¥￥])?\s*$|{_BOUND_EN}\s*(?:RMB|CNY|[¥￥])?\s*$",
    re.IGNORECASE,
)


def _qualifiers(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    text = answer.answer
    facts = _amount_facts(answer)
    for group in _stated_figures(answer):
        of_value = [fact for fact in facts if fact.value == group[0].value]
        bounds = [m for f in group if (m := _BOUND.search(text, 0, f.start)) is not None]
        if bounds:
            changes = []
            for bound in bounds:
                plain = re.sub(rf"{_BOUND_ZH}|{_BOUND_EN}\s*", "", bound.group(), flags=re.IGNORECASE)
                changes.append((bound.span(), plain))
            yield _altered("bound made plain", text, changes)
        elif not any(fact.qualifier for fact in of_value):
            inserted = [(f, "up to " if text[f.start : f.end].isascii() else "最高") for f in group]
            yield _altered("plain made a bound", text, [((f.start, f.start), word) for f, word in inserted])


def _departments(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    text = answer.answer
    plain = fold(text)
    if len(plain) != len(text):
        return  # the places of the folded text would not be those of the text
    cited = {normal_label(c.label) for c in answer.citations}
    clauses = [c for c in policy.clauses if normal_label(c.label) in cited]
    responsible = {d.key for c in clauses for d in c.departments}
    named = {known.key for f in answer.facts if f.kind == "department" and (known := directory.named(str(f.value)))}
    mentions = directory.mentions(plain)
    mentioned = {mention.department.key for mention in mentions}
    # A department anywhere in a clause cited might be named there for another part of the answer.
    taken = responsible | named | mentioned
    others = [d for d in directory.departments if d.key not in taken and d.level != "district"]
    altered = [m for m in mentions if m.department.key in responsible | named]
    for mention in altered:
        span = (mention.start, mention.end)
        for other in _lookalikes(mention.department, others)[:2]:
            yield _altered("department", text, [(span, _name_like(text[slice(*span)], other))])
    for key, department in {m.department.key: m.department for m in altered}.items():
        places = [(m.start, m.end) for m in altered if m.department.key == key]
        # That yet another department is not responsible is as true.
        if len(places) < 2 or any(_DENIED.search(_line_around(text, at)) for at, _ in places):
            continue
        for other in _lookalikes(department, others)[:2]:
            changes = [((start, end), _name_like(text[start:end], other)) for start, end in places]
            yield _altered("department throughout", text, changes)


_DENIED = re.compile(r"不是|不在|[沒没]有|\bnot\b", re.IGNORECASE)


def _line_around(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]


_LEAD = re.compile(r"[（(][牵牽][头頭][）)]|, lead(?=\))")
_JOINER = re.compile(r"[、，,;；]\s*(?:and )?")


def _roles(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    """The lead given to another department of the list, and a department left out of it."""
    text = answer.answer
    for mark in _LEAD.finditer(text):
        start = text.rfind("\n", 0, mark.start()) + 1
        line = text[start:].partition("\n")[0]
        mentions = directory.mentions(fold(line)) if len(fold(line)) == len(line) else []
        others = [m for m in mentions if m.start > mark.end() - start]
        # In English a department has its Chinese name in brackets after it, where the mark stands too.
        others = [m for m in others if line[m.start].isascii() is False]
        for other in others[:1]:
            at = start + other.end
            yield _altered("lead", text, [(mark.span(), ""), ((at, at), mark.group())])
        if others and not line[mark.end() - start :].startswith(")"):
            joiner = _JOINER.match(line, mark.end() - start)
            if joiner:
                gone = (start + joiner.start(), start + others[0].end)
                yield _altered("department left out", text, [(gone, "")])


def _lookalikes(department: Department, others: Iterable[Department]) -> list[Department]:
    """The others, most similar name first: 工业和信息化部 before 市商务局 for 市工业和信息化局."""
    return sorted(others, key=lambda d: -SequenceMatcher(None, d.name, department.name).ratio())


def _name_like(mention: str, department: Department) -> str:
    """The department's name in the language and characters of the mention."""
    if mention[0].isascii():
        return department.en_short
    if fold(mention) == mention:
        return department.name
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(department.name))


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATES = re.compile(
    r"(?P<zy>\d{4})\s*年\s*(?P<zm>\d{1,2})\s*月\s*(?P<zd>\d{1,2})\s*日|(?P<iso>\d{4}-\d\d-\d\d)"
    rf"|(?P<ed>\d{{1,2}}) (?P<em>{'|'.join(_MONTHS)}),? (?P<ey>\d{{4}})"
    rf"|(?P<am>{'|'.join(_MONTHS)}) (?P<ad>\d{{1,2}}), (?P<ay>\d{{4}})"
)
_YEARS = re.compile(
    r"(?<![\d-])(?P<zh>\d{1,2}|[一二三四五六七八九十])\s*年(?![\d月底])|\b(?P<en>\d{1,2}|[a-z]+)[ -]years?\b"
)
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def _dates(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    text, validity = answer.answer, policy.validity
    known = [policy.published, policy.issued, validity.effective_from, validity.effective_to]
    dates = {day for day in known if day is not None}
    for match in _DATES.finditer(text):
        day = _day(match)
        if day is None or day not in dates:
            continue
        later = [day.replace(year=day.year + 1, day=min(day.day, 28)), day + timedelta(days=1), *sorted(dates)]
        for new in dict.fromkeys(later):
            if new != day:
                kind = "date" if new not in dates else "date of another event"
                yield _altered(kind, text, [(match.span(), _day_in_style(match, new))])
    for match in _YEARS.finditer(text):
        group = "zh" if match["zh"] else "en"
        years = next((n for n in range(1, 13) if match[group] in _spellings(n)), None)
        if years is not None and years == validity.term_years:
            how = _spellings(years).index(match[group])
            other = _spellings(years - 2 if years > 2 else years + 2)[how]
            yield _altered("term of years", text, [(match.span(group), other)])


def _spellings(number: int) -> tuple[str, str, str]:
    return str(number), int_to_chinese(number), _SMALL[number]


def _day(match: re.Match[str]) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["zy"]:
            return date(int(match["zy"]), int(match["zm"]), int(match["zd"]))
        month = _MONTHS.index(match["em"] or match["am"]) + 1
        return date(int(match["ey"] or match["ay"]), month, int(match["ed"] or match["ad"]))
    except ValueError:
        return None


def _day_in_style(match: re.Match[str], day: date) -> str:
    if match["iso"]:
        return day.isoformat()
    if match["zy"]:
        return f"{day.year}年{day.month}月{day.day}日"
    month = _MONTHS[day.month - 1]
    return f"{day.day} {month} {day.year}" if match["ed"] else f"{month} {day.day}, {day.year}"


def _document_number(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    number = policy.doc_no
    at = answer.answer.find(number) if number else -1
    if number and at >= 0:
        for match in re.finditer(r"\d+", number):
            new = number[: match.start()] + str(int(match.group()) + 1) + number[match.end() :]
            yield _altered("document number", answer.answer, [((at, at + len(number)), new)])


def _labels(answer: Answer, policy: Policy, directory: Directory) -> Iterator[Alteration]:
    text = answer.answer
    cited = {c.number for c in answer.citations if c.number is not None}
    numbers = [c.number for c in policy.clauses if c.number is not None]
    groups: list[list[tuple[int, int, int]]] = []
    for mention in label_numbers(text):
        if mention[0] not in cited:
            continue
        # Measure 15 (十五) names one clause twice.
        if groups and groups[-1][-1][0] == mention[0] and not text[groups[-1][-1][2] : mention[1]].strip():
            groups[-1].append(mention)
        else:
            groups.append([mention])
    for group in groups:
        own = group[0][0]
        free = sorted((n for n in numbers if n not in cited), key=lambda n: (abs(n - own), n))[:2]
        candidates = [("label of a clause not cited", n) for n in free]
        candidates += [("label of another clause cited", n) for n in sorted(cited - {own})[:1]]
        for kind, new in candidates:
            for part in ([[m] for m in group] + [group]) if len(group) > 1 else [group]:
                changes = [((start, end), _numbered(text[start:end], new)) for _, start, end in part]
                if new in cited and _holds_of(text, changes[0][0], new, policy, directory):
                    continue
                if all(text[start:end] != said for (start, end), said in changes):
                    yield _altered(kind, text, changes)
    unnumbered = [c.label for c in policy.clauses if c.number is None]
    for label in dict.fromkeys(c.label for c in answer.citations if c.number is None):
        at = text.find(label)
        other = next((u for u in unnumbered if u not in {c.label for c in answer.citations}), None)
        if at >= 0 and other:
            yield _altered("label of a clause not cited", text, [((at, at + len(label)), other)])


_ONE_OF = re.compile(r"责任单位之一|責任單位之一|one of the departments responsible")


def _holds_of(text: str, place: Span, number: int, policy: Policy, directory: Directory) -> bool:
    """Whether the line around a label is as true of the clause with that number.

    That a department is one of those responsible is true of every clause that it is responsible for: with another
    of these clauses in its place, the line still says nothing wrong.
    """
    line = _line_around(text, place[0])
    clause = next(c for c in policy.clauses if c.number == number)
    named = {mention.department.key for mention in directory.mentions(fold(line))}
    return bool(_ONE_OF.search(line) and named and named <= {d.key for d in clause.departments})


def _numbered(mention: str, number: int) -> str:
    """The mention with another number, in the same numerals; itself where the number is an English word."""
    plain = half_width(mention)
    if re.search(r"\d", plain):
        return re.sub(r"\d+", str(number), plain, count=1)
    return re.sub(r"[一二三四五六七八九十]+", int_to_chinese(number), mention, count=1)
