"""The table of provisions: one row each, filtered, sorted, and written as a table, CSV or a workbook."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.fields import PolicyFields
from app.organisations import whom
from app.spreadsheet_cell import safe_cell
from corpus.departments import Department, Directory
from corpus.glossary import Glossary
from corpus.models import Clause, Policy, Provision, Role
from corpus.terms import fold

Row = dict[str, Any]

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
    "whom",
    "notes",
    "text",
    "clause",
)
_CASE_BY_CASE = re.compile(r"一[企事]一[策议]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def measure_rows(
    policy: Policy,
    department: Department | None = None,
    field: str | None = None,
    min_amount: int | None = None,
    max_amount: int | None = None,
    *,
    has_amount: bool | None = None,
    words: str | None = None,
    glossary: Glossary | None = None,
    directory: Directory | None = None,
) -> list[Row]:
    """Rows that fit all of the conditions, in the order of the text.

    Bounds are yuan, both inclusive; a row without a sum in yuan fits no bound. ``field`` is one of the policy's
    fields by any name of the glossary, or any words: the clause names it. ``words`` all stand in the row, in any
    of its languages. ``tied_with`` lists the labels of other clauses with the same sum. ``directory`` brings the
    English names of departments.
    """
    fields = PolicyFields(policy, glossary or Glossary())
    names_field = _field_test(fields, field) if field else None
    tied = _clauses_by_sum(policy)
    wanted = fold(words or "").split()
    rows = []
    for clause in policy.numbered:
        if department and all(d.key != department.key for d in clause.departments):
            continue
        if names_field and not names_field(clause):
            continue
        for p in clause.provisions:
            if not _fits_amount(p, min_amount, max_amount, has_amount):
                continue
            row = _row(policy, clause, p, tied, fields, directory)
            if all(word in _searched(row) for word in wanted):
                rows.append(row)
    return rows


def _field_test(fields: PolicyFields, field: str) -> Callable[[Clause], bool]:
    listed = fields.called(field)
    if listed is not None:
        return lambda clause: any(mention.field == listed for mention in fields.of_clause(clause))
    said = fold(field).strip()
    names = {said} | {
        fold(t.zh) for t in fields.glossary.terms if said in {fold(name) for name in (*t.en, *t.also_en, t.zh)}
    }
    return lambda clause: any(name in fold(clause.text) for name in names)


def _clauses_by_sum(policy: Policy) -> dict[tuple[str, int], list[str]]:
    by_sum: dict[tuple[str, int], list[str]] = {}
    for clause in policy.numbered:
        for p in clause.provisions:
            if p.amount and clause.label not in by_sum.setdefault((p.amount.currency, p.amount.value), []):
                by_sum[p.amount.currency, p.amount.value].append(clause.label)
    return by_sum


def _fits_amount(p: Provision, least: int | None, most: int | None, has_amount: bool | None) -> bool:
    if has_amount is not None and (p.amount is not None) is not has_amount:
        return False
    if least is None and most is None:
        return True
    if p.amount is None or p.amount.currency != "CNY":
        return False
    return (least is None or p.amount.value >= least) and (most is None or p.amount.value <= most)


def _row(
    policy: Policy,
    clause: Clause,
    p: Provision,
    tied: Mapping[tuple[str, int], Sequence[str]],
    fields: PolicyFields,
    directory: Directory | None,
) -> Row:
    translation = policy.translations.get(clause.id)
    a = p.amount
    named = list(dict.fromkeys(mention.field for mention in fields.of_provision(clause, p)))
    return {
        "policy": policy.id,
        "id": p.id,
        "clause": clause.id,
        "label": clause.label,
        "number": clause.number,
        "title": clause.title,
        "title_en": translation.title if translation else None,
        "section": clause.section,
        "section_en": policy.english_sections.get(clause.section or ""),
        "what": p.what,
        "what_en": translation.provisions.get(p.id) if translation else None,
        "whom": whom(p),
        "whom_en": translation.details.get(p.id, {}).get("whom") if translation else None,
        "per": p.per,
        "amount": a.value if a else None,
        "amount_min": a.value_min if a else None,
        "currency": a.currency if a else None,
        "amount_text": a.text if a else None,
        "qualifier": a.qualifier.value if a else None,
        "ratio": p.ratio.text if p.ratio else None,
        "ratio_open": p.ratio.is_open if p.ratio else None,
        "modes": list(p.modes),
        "lead": [d.name for d in clause.departments if d.role is Role.LEAD],
        "joint": [d.name for d in clause.departments if d.role is Role.JOINT],
        "departments": [
            {
                "key": d.key,
                "name": d.name,
                "name_en": directory.by_key[d.key].en if directory and d.key in directory.by_key else None,
                "role": d.role.value,
            }
            for d in clause.departments
        ],
        "fields": [{"name": name, "name_en": fields.english(name)} for name in named],
        "tied_with": [label for label in tied[a.currency, a.value] if label != clause.label] if a else [],
        "notes": _notes(clause, p),
        "text": p.text,
        "start": p.span.start,
        "end": p.span.end,
    }


def _notes(clause: Clause, p: Provision) -> list[dict[str, Any]]:
    """What says that the figure of a row, or the lack of one, is not all: matching funds, a decision case by case.

    ``own`` when the row itself is what is noted, else it stands beside the row in the same clause.
    """
    found = []
    for other in clause.provisions:
        if other.amount is not None or (other.id != p.id and p.amount is None):
            continue
        kind = "matching" if other.matching else "case_by_case" if _CASE_BY_CASE.search(other.text) else None
        if kind:
            found.append(
                {
                    "kind": kind,
                    "own": other.id == p.id,
                    "provision": other.id,
                    "text": other.text,
                    "start": other.span.start,
                    "end": other.span.end,
                }
            )
    return found


def _searched(row: Row) -> str:
    parts = [row[k] for k in ("label", "title", "title_en", "section", "section_en", "what_en", "whom_en", "text")]
    parts += [row["what"], *row["modes"], *(d[k] for d in row["departments"] for k in ("name", "name_en"))]
    return fold("\n".join(part for part in parts if part))


def named_department(directory: Directory, name: str) -> Department | None:
    """The department that goes by ``name``, Chinese in any characters or English."""
    return directory.named(fold(name)) or directory.named(name)


def yuan(text: str) -> int:
    """Yuan as a whole number: 1230000, 1,230,000 and 123万 are the same. ValueError for anything else."""
    from app.amounts import money_in

    digits = text.strip().replace(",", "").replace("_", "")
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:
        return int(digits)
    found = money_in(text)
    if len(found) != 1:
        raise ValueError(f"{text[:40]!r} is no amount: use yuan (1230000) or 123万")
    return found[0].value


# -- order ----------------------------------------------------------------------------------------------------------

ORDERS = ("order", "amount", "section", "what", "whom", "modes", "qualifier", "ratio", "lead", "joint")


def sort_rows(rows: Iterable[Row], by: str = "order") -> list[Row]:
    """The rows ordered by one of ``ORDERS``, with a - before it the other way round; KeyError for another.

    Rows without a value come last either way, equal ones in the order of the text. Ordered by amount, every row
    with a sum gets its ``rank``: equal sums share one, and the next is as many further.
    """
    kept = list(rows)
    key, down = by.removeprefix("-"), by.startswith("-")
    if key not in ORDERS:
        raise KeyError(by)
    if key == "order":
        return kept[::-1] if down else kept
    there = [row for row in kept if row[key] not in (None, "", [])]
    if key == "section":
        # Sections are numbered; their order is that of the text.
        ordered = there[::-1] if down else there
    else:
        ordered = sorted(there, key=lambda row: row[key], reverse=down)
    if key == "amount":
        values = [row["amount"] for row in ordered]
        ordered = [{**row, "rank": values.index(row["amount"]) + 1} for row in ordered]
    return ordered + [row for row in kept if row[key] in (None, "", [])]


# -- files ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its heading, what stands in it, its width in characters."""

    heading: str
    value: Callable[[Row], Any]
    width: int = 12


