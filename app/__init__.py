"""Answers questions about policies: `Assistant.open(settings).ask(question)`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.assistant import Assistant

__all__ = ["Assistant"]


def __getattr__(name: str) -> Any:
    # The command line answers --help without loading the assistant.
    if name == "Assistant":
        from app.assistant import Assistant

        return Assistant
    raise AttributeError(name)
