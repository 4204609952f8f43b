"""Building the index of the policies that come with the product, from nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from eval.bench.figures import Figure

if TYPE_CHECKING:
    from app.assistant import Assistant


def build(data_dir: Path) -> tuple[Assistant, list[Figure]]:
    """An assistant over a new index in ``data_dir``, and what building took.

    The time is that of opening the assistant on an empty folder, so parsing and reading back are in it.
    """
    from app.assistant import Assistant
    from app.settings import load_settings

    started = time.perf_counter()
    assistant = Assistant.open(load_settings(data_dir=data_dir), progress=False)
    seconds = time.perf_counter() - started
    chunks = sum(assistant.index.manifest.counts.values())
    started = time.perf_counter()
    Assistant.open(load_settings(data_dir=data_dir), progress=False)
    again = time.perf_counter() - started
    return assistant, [
        Figure("index build", seconds, "s", f"{chunks} chunks, {chunks / seconds:.1f} chunks/s"),
        Figure("opening an index that fits", again, "s", ""),
    ]