def plain_columns() -> tuple[Column, ...]:
    """One column for each name of the data, headed by that name."""
    return tuple(Column(name, lambda row, name=name: row[name]) for name in _COLUMNS)  # type: ignore[misc]


def as_csv(rows: list[Row], columns: Sequence[Column] | None = None) -> str:
    """Comma-separated with a header; lists joined by 、. A cell never starts a formula in a spreadsheet."""
    columns = columns or plain_columns()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.heading for column in columns])
    for row in rows:
        writer.writerow([_cell(column.value(row)) for column in columns])
    return out.getvalue()


def as_workbook(rows: list[Row], columns: Sequence[Column], sheet: str, about: Sequence[tuple[str, str]]) -> bytes:
    """An Excel workbook: the table with its header frozen, numbers as numbers, words as words whatever they start
    with; on a second sheet what ``about`` says of where it comes from. ``sheet`` names the first, after a | the
    second."""
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    book = Workbook()
    first, second = sheet.split("|")
    table = book.active
    table.title = first
    for index, column in enumerate(columns, 1):
        head = table.cell(1, index, column.heading)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="E9F1F9")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        table.column_dimensions[get_column_letter(index)].width = column.width
    for line, row in enumerate(rows, 2):
        for index, column in enumerate(columns, 1):
            _fill(table.cell(line, index), column.value(row))
            table.cell(line, index).alignment = Alignment(wrap_text=True, vertical="top")
    table.freeze_panes = "A2"
    table.auto_filter.ref = table.dimensions
    table.print_title_rows = "1:1"
    table.page_setup.orientation = "landscape"
    table.page_setup.fitToHeight = 0
    table.sheet_properties.pageSetUpPr.fitToPage = True
    source = book.create_sheet(second)
    source.column_dimensions["A"].width, source.column_dimensions["B"].width = 18, 80
    for line, (name, value) in enumerate(about, 1):
        _fill(source.cell(line, 1), name)
        _fill(source.cell(line, 2), value)
        source.cell(line, 2).alignment = Alignment(wrap_text=True, vertical="top")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _fill(cell: Any, value: object) -> None:
    if value is None or value == "" or value == []:
        return
    if isinstance(value, int):
        cell.value, cell.number_format = value, "#,##0"
        return
    cell.value = _CONTROL.sub(" ", _words(value))
    # What starts with = is words here, not a formula.
    cell.data_type = "s"


def _cell(value: object) -> str:
    text = _words(value)
    return text if text.lstrip("-").isdigit() else safe_cell(text)


def _words(value: object) -> str:
    if isinstance(value, list):
        return "、".join(item["text"] if isinstance(item, dict) else str(item) for item in value)
    return "" if value is None else str(value)


# -- terminal -------------------------------------------------------------------------------------------------------


def as_table(rows: list[Row], total: int) -> str:
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
