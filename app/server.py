"""The HTTP server: the chat page at ``/`` and the JSON API beside it, over one assistant."""

# The names of the errors say what happened, as those of corpus.errors do.

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime
from functools import cache, partial
from threading import Thread, current_thread, main_thread
from typing import Any, Literal
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.desk import add_desk
from app.measures_api import add_measures
from app.programs import add_programs
from app.records import Records, public_numbers
from app.records.recorder import Recorder, recorded
from app.records.routes import add_record_routes
from app.records_json import clause_json, policy_summary
from app.refusals import refuse, refuse_invalid, shown
from app.ui import Asks, mount_page
from app.ui.hotline import add_hotline
from app.ui.intake import Refused, check_history, check_question
from app.ui.shell import add_static
from app.unknown_routes import refuse_unknown_routes
from corpus.departments import Directory
from corpus.models import Clause, Policy

DEFAULT_MAX_QUESTION_CHARS = 2000
# Far above any question with its history, far below what would strain a worker.
MAX_BODY_BYTES = 1_000_000
TOO_LARGE = f"the request is larger than {MAX_BODY_BYTES:,} bytes"
# A reader's tab may hold a connection open; a stop doesn't wait for it longer than this.
STOP_SECONDS = 3
BACKLOG = 2048
HEADERS = (
    # The page's script is compiled in the browser by gradio (unsafe-eval) and its style stands in the page
    # (unsafe-inline); what matters here is that nothing is ever fetched from another host.
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class CannotListen(OSError):
    """The address can't be listened on; the message says why and what to do."""


class PortTaken(CannotListen):
    """Another program listens on the port."""


class AssistantSource:
    """The assistant, made in a thread of its own so that the server is up meanwhile.

    Takes an assistant or a function that makes one; calling the source waits until it is there and raises
    what the making raised.
    """

    def __init__(self, assistant: Asks | Callable[[], Asks]) -> None:
        self._made: Future[Asks] = Future()
        if callable(assistant):
            Thread(target=self._make, args=(assistant,), name="assistant", daemon=True).start()
        else:
            self._made.set_result(assistant)

    def _make(self, factory: Callable[[], Asks]) -> None:
        try:
            self._made.set_result(factory())
        except BaseException as error:
            self._made.set_exception(error)

    def __call__(self) -> Asks:
        return self._made.result()

    def is_ready(self) -> bool:
        """Whether the assistant is there; False while it is being made and when making it failed."""
        return self._made.done() and self._made.exception() is None

    def failure(self) -> BaseException | None:
        """What went wrong in the making; None while it is under way."""
        return self._made.exception() if self._made.done() else None

    def when_done(self, then: Callable[[BaseException | None], None]) -> None:
        """Call ``then`` with what went wrong, or None, once the assistant is made; at once if it is already."""
        self._made.add_done_callback(lambda made: then(made.exception()))


def create_app(
    assistant: Asks | Callable[[], Asks],
    *,
    max_question_chars: int = DEFAULT_MAX_QUESTION_CHARS,
    root_path: str = "",
    today: Callable[[], date] | None = None,
    records: Records | None = None,
    admin_password: str | None = None,
) -> FastAPI:
    """The application. ``assistant`` is one, or a function without arguments that makes one; it is then made
    in the background, ``/readyz`` says when it is there, and questions wait for it. ``root_path`` is the prefix
    that a proxy serves the application under, such as ``/policy``. ``today`` is Shenzhen's date by default.
    Questions are recorded in ``records``, if any, and ``admin_password`` opens the desk at ``/admin``."""
    source = assistant if isinstance(assistant, AssistantSource) else AssistantSource(assistant)
    # The pages that FastAPI ships for /docs load their scripts from another host; app.programs has one of its own.
    app = FastAPI(title="Policy assistant", docs_url=None, redoc_url=None)
    app.add_middleware(_Envelope, root_path=root_path)
    _add_error_answers(app)
    _add_health(app, source)
    day = today or _today_in_shenzhen
    recorder = _recorder(source, records)
    add_record_routes(app, records, source, max_question_chars)
    add_desk(app, records, source, recorder, password=admin_password, root_path=root_path, today=day)
    add_static(app)
    add_measures(app, source, root_path=root_path)
    add_hotline(app, source, max_question_chars, root_path)
    _add_api(app, recorded(source, recorder, "api"), max_question_chars)
    add_programs(app, source, partial(recorded, source, recorder), max_question_chars, root_path)
    refuse_unknown_routes(app, "/api", "/v1", "/mcp", "/docs", "/openapi.json", "/healthz", "/readyz")
    mount_page(
        app,
        recorded(source, recorder, "chat"),
        max_question_chars=max_question_chars,
        root_path=root_path,
        today=day,
    )
    if recorder is not None:
        _at_stop(app, recorder.close)
    return app


def _recorder(source: AssistantSource, records: Records | None) -> Recorder | None:
    if records is None:
        return None

    def read(error: BaseException | None) -> None:
        if error is None:
            records.keep_numbers(public_numbers(policy.source_text for policy in source().policies))

    source.when_done(read)
    return Recorder(records)


def _at_stop(app: FastAPI, close: Callable[[], None]) -> None:
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(of: FastAPI) -> AsyncIterator[Any]:
        async with inner(of) as state:
            yield state
        close()

    app.router.lifespan_context = lifespan


def serve(
    assistant: Asks | Callable[[], Asks],
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    root_path: str = "",
    max_question_chars: int = DEFAULT_MAX_QUESTION_CHARS,
    today: Callable[[], date] | None = None,
    announce: Callable[[str], None] | None = None,
    records: Records | None = None,
    admin_password: str | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then return.

    ``announce``, by default ``print``, gets one line with the address once questions can be answered. Port 0
    takes a free one. ``records`` and ``admin_password`` are as in ``create_app``.
    PortTaken or CannotListen before anything is loaded; what making the assistant raised, after stopping.
    """
    listening = listen(host, port)
    with listening, _quiet_signals():
        # Made while gradio is imported, which takes as long.
        source = AssistantSource(assistant)
        app = create_app(
            source,
            max_question_chars=max_question_chars,
            root_path=root_path,
            today=today,
            records=records,
            admin_password=admin_password,
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        address = _address(host, listening.getsockname()[1], root_path)
        line = f"Policy assistant is ready: {address}  (Ctrl+C stops it)"
        _announce_when_ready(app, source, server, line, announce or partial(print, flush=True))
        server.run(sockets=[listening])
        failure = source.failure()
        if failure is not None:
            raise failure


def listen(host: str, port: int) -> socket.socket:
    """A listening socket: who connects from now on waits until the server is up. PortTaken or CannotListen when
    it can't be had."""
    if not 0 <= port <= 65535:
        raise CannotListen(f"there is no port {port}; choose one from 1024 to 65535 with PORT=")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise CannotListen(f"{host!r} is not an address of this machine; try HOST=127.0.0.1 or 0.0.0.0") from error
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        # At once: two programs may bind the same port, but only one may listen on it.
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {host} is taken by another program; stop it, or choose another port with PORT="
            ) from error
        if error.errno == errno.EACCES:
            raise CannotListen(f"port {port} needs administrator rights; choose one above 1023 with PORT=") from error
        raise CannotListen(f"can't listen on {host} port {port}: {error}; check HOST= and PORT=") from error
    return bound


def _address(host: str, port: int, root_path: str) -> str:
    # 0.0.0.0 and :: mean every address of the machine; the one to open in a browser here is the local one.
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}{root_path}/"


