"""What fits us: five answers about an organisation held against the words of each provision.

A rule may call a provision possible, unrelated or left open by the text, and names the sentence that decided.
Unrelated needs words that exclude: silence and lists that end in 等 leave it open. Nothing is weighed or added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.fields import PolicyFields
from app.organisations import Organisation, OrganisationMention, organisations_in
from corpus.glossary import Glossary
from corpus.models import Clause, Policy, Provision, Span


class Verdict(StrEnum):
    POSSIBLE = "possible"
    UNRELATED = "unrelated"
    UNSPECIFIED = "unspecified"


class Question(StrEnum):
    FIELD = "field"
    ORGANISATION = "organisation"
    STAGE = "stage"
    HONOURS = "honours"
    WHERE = "where"


class Stage(StrEnum):
    """What an organisation is busy with; the first five follow each other, the others go with any of them."""

    RESEARCH = "research"
    VALIDATION = "validation"
    PILOT = "pilot"
    PRODUCTION = "production"
    MARKET = "market"
    UPGRADING = "upgrading"
    FINANCING = "financing"


class Where(StrEnum):
    """In the place that the policy governs, about to come there, or neither."""

    HERE = "here"
    COMING = "coming"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of the organisation; None leaves a question open. ``honours`` are ids of ``Honour``; empty
    when it holds none."""

    field: str | None = None
    organisation: Organisation | None = None
    stage: Stage | None = None
    honours: frozenset[str] | None = None
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Honour:
    """A title, award or approval that a provision asks for. ``id`` is the path of the first provision that does."""

    id: str
    text: str
    provisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What one answer says of a provision. ``span`` is the sentence that decided, or the provision's own where it
    says nothing of the matter; ``words`` what in it decided."""

    question: Question
    verdict: Verdict
    reason: str
    clause_id: str
    span: Span
    words: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """A provision, what all answers together say of it, and each of them."""

    clause: Clause
    provision: Provision
    verdict: Verdict
    decisions: tuple[Decision, ...]


_STAGE_WORDS: dict[Stage, str] = {
    Stage.RESEARCH: r"基础研究|应用研究|研发(?!机构|单位|团队)|攻关|研究(?!院|机构|所|中心|成果)",
    Stage.VALIDATION: r"概念验证|(?<!检测)验证(?!标准)",
    Stage.PILOT: r"中试|中小试|小试|二次开发|放大试验",
    Stage.PRODUCTION: r"产业化|量产|投产|规模化生产|批量生产",
    Stage.MARKET: (
        r"首批次?|首台套|首台（套）|首版次|示范应用|应用示范|应用推广|推广应用|应用场景|供应链导入|保险补偿|市场推广"
        r"|(?<=[与和及])应用(?!研究|基础)"
    ),
    Stage.UPGRADING: r"技术改造|装备改造|改造升级|(?:智能|绿色|数字|工厂智能)化改造|机器人换人|数字化转型",
    Stage.FINANCING: r"融资|贷款|信贷|并购|上市(?!公司)|股权激励",
}
_STAGES = re.compile("|".join(f"(?P<{stage.value}>{words})" for stage, words in _STAGE_WORDS.items()))
_CHAIN = (Stage.RESEARCH, Stage.VALIDATION, Stage.PILOT, Stage.PRODUCTION, Stage.MARKET)
# Who builds one of these may be at any stage.
_CARRIER = re.compile(r"平台|中心|基地|载体|机构|园区|机制")

_HONOUR = re.compile(r"^(?:对)?(?:已)?获(?:得|评)?(?P<held>.+?)(?:称号|认定|立项支持|的)?$")
_AWARD = re.compile(r"(?:提名|获得?|评选)(?P<held>[^，。；]{2,20}?奖)(?=$|[，。；、的])")
_FOR_WINNERS = re.compile(r"获奖|获评|获得")
_NEXT_HONOUR = re.compile(r"[，、]?(?:以及|或者?|和)获得?")

_QUOTED = re.compile("“[^”]*”")
_ZONE = re.compile(r"园区|合作区|等区|开发区|高新区|示范区")
_BROUGHT_IN = re.compile(r"引进|招引|迁入")
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")
_SCOPE = re.compile(r"适用于|适用对象|适用范围|支持对象|申报(?:单位|主体|对象|条件|企业)|本(?:办法|措施|政策|细则)所称")


@dataclass(frozen=True)
class Fitter:
    """Holds answers against the provisions of one policy."""

    policy: Policy
    glossary: Glossary

    @cached_property
    def fields(self) -> PolicyFields:
        return PolicyFields(self.policy, self.glossary)

    @cached_property
    def honours(self) -> tuple[Honour, ...]:
        """The titles, awards and approvals that provisions ask for, in the order of the text."""
        texts: dict[str, list[str]] = {}
        for clause in self.policy.numbered:
            for p in clause.provisions:
                for text in _honours_of(p):
                    texts.setdefault(text, []).append(p.id)
        seen: dict[str, int] = {}
        made = []
        for text, provisions in texts.items():
            path = provisions[0].rsplit("#", 1)[-1]
            seen[path] = seen.get(path, 0) + 1
            made.append(Honour(path if seen[path] == 1 else f"{path}-{seen[path]}", text, tuple(provisions)))
        return tuple(made)

    def fit(self, answers: Answers) -> list[Fit]:
        """Every provision of the numbered clauses, in the order of the text. Unrelated when any answer says so,
        else possible when any does, else left open."""
        fits = []
        for clause in self.policy.numbered:
            for p in clause.provisions:
                decisions = tuple(self._decisions(clause, p, answers))
                verdicts = {decision.verdict for decision in decisions}
                verdict = next((v for v in (Verdict.UNRELATED, Verdict.POSSIBLE) if v in verdicts), Verdict.UNSPECIFIED)
                fits.append(Fit(clause, p, verdict, decisions))
        return fits

    def _decisions(self, clause: Clause, p: Provision, answers: Answers) -> Iterator[Decision]:
        if answers.field:
            yield self._by_field(clause, p, answers.field)
        if answers.organisation:
            yield self._by_organisation(clause, p, answers.organisation)
        if answers.stage:
            yield self._by_stage(clause, p, answers.stage)
        if answers.honours is not None:
            yield self._by_honours(clause, p, answers.honours)
        if answers.where:
            yield self._by_where(clause, p, answers.where)

    # -- field ---------------------------------------------------------------------------------------------------

    def _by_field(self, clause: Clause, p: Provision, field: str) -> Decision:
        listed = self.fields.called(field) or field
        mentions = self.fields.of_provision(clause, p)
        own = [m.span for m in mentions if m.field == listed]
        if own:
            return self._decided(Question.FIELD, Verdict.POSSIBLE, "field_named", clause, p, own)
        others = [m.span for m in mentions]
        if not mentions or listed not in self.fields.names:
            return self._decided(Question.FIELD, Verdict.UNSPECIFIED, "field_silent", clause, p)
        if any(m.is_open for m in mentions):
            return self._decided(Question.FIELD, Verdict.UNSPECIFIED, "field_open_list", clause, p, others)
        return self._decided(Question.FIELD, Verdict.UNRELATED, "field_others", clause, p, others)

    # -- organisation --------------------------------------------------------------------------------------------

    def _by_organisation(self, clause: Clause, p: Provision, kind: Organisation) -> Decision:
        question = Question.ORGANISATION
        mentions = organisations_in(self._text(p.span), p.span.start)
        reason = _organisation_reason(mentions, kind)
        if reason in ("organisation_named", "organisation_any"):
            words = [m.span for m in mentions if m.kind in (kind, None)]
            return self._decided(question, Verdict.POSSIBLE, reason, clause, p, words)
        if reason == "organisation_others":
            return self._decided(question, Verdict.UNRELATED, reason, clause, p, [m.span for m in mentions])
        if reason == "organisation_open_list":
            return self._decided(question, Verdict.UNSPECIFIED, reason, clause, p, [m.span for m in mentions])
        # The title may include a kind that the sentence doesn't name; it never excludes one.
        titled = organisations_in(self._text(clause.title_span), clause.title_span.start)
        own = [m.span for m in titled if m.kind is kind]
        if own:
            return self._decided(question, Verdict.POSSIBLE, "organisation_named", clause, p, own)
        for part, span in self._scope_sentences:
            general = organisations_in(self._text(span), span.start)
            reason = _organisation_reason(general, kind)
            if reason in ("organisation_named", "organisation_any"):
                found = tuple(m.span for m in general if m.kind in (kind, None))
                return Decision(question, Verdict.POSSIBLE, reason, part.id, span, found)
            if reason == "organisation_others":
                return Decision(question, Verdict.UNRELATED, reason, part.id, span, tuple(m.span for m in general))
        return self._decided(question, Verdict.UNSPECIFIED, "organisation_silent", clause, p)

    # -- stage ---------------------------------------------------------------------------------------------------

    def _by_stage(self, clause: Clause, p: Provision, stage: Stage) -> Decision:
        sentence = _stages_in(self._text(p.span), p.span.start)
        own = [span for found, span in sentence if found is stage]
        if own:
            return self._decided(Question.STAGE, Verdict.POSSIBLE, "stage_named", clause, p, own)
        named = {found for found, _ in _stages_in(p.what)}
        words = [span for found, span in sentence if found in named]
        if not named or not words:
            return self._decided(Question.STAGE, Verdict.UNSPECIFIED, "stage_silent", clause, p)
        if _CARRIER.search(p.what) or not _excluded(stage, named):
            return self._decided(Question.STAGE, Verdict.UNSPECIFIED, "stage_not_excluded", clause, p, words)
        return self._decided(Question.STAGE, Verdict.UNRELATED, "stage_others", clause, p, words)

    # -- honours -------------------------------------------------------------------------------------------------

    def _by_honours(self, clause: Clause, p: Provision, held: frozenset[str]) -> Decision:
        asked = [honour for honour in self.honours if p.id in honour.provisions]
        if not asked:
            return self._decided(Question.HONOURS, Verdict.UNSPECIFIED, "honours_none_asked", clause, p)
        met = [honour for honour in asked if honour.id in held]
        words = [span for honour in met or asked for span in self._found(honour.text, p)]
        if met:
            return self._decided(Question.HONOURS, Verdict.POSSIBLE, "honours_held", clause, p, words)
        return self._decided(Question.HONOURS, Verdict.UNRELATED, "honours_missing", clause, p, words)

    # -- where ---------------------------------------------------------------------------------------------------

    def _by_where(self, clause: Clause, p: Provision, where: Where) -> Decision:
        question, text = Question.WHERE, self._text(p.span)

        def decide(pattern: re.Pattern[str], verdict: Verdict, reason: str) -> Decision:
            words = [Span(p.span.start + m.start(), p.span.start + m.end()) for m in pattern.finditer(text)]
            return self._decided(question, verdict, reason, clause, p, words)

        if _ZONE.search(p.what):
            return decide(_ZONE, Verdict.UNSPECIFIED, "where_zone")
        if self._settling.search(text):
            if where is Where.COMING:
                return decide(self._settling, Verdict.POSSIBLE, "where_settling")
            if where is Where.ELSEWHERE:
                return decide(self._settling, Verdict.UNRELATED, "where_must_settle")
            if any(_BROUGHT_IN.search(m.group()) for m in self._settling.finditer(text)):
                return decide(self._settling, Verdict.UNSPECIFIED, "where_brought_in")
            return decide(self._settling, Verdict.POSSIBLE, "where_built_here")
        if self._local.search(text):
            verdict = {Where.HERE: Verdict.POSSIBLE, Where.ELSEWHERE: Verdict.UNRELATED}.get(where, Verdict.UNSPECIFIED)
            reason = {Where.HERE: "where_local", Where.ELSEWHERE: "where_local_only"}.get(where, "where_once_local")
            return decide(self._local, verdict, reason)
        for part, span in self._scope_sentences:
            text = self._text(span)
            found = [Span(span.start + m.start(), span.start + m.end()) for m in self._registered.finditer(text)]
            if found and where is Where.ELSEWHERE:
                return Decision(question, Verdict.UNRELATED, "where_local_only", part.id, span, tuple(found))
            if found:
                verdict = Verdict.POSSIBLE if where is Where.HERE else Verdict.UNSPECIFIED
                reason = "where_local" if where is Where.HERE else "where_once_local"
                return Decision(question, verdict, reason, part.id, span, tuple(found))
        return self._decided(question, Verdict.UNSPECIFIED, "where_silent", clause, p)

    @cached_property
    def _place(self) -> str:
        names = [re.escape(name) for name in self.policy.jurisdiction if not name.isascii()]
        return "(?:" + "|".join([*sorted(names, key=len, reverse=True), "[我本](?:市|省|区|县|州)"]) + ")"

    @cached_property
    def _settling(self) -> re.Pattern[str]:
        """Coming to the place, or building something there."""
        return re.compile(
            rf"(?:引进|招引)[^，。；]*?{self._place}[^，。；]{{0,4}}(?:落地|落户)"
            rf"|在{self._place}[^，。；]{{0,8}}(?:建设|设立|组建|投资|落地|落户)|落户(?:至|到|在)?{self._place}"
        )

    @cached_property
    def _local(self) -> re.Pattern[str]:
        """Support for those of the place: 支持我市…企业."""
        kinds = "企业|高校|科研院所|单位|机构|团队"
        return re.compile(
            rf"(?:支持|鼓励|对)[我本](?:市|省|区|县|州)[^，。；“”]{{0,12}}?(?:{kinds})|{self._registered.pattern}"
        )

    @cached_property
    def _registered(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?:在|于){self._place}[^，。；]{{0,12}}?(?:注册|登记|纳税)"
            rf"|(?:注册地|登记)[^，。；]{{0,6}}(?:在|于){self._place}|{self._place}[^，。；]{{0,6}}(?:注册|登记)"
        )

    # -- sentences -----------------------------------------------------------------------------------------------

    @cached_property
    def _scope_sentences(self) -> tuple[tuple[Clause, Span], ...]:
        """Sentences that say for the whole policy whom it is for, rather than for one sum."""
        found = []
        for clause in self.policy.clauses:
            granted = [p.span for p in clause.provisions if p.amount is not None]
            for m in _SENTENCE.finditer(self.policy.source_text, clause.body_span.start, clause.body_span.end):
                text = m.group()
                start = m.start() + len(text) - len(text.lstrip())
                if _SCOPE.search(text) and not any(s.start <= start < s.end for s in granted):
                    found.append((clause, Span(start, m.end())))
        return tuple(found)

    def _decided(
        self,
        question: Question,
        verdict: Verdict,
        reason: str,
        clause: Clause,
        p: Provision,
        words: Iterable[Span] = (),
    ) -> Decision:
        """Decided by the provision's sentence, or by the title of its clause where the words stand there."""
        marked = tuple(dict.fromkeys(words))
        title = clause.title_span
        in_title = bool(marked) and all(title.start <= w.start and w.end <= title.end for w in marked)
        span = title if in_title else p.span
        inside = tuple(w for w in marked if span.start <= w.start and w.end <= span.end)
        return Decision(question, verdict, reason, clause.id, span, inside)

    def _text(self, span: Span) -> str:
        return self.policy.source_text[span.start : span.end]

    def _found(self, words: str, p: Provision) -> list[Span]:
        # An item of a list doesn't stand in the text as one; what it quotes does.
        for part in (words, *_QUOTED.findall(words)):
            at = self.policy.source_text.find(part, p.span.start, p.span.end)
            if at >= 0:
                return [Span(at, at + len(part))]
        return []


