"""``GET /api/measures``, ``GET /api/measures/fit`` and the page ``/measures``, over the policies of an assistant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.fields import PolicyFields
from app.fitting import Answers, Decision, Fit, Fitter, Question, Stage, Verdict, Where
from app.i18n import EN, LANGUAGES, Texts, load_texts
from app.measures import (
    ORDERS,
    Column,
    Row,
    as_csv,
    as_workbook,
    measure_rows,
    named_department,
    plain_columns,
    sort_rows,
    yuan,
)
from app.organisations import Organisation
from app.records_json import policy_summary
from app.refusals import shown
from app.ui.measures import measures_html
from corpus.departments import Department, Directory
from corpus.glossary import Glossary, load_glossary
from corpus.library import GLOSSARY_FILE
from corpus.models import Policy
from corpus.parser import HEAD_CHARS

# What a table says of the policy it is of.
_HEAD = ("id", "title", "title_en", "doc_no", "issuers", "effective_from", "effective_to")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Far more than anyone types; what is longer is refused rather than searched.
_SHORT, _LONG = 100, 200
Word = Annotated[str | None, Query(max_length=_SHORT)]
Flag = Literal["true", "false", "1", "0", "yes", "no"]


class HasPolicies(Protocol):
    """What the table needs of the assistant."""

    @property
    def policies(self) -> tuple[Policy, ...]: ...


def add_measures(app: FastAPI, assistant: Callable[[], HasPolicies], *, root_path: str = "") -> None:
    """Add the routes. ``assistant`` may block until it is ready; it is called from worker threads only."""
    texts = load_texts()
    tables = Tables(assistant)

    @app.get("/api/measures", response_model=None)
    def measures(
        request: Request,
        policy: Word = None,
        department: Word = None,
        field: Word = None,
        min_amount: Word = None,
        max_amount: Word = None,
        has_amount: Flag | None = None,
        q: Annotated[str | None, Query(max_length=_LONG)] = None,
        sort: Word = None,
        format: Literal["json", "csv", "xlsx"] = "json",
        lang: Literal["zh", "zh-Hant", "en"] | None = None,
    ) -> Response:
        """The table of provisions of one policy, the first where none is named.

        ``department`` by any of its names; ``field`` one of the policy's fields or any word that a clause names;
        amounts in yuan (``5000000``, ``500万``); ``q`` words that all stand in a row; ``sort`` a column, with a -
        before it the other way round. ``lang`` gives the headings of a file; without it they are the names of the
        data.
        """
        found = tables.table(
            policy,
            department,
            field,
            min_amount,
            max_amount,
            has_amount=None if has_amount is None else has_amount in ("true", "1", "yes"),
            words=q,
            sort=sort,
        )
        if format == "json":
            return JSONResponse(found.data)
        one, rows = found.policy, found.rows
        ranked = (sort or "").endswith("amount")
        name = f"measures-{one.id}.{format}"
        headers = {"Content-Disposition": f"attachment; filename=\"measures.{format}\"; filename*=UTF-8''{quote(name)}"}
        site = str(request.base_url).rstrip("/")
        if format == "csv":
            columns = _columns(texts, lang, site, ranked=ranked) if lang else plain_columns()
            # The mark at the start tells Excel that this is UTF-8.
            return Response(as_csv(rows, columns).encode("utf-8-sig"), media_type="text/csv", headers=headers)
        language = lang or LANGUAGES[0]
        book = as_workbook(
            rows,
            _columns(texts, language, site, ranked=ranked),
            sheet=texts.text("measures.sheets", language),
            about=_about(texts, language, one, rows, request),
        )
        return Response(book, media_type=_XLSX, headers=headers)

    @app.get("/api/measures/fit")
    def fit(
        policy: Word = None,
        field: Word = None,
        organisation: Organisation | None = None,
        stage: Stage | None = None,
        honours: Annotated[str | None, Query(max_length=1000)] = None,
        where: Where | None = None,
    ) -> dict[str, Any]:
        """Provisions sorted by what five answers about an organisation leave of them. ``honours`` are ids of the
        list that comes with the answer, separated by commas, or ``none``."""
        one = tables.policy(policy)
        fitter = Fitter(one, tables.glossary)
        held = None if not honours else frozenset(honours.split(",")) - {"none"}
        unknown = (held or frozenset()) - {honour.id for honour in fitter.honours}
        if unknown:
            raise HTTPException(400, f"honours: {', '.join(sorted(unknown))!r} is none that the policy asks for")
        answers = Answers(field or None, organisation, stage, held, where)
        rows = {row["id"]: row for row in measure_rows(one, glossary=tables.glossary, directory=tables.directory(one))}
        asked = any(value is not None for value in (answers.field, organisation, stage, held, where))
        return {
            "policy": _policy_head(one),
            "questions": {
                Question.FIELD: [
                    {"name": name, "name_en": fitter.fields.english(name)} for name in fitter.fields.names
                ],
                Question.ORGANISATION: [kind.value for kind in Organisation],
                Question.STAGE: [one.value for one in Stage],
                Question.HONOURS: [{"id": honour.id, "text": honour.text} for honour in fitter.honours],
                Question.WHERE: [one.value for one in Where],
            },
            "verdicts": [verdict.value for verdict in Verdict],
            "fits": [_fit(one, found, rows[found.provision.id]) for found in fitter.fit(answers)] if asked else [],
        }

    @app.get("/measures", response_class=HTMLResponse, include_in_schema=False)
    @app.get("/measures/", response_class=HTMLResponse, include_in_schema=False)
    def page() -> str:
        return measures_html(texts, root_path)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one policy that fit what was asked, and the same as JSON data with what there is to ask for."""

    policy: Policy
    rows: list[Row]
    data: dict[str, Any]