def _announce_when_ready(
    app: FastAPI,
    source: AssistantSource,
    server: uvicorn.Server,
    line: str,
    announce: Callable[[str], None],
) -> None:
    def assistant_done(error: BaseException | None) -> None:
        if error is not None:
            server.should_exit = True
        elif not server.should_exit:
            announce(line)

    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(of: FastAPI) -> AsyncIterator[Any]:
        async with inner(of) as state:
            source.when_done(assistant_done)
            yield state

    app.router.lifespan_context = lifespan


@contextmanager
def _quiet_signals() -> Iterator[None]:
    """Let a stop be a return: uvicorn handles the signals itself, then raises them again for whoever was
    there before."""
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _today_in_shenzhen() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


# ---- what every request meets ----


class _Envelope:
    """Limits what comes in and adds the security headers to what goes out.

    ``root_path`` is the prefix of a proxy, which may strip it from the path or leave it there.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if self._root_path and path in ("", self._root_path):
            # The addresses in gradio's page are relative to the slash.
            query = scope["query_string"].decode("latin-1")
            address = f"{self._root_path}/" + (f"?{query}" if query else "")
            await RedirectResponse(address, 307)(scope, receive, send)
            return
        if not path.startswith(f"{self._root_path}/"):
            path = self._root_path + path
        scope = {**scope, "root_path": self._root_path, "path": path}
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            await refuse(413, "too_large", TOO_LARGE)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise StarletteHTTPException(413, TOO_LARGE)
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *HEADERS]}
            await send(message)

        await self._app(scope, counted, with_headers)


def _add_error_answers(app: FastAPI) -> None:
    kinds = {400: "invalid_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 503: "unavailable"}

    @app.exception_handler(StarletteHTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        response = refuse(error.status_code, kinds.get(error.status_code, "error"), str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return refuse_invalid(error.errors(), error.body)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return refuse(422, "invalid_request", str(error))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        # uvicorn logs the traceback.
        return refuse(500, "internal", "something went wrong here; it has been logged")


def _add_health(app: FastAPI, source: AssistantSource) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", response_model=None)
    async def readyz() -> JSONResponse:
        if source.is_ready():
            return JSONResponse({"status": "ready"})
        return refuse(503, "not_ready", "the assistant is still being loaded")


# ---- the API ----


class Turn(BaseModel):
    """One turn of the conversation so far."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    content: str


