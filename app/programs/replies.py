"""What the API replies, as descriptions: ``/openapi.json`` and the tools publish them, and tests hold the replies to
them. What stands in a reply beyond them is passed on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.models import Checks, Citation, ContactShown, FactStated, Note, SeeAlso, Status


class Reply(BaseModel):
    """A part of a reply."""

    model_config = ConfigDict(extra="allow")


class ErrorTold(Reply):
    """What went wrong."""

    type: str = Field(description="What sort of error, for a program: `not_found`, `invalid_request` …")
    message: str = Field(description="One line: what is wrong and what to do.")


class Error(Reply):
    """An error."""

    error: ErrorTold


class OpenAIErrorTold(ErrorTold):
    """What went wrong, as OpenAI's clients read it."""

    param: str | None = Field(description="The part of the request that is wrong.")
    code: str | None = Field(description="What sort of error: `model_not_found`, `invalid_request` …")


class OpenAIError(Reply):
    """An error under `/v1`."""

    error: OpenAIErrorTold


class AnswerReply(Reply):
    """The answer object: what every surface shows or sends of an answer."""

    question: str
    standalone_question: str = Field(description="The question with what the conversation adds.")
    language: Literal["zh", "zh-Hant", "en"]
    status: Status = Field(description="Whether the text answers it.")
    answer: str
    citations: list[Citation]
    facts: list[FactStated] = Field(description="What the answer states; what does not apply is left out.")
    notes: list[Note] = Field(description="Standing remarks, to be shown under the answer.")
    contact: ContactShown | None = Field(description="The issuing bureau's, where it helps.")
    see_also: list[SeeAlso] = Field(description="Near clauses that the answer does not rest on.")
    checks: Checks
    trace: dict[str, Any] | None
    mode: str = Field(description="Who worded it: `extractive` (the text's own words) or `llm`.")
    model: str | None = Field(description="The language model that worded it.")
    timings_ms: dict[str, float]
    error: str | None = Field(None, description="Only with the status `error`.")


class Health(Reply):
    """The state of the server."""

    status: str


class PolicySummary(Reply):
    """What identifies a policy and when it is in force."""

    id: str
    title: str
    title_en: str | None
    doc_no: str | None
    issuers: list[str]
    published: str | None = Field(description="ISO date")
    effective_from: str | None = Field(description="ISO date")
    effective_to: str | None = Field(description="ISO date, the last day")
    effective_to_is_derived: bool = Field(description="Computed from the term of validity, not stated.")
    clauses: int = Field(description="How many numbered clauses it has.")


class Policies(Reply):
    """The policies that are there."""

    policies: list[PolicySummary]


class ClauseDepartment(Reply):
    """A department that a clause makes responsible."""

    name: str
    role: Literal["lead", "joint"]
    name_en: str | None


class SumGranted(Reply):
    """A sum as the policy words it."""

    value: int = Field(description="Yuan")
    value_min: int | None = Field(description="Yuan, of a range")
    text: str
    qualifier: str = Field(description="不超过, 最高, 最高不超过: an upper bound; empty: a fixed sum.")
    currency: str
    start: int
    end: int


class Ratio(Reply):
    """A ratio as the policy words it; open where it names none."""

    text: str
    open: bool
    percent: float | None


class Provision(Reply):
    """One thing that a clause supports."""

    id: str
    what: str
    text: str
    start: int
    end: int
    amount: SumGranted | None
    per: str | None
    ratio: Ratio | None
    modes: list[str]
    matching: bool


class Clause(Reply):
    """A clause, verbatim. Offsets are code points of the cleaned text, end exclusive."""

    id: str
    policy: str
    label: str
    number: int | None = Field(description="None outside the numbered clauses.")
    title: str
    text: str
    start: int
    end: int
    section: str | None
    departments: list[ClauseDepartment]
    provisions: list[Provision]
    title_en: str | None
    text_en: str | None = Field(description="A reference translation; the Chinese text prevails.")


class Clauses(Reply):
    """Clauses in the order of the text."""

    clauses: list[Clause]


class ClauseFound(Clause):
    """A clause with its address."""

    link: str = Field(description="Opens the policy's text at the clause.")


class ClauseRanked(ClauseFound):
    """A clause with its score."""

    score: float = Field(description="Higher fits better.")


class ClausesFound(Reply):
    """Clauses that fit a query, best first."""

    query: str
    policy: str
    results: list[ClauseRanked]