class Tables:
    """The tables of provisions, and what is read once for all of them. HTTPException when something is asked for
    that is not there."""

    def __init__(self, assistant: Callable[[], HasPolicies]) -> None:
        self._assistant = assistant

    @cached_property
    def glossary(self) -> Glossary:
        return load_glossary(GLOSSARY_FILE)

    @cached_property
    def _all_departments(self) -> Directory:
        return Directory.load()

    def table(
        self,
        policy: str | None = None,
        department: str | None = None,
        field: str | None = None,
        min_amount: str | None = None,
        max_amount: str | None = None,
        *,
        has_amount: bool | None = None,
        words: str | None = None,
        sort: str | None = None,
    ) -> Table:
        """The table of one policy, the first where none is named, filtered and sorted."""
        one = self.policy(policy)
        responsible = self.department(one, department)
        filters: dict[str, Any] = {
            "field": field or None,
            "min_amount": _amount("min_amount", min_amount),
            "max_amount": _amount("max_amount", max_amount),
            "has_amount": has_amount,
        }
        rows = measure_rows(
            one, responsible, **filters, words=words, glossary=self.glossary, directory=self.directory(one)
        )
        order = sort or "order"
        if order.removeprefix("-") not in ORDERS:
            raise HTTPException(400, f"sort: rows can be ordered by {', '.join(ORDERS)}, with a - before it or not")
        rows = sort_rows(rows, order)
        fields = PolicyFields(one, self.glossary)
        listed = fields.called(field) if field else None
        data = {
            "policy": _policy_head(one),
            "filters": {
                **filters,
                "department": self.name(one, responsible),
                "field": listed or field or None,
                "q": words or None,
                "sort": order,
            },
            "clauses": len({row["clause"] for row in rows}),
            "clauses_total": len(one.numbered),
            "provisions": len(rows),
            "provisions_total": sum(len(clause.provisions) for clause in one.numbered),
            "departments": self.departments(one),
            "fields": [{"name": name, "name_en": fields.english(name)} for name in fields.names],
            "measures": rows,
        }
        return Table(one, rows, data)

    def policy(self, policy_id: str | None) -> Policy:
        """The policy of this id, or the first."""
        policies = tuple(self._assistant().policies)
        found = policies[:1] if not policy_id else [policy for policy in policies if policy.id == policy_id]
        if not found:
            known = ", ".join(policy.id for policy in policies) or "none"
            raise HTTPException(404, f"there is no policy {shown(policy_id or '')}; there is: {known}")
        return found[0]

    def directory(self, policy: Policy) -> Directory:
        """The departments as this policy means them."""
        names = [d.name for clause in policy.clauses for d in clause.departments]
        return self._all_departments.for_policy(policy.source_text[:HEAD_CHARS], names)

    def department(self, policy: Policy, name: str | None) -> Department | None:
        """The department of this name; HTTPException when the policy's directory has none."""
        if not name:
            return None
        # What only the notes of the policy name is known by that name alone.
        listed = next((d for clause in policy.clauses for d in clause.departments if d.name == name.strip()), None)
        known = self.directory(policy)
        found = known.by_key.get(listed.key) if listed else named_department(known, name)
        if found is None and listed is not None:
            return Department(listed.key, listed.name, listed.name, "", listed.name, listed.name, "")
        if found is None:
            names = "、".join(str(entry["name"]) for entry in self.departments(policy))
            raise HTTPException(400, f"department: none is known as {shown(name)}; the policy names {names}")
        return found

    @staticmethod
    def name(policy: Policy, department: Department | None) -> str | None:
        """What the policy calls a department."""
        if department is None:
            return None
        named = (d.name for clause in policy.numbered for d in clause.departments if d.key == department.key)
        return next(named, department.name)

    def departments(self, policy: Policy) -> list[dict[str, str | None]]:
        """Those that the policy makes responsible, in the order of the text."""
        by_key = self.directory(policy).by_key
        named = {d.key: d.name for clause in policy.numbered for d in clause.departments}
        return [
            {"key": key, "name": name, "name_en": by_key[key].en if key in by_key else None}
            for key, name in named.items()
        ]


