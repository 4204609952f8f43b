"""The table of provisions: one row each, in the order of the text."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import Any

from corpus.departments import Department
from corpus.models import Clause, Policy, Provision, Role
from corpus.terms import fold

_COLUMNS = (
    "label",
    "title",
    "section",
    "what",
    "per",
    "amount",
    "amount_text",
    "qualifier",
    "ratio",
    "modes",
    "lead",
    "joint",
    "tied_with",
)
# With these a spreadsheet takes a cell for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def measure_rows(
    policy: Policy,
    department: Department | None = None,
    field: str | None = None,
    min_amount: int | None = None,
    max_amount: int | None = None,
) -> list[dict[str, Any]]:
    """Rows that fit all of the conditions. Amounts are yuan and both bounds are inclusive; a row without a sum
    fits no bound. ``tied_with`` lists the labels of other clauses with the same sum."""
    by_value: dict[int, list[str]] = {}
    for clause in policy.numbered:
        for p in clause.provisions:
            if p.amount and clause.label not in by_value.setdefault(p.amount.value, []):
                by_value[p.amount.value].append(clause.label)
    rows = []
    for clause in policy.numbered:
        if department and all(d.key != department.key for d in clause.departments):
            continue
        if field and fold(field) not in fold(clause.text):
            continue
        for p in clause.provisions:
            value = p.amount.value if p.amount else None
            if (min_amount is not None or max_amount is not None) and value is None:
                continue
            if min_amount is not None and value is not None and value < min_amount:
                continue
            if max_amount is not None and value is not None and value > max_amount:
                continue
            tied = [label for label in by_value.get(value, []) if label != clause.label] if value is not None else []
            rows.append(_row(policy, clause, p, tied))
    return rows


def _row(policy: Policy, clause: Clause, p: Provision, tied: list[str]) -> dict[str, Any]:
    return {
        "policy": policy.id,
        "id": p.id,
        "label": clause.label,
        "title": clause.title,
        "section": clause.section,
        "what": p.what,
        "per": p.per,
        "amount": p.amount.value if p.amount else None,
        "amount_text": p.amount.text if p.amount else None,
        "qualifier": p.amount.qualifier.value if p.amount else None,
        "ratio": p.ratio.text if p.ratio else None,
        "modes": list(p.modes),
        "lead": [d.name for d in clause.departments if d.role is Role.LEAD],
        "joint": [d.name for d in clause.departments if d.role is Role.JOINT],
        "tied_with": tied,
        "start": p.span.start,
        "end": p.span.end,
    }


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Comma-separated with a header; lists joined by 、. A cell never starts a formula in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[c]) for c in _COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    text = "、".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not text.lstrip("-").isdigit() else text


def as_table(rows: list[dict[str, Any]], total: int) -> str:
    """Columns for a terminal, wide characters counted as two; below it how many clauses the rows come from."""
    shown = [
        (
            row["label"],
            _cut(row["what"], 44),
            "未写明金额"
            if row["amount"] is None
            else f"{row['qualifier']}{row['amount_text']}"
            + (" =" + "".join(row["tied_with"]) if row["tied_with"] else ""),
            row["ratio"] or "",
            "、".join(row["lead"]),
        )
        for row in rows
    ]
    head = ("条", "支持内容", "金额（=同额条款）", "比例", "牵头单位")
    widths = [max([_width(r[i]) for r in [head, *shown]]) for i in range(len(head))]
    lines = ["  ".join(_padded(cell, widths[i]) for i, cell in enumerate(line)).rstrip() for line in [head, *shown]]
    clauses = len({row["label"] for row in rows})
    return "\n".join([*lines, f"{len(rows)} 项，{clauses} / {total} 条"])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _cut(text: str, width: int) -> str:
    kept = ""
    for char in text:
        if _width(kept + char) > width - 2:
            return kept + "…"
        kept += char
    return kept
