"""The chat page: gradio carries it, and calls the same core as every other surface."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from app.i18n import ZH, Texts
from app.models import Answer, Message
from app.suggestions import suggestions
from app.transcript import copy_text, exchange_of
from app.ui.cards import EnglishNames, card_html, cited_clauses
from app.ui.document import contents_html, document_html
from app.ui.gradio_setup import keep_gradio_quiet
from app.ui.home import choices_html, frame_html, masthead_html, trouble_html, welcome_html
from app.ui.intake import Refused, check_history, check_question, readable_spans
from app.ui.markup import Wording, language_or_default
from app.ui.shell import language_html, nav_html, theme_html
from corpus.models import Policy

if TYPE_CHECKING:
    import gradio

log = logging.getLogger(__name__)

Reply = dict[str, Any]


class Asks(Protocol):
    """What the page and the programs' doors need of the assistant."""

    @property
    def policies(self) -> tuple[Policy, ...]: ...

    def policy(self, policy_id: str) -> Policy: ...

    def ask(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Answer: ...

    def stream(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Iterator[str | Answer]: ...


class PageCalls:
    """What the page's script asks of the server. Each takes and gives plain data, keeps nothing between calls
    (the conversation stays in the reader's tab), and never raises: trouble is a card that says so."""

    def __init__(
        self,
        assistant: Callable[[], Asks],
        texts: Texts,
        max_question_chars: int,
        today: Callable[[], date],
        english_names: EnglishNames | None = None,
    ) -> None:
        self._assistant = assistant
        self._texts = texts
        self._max_question_chars = max_question_chars
        self._today = today
        self._english_names = english_names

    def home(self, request: object) -> Reply:
        """``{"language"}`` to the first screen's parts and the id of the policy to show."""
        wording = self._wording(request)
        try:
            policies = self._assistant().policies
            return {
                "masthead": masthead_html(policies, wording, self._today()),
                "welcome": welcome_html(policies, wording),
                "choices": choices_html(policies),
                "policy": policies[0].id if policies else "",
            }
        except Exception:
            log.exception("the first screen could not be made")
            return {"trouble": trouble_html(wording, "trouble.unexpected")}

    def ask(self, request: object) -> Reply:
        """``{"question", "history", "language"}`` to ``{"card", "turns", "open", "record", "copy"}``: the
        answer's card, the two turns to add to the history, the place to show beside it, the answer as downloads
        take it and as plain text; or ``{"trouble"}``."""
        wording = self._wording(request)
        fields = request if isinstance(request, dict) else {}
        try:
            question = check_question(fields.get("question"), self._max_question_chars)
            history = check_history(fields.get("history", []))
            assistant = self._assistant()
            answer = assistant.ask(question, history)
            cited = cited_clauses(answer)
            policies = assistant.policies
            record = exchange_of(answer, policies, self._texts)
            return {
                "card": card_html(
                    answer,
                    wording,
                    policies,
                    english_names=self._english_names,
                    suggested=suggestions(answer, policies, self._texts),
                ),
                "record": record.model_dump(),
                "copy": copy_text(record, self._texts),
                "turns": [
                    {"role": "user", "content": question},
                    {"role": "assistant", "content": answer.answer},
                ],
                "open": {
                    "policy": cited[0].citation.policy,
                    "clause": cited[0].citation.id,
                    "spans": [[span.start, span.end] for span in cited[0].spans],
                }
                if cited
                else None,
            }
        except Refused as refused:
            return {"trouble": trouble_html(wording, f"refused.{refused.kind}", **refused.values), "refused": True}
        except Exception:
            log.exception("a question could not be answered")
            return {"trouble": trouble_html(wording, "trouble.unexpected")}

    def document(self, request: object) -> Reply:
        """``{"policy", "spans", "language"}`` to ``{"policy", "html", "contents"}``: the policy's text, those
        spans marked, and its table of contents."""
        wording = self._wording(request)
        fields = request if isinstance(request, dict) else {}
        try:
            assistant = self._assistant()
            if not any(policy.id == fields.get("policy") for policy in assistant.policies):
                return {"trouble": trouble_html(wording, "trouble.no_passage")}
            policy = assistant.policy(fields["policy"])
            spans = readable_spans(fields.get("spans"), len(policy.source_text))
            return {
                "policy": policy.id,
                "html": document_html(policy, spans, wording),
                "contents": contents_html(policy, wording),
            }
        except Exception:
            log.exception("the policy text could not be shown")
            return {"trouble": trouble_html(wording, "trouble.unexpected")}

    def _wording(self, request: object) -> Wording:
        language = request.get("language") if isinstance(request, dict) else None
        return Wording(self._texts, language_or_default(language))


def build_page(calls: PageCalls, texts: Texts, max_question_chars: int, root_path: str = "") -> gradio.Blocks:
    """The page as gradio Blocks: one HTML component whose script calls ``calls``."""
    keep_gradio_quiet()
    import gradio as gr

    # gradio marks these functions as callable from the page, which it can't do to bound methods.
    def home(request: Any) -> Reply:
        return calls.home(request)

    def ask(request: Any) -> Reply:
        return calls.ask(request)

    def document(request: Any) -> Reply:
        return calls.document(request)

    wording = Wording(texts)
    bar = nav_html(wording, "chat", root_path) + theme_html(wording) + language_html(wording)
    page: gradio.Blocks = gr.Blocks(title=texts.text("page.name", ZH), analytics_enabled=False, fill_width=True)
    with page:
        gr.HTML(
            html_template=frame_html(wording, max_question_chars, bar, root_path),
            js_on_load=resource("page.js"),
            server_functions=[home, ask, document],
            apply_default_css=False,
            elem_id="policy-page",
        )
    return page


def resource(name: str) -> str:
    """The text of a file that lies beside this module."""
    return resources.files("app.ui").joinpath(name).read_text(encoding="utf-8")
