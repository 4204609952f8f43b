"""The desk's addresses. One gate stands before all of them: no handler is reached without a login."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import ceil
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from app.desk.queue import DISLIKED, KINDS, LEFT_UNANSWERED, OFTEN, counts, entries
from app.desk.session import SESSION_SECONDS, LoginBrake, Sessions, Visit, same
from app.desk.spreadsheet import csv_lines
from app.desk.views import (
    MAX_ANSWER_CHARS,
    MAX_COMMENT_CHARS,
    MAX_NAME_CHARS,
    MAX_QUESTION_CHARS,
    SURFACES,
    Draft,
    Views,
    redrawn,
)
from app.i18n import LANGUAGES, Texts, load_texts
from app.models import Status
from app.records.approved import clause_record, is_stale
from app.records.database import RecordsUnavailable
from app.records.recorder import Recorder
from app.records.spelling_key import question_digest
from app.records.store import ChangedMeanwhile, LogFilter, Records
from app.refusals import refuse
from app.ui.page import Asks
from corpus.models import Clause, Policy

log = logging.getLogger(__name__)

COOKIE, LOGIN_COOKIE = "policy_desk", "policy_desk_login"
PAGE_ENTRIES, PAGE_ROWS, TOP = 20, 50, 10
SHOWN_DAYS = 30
MAX_FIELDS = 1000
_HEADERS = {"Cache-Control": "no-store", "X-Frame-Options": "DENY"}
_DONE = frozenset(("approve", "reject", "saved", "withdrawn", "restored"))


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed the gate. ``fields`` are those of the query and, of a form, its own."""

    visit: Visit
    token: str
    fields: Mapping[str, str]
    chosen: tuple[str, ...] = ()
    path: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str, default: int, low: int = 1, high: int = 1_000_000_000) -> int:
        """A whole number of the query; the default when it is none."""
        text = self.fields.get(name, "")
        return min(max(int(text), low), high) if text.isascii() and text.isdigit() and len(text) < 12 else default


def add_desk(
    app: FastAPI,
    records: Records | None,
    assistant: Callable[[], Asks],
    recorder: Recorder | None,
    *,
    password: str | None,
    root_path: str,
    today: Callable[[], date],
) -> None:
    """Add ``/admin`` and what lies below it. Without a password it is closed, and a page says how to open it."""
    texts = load_texts()
    desk = _Desk(records, assistant, recorder, texts, root_path, today)
    gate = _Gate(desk, texts, records is not None, password or "", root_path)
    for path in ("/admin/login", "/admin/login/"):
        app.add_api_route(path, gate.login_page, methods=["GET"], include_in_schema=False, response_model=None)
        app.add_api_route(path, gate.log_in, methods=["POST"], include_in_schema=False, response_model=None)
    pages: tuple[tuple[str, str, Callable[[Call], Response]], ...] = (
        ("GET", "/admin", desk.queue),
        ("POST", "/admin/decide", desk.decide),
        ("GET", "/admin/approved", desk.approved),
        ("GET", "/admin/approved/new", desk.new),
        ("POST", "/admin/approved", desk.save),
        ("GET", "/admin/approved/{answer_id}", desk.edit),
        ("POST", "/admin/approved/{answer_id}", desk.save),
        ("POST", "/admin/approved/{answer_id}/withdraw", desk.withdraw),
        ("POST", "/admin/approved/{answer_id}/restore", desk.restore),
        ("GET", "/admin/log", desk.log),
        ("GET", "/admin/export.csv", desk.export),
        ("GET", "/admin/history", desk.history),
        ("POST", "/admin/logout", gate.log_out),
    )
    for method, path, handler in pages:
        for address in (path, f"{path}/"):
            app.add_api_route(
                address, gate.guarding(handler), methods=[method], include_in_schema=False, response_model=None
            )
    app.add_api_route(
        "/admin/{rest:path}",
        gate.guarding(desk.missing),
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        include_in_schema=False,
        response_model=None,
    )