class AskBody(BaseModel):
    """A question; ``lang`` is the language of the answer, ``auto`` the question's own."""

    model_config = ConfigDict(extra="forbid")
    question: str
    history: list[Turn] = []
    policy: str | None = None
    lang: Literal["auto", "zh", "zh-Hant", "en"] = "auto"


def _add_api(app: FastAPI, source: Callable[[], Asks], max_question_chars: int) -> None:
    def chosen(policy_id: str | None) -> tuple[Policy, ...]:
        assistant = source()
        policies = tuple(assistant.policies)
        if policy_id is None:
            return policies
        found = tuple(policy for policy in policies if policy.id == policy_id)
        if not found:
            known = ", ".join(policy.id for policy in policies)
            raise HTTPException(404, f"there is no policy {shown(policy_id)}; there is: {known}")
        return found

    @cache
    def directory() -> Directory:
        return Directory.load()

    def clause_data(clause: Clause, policy: Policy) -> dict[str, Any]:
        # Here a clause is asked for by its id, which is whole for unnumbered parts too.
        return {**clause_json(clause, policy, directory()), "policy": policy.id, "id": clause.id}

    # Plain functions: FastAPI runs them in its thread pool, so a slow answer holds up nobody else.

    @app.post("/api/ask")
    def ask(body: AskBody) -> dict[str, Any]:
        question = check_question(body.question, max_question_chars)
        history = check_history([turn.model_dump() for turn in body.history])
        chosen(body.policy)
        return source().ask(question, history, policy=body.policy, language=body.lang).as_dict()

    @app.get("/api/policies")
    def policies() -> dict[str, Any]:
        return {"policies": [policy_summary(policy) for policy in chosen(None)]}

    @app.get("/api/clauses")
    def clauses(policy: str | None = None) -> dict[str, Any]:
        return {"clauses": [clause_data(clause, one) for one in chosen(policy) for clause in one.clauses]}

    @app.get("/api/clauses/{clause_id:path}")
    def clause(clause_id: str) -> dict[str, Any]:
        for policy in chosen(None):
            for one in policy.clauses:
                if one.id == clause_id:
                    return clause_data(one, policy)
        raise HTTPException(404, f"there is no clause {shown(clause_id)}; /api/clauses lists them")
