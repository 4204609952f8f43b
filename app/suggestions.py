"""What to ask next: questions made from the clause that an answer cites, which its own text answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from app.i18n import EN, LANGUAGES, Texts
from app.models import Answer, Status
from corpus.labels import label_numbers
from corpus.models import Clause, Policy, Provision, Role, Span

MAX_SUGGESTIONS = 3
# A longer name of an item makes a button that nobody reads.
MAX_ITEM_CHARS = {"zh": 34, "en": 90}


def suggestions(answer: Answer, policies: Sequence[Policy], texts: Texts) -> tuple[str, ...]:
    """At most three questions in the language of the answer, none of which it has answered already.

    After small talk or a question that has to be put more clearly they are examples of the policy; a refusal
    has none, since it offers clauses instead.
    """
    language = answer.language if answer.language in LANGUAGES else "zh"
    if answer.status in (Status.SMALLTALK, Status.CLARIFY):
        policy_id = policies[0].id if len(policies) == 1 else None
        found = [example.question[language] for example in texts.examples(policy_id)]
        return tuple(found[:MAX_SUGGESTIONS])
    if answer.status in (Status.OUT_OF_SCOPE, Status.ERROR):
        return ()
    asked = {answer.question.strip(), answer.standalone_question.strip()}
    clause = next(_cited(answer, policies), None)
    if clause is not None:
        found = list(about_clause(clause, answer, policies, texts, language))
    else:
        found = [texts.text(key, language) for key in ("suggest.highest", "suggest.interpreter", "suggest.validity")]
    return tuple(q for q in dict.fromkeys(found) if q not in asked)[:MAX_SUGGESTIONS]


def about_clause(
    clause: Clause, answer: Answer, policies: Sequence[Policy], texts: Texts, language: str
) -> Iterator[str]:
    """Questions about a clause that the answer has not answered, the most useful first."""
    policy = next(p for p in policies if any(c.id == clause.id for c in p.clauses))
    name = clause_name(clause, language)
    stated = {fact.kind for fact in answer.facts if fact.clause == clause.label}
    sums = {fact.value for fact in answer.facts if fact.kind == "amount" and fact.clause == clause.label}
    granted = [p for p in clause.provisions if p.amount]
    if granted and "amount" not in stated:
        yield texts.text("suggest.amount", language, clause=name)
    other = next((q for p in granted if sums and (q := _item(p, sums, policy, texts, language))), None)
    if other:
        yield other
    if clause.departments and "department" not in stated:
        yield texts.text("suggest.department", language, clause=name)
    if any(p.ratio and not p.ratio.is_open for p in clause.provisions) and "ratio" not in stated:
        yield texts.text("suggest.ratio", language, clause=name)
    spans = [Span(c.start, c.end) for c in answer.citations if c.id == clause.id]
    body = clause.body_span
    if not any(s.start <= body.start and body.end <= s.end for s in spans):
        yield texts.text("suggest.whole", language, clause=name)
    leads = [d for d in clause.departments if d.role is Role.LEAD]
    if leads and language != EN:
        yield texts.text("suggest.led", language, department=leads[0].name)
    yield texts.text("suggest.highest", language)


def clause_name(clause: Clause, language: str) -> str:
    """How a question names a clause: 第十九条 for （十九）, Measure 19 in English, else its own label."""
    if clause.number is None:
        return clause.label
    if language == EN:
        return f"Measure {clause.number}"
    bracketed = re.fullmatch(r"[(（](.+)[)）]", clause.label)
    if bracketed and label_numbers(f"第{bracketed.group(1)}条"):
        return f"第{bracketed.group(1)}条" if language == "zh" else f"第{bracketed.group(1)}條"
    return clause.label


def _cited(answer: Answer, policies: Sequence[Policy]) -> Iterator[Clause]:
    clauses = {clause.id: clause for policy in policies for clause in policy.clauses}
    for citation in answer.citations:
        clause = clauses.get(citation.id)
        if clause is not None and clause.number is not None:
            yield clause


def _item(provision: Provision, stated: Collection[object], policy: Policy, texts: Texts, language: str) -> str | None:
    """The question for another sum of the same clause; None when it was stated or has no short name."""
    if provision.amount is None or provision.amount.value in stated:
        return None
    if language == EN:
        translation = policy.translations.get(provision.clause_id)
        what = translation.provisions.get(provision.id, "") if translation else ""
    else:
        what = provision.what
    if not what or len(what) > MAX_ITEM_CHARS["en" if language == EN else "zh"]:
        return None
    return texts.text("suggest.item", language, what=what)
