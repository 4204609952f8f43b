"""The question log as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from app.records.models import QuestionAsked
from app.records.store import SHENZHEN
from app.spreadsheet_cell import safe_cell

COLUMNS = (
    "asked_at", "question", "status", "language", "surface", "labels", "checks_passed", "checks_failed", "latency_ms",
    "answer",
)  # fmt: skip
_BOM = "\ufeff"


def csv_lines(rows: Iterable[QuestionAsked]) -> Iterator[str]:
    """The lines of the file, header first; times are Shenzhen's."""
    # Without the mark Excel takes UTF-8 for the system's own encoding.
    yield _BOM + _line(COLUMNS)
    for row in rows:
        yield _line(
            (
                row.asked_at.astimezone(SHENZHEN).strftime("%Y-%m-%d %H:%M:%S"),
                row.question,
                row.status,
                row.language,
                row.surface,
                " ".join(row.labels),
                "yes" if row.checks_passed else "no",
                " ".join(row.checks_failed),
                f"{row.latency_ms:g}",
                row.answer,
            )
        )


def _line(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(safe_cell(value) for value in values)
    return text.getvalue()
