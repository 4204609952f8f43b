"""The HTTP server: the chat page at ``/`` and the JSON API beside it, over one assistant."""

# The names of the errors say what happened, as those of corpus.errors do.

from __future__ import annotations

import errno
import gc
import logging
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime
from functools import cache, partial
from threading import Thread, current_thread, main_thread
from typing import Any, Literal
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.access import Access
from app.desk import add_desk
from app.measures_api import add_measures
from app.metrics import CONTENT_TYPE, Metrics
from app.programs import add_programs
from app.records import Records, public_numbers
from app.records.recorder import Recorder, recorded
from app.records.routes import add_record_routes
from app.records_json import clause_json, policy_summary
from app.refusals import refuse, shown
from app.serving import Capacity, add_stack
from app.serving.connections import patient_protocol
from app.serving.errors import add_error_answers
from app.ui import Asks, mount_page
from app.ui.hotline import add_hotline
from app.ui.intake import check_history, check_question
from app.ui.shell import add_static
from app.unknown_routes import refuse_unknown_routes
from corpus.departments import Directory
from corpus.models import Clause, Policy

DEFAULT_MAX_QUESTION_CHARS = 2000
# The library's state is looked at this often: a change that takes longer is taken for several.
SETTLE_SECONDS = 2.0
# A reader's tab may hold a connection open; a stop doesn't wait for it longer than this.
STOP_SECONDS = 3
BACKLOG = 2048
DEFAULT_CAPACITY = Capacity()

log = logging.getLogger(__name__)


class CannotListen(OSError):
    """The address can't be listened on; the message says why and what to do."""


class PortTaken(CannotListen):
    """Another program listens on the port."""


class AssistantSource:
    """The assistant, made in a thread of its own so that the server is up meanwhile.

    Takes an assistant or a function that makes one; calling the source waits until it is there and raises
    what the making raised. Where ``state`` is given, a function whose value changes when another assistant has to be
    made, that is done once it has changed and stays as it is for ``settle`` seconds; until then, and where it fails,
    the one that is there answers.
    """

    def __init__(
        self,
        assistant: Asks | Callable[[], Asks],
        state: Callable[[], object] | None = None,
        settle: float = SETTLE_SECONDS,
    ) -> None:
        self._made: Future[Asks] = Future()
        self._then: list[Callable[[BaseException | None], None]] = []
        if callable(assistant):
            Thread(target=self._make, args=(assistant, state, settle), name="assistant", daemon=True).start()
        else:
            self._made.set_result(assistant)

    def _make(self, factory: Callable[[], Asks], state: Callable[[], object] | None, settle: float) -> None:
        # Taken first: what changes while the assistant is made is seen as a change.
        made_of = state() if state else None
        try:
            self._made.set_result(factory())
        except BaseException as error:
            self._made.set_exception(error)
            return
        if state is not None:
            self._keep_up(factory, state, settle, made_of)

    def _keep_up(
        self, factory: Callable[[], Asks], state: Callable[[], object], settle: float, made_of: object
    ) -> None:
        seen = made_of
        while True:
            time.sleep(settle)
            before, seen = seen, state()
            if seen == made_of or seen != before:
                continue
            made_of = seen
            made: Future[Asks] = Future()
            try:
                made.set_result(factory())
            except Exception as error:
                log.warning("the changed library can't be opened, the one before goes on answering: %s", error)
                continue
            self._made = made
            for then in self._then:
                then(None)

    def __call__(self) -> Asks:
        return self._made.result()

    def is_ready(self) -> bool:
        """Whether the assistant is there; False while it is being made and when making it failed."""
        return self._made.done() and self._made.exception() is None

    def failure(self) -> BaseException | None:
        """What went wrong in the making; None while it is under way."""
        return self._made.exception() if self._made.done() else None

    def when_done(self, then: Callable[[BaseException | None], None], every: bool = False) -> None:
        """Call ``then`` with what went wrong, or None, once the assistant is made; at once if it is already. With
        ``every`` also for each assistant that takes its place."""
        if every:
            self._then.append(then)
        self._made.add_done_callback(lambda made: then(made.exception()))


def create_app(
    assistant: Asks | Callable[[], Asks],
    *,
    max_question_chars: int = DEFAULT_MAX_QUESTION_CHARS,
    root_path: str = "",
    today: Callable[[], date] | None = None,
    records: Records | None = None,
    admin_password: str | None = None,
    access: Access | None = None,
    capacity: Capacity = DEFAULT_CAPACITY,
    metrics: Metrics | None = None,
) -> FastAPI:
    """The application. ``assistant`` is one, or a function without arguments that makes one; it is then made
    in the background, ``/readyz`` says when it is there, and questions wait for it. ``root_path`` is the prefix
    that a proxy serves the application under, such as ``/policy``. ``today`` is Shenzhen's date by default.
    Questions are recorded in ``records``, if any, and ``admin_password`` opens the desk at ``/admin``. ``access``
    says who may ask; without it everybody may, which is for programs that embed the application. ``metrics``, by
    default its own, are what ``/metrics`` shows."""
    source = assistant if isinstance(assistant, AssistantSource) else AssistantSource(assistant)
    # The pages that FastAPI ships for /docs load their scripts from another host; app.programs has one of its own.
    app = FastAPI(title="Policy assistant", docs_url=None, redoc_url=None)
    metrics = metrics or Metrics()
    add_stack(app, access=access, capacity=capacity, metrics=metrics, root_path=root_path)
    add_error_answers(app)
    _add_health(app, source)
    _add_metrics(app, metrics, source)
    day = today or _today_in_shenzhen
    recorder = _recorder(source, records, metrics)
    add_record_routes(app, records, source, max_question_chars)
    add_desk(app, records, source, recorder, password=admin_password, root_path=root_path, today=day)
    add_static(app)
    add_measures(app, source, root_path=root_path)
    add_hotline(app, source, max_question_chars, root_path)
    _add_api(app, recorded(source, recorder, "api"), max_question_chars)
    add_programs(app, source, partial(recorded, source, recorder), max_question_chars, root_path)
    refuse_unknown_routes(app, "/api", "/v1", "/mcp", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics")
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


def _recorder(source: AssistantSource, records: Records | None, metrics: Metrics) -> Recorder | None:
    if records is None:
        return None

    def read(error: BaseException | None) -> None:
        if error is None:
            records.keep_numbers(public_numbers(policy.source_text for policy in source().policies))

    source.when_done(read, every=True)
    return Recorder(records, heard=metrics.answered)


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
    access: Access | None = None,
    capacity: Capacity = DEFAULT_CAPACITY,
    max_connections: int = 1000,
    metrics: Metrics | None = None,
    state: Callable[[], object] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then return.

    ``announce``, by default ``print``, gets one line with the address once questions can be answered. Port 0
    takes a free one. Another assistant is made whenever ``state()`` has changed, such as after a policy was added. The
    rest is as in ``create_app``, but that without ``access`` the API is open to this machine alone.
    PortTaken or CannotListen before anything is loaded; what making the assistant raised, after stopping.
    """
    listening = listen(host, port)
    with listening, _quiet_signals():
        # Made while gradio is imported, which takes as long.
        source = AssistantSource(assistant, state)
        app = create_app(
            source,
            max_question_chars=max_question_chars,
            root_path=root_path,
            today=today,
            records=records,
            admin_password=admin_password,
            access=access or Access(page_secret=secrets.token_bytes(32), host=host),
            capacity=capacity,
            metrics=metrics,
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                # Its lines go where all others do; what it says of its own start is no news.
                log_config=None,
                log_level="warning",
                access_log=False,
                http=patient_protocol(max_connections),
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
            # What is loaded by now stays: looking through it for garbage would stop every answer for half a second.
            gc.freeze()
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


def _add_health(app: FastAPI, source: AssistantSource) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", response_model=None)
    async def readyz() -> JSONResponse:
        if source.is_ready():
            return JSONResponse({"status": "ready"})
        return refuse(503, "not_ready", "the assistant is still being loaded")


def _add_metrics(app: FastAPI, metrics: Metrics, source: AssistantSource) -> None:
    def opened(error: BaseException | None) -> None:
        manifest = None if error else getattr(getattr(source(), "index", None), "manifest", None)
        if manifest is not None:
            metrics.index_opened(str(manifest.embedder), manifest.created)

    source.when_done(opened, every=True)

    @app.get("/metrics", response_class=PlainTextResponse)
    def exposition() -> Response:
        return Response(metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


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
