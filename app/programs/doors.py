"""All doors for other programs, put onto one application."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from app.i18n import load_texts
from app.programs.chat_completions import add_chat_completions
from app.programs.description import add_description
from app.programs.tools import add_tools
from app.ui.page import Asks


def add_programs(
    app: FastAPI,
    assistant: Callable[[], Asks],
    recorded_as: Callable[[str], Callable[[], Asks]],
    max_question_chars: int,
    root_path: str,
) -> None:
    """Add ``/v1``, ``/mcp``, ``/openapi.json`` and ``/docs``. ``recorded_as`` gives the assistant whose questions are
    recorded as from the surface named. To be called when the other routes of the API are there."""
    texts = load_texts()
    add_chat_completions(app, recorded_as("openai"), texts, max_question_chars, root_path)
    add_tools(app, assistant, recorded_as("mcp"), texts, max_question_chars, root_path)
    add_description(app, root_path)
