"""Processes from their start: a question on the command line, its libraries alone, ``--help``, and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from eval.bench.figures import Figure, spread

QUESTION = "参与制定国家标准能拿多少钱？"
OURS = ("app", "corpus", "index", "eval", "__main__")

# Modules that a command has loaded when it is done, in the order in which they were loaded.
_LOADED = """
import json, sys
from app.cli import main
code = main(sys.argv[2:])
sys.stdout.flush()
with open(sys.argv[1], "w", encoding="utf-8") as out:
    json.dump([code, list(sys.modules)], out)
"""
# Some modules can't be imported by name (they stand in for others): they cost nothing by themselves.
_IMPORTS = """
import importlib, sys
for name in sys.argv[1].split(","):
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""
_MEMORY = """
import resource, sys
from pathlib import Path
from app.assistant import Assistant
from app.settings import load_settings
assistant = Assistant.open(load_settings(data_dir=Path(sys.argv[1])), progress=False)
for question in sys.stdin.read().splitlines():
    assistant.ask(question)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def libraries_of_ask(data_dir: Path) -> tuple[list[str], list[str]]:
    """Third-party modules that ``ask`` loads, in order, and the names of their packages. RuntimeError when it fails."""
    report = data_dir / "modules.json"
    done = _run([sys.executable, "-c", _LOADED, str(report), "ask", QUESTION, "--json"], data_dir)
    code, names = json.loads(report.read_text(encoding="utf-8")) if report.exists() else (1, [])
    report.unlink(missing_ok=True)
    if code:
        raise RuntimeError(f"ask did not work: {done.stderr.strip()}")
    modules = [
        name
        for name in names
        if (top := name.partition(".")[0]) not in sys.stdlib_module_names
        and top not in OURS
        and not top.startswith("__editable__")
    ]
    return modules, sorted({name.partition(".")[0] for name in modules})


def starting(data_dir: Path, pairs: int) -> list[Figure]:
    """A cold ``ask`` against a process that imports the same libraries and nothing else; then ``--help``."""
    modules, packages = libraries_of_ask(data_dir)
    asked, imported, ratios, helped = [], [], [], []
    for turn in range(pairs + 1):
        ask = _timed([sys.executable, "-m", "app", "ask", QUESTION, "--json"], data_dir)
        alone = _timed([sys.executable, "-c", _IMPORTS, ",".join(modules)], data_dir)
        shown = _timed([sys.executable, "-m", "app", "--help"], data_dir)
        if turn:  # the first pair fills the file cache
            asked.append(ask)
            imported.append(alone)
            ratios.append(ask / alone)
            helped.append(shown)
    shown_packages = ", ".join(name for name in packages if not name.startswith("_"))
    return [
        Figure(
            "a cold ask / importing its libraries",
            median(ratios),
            "×",
            f"ask {median(asked):.2f} s, imports {median(imported):.2f} s ({shown_packages}); {spread(ratios)}",
            aim=1.5,
        ),
        Figure("--help", median(helped), "s", spread(helped), aim=0.5),
    ]


def memory(data_dir: Path, questions: Sequence[str]) -> list[Figure]:
    """The peak resident memory of a process that has answered all questions."""
    done = _run([sys.executable, "-c", _MEMORY, str(data_dir)], data_dir, "\n".join(questions))
    if done.returncode:
        raise RuntimeError(f"answering did not work: {done.stderr.strip()}")
    # Linux counts in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    megabytes = int(done.stdout.split()[-1]) * unit / 1e6
    return [Figure("peak memory of a warm process", megabytes, "MB", f"after {len(questions)} answers", aim=500.0)]


def _environment(data_dir: Path) -> dict[str, str]:
    return {**os.environ, "POLICY_DATA_DIR": str(data_dir)}


def _run(command: Sequence[str], data_dir: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", input=given, env=_environment(data_dir), check=False
    )


def _timed(command: Sequence[str], data_dir: Path) -> float:
    started = time.perf_counter()
    done = _run(command, data_dir)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} did not work: {done.stderr.strip()}")
    return seconds
