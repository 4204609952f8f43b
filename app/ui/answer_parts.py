"""The lines of an answer put in the order of the card: what was asked first, what is left open last."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.models import Answer, Status

LIST_ITEM = re.compile(r"[-•·*]\s+")
_DEPARTMENTS = re.compile(r"^(?:责任单位|責任單位)|(?:的责任单位|的責任單位)[：:]|^Responsible[: ]")
_OPEN = re.compile(
    r"没有规定|沒有規定|未规定|未規定|没有写明|沒有寫明|原文只写|原文只寫|[请請]向[责責]任[单單]位|可[咨諮][询詢]"
    r"|does not specify|is not specified|text says only|names no sum|^Please ask|^You can ask|gives no total"
)
_CONDITIONS = re.compile(
    r"^(?:方式|比例|条件|條件)[：:]|^同一[条條]|^How it is given|^Ratio:|^Conditions?:|^The same clause also"
)
_FIGURE = re.compile(r"\d[\d.,]*\s?[百千万萬亿億]*元|RMB\s?\d")
_COLONS = ("：", ":")


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the answer with the list under it."""

    line: str
    items: tuple[str, ...] = ()


@dataclass
class AnswerParts:
    """An answer's blocks, each in one part; within a part they keep their order."""

    direct: list[Block] = field(default_factory=list)
    conditions: list[Block] = field(default_factory=list)
    departments: list[Block] = field(default_factory=list)
    open: list[Block] = field(default_factory=list)


def parts_of(answer: Answer) -> AnswerParts:
    """The parts of an answer. Every line that says something of the policy is in one of them, and ``direct`` is empty
    only when the answer is."""
    text = answer.answer
    if answer.mode == "llm":
        # Its last line says who worded it; the card says that at its foot.
        text = text.rpartition("\n")[0]
    blocks = _blocks(text)
    parts = AnswerParts()
    labels = tuple(dict.fromkeys(c.label for c in answer.citations))
    contents: list[tuple[int, Block, str]] = []
    kept: list[tuple[int, Block]] = []
    for place, block in enumerate(blocks):
        if block.items or block.line.endswith(_COLONS):
            # What heads other lines stays before them.
            kept.append((place, block))
        elif _DEPARTMENTS.search(block.line):
            parts.departments.append(block)
        elif _CONDITIONS.search(block.line):
            parts.conditions.append(block)
        elif _OPEN.search(block.line):
            parts.open.append(block)
        elif label := _opens_with(block.line, labels):
            contents.append((place, block, label))
        else:
            kept.append((place, block))
    for place, block, label in contents:
        # What a clause says stands behind the sum it grants, when that was asked for.
        if any(label in other.line and _FIGURE.search(other.line) for _, other in kept):
            parts.conditions.append(block)
        else:
            kept.append((place, block))
    parts.direct = [block for _, block in sorted(kept, key=lambda one: one[0])]
    return _with_direct(parts, answer.status)


def _with_direct(parts: AnswerParts, status: Status) -> AnswerParts:
    """Where nothing else answers directly, what was asked is a department, a condition, or what is left open."""
    if status is Status.NOT_SPECIFIED and parts.open and not parts.direct:
        parts.direct = [parts.open.pop(0)]
    if not parts.direct and parts.conditions:
        parts.direct, parts.conditions = parts.conditions, []
    if not parts.direct and parts.departments:
        parts.direct, parts.departments = parts.departments, []
    if not parts.direct and parts.open:
        parts.direct = [parts.open.pop(0)]
    return parts


def _opens_with(line: str, labels: tuple[str, ...]) -> str | None:
    """The cited label that the line begins with, with the English name of its clause or without."""
    for label in labels:
        if re.match(rf"(?:Measure \d+ |Article \d+ )?{re.escape(label)}", line):
            return label
    return None


def _blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    for line in text.splitlines():
        item = LIST_ITEM.match(line)
        if item and blocks:
            last = blocks[-1]
            blocks[-1] = Block(last.line, (*last.items, line[item.end() :].strip()))
        elif line.strip():
            blocks.append(Block(line.strip() if not item else line[item.end() :].strip()))
    return blocks