class _Gate:
    """Lets nobody to the desk who has not logged in."""

    def __init__(self, desk: _Desk, texts: Texts, has_records: bool, password: str, root_path: str) -> None:
        self._views = Views(texts, root_path)
        self._has_records = has_records
        self._password = password
        self._root = root_path
        self._sessions = Sessions()
        self._brake = LoginBrake()

    def guarding(self, handler: Callable[[Call], Response]) -> Callable[[Request], object]:
        """``handler`` behind the gate."""

        async def guarded(request: Request) -> Response:
            barred = self._barred()
            if barred is not None:
                return barred
            visit = self._sessions.read(request.cookies.get(COOKIE))
            if visit is None or visit.reviewer is None:
                return self._turned_away(request)
            fields = _query_fields(request)
            chosen: tuple[str, ...] = ()
            if request.method not in ("GET", "HEAD"):
                form = await _form(request)
                if form is None:
                    return refuse(400, "invalid_request", "not a form of this page")
                fields |= dict(form)
                chosen = tuple(value for name, value in form if name == "clause")
                if not same(fields.get("token", ""), self._sessions.token(visit)):
                    return refuse(403, "forbidden", "the form is not of this session; load the page again")
            call = Call(visit, self._sessions.token(visit), fields, chosen, dict(request.path_params))
            try:
                response = await run_in_threadpool(handler, call)
            except RecordsUnavailable:
                log.exception("the desk could not use the records")
                response = HTMLResponse(self._views.without_records(), 503)
            response.headers.update(_HEADERS)
            return response

        return guarded

    async def login_page(self, request: Request) -> Response:
        """The form to log in; to the desk at once for who has."""
        barred = self._barred()
        if barred is not None:
            return barred
        back = _back(request.query_params.get("next", ""))
        visit = self._sessions.read(request.cookies.get(COOKIE))
        if visit is not None and visit.reviewer is not None:
            return RedirectResponse(self._root + back, 303, _HEADERS)
        return self._form(request, back, 200)

    async def log_in(self, request: Request) -> Response:
        """Check the password."""
        barred = self._barred()
        if barred is not None:
            return barred
        form = await _form(request)
        if form is None:
            return refuse(400, "invalid_request", "not a form of this page")
        fields = dict(form)
        back = _back(fields.get("next", ""))
        visit = self._sessions.read(request.cookies.get(LOGIN_COOKIE))
        if visit is None or not same(fields.get("token", ""), self._sessions.token(visit)):
            return self._form(request, back, 403, "form")
        address = request.client.host if request.client else ""
        seconds = self._brake.wait(address)
        if seconds:
            response = self._form(request, back, 429, "wait", seconds)
            response.headers["Retry-After"] = str(seconds)
            return response
        name = fields.get("name", "").strip()
        if not 0 < len(name) <= MAX_NAME_CHARS:
            return self._form(request, back, 422, "name")
        if not same(fields.get("password", ""), self._password):
            self._brake.failed(address)
            log.warning("a login to the desk failed")
            return self._form(request, back, 401, "password")
        self._sessions.end(visit)
        response = RedirectResponse(self._root + back, 303, _HEADERS)
        response.delete_cookie(LOGIN_COOKIE, path=f"{self._root}/admin")
        self._set(request, response, COOKIE, self._sessions.start(name))
        return response

    def log_out(self, call: Call) -> Response:
        """End the session."""
        self._sessions.end(call.visit)
        response = RedirectResponse(f"{self._root}/admin/login", 303)
        response.delete_cookie(COOKIE, path=f"{self._root}/admin")
        return response

    def _barred(self) -> Response | None:
        if not self._password:
            return HTMLResponse(self._views.closed(), 404, _HEADERS)
        if not self._has_records:
            return HTMLResponse(self._views.without_records(), 503, _HEADERS)
        return None

    def _turned_away(self, request: Request) -> Response:
        path = request.url.path.removeprefix(self._root)
        if request.method == "GET" and not path.rstrip("/").endswith(".csv"):
            query = f"?{request.url.query}" if request.url.query else ""
            back = urlencode({"next": path + query})
            return RedirectResponse(f"{self._root}/admin/login?{back}", 303, _HEADERS)
        if "text/html" in request.headers.get("accept", ""):
            # Back to the form, which the page's script fills again with what was typed.
            form = urlsplit(request.headers.get("referer", ""))
            back = _back(form.path.removeprefix(self._root) + (f"?{form.query}" if form.query else ""))
            return self._form(request, back, 401, "session")
        response = refuse(401, "unauthorized", "log in at /admin/login first")
        response.headers.update(_HEADERS)
        return response

    def _form(self, request: Request, back: str, status: int, trouble: str = "", seconds: int = 0) -> Response:
        visit = self._sessions.read(request.cookies.get(LOGIN_COOKIE)) or self._sessions.start()
        response = HTMLResponse(
            self._views.login(self._sessions.token(visit), back, trouble, seconds), status, _HEADERS
        )
        self._set(request, response, LOGIN_COOKIE, visit)
        return response

    def _set(self, request: Request, response: Response, name: str, visit: Visit) -> None:
        response.set_cookie(
            name,
            self._sessions.cookie(visit),
            max_age=SESSION_SECONDS,
            path=f"{self._root}/admin",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )


class _Desk:
    """The handlers behind the gate."""

    def __init__(
        self,
        records: Records | None,
        assistant: Callable[[], Asks],
        recorder: Recorder | None,
        texts: Texts,
        root_path: str,
        today: Callable[[], date],
    ) -> None:
        self._kept = records
        self._assistant = assistant
        self._recorder = recorder
        self._views = Views(texts, root_path)
        self._root = root_path
        self._today = today

    @property
    def _records(self) -> Records:
        # The gate lets nobody in where there are none.
        assert self._kept is not None
        return self._kept

    def queue(self, call: Call, trouble: str = "", status: int = 200) -> Response:
        self._written()
        waiting = counts(self._records, often := 1 if call.fields.get("often") == "1" else OFTEN)
        kind = call.fields.get("kind", "")
        if kind not in KINDS:
            kind = next((name for name in KINDS if waiting[name]), LEFT_UNANSWERED)
        pages = _pages(waiting[kind], PAGE_ENTRIES)
        page = call.number("page", 1, high=pages)
        found, _ = entries(self._records, kind, PAGE_ENTRIES, (page - 1) * PAGE_ENTRIES, often)
        return HTMLResponse(
            self._views.queue(
                kind, found, waiting, self._clauses(), call.token, often, page, pages, _done(call), trouble
            ),
            status,
        )

    def decide(self, call: Call) -> Response:
        kind, decision = call.fields.get("kind", ""), call.fields.get("decision", "")
        comment = call.fields.get("comment", "").strip()
        question = self._question_of(call)
        if kind not in KINDS or decision not in ("approve", "reject") or question is None:
            return refuse(422, "invalid_request", "decide what about which entry of the queue?")
        if len(comment) > MAX_COMMENT_CHARS or (decision == "reject" and not comment):
            return self.queue(call, "comment", 422)
        self._records.add_decision(kind, question, decision, call.visit.reviewer or "", comment)
        return self._on("/admin", kind=kind, done=decision)

    def approved(self, call: Call) -> Response:
        rows = sorted(self._records.approved(with_withdrawn=True), key=lambda row: row.withdrawn_at is not None)
        policies = self._policies()
        stale = {row.id for row in rows if row.withdrawn_at is None and is_stale(row, policies)}
        return HTMLResponse(self._views.approved(rows, stale, call.token, _done(call)))

    def new(self, call: Call) -> Response:
        draft = Draft(reviewer=call.visit.reviewer or "", source=_source(call))
        logged = self._records.question(call.number("q", 0, 0))
        given = self._records.feedback(call.number("f", 0, 0))
        if logged is not None:
            draft = redrawn(
                draft,
                {
                    "question": logged.question,
                    "answer": logged.answer,
                    "language": logged.language,
                    "reviewer": draft.reviewer,
                },
                logged.clauses,
            )
        elif given is not None:
            draft = redrawn(
                draft,
                {
                    "question": given.question,
                    "answer": given.answer,
                    "language": given.language or "zh",
                    "reviewer": draft.reviewer,
                },
                (),
            )
        return HTMLResponse(self._views.form(draft, self._policies(), call.token))

    def edit(self, call: Call) -> Response:
        row = self._records.approved_answer(_answer_id(call))
        if row is None:
            return self.missing(call)
        draft = Draft(
            row.question,
            row.answer,
            row.language,
            tuple(clause["id"] for clause in row.clauses),
            # Who saves it vouches for it from then on.
            call.visit.reviewer or row.reviewer,
            row.id,
            seen=row.revision,
        )
        policies = self._policies()
        return HTMLResponse(self._views.form(draft, policies, call.token, stale=is_stale(row, policies)))

    def save(self, call: Call) -> Response:
        answer_id = _answer_id(call) if "answer_id" in call.path else None
        if answer_id is not None and self._records.approved_answer(answer_id) is None:
            return self.missing(call)
        draft = redrawn(Draft(answer_id=answer_id, source=_source(call)), call.fields, call.chosen)
        trouble = self._fault(draft)
        if trouble:
            return HTMLResponse(self._views.form(draft, self._policies(), call.token, trouble), 422)
        known = self._clauses()
        asked = self._question_of(call)
        try:
            self._records.save_approved(
                draft.question,
                draft.answer,
                draft.language,
                [clause_record(known[clause]) for clause in draft.clauses],
                draft.reviewer,
                self._today(),
                answer_id,
                draft.seen,
            )
        except ChangedMeanwhile as changed:
            # What was typed stays in the form, beside what another reviewer or tab has saved.
            draft = replace(draft, seen=changed.present.revision)
            return HTMLResponse(self._views.form(draft, self._policies(), call.token, present=changed.present), 409)
        kind = call.fields.get("kind", "")
        if asked is not None and kind in KINDS:
            self._records.add_decision(kind, asked, "saved", draft.reviewer)
            return self._on("/admin", kind=kind, done="saved")
        return self._on("/admin/approved", done="saved")

    def _fault(self, draft: Draft) -> str:
        """What is wrong with the draft; empty when it can be saved."""
        if not draft.question or len(draft.question) > MAX_QUESTION_CHARS:
            return "question"
        if not draft.answer or len(draft.answer) > MAX_ANSWER_CHARS:
            return "answer"
        if not draft.reviewer or len(draft.reviewer) > MAX_NAME_CHARS:
            return "name"
        if draft.language not in LANGUAGES or not set(draft.clauses) <= set(self._clauses()):
            return "choice"
        digest = question_digest(self._records.mask(draft.question))
        if any(row.digest == digest and row.id != draft.answer_id for row in self._records.approved()):
            return "duplicate"
        return ""

    def withdraw(self, call: Call) -> Response:
        return self._withdrawn(call, True, "withdrawn")

    def restore(self, call: Call) -> Response:
        return self._withdrawn(call, False, "restored")

    def _withdrawn(self, call: Call, withdrawn: bool, done: str) -> Response:
        try:
            self._records.withdraw(_answer_id(call), withdrawn)
        except KeyError:
            return self.missing(call)
        return self._on("/admin/approved", done=done)

    def log(self, call: Call) -> Response:
        self._written()
        wanted = self._filter(call)
        page = call.number("page", 1)
        rows, total = self._records.questions(wanted, PAGE_ROWS, (page - 1) * PAGE_ROWS)
        return HTMLResponse(
            self._views.log(
                wanted,
                rows,
                total,
                self._records.counts_by_day(wanted),
                self._records.top_questions(wanted, TOP),
                self._today(),
                call.token,
                page,
                _pages(total, PAGE_ROWS),
            )
        )

    def export(self, call: Call) -> Response:
        self._written()
        return StreamingResponse(
            csv_lines(self._records.each_question(self._filter(call))),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="questions.csv"'},
        )

    def history(self, call: Call) -> Response:
        return HTMLResponse(self._views.history(self._records.decisions(), call.token))

    def missing(self, call: Call) -> Response:
        return HTMLResponse(self._views.missing(call.token), 404)

    # ---- what the handlers share ----

    def _written(self) -> None:
        # What was asked a moment ago is to be seen.
        if self._recorder is not None:
            self._recorder.flush()

    def _policies(self) -> tuple[Policy, ...]:
        return tuple(self._assistant().policies)

    def _clauses(self) -> dict[str, Clause]:
        return {clause.id: clause for policy in self._policies() for clause in policy.clauses}

    def _question_of(self, call: Call) -> str | None:
        """The question of the entry that a form is about."""
        if call.fields.get("kind") == DISLIKED:
            given = self._records.feedback(call.number("f", 0, 0))
            return given.question if given else None
        logged = self._records.question(call.number("q", 0, 0))
        return logged.question if logged else None

    def _filter(self, call: Call) -> LogFilter:
        since, until = _day(call.fields.get("since", "")), _day(call.fields.get("until", ""))
        if "since" not in call.fields and until is None:
            since = self._today() - timedelta(days=SHOWN_DAYS - 1)
        return LogFilter(
            since,
            until,
            _one_of(call.fields.get("status", ""), [str(status) for status in Status]),
            _one_of(call.fields.get("language", ""), LANGUAGES),
            _one_of(call.fields.get("surface", ""), SURFACES),
            call.fields.get("text", "").strip()[:200],
        )

    def _on(self, path: str, **query: str) -> Response:
        return RedirectResponse(f"{self._root}{path}?{urlencode(query)}", 303)


# ---- what comes in ----


def _query_fields(request: Request) -> dict[str, str]:
    return {name: _clean(value) for name, value in request.query_params.items()}


async def _form(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a form in their order; None when the body is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return None
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    return [(name, _clean(value)) for name, value in pairs]


def _clean(text: str) -> str:
    return text.replace("\0", " ")


def _source(call: Call) -> tuple[tuple[str, str], ...]:
    return tuple((name, call.fields[name]) for name in ("kind", "q", "f") if call.fields.get(name))


def _answer_id(call: Call) -> int:
    text = call.path.get("answer_id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _back(path: str) -> str:
    """Where to go after the login: only ever a page of the desk."""
    inside = path == "/admin" or path.startswith(("/admin/", "/admin?"))
    if not inside or "//" in path or "\\" in path or not path.isprintable():
        return "/admin"
    return path


def _done(call: Call) -> str:
    done = call.fields.get("done", "")
    return done if done in _DONE else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _one_of(value: str, known: tuple[str, ...] | list[str]) -> str:
    return value if value in known else ""


def _pages(total: int, size: int) -> int:
    return max(1, ceil(total / size))
