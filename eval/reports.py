"""What a run amounts to, for people and for scripts: Markdown, JSON, one HTML page, failures one by one."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

from corpus.models import Policy
from eval.gold import GoldItem
from eval.scoring import Counts, ItemScore, Rate, Summary, Totals

_COLUMNS = ("items", "fully right", "95 %", "status", "clause P", "R", "F1", "F2", "amounts exact", "wrong amounts",
            "wrong citations", "false refusals", "false answers", "department F1", "spans valid")  # fmt: skip
# A failure has to fit one screen.
_LINE, _ANSWER_LINES, _HISTORY_TURNS = 110, 8, 4


def markdown_table(summary: Summary) -> str:
    """All totals as Markdown: over all, by language, by kind, then what failed and how fast it was."""
    lines = ["| | " + " | ".join(_COLUMNS) + " |", "|---|" + "---:|" * len(_COLUMNS)]
    lines += [f"| {name} | " + " | ".join(_row(part)) + " |" for name, part in _parts(summary)]
    overall, pairs = summary.overall, summary.pairs
    lines += [
        "",
        f"Clause F1 averaged over items {number(overall.clause_f1.value)}, F2 {number(overall.clause_f2.value)} "
        f"({overall.clause_f1.undefined} items without a clause given or due are left out).",
        f"Pairs zh–en: {pairs.pairs}; both right {pairs.both}, Chinese only {pairs.zh_only}, "
        f"English only {pairs.en_only}, neither {pairs.neither}; gap {_points(pairs.gap)}.",
        f"Errors and missing answers: {overall.errors.hits} of {overall.errors.of}.",
    ]
    if overall.latency is not None:
        t = overall.latency
        lines.append(
            f"Latency in ms over {t.of}: p50 {t.p50:.1f}, p90 {t.p90:.1f}, p95 {t.p95:.1f}, p99 {t.p99:.1f}, "
            f"highest {t.highest:.1f}."
        )
    if summary.reasons:
        lines += ["", "| reason | items |", "|---|---:|", *(f"| {kind} | {n} |" for kind, n in summary.reasons.items())]
    if summary.warnings:
        lines += ["", *(f"- warning: {warning}" for warning in summary.warnings)]
    return "\n".join(lines)


def show_failure(item: GoldItem, answer: Mapping[str, Any] | None, score: ItemScore) -> str:
    """One failing item on one screen: what was asked, what it was understood as, what was cited and said, and why
    that is not right. Long texts are cut, which is marked."""
    given = answer or {}
    lines = [f"── {item.id} · {item.kind} · {item.lang} · {score.status} (expected {score.expected_status})"]
    turns = item.history[-_HISTORY_TURNS:]
    lines += [f"   {turn.role:9} {_cut(turn.content)}" for turn in turns]
    lines.append(f"question    {_cut(item.question)}")
    lines.append(f"understood  {_cut(str(given.get('standalone_question') or '–'))}")
    lines += [f"            {_cut(line)}" for line in _trace(given.get("trace"))]
    lines.append(f"expected    {_cut(_expected(item))}")
    lines.append(f"cited       {_cut(', '.join(str(c.get('label')) for c in given.get('citations') or ()) or '–')}")
    facts = [f"{f.get('kind')} {f.get('text')} {f.get('clause') or ''}".strip() for f in given.get("facts") or ()]
    lines.append(f"facts       {_cut('; '.join(facts) or '–', 2 * _LINE)}")
    text = str(given.get("answer") or "–").splitlines()
    lines += [f"{'answer' if i == 0 else '':12}{_cut(line)}" for i, line in enumerate(text[:_ANSWER_LINES])]
    if len(text) > _ANSWER_LINES:
        lines.append(f"            … {len(text) - _ANSWER_LINES} more lines")
    lines += [f"{'why' if i == 0 else '':12}{r.kind}: {_cut(r.detail)}" for i, r in enumerate(score.reasons)]
    return "\n".join(lines)


def failures_text(items: Sequence[GoldItem], answers: Mapping[str, Mapping[str, Any]], summary: Summary) -> str:
    """Every item that isn't fully right, in the order of the gold file; empty when all are."""
    by_id = {item.id: item for item in items}
    return "".join(show_failure(by_id[s.id], answers.get(s.id), s) + "\n\n" for s in summary.scores if not s.right)


def _parts(summary: Summary) -> Iterator[tuple[str, Totals]]:
    yield "all", summary.overall
    yield from summary.by_language.items()
    yield from summary.by_kind.items()


