"""One answer against one gold item.

Everything here is pure. An answer is the plain data of ``Answer.as_dict()``; what it lacks counts as empty, so
answers of other systems can be scored too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.departments import Directory
from corpus.models import Policy
from corpus.terms import fold
from eval.gold import ANSWERING, REFUSING, GoldItem, normal_label
from eval.scoring.figures import figures_in


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer isn't fully right. ``kind`` is the name of the rule, ``detail`` what was found."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives of a set of labels."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float | None:
        """None when nothing was given."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> float | None:
        """None when nothing was to be given."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else None

    def f(self, beta: float) -> float | None:
        """F-measure, recall weighing ``beta`` times precision; None when nothing was given nor to be given."""
        if not self.tp + self.fp + self.fn:
            return None
        square = beta * beta
        return (1 + square) * self.tp / ((1 + square) * self.tp + square * self.fn + self.fp)


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One answer judged. ``right`` when there is no reason against it.

    A field that is None does not apply to the item (no amount was asked, the source was not at hand, …).
    ``clauses`` counts cited labels, those of ``also_ok`` neither for nor against; ``spans`` counts citations
    whose quote stands at its offsets (tp) and those whose quote does not (fp). ``latency_ms`` is the answer's own.
    """

    id: str
    lang: str
    kind: str
    pair_id: str | None
    expected_status: str
    status: str
    reasons: tuple[Reason, ...]
    clauses: Counts
    departments: Counts | None
    amounts_exact: bool | None
    wrong_amount: bool | None
    wrong_citation: bool
    false_refusal: bool | None
    false_answer: bool | None
    spans: Counts | None
    latency_ms: float | None

    @property
    def right(self) -> bool:
        return not self.reasons


def score_answer(
    item: GoldItem, answer: Mapping[str, Any] | None, directory: Directory, policy: Policy | None = None
) -> ItemScore:
    """Judge one answer; None stands for an answer that is missing.

    ``directory`` knows departments by all their names, English ones too. Without ``policy`` citation spans and,
    for whole-policy questions, amounts outside the cited clauses can't be judged and are left out.
    """
    expect = item.expect
    given = answer or {}
    text = str(given.get("answer") or "")
    status = str(given.get("status") or ("missing" if answer is None else "unknown"))
    cited = _cited(given, policy)
    stated = amounts_stated(given)
    departments = _departments(given, text, directory)
    wanted = {_key(name, directory) for name in expect.departments}
    wrong = sorted(set(expect.forbid_amounts) & (stated | _written(text)))
    stray = _stray(item, cited, stated, policy)

    required, allowed = set(expect.clauses), {*expect.clauses, *expect.also_ok}
    reasons: list[Reason] = []
    if answer is None:
        reasons.append(Reason("missing", "there is no answer with this id"))
    else:
        if status != expect.status:
            error = f": {given['error']}" if given.get("error") else ""
            reasons.append(Reason("status", f"{status} instead of {expect.status}{error}"))
        if given.get("language") != item.lang:
            reasons.append(Reason("language", f"{given.get('language')} instead of {item.lang}"))
        reasons += [Reason("missing clause", label) for label in expect.clauses if label not in cited]
        reasons += [Reason("wrong citation", label) for label in cited if label not in allowed]
        reasons += [Reason("missing amount", f"{value:,} yuan") for value in expect.amounts if value not in stated]
        reasons += [Reason("forbidden amount", f"{value:,} yuan") for value in wrong]
        reasons += [Reason("stray amount", f"{value:,} yuan is of none of the clauses cited") for value in stray]
        unmet = [group for group in expect.all_of if not any(occurs(words, text) for words in group)]
        reasons += [Reason("missing words", " | ".join(group)) for group in unmet]
        reasons += [Reason("forbidden words", words) for words in expect.none_of if occurs(words, text)]
        named = departments | _mentioned(text, directory)
        reasons += [Reason("missing department", n) for n in expect.departments if _key(n, directory) not in named]
    return ItemScore(
        id=item.id,
        lang=item.lang,
        kind=item.kind,
        pair_id=item.pair_id,
        expected_status=expect.status,
        status=status,
        reasons=tuple(reasons),
        clauses=Counts(len(required & set(cited)), len(set(cited) - allowed), len(required - set(cited))),
        departments=_counts(departments, wanted) if wanted else None,
        amounts_exact=(set(expect.amounts) <= stated and not wrong and not stray) if expect.amounts else None,
        wrong_amount=bool(wrong or stray) if expect.forbid_amounts or _judges_stray(item, policy) else None,
        wrong_citation=any(label not in allowed for label in cited),
        false_refusal=status in REFUSING if expect.status in ANSWERING else None,
        false_answer=status in ANSWERING if expect.status in REFUSING else None,
        spans=_spans(given, policy),
        latency_ms=_latency(given),
    )


def amounts_stated(answer: Mapping[str, Any]) -> set[int]:
    """The yuan values of an answer's amount facts, both ends of a range included."""
    values: set[int] = set()
    for fact in answer.get("facts") or ():
        if fact.get("kind") == "amount" and fact.get("currency") in (None, "CNY"):
            for key in ("value", "value_min", "value_max"):
                if isinstance(fact.get(key), int | float):
                    values.add(int(fact[key]))
    return values


def occurs(words: str, text: str) -> bool:
    """Whether the words stand in the text: NFKC, any case, traditional or simplified characters.

    A figure at either end is a whole figure: ``5年`` does not stand in ``2025年``.
    """
    return any(_stands(form(words), form(text)) for form in (_nfkc, fold))


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _stands(words: str, text: str) -> bool:
    before = r"(?<![\d])(?<!\d[.,])" if words[:1].isdigit() else ""
    after = r"(?![.,]?\d)" if words[-1:].isdigit() else ""
    return re.search(before + re.escape(words) + after, text) is not None


def _cited(answer: Mapping[str, Any], policy: Policy | None) -> list[str]:
    """Labels cited, each once, in order. A label of another policy is told apart by that policy's id."""
    labels = []
    for citation in answer.get("citations") or ():
        label = normal_label(str(citation.get("label") or ""))
        of = citation.get("policy")
        labels.append(f"{of}#{label}" if policy is not None and of is not None and of != policy.id else label)
    return list(dict.fromkeys(labels))


def _written(text: str) -> set[int]:
    return {figure.value for figure in figures_in(text) if figure.currency == "CNY"}


def _judges_stray(item: GoldItem, policy: Policy | None) -> bool:
    return item.kind == "aggregate" and policy is not None


def _stray(item: GoldItem, cited: Collection[str], stated: set[int], policy: Policy | None) -> list[int]:
    """Amounts stated in answer to a whole-policy question that neither are asked nor stand in a clause cited."""
    if policy is None or not _judges_stray(item, policy):
        return []
    there = set(item.expect.amounts)
    for clause in policy.clauses:
        if normal_label(clause.label) in cited:
            for provision in clause.provisions:
                if provision.amount is not None:
                    there |= {provision.amount.value, provision.amount.value_min or provision.amount.value}
    return sorted(stated - there)


def _key(name: str, directory: Directory) -> str:
    known = directory.named(fold(name))
    return known.key if known else fold(name)


def _mentioned(text: str, directory: Directory) -> set[str]:
    return {mention.department.key for mention in directory.mentions(fold(text))}


def _departments(answer: Mapping[str, Any], text: str, directory: Directory) -> set[str]:
    """Departments an answer names as facts; those in its text where it states none as a fact."""
    facts = {
        _key(str(fact.get("value") or fact.get("text") or ""), directory)
        for fact in answer.get("facts") or ()
        if fact.get("kind") == "department"
    }
    return facts or _mentioned(text, directory)


def _counts(given: set[str], wanted: set[str]) -> Counts:
    return Counts(len(given & wanted), len(given - wanted), len(wanted - given))


def _spans(answer: Mapping[str, Any], policy: Policy | None) -> Counts | None:
    citations = answer.get("citations") or ()
    if policy is None or not citations:
        return None
    valid = 0
    for citation in citations:
        start, end, quote = citation.get("start"), citation.get("end"), citation.get("quote")
        if isinstance(start, int) and isinstance(end, int) and citation.get("policy", policy.id) == policy.id:
            # A negative start would slice from the end of the text.
            valid += bool(quote) and 0 <= start < end and policy.source_text[start:end] == quote
    return Counts(tp=valid, fp=len(citations) - valid)


def _latency(answer: Mapping[str, Any]) -> float | None:
    total = (answer.get("timings_ms") or {}).get("total")
    return float(total) if isinstance(total, int | float) else None