class Line(Reply):
    """A sentence of a clause that matters to the query, in pieces."""

    start: int
    end: int
    parts: list[LinePart]


class LinePart(Reply):
    """A piece of a line."""

    text: str
    mark: bool = Field(description="Whether to mark it.")


class Said(Reply):
    """What a hotline agent says, sends and forwards."""

    spoken: str
    sms: str
    unsaid: list[str]
    transfer: list[str]
    copy_text: str = Field(alias="copy")


class SaidInBoth(Reply):
    """What is said in Chinese and in English."""

    zh: Said
    en: Said


class SearchResult(Reply):
    """A clause that a query finds, with what to say of it."""

    clause: Clause
    score: float = Field(description="Higher fits better.")
    provisions: list[Provision]
    lines: list[Line]
    say: SaidInBoth


class SearchReply(Reply):
    """Clauses that a query finds, best first."""

    query: str
    policy: str
    results: list[SearchResult]


class Named(Reply):
    """A name in Chinese and, where there is one, in English."""

    name: str
    name_en: str | None


class PolicyHead(Reply):
    """The policy that a table is of."""

    id: str
    title: str
    title_en: str | None
    doc_no: str | None
    issuers: list[str]
    effective_from: str | None
    effective_to: str | None


class MeasureRow(Reply):
    """One thing that a policy supports."""

    policy: str
    id: str
    clause: str
    label: str
    title: str
    title_en: str | None
    section: str | None
    what: str
    what_en: str | None
    whom: str | None
    per: str | None
    amount: int | None = Field(description="Yuan; null where the text names no sum.")
    amount_min: int | None = Field(description="Yuan, of a range")
    currency: str | None
    amount_text: str | None
    qualifier: str | None = Field(description="不超过, 最高, 最高不超过: an upper bound; empty: a fixed sum.")
    ratio: str | None
    ratio_open: bool | None
    modes: list[str]
    lead: list[str]
    joint: list[str]
    fields: list[Named]
    tied_with: list[str] = Field(description="Labels of other clauses with the same sum.")
    text: str
    start: int
    end: int


class MeasureTable(Reply):
    """The table of what a policy supports, filtered and sorted."""

    policy: PolicyHead
    clauses: int
    clauses_total: int
    provisions: int
    provisions_total: int
    departments: list[Named]
    fields: list[Named]
    measures: list[MeasureRow]


class Decision(Reply):
    """The sentence that decided about a row."""

    question: str
    verdict: str
    reason: str
    clause: str
    label: str
    text: str
    start: int
    end: int


class Fit(MeasureRow):
    """A row with what five answers leave of it."""

    verdict: Literal["possible", "unrelated", "unspecified"]
    decisions: list[Decision]


class Fits(Reply):
    """The table sorted by five answers about an organisation."""

    policy: PolicyHead
    verdicts: list[str]
    fits: list[Fit]


class Kept(Reply):
    """What was recorded."""

    id: int


class ApprovedClause(Reply):
    """A clause that an approved answer cites."""

    id: str
    label: str
    title: str


class Approved(Reply):
    """An answer that a reviewer approved."""

    id: int
    question: str
    answer: str
    lang: str
    clauses: list[ApprovedClause]
    reviewer: str
    reviewed_on: str = Field(description="ISO date")
    match: str = Field(description="How near the questions are.")
    stale: bool = Field(description="The text of a clause it cites has changed since.")


class ApprovedAnswers(Reply):
    """Approved answers to a question, nearest first."""

    approved: list[Approved]


class Model(Reply):
    """A model as OpenAI's clients know one."""

    id: str
    object: Literal["model"]
    created: int = Field(description="Seconds since 1970: the day of the policy's publication.")
    owned_by: str
    name: str


class Models(Reply):
    """The models that can be asked."""

    object: Literal["list"]
    data: list[Model]


class CompletionMessage(Reply):
    """The answer as a message."""

    role: Literal["assistant"]
    content: str = Field(description="Markdown: the answer; under a rule clauses with links, notes, contact.")


class Choice(Reply):
    """The answer; with `n` several times the same."""

    index: int
    message: CompletionMessage
    finish_reason: Literal["stop"]


class Usage(Reply):
    """Estimated: one token for a Chinese character, one for four others."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(Reply):
    """A reply of chat completions."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    policy: dict[str, Any] = Field(description="The answer object of `/api/ask` without `answer`.")