def _row(part: Totals) -> list[str]:
    interval = part.right.interval
    return [
        str(part.right.of),
        percent(part.right),
        "–" if interval is None else f"{100 * interval[0]:.0f}–{100 * interval[1]:.0f}",
        percent(part.status),
        number(part.clauses.precision),
        number(part.clauses.recall),
        number(part.clauses.f(1)),
        number(part.clauses.f(2)),
        percent(part.amounts_exact),
        ratio(part.wrong_amounts),
        ratio(part.wrong_citations),
        ratio(part.false_refusals),
        ratio(part.false_answers),
        number(part.departments.f(1)),
        percent(part.spans),
    ]


def percent(rate: Rate) -> str:
    """``97.5``, or ``–`` where there is nothing to count."""
    return "–" if rate.share is None else f"{100 * rate.share:.1f}"


def ratio(rate: Rate) -> str:
    """``3/120``, or ``–`` where there is nothing to count."""
    return f"{rate.hits}/{rate.of}" if rate.of else "–"


def number(value: float | None) -> str:
    """Three decimals, or ``–`` where undefined."""
    return "–" if value is None else f"{value:.3f}"


def _points(gap: float | None) -> str:
    return "–" if gap is None else f"{100 * gap:+.1f} points"


def _cut(text: str, limit: int = _LINE) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _expected(item: GoldItem) -> str:
    expect = item.expect
    parts = [", ".join(expect.clauses) or "no clause"]
    if expect.also_ok:
        parts.append(f"may cite {', '.join(expect.also_ok)}")
    if expect.amounts:
        parts.append("amounts " + ", ".join(f"{value:,}" for value in expect.amounts))
    if expect.departments:
        parts.append("departments " + ", ".join(expect.departments))
    return "; ".join(parts)


def _trace(trace: Any) -> list[str]:
    if not trace:
        return []
    if not isinstance(trace, Mapping):
        return [str(trace)]
    return [f"{key}: {json.dumps(value, ensure_ascii=False, default=str)}" for key, value in list(trace.items())[:8]]


# --- the whole report --------------------------------------------------------------------------------------


def write_report(
    folder: Path,
    items: Sequence[GoldItem],
    answers: Mapping[str, Mapping[str, Any]],
    summary: Summary,
    settings: Mapping[str, Any],
    policy: Policy | None = None,
) -> None:
    """Leave a run in ``folder``: ``totals.json``, ``items.jsonl`` (one score a line, for comparing runs),
    ``report.md``, ``report.html``, ``failures.txt`` and ``ragas.jsonl``. Files of an earlier run are replaced."""
    from eval.export import ragas_rows

    folder.mkdir(parents=True, exist_ok=True)
    failures = failures_text(items, answers, summary)
    totals = {"settings": dict(settings), **as_dict(summary)}
    written = {
        "totals.json": json.dumps(totals, ensure_ascii=False, indent=2) + "\n",
        "items.jsonl": "".join(_line(score_dict(score)) for score in summary.scores),
        "report.md": markdown_table(summary) + "\n",
        "report.html": html_report(items, answers, summary, settings),
        "failures.txt": failures,
        "ragas.jsonl": "".join(map(_line, ragas_rows(items, answers, policy))),
    }
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")


def as_dict(summary: Summary) -> dict[str, Any]:
    """Totals as plain JSON-ready data; what is undefined is null. Scores of items are in ``score_dict``."""
    return {
        "overall": _totals_dict(summary.overall),
        "by_language": {name: _totals_dict(part) for name, part in summary.by_language.items()},
        "by_kind": {name: _totals_dict(part) for name, part in summary.by_kind.items()},
        "pairs": {**dataclasses.asdict(summary.pairs), "gap": summary.pairs.gap},
        "reasons": dict(summary.reasons),
        "warnings": list(summary.warnings),
    }


def score_dict(score: ItemScore) -> dict[str, Any]:
    """One item's score as plain data, as ``items.jsonl`` holds it."""
    reasons = [dataclasses.asdict(reason) for reason in score.reasons]
    return {**dataclasses.asdict(score), "reasons": reasons, "right": score.right}


