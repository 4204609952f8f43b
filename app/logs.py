"""Log lines on standard error, as text or as JSON; each says which request it belongs to."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

Format = Literal["text", "json"]
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
# Libraries that tell of each step, and httpx of each address; at DEBUG they may.
TALKATIVE = ("alembic", "httpx", "httpcore", "openai", "mcp")
# What a line may say beside its message, under these names.
FIELDS = ("route", "method", "status", "milliseconds", "caller")


def configure(level: str, form: Format = "text") -> None:
    """Send everything from ``level`` on to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level, handlers=[handler])
    if level == "INFO":
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)


class TextLines(logging.Formatter):
    """``WARNING app.x: what happened``, with the request's id at the end where there is one."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s%(request)s")

    def format(self, record: logging.LogRecord) -> str:
        """As the base class; the id comes after the message and before a traceback."""
        request_id = REQUEST_ID.get()
        record.request = f" [{request_id}]" if request_id else ""
        return super().format(record)


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message``; ``request_id``, ``FIELDS`` and
    ``traceback`` where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line break in it."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = REQUEST_ID.get()
        if request_id:
            line["request_id"] = request_id
        line |= {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