def _amount(name: str, text: str | None) -> int | None:
    if not text:
        return None
    try:
        return yuan(text)
    except ValueError as error:
        raise HTTPException(400, f"{name}: {error}".encode(errors="replace").decode()) from error


def _policy_head(policy: Policy) -> dict[str, Any]:
    summary = policy_summary(policy)
    return {name: summary[name] for name in _HEAD}


def _fit(policy: Policy, fit: Fit, row: Row) -> dict[str, Any]:
    return {
        **row,
        "verdict": fit.verdict.value,
        "decisions": [_decision(policy, decision) for decision in fit.decisions],
    }


def _decision(policy: Policy, decision: Decision) -> dict[str, Any]:
    clause = policy.clause(decision.clause_id)
    return {
        "question": decision.question.value,
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "clause": clause.id,
        "label": clause.label,
        "text": policy.source_text[decision.span.start : decision.span.end],
        "start": decision.span.start,
        "end": decision.span.end,
        "words": [[word.start, word.end] for word in decision.words],
    }


# -- files ----------------------------------------------------------------------------------------------------------


def _columns(texts: Texts, language: str, site: str, ranked: bool) -> tuple[Column, ...]:
    """The columns that the page shows, in its language; the words of the policy stay Chinese."""

    def heading(name: str) -> str:
        return texts.text(f"measures.column_{name}", language)

    def said(name: str, otherwise: str) -> Callable[[Row], Any]:
        return lambda row: row[name] or texts.text(f"measures.{otherwise}", language)

    def translated(name: str) -> Callable[[Row], Any]:
        return lambda row: (row[f"{name}_en"] if language == EN else None) or row[name]

    def departments(role: str) -> Callable[[Row], str]:
        def named(row: Row) -> str:
            found = [d for d in row["departments"] if d["role"] == role]
            if language == EN:
                return "; ".join(str(d["name_en"] or d["name"]) for d in found)
            return "、".join(str(d["name"]) for d in found)

        return named

    def whom(row: Row) -> str:
        return str(translated("whom")(row) or texts.text("measures.whom_open", language))

    def qualifier(row: Row) -> str:
        return "" if row["amount"] is None else row["qualifier"] or texts.text("measures.exact", language)

    def notes(row: Row) -> str:
        return "\n".join(f"{texts.text(_note_key(note), language)} {note['text']}" for note in row["notes"])

    first = (Column(heading("rank"), lambda row: row.get("rank"), 8),) if ranked else ()
    return (
        *first,
        Column(heading("label"), lambda row: row["label"], 9),
        Column(heading("title"), translated("title"), 28),
        Column(heading("section"), translated("section"), 20),
        Column(heading("what"), translated("what"), 46),
        Column(heading("whom"), whom, 26),
        Column(heading("modes"), said("modes", "unspecified"), 16),
        Column(heading("qualifier"), qualifier, 12),
        Column(heading("amount"), lambda row: row["amount"], 15),
        Column(heading("amount_text"), said("amount_text", "amount_open"), 14),
        Column(heading("ratio"), said("ratio", "unspecified"), 18),
        Column(heading("lead"), departments("lead"), 20),
        Column(heading("joint"), departments("joint"), 30),
        Column(heading("tied"), lambda row: row["tied_with"], 14),
        Column(heading("notes"), notes, 36),
        Column(heading("text"), lambda row: row["text"], 60),
        Column(heading("link"), lambda row: f"{site}/?clause={quote(row['clause'], safe='')}", 30),
    )


def _note_key(note: dict[str, Any]) -> str:
    return f"measures.note_{note['kind']}_{'own' if note['own'] else 'beside'}"


def _about(texts: Texts, language: str, policy: Policy, rows: Sequence[Row], request: Request) -> list[tuple[str, str]]:
    def text(name: str, **values: str) -> str:
        return texts.text(f"measures.{name}", language, **values)

    shown = text("live", clauses=str(len({row["clause"] for row in rows})), total=str(len(policy.numbered)))
    used = {name: value for name, value in request.query_params.items() if name not in ("format", "lang", "policy")}
    title = policy.english_title if language == EN and policy.english_title else policy.title
    return [
        (text("about_policy"), title),
        (text("about_number"), policy.doc_no or text("unspecified")),
        (text("about_shown"), shown),
        (text("about_filters"), "\n".join(f"{name} = {value}" for name, value in used.items()) or text("about_none")),
        (text("about_notice"), texts.text("page.disclaimer", language)),
    ]