def _organisation_reason(mentions: list[OrganisationMention], kind: Organisation) -> str:
    if any(m.kind is kind for m in mentions):
        return "organisation_named"
    if any(m.kind is None for m in mentions):
        return "organisation_any"
    if any(m.is_open for m in mentions):
        return "organisation_open_list"
    return "organisation_others" if mentions else "organisation_silent"


def _stages_in(text: str, offset: int = 0) -> list[tuple[Stage, Span]]:
    return [(Stage(str(m.lastgroup)), Span(offset + m.start(), offset + m.end())) for m in _STAGES.finditer(text)]


def _excluded(stage: Stage, named: set[Stage]) -> bool:
    """Whether a provision for the named stages leaves out this one. 研发与应用 doesn't exclude what comes between;
    upgrading and financing go with any stage."""
    if stage not in _CHAIN or not named <= set(_CHAIN):
        return False
    places = [_CHAIN.index(n) for n in named]
    return not min(places) < _CHAIN.index(stage) < max(places)


def _honours_of(p: Provision) -> list[str]:
    """What has to be held already, as the provision words it."""
    awards = [m["held"] for m in _AWARD.finditer(p.what)]
    if awards and _FOR_WINNERS.search(p.text):
        return awards
    found = []
    for piece in _NEXT_HONOUR.sub("\n获得", p.what).split("\n"):
        match = _HONOUR.match(piece.strip("，、"))
        if match:
            found.append(match["held"].strip("的"))
    return found