def html_report(
    items: Sequence[GoldItem],
    answers: Mapping[str, Mapping[str, Any]],
    summary: Summary,
    settings: Mapping[str, Any],
) -> str:
    """One page that needs nothing else: no script, no font, no image from elsewhere. Everything shown is escaped.

    Plots are left out where matplotlib isn't installed; the tables say the same.
    """
    by_id = {item.id: item for item in items}
    right = summary.overall.right
    failed = [score for score in summary.scores if not score.right]
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'><title>Answer evaluation</title>",
        f"<style>{_CSS}</style></head><body><h1>Answer evaluation</h1>",
        f"<p class='headline'><b>{percent(right)} %</b> fully right: {right.hits} of {right.of} items</p>",
        "<dl>" + "".join(f"<dt>{escape(str(k))}</dt><dd>{escape(str(v))}</dd>" for k, v in settings.items()) + "</dl>",
        *(f"<figure>{svg}</figure>" for svg in _plots(summary)),
        "<h2>Totals</h2>",
        _table(("", *_COLUMNS), [(name, *_row(part)) for name, part in _parts(summary)]),
        "<h2>Status, expected by given</h2>",
        _confusion(summary),
        "<h2>Reasons</h2>",
        _table(("reason", "items"), [(kind, str(n)) for kind, n in summary.reasons.items()]),
        "".join(f"<p class='warning'>{escape(warning)}</p>" for warning in summary.warnings),
        f"<h2>Not fully right: {len(failed)}</h2>",
    ]
    for score in failed:
        why = ", ".join(dict.fromkeys(reason.kind for reason in score.reasons))
        screen = show_failure(by_id[score.id], answers.get(score.id), score)
        head = escape(f"{score.id} · {score.kind} · {score.lang} · {why}")
        parts.append(f"<details><summary>{head}</summary><pre>{escape(screen)}</pre></details>")
    return "\n".join([*parts, "</body></html>", ""])


_CSS = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 1200px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em } .headline b { font-size: 2em }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 1em; color: #52606d } dd { margin: 0 }
.wide { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .2em .6em; text-align: right; border-bottom: 1px solid #e4e7eb; white-space: nowrap }
th:first-child, td:first-child { text-align: left } figure { margin: 1em 0 } svg { max-width: 100%; height: auto }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f7fa; padding: 1em } summary { cursor: pointer }
.warning { color: #8d2b0b }
"""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='wide'><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"


def _confusion(summary: Summary) -> str:
    counted = Counter((score.expected_status, score.status) for score in summary.scores)
    given = sorted({status for _, status in counted})
    expected = sorted({status for status, _ in counted})
    rows = [(e, *(str(counted[e, g]) if counted[e, g] else "·" for g in given)) for e in expected]
    return _table(("", *given), rows)


def _plots(summary: Summary) -> list[str]:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        return []
    plots = []
    parts = [(name, part.right) for name, part in _parts(summary) if part.right.of][::-1]
    latencies = [score.latency_ms for score in summary.scores if score.latency_ms is not None]
    # Each plot has a salt of its own: two inline drawings must not share ids.
    look: dict[Any, Any] = {"svg.fonttype": "none", "axes.spines.top": False, "axes.spines.right": False}
    with rc_context({**look, "svg.hashsalt": "right"}):
        figure = Figure(figsize=(8, 0.6 + 0.28 * len(parts)), layout="constrained")
        axes = figure.subplots()
        for row, (_, rate) in enumerate(parts):
            share, (low, high) = rate.share or 0.0, rate.interval or (0.0, 1.0)
            axes.plot([100 * low, 100 * high], [row, row], color="#9fb3c8", linewidth=3, solid_capstyle="round")
            axes.plot([100 * share], [row], "o", color="#0b69a3")
        axes.set_yticks(range(len(parts)), [f"{name} ({rate.of})" for name, rate in parts])
        axes.set_xlim(-2, 102)
        axes.set_xlabel("fully right, %, with the Wilson interval at 95 %")
        axes.grid(axis="x", color="#e4e7eb")
        plots.append(_svg(figure))
    if latencies:
        with rc_context({**look, "svg.hashsalt": "latency"}):
            figure = Figure(figsize=(8, 2.2), layout="constrained")
            axes = figure.subplots()
            axes.hist(latencies, bins=30, color="#0b69a3")
            axes.set_xlabel("latency, ms")
            axes.set_ylabel("answers")
            plots.append(_svg(figure))
    return plots


def _svg(figure: Any) -> str:
    """The drawing alone: without the XML head, whose DTD lies elsewhere, and without metadata."""
    out = StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawing: str = out.getvalue()
    return re.sub(r"<metadata>.*?</metadata>", "", drawing[drawing.index("<svg") :], flags=re.DOTALL)


def _totals_dict(part: Totals) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if isinstance(value, Rate):
            data[field.name] = value.as_dict()
        elif isinstance(value, Counts):
            measures = {"precision": value.precision, "recall": value.recall, "f1": value.f(1), "f2": value.f(2)}
            data[field.name] = {**dataclasses.asdict(value), **measures}
        else:
            data[field.name] = None if value is None else dataclasses.asdict(value)
    return data


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
