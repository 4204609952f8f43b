"""Two runs over the same gold items, item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from typing import Any

from eval.gold import GoldError, read_jsonl
from eval.scoring import Rate


@dataclass(frozen=True, slots=True)
class Change:
    """An item whose judgement differs: reasons as ``kind: detail``, empty where it was right."""

    id: str
    kind: str
    lang: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the items that both runs scored.

    ``moved`` are wrong both times, for other reasons. ``only_before`` and ``only_after`` are ids that one run alone
    has; they are compared with nothing. ``p_value`` is McNemar's, exact and two-sided: how likely a difference
    as large is by chance; None when no item changed sides.
    """

    before: Rate
    after: Rate
    mended: tuple[Change, ...]
    broken: tuple[Change, ...]
    moved: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    @property
    def p_value(self) -> float | None:
        return mcnemar(len(self.mended), len(self.broken))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "before": {"hits": self.before.hits, "of": self.before.of, "share": self.before.share},
            "after": {"hits": self.after.hits, "of": self.after.of, "share": self.after.share},
            "p_value": self.p_value,
            **{name: [asdict(change) for change in getattr(self, name)] for name in ("mended", "broken", "moved")},
            "only_before": list(self.only_before),
            "only_after": list(self.only_after),
        }


def load_scores(path: Path) -> dict[str, Mapping[str, Any]]:
    """Item scores by id, from a run's ``items.jsonl`` or the report folder it is in. Raises GoldError."""
    path = path / "items.jsonl" if path.is_dir() else path
    scores: dict[str, Mapping[str, Any]] = {}
    for number, row in read_jsonl(path):
        if not isinstance(row, dict) or not {"id", "right", "reasons"} <= set(row):
            raise GoldError(f"{path}:{number}: no item score; give the items.jsonl of a report")
        scores[str(row["id"])] = row
    return scores


def compare(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> Comparison:
    """Compare two runs' item scores; rates are over the items that both have, lists in the order of ``before``."""
    common = [key for key in before if key in after]
    mended: list[Change] = []
    broken: list[Change] = []
    moved: list[Change] = []
    for key in common:
        old, new = before[key], after[key]
        change = Change(key, str(new.get("kind", "")), str(new.get("lang", "")), _reasons(old), _reasons(new))
        if old["right"] != new["right"]:
            (mended if new["right"] else broken).append(change)
        elif change.before != change.after:
            moved.append(change)
    return Comparison(
        before=Rate(sum(bool(before[key]["right"]) for key in common), len(common)),
        after=Rate(sum(bool(after[key]["right"]) for key in common), len(common)),
        mended=tuple(mended),
        broken=tuple(broken),
        moved=tuple(moved),
        only_before=tuple(key for key in before if key not in after),
        only_after=tuple(key for key in after if key not in before),
    )


def mcnemar(mended: int, broken: int) -> float | None:
    """Exact two-sided p-value that a fair coin splits the changed items at least so unevenly; None without any."""
    changed = mended + broken
    if not changed:
        return None
    tail = sum(comb(changed, k) for k in range(min(mended, broken) + 1))
    return float(min(1, 2 * tail / 2**changed))


def show_comparison(comparison: Comparison) -> str:
    """The comparison for people: totals, then each changed item with its reasons; no question is shown."""
    c = comparison
    lines = [f"fully right: {c.before.hits} -> {c.after.hits} of {c.before.of} items in both"]
    if c.p_value is not None:
        lines.append(f"mended {len(c.mended)}, broken {len(c.broken)} (McNemar p = {c.p_value:.3f})")
    for title, changes in (("broken", c.broken), ("mended", c.mended), ("wrong for other reasons", c.moved)):
        lines += _listed(title, changes)
    for title, ids in (("only in the first run", c.only_before), ("only in the second run", c.only_after)):
        if ids:
            lines.append(f"{title}: {len(ids)} ({', '.join(ids[:8])}{', …' if len(ids) > 8 else ''})")
    return "\n".join(lines)


def _listed(title: str, changes: Sequence[Change]) -> list[str]:
    lines = [f"\n{title}: {len(changes)}"] if changes else []
    for change in changes:
        lines.append(f"  {change.id} · {change.kind} · {change.lang}")
        if change.before:
            lines.append(f"    was  {'; '.join(change.before)}")
        if change.after:
            lines.append(f"    now  {'; '.join(change.after)}")
    return lines


def _reasons(score: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{reason['kind']}: {reason['detail']}" for reason in score["reasons"])
