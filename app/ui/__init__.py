"""The pages. ``mount_page`` puts the chat page on an application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from app.ui.page import Asks

if TYPE_CHECKING:
    from fastapi import FastAPI

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
    from app.ui.gradio_setup import mount
    from app.ui.page import PageCalls, build_page, resource

    texts = load_texts()
    calls = PageCalls(assistant, texts, max_question_chars, today)
    page = build_page(calls, texts, max_question_chars)
    mount(app, page, css=resource("page.css"), icon=resource("icon.svg"), root_path=root_path)
