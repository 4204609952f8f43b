"""A founding policy that is really read, an assistant whose answers are written out, a server, a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.models import Answer, Checks, Citation, ContactShown, FactStated, Message, Note, SeeAlso, Status
from app.server import create_app, listen
from corpus import Library
from corpus.models import Policy
from tests.browser import chromium

TODAY = date(2026, 3, 2)


class WrittenAnswers:
    """Answers a handful of questions from the real policy; the words are fixed, the citations are real."""

    def __init__(self, policy: Policy) -> None:
        self.policies = (policy,)
        self.asked: list[tuple[str, tuple[Message, ...]]] = []

    def policy(self, policy_id: str) -> Policy:
        return {policy.id: policy for policy in self.policies}[policy_id]

    def stream(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Iterator[str | Answer]:
        answer = self.ask(question, history, policy, language)
        yield from answer.answer.splitlines(keepends=True)
        yield answer

    def ask(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Answer:
        self.asked.append((question, tuple(history)))
        if "trouble" in question:
            raise RuntimeError("the index fell over")
        if "national standard" in question:
            return self._answer(
                question,
                "Entities that lead or participate in writing a national standard receive up to RMB 500,000 (50万元): "
                "Measure 19 (十九).",
                cites=[("#19", "对主导或参与国际标准", "10万元资助。")],
                language="en",
            )
        if "行业标准" in question:
            if not any("标准" in message.content for message in history):
                return self._answer(question, "请问您指的是哪一类标准？", status=Status.CLARIFY)
            return self._answer(
                question,
                "主导或参与行业标准制定、修订的单位，给予不超过30万元资助(十九)。",
                cites=[("#19", "对主导或参与国际标准", "10万元资助。")],
                standalone="参与制定行业标准能拿多少钱？",
            )
        if "标准" in question:
            return self._answer(
                question,
                "主导或参与国家标准制定、修订的单位，给予不超过50万元资助(十九)。\n责任单位：市市场监管局、工业和信息化局。",
                cites=[("#19", "对主导或参与国际标准", "10万元资助。"), ("#19", "市市场监管局", "工业和信息化局")],
            )
        if "上限最高" in question or "highest cap" in question:
            return self._answer(
                question,
                "资助上限最高为5000万元，共有三条并列：\n- (三) 最高5000万元，按一定比例\n"
                "- (九) 最高5000万元，另按不超过1:1配套\n- (十二) 最高不超过5000万元，可“一企一策”",
                cites=[
                    ("#3", "按一定比例", "5000万元资助。"),
                    ("#9", "按一定比例", "5000万元资助。"),
                    ("#12", "给予最高不超过", "5000万元资助。"),
                ],
            )
        if "材料" in question and "提交" in question:
            return self._answer(
                question,
                "本措施没有规定申报需要提交哪些材料；附则要求各责任单位另行制定实施细则或操作规程。",
                status=Status.NOT_SPECIFIED,
                cites=[("#closing", "各责任单位应当", "操作规程")],
                contact=True,
            )
        return self._answer(
            question,
            f"“{question}”不在本政策的范围内，无法据此回答。",
            status=Status.OUT_OF_SCOPE,
            near=["#5", "#17"],
            notes=False,
        )

    def _answer(
        self,
        question: str,
        text: str,
        *,
        status: Status = Status.ANSWERED,
        cites: Sequence[tuple[str, str, str]] = (),
        language: str = "zh",
        standalone: str | None = None,
        near: Sequence[str] = (),
        contact: bool = False,
        notes: bool = True,
    ) -> Answer:
        (policy,) = self.policies
        validity = policy.facts["effective"].span
        no_double = policy.facts["no_double_funding"].span
        english = language == "en"
        found = policy.contact
        assert found is not None
        standing = (
            Note(
                kind="validity",
                text="In force from 13 September 2023 for five years, until 12 September 2028."
                if english
                else "本措施自2023年9月13日起实施，有效期5年，即至2028年9月12日。",
                label="六、附则",
                start=validity.start,
                end=validity.end,
                derived=True,
            ),
            Note(
                kind="no_double_funding",
                text="No double funding with similar municipal measures."
                if english
                else "与本市其他同类优惠措施不重复资助。",
                label="六、附则",
                start=no_double.start,
                end=no_double.end,
            ),
        )
        return Answer(
            question=question,
            standalone_question=standalone or question,
            language=language,
            status=status,
            answer=text,
            citations=tuple(self._citation(policy, *cite) for cite in cites),
            facts=(FactStated(kind="amount", clause="(十九)", text="50万元", value=500_000),) if cites else (),
            notes=standing if notes else (),
            contact=ContactShown(found.name, found.phone, found.hours, found.start, found.end) if contact else None,
            see_also=tuple(self._near(policy, path) for path in near),
            checks=Checks(passed=True, checked=("amount", "qualifier", "label") if cites else ()),
        )

    @staticmethod
    def _citation(policy: Policy, path: str, first: str, last: str) -> Citation:
        clause = policy.clause(policy.id + path)
        start = policy.source_text.index(first, clause.start)
        end = policy.source_text.index(last, start) + len(last)
        return Citation(
            policy=policy.id,
            id=clause.id,
            label=clause.label,
            number=clause.number,
            title=clause.title,
            quote=policy.source_text[start:end],
            start=start,
            end=end,
        )

    @staticmethod
    def _near(policy: Policy, path: str) -> SeeAlso:
        clause = policy.clause(policy.id + path)
        return SeeAlso(policy=policy.id, id=clause.id, label=clause.label, title=clause.title)


@pytest.fixture(scope="session")
def founding_policy() -> Policy:
    return next(policy for policy in Library.load().policies if policy.id == "sz-new-materials-2023")


@pytest.fixture(scope="session")
def written_answers(founding_policy: Policy) -> WrittenAnswers:
    return WrittenAnswers(founding_policy)


@contextmanager
def running(app: ASGIApp, host: str = "127.0.0.1", **options: Any) -> Iterator[str]:
    """Serve ``app`` on a free port; its address on this machine, without a slash at the end. ``options`` are
    uvicorn's."""
    listening = listen(host, 0)
    settings = {"log_level": "warning", "access_log": False, "proxy_headers": False, "timeout_graceful_shutdown": 1}
    server = uvicorn.Server(uvicorn.Config(app, **{**settings, **options}))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start within 30 seconds"
        assert thread.is_alive(), "the server stopped while it was starting"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


def behind_proxy(app: ASGIApp, prefix: str, *, stripped: bool) -> ASGIApp:
    """``app`` as a proxy serves it: below ``prefix`` alone, which it takes off the path or leaves there."""

    async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not scope["path"].startswith(f"{prefix}/"):
                await PlainTextResponse("outside the application", status_code=418)(scope, receive, send)
                return
            if stripped:
                scope = {**scope, "path": scope["path"].removeprefix(prefix)}
        await app(scope, receive, send)

    return proxy


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that read the environment's proxies reach the test's server directly."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="session")
def site(written_answers: WrittenAnswers) -> Iterator[str]:
    """The address of a running server over the written answers, without a slash at the end."""
    with running(create_app(written_answers, today=lambda: TODAY)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched
