"""The pages. ``mount_page`` puts the chat page on an application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from app.ui.page import Asks

if TYPE_CHECKING:
    from fastapi import FastAPI

    from corpus.models import Policy

__all__ = ["Asks", "mount_page"]


def mount_page(
    app: FastAPI,
    assistant: Callable[[], Asks],
    *,
    max_question_chars: int,
    root_path: str,
    today: Callable[[], date],
) -> None:
    """Serve the chat page at ``/``. ``assistant`` may block until the assistant is ready; it is called from
    worker threads, never while the page is built. Imports gradio, which takes seconds."""
    from app.i18n import load_texts
    from app.ui.downloads import add_downloads
    from app.ui.gradio_setup import mount
    from app.ui.page import PageCalls, build_page, resource

    texts = load_texts()
    calls = PageCalls(assistant, texts, max_question_chars, today, _english_names())
    page = build_page(calls, texts, max_question_chars, root_path)
    # Before the page, which answers for every other address.
    add_downloads(app, texts, today)
    css = resource("static/base.css") + resource("page.css")
    mount(app, page, css=css, icon=resource("icon.svg"), root_path=root_path)


def _english_names() -> Callable[[Policy, str], str | None]:
    from corpus.departments import Directory
    from corpus.parser import HEAD_CHARS

    directory = Directory.load()

    def english_name(policy: Policy, name: str) -> str | None:
        names = [unit.name for clause in policy.clauses for unit in clause.departments]
        known = directory.for_policy(policy.source_text[:HEAD_CHARS], names).named(name)
        return known.en if known else None

    return english_name
