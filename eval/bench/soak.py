"""``python -m eval.bench.soak --minutes 10``: questions without a pause, and the memory that the server holds."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from eval.bench.clients import ask
from eval.bench.figures import Figure, as_text, describe_machine
from eval.bench.load import ASK
from eval.bench.servers import product
from eval.bench.warm import read_questions, varied

# The share of a run in which caches fill; growth is measured after it.
WARM_SHARE = 0.2
AIM_PERCENT = 2.0


@dataclass
class Soak:
    """Memory in megabytes at the end of each slice, and what was asked meanwhile."""

    megabytes: list[float] = field(default_factory=list)
    answers: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    p99_milliseconds: list[float] = field(default_factory=list)

    def growth_percent(self) -> float:
        """From the first third of the samples after the warm share to the last third, in percent of the first."""
        steady = self.megabytes[int(len(self.megabytes) * WARM_SHARE) :]
        third = max(1, len(steady) // 3)
        return 100 * (mean(steady[-third:]) / mean(steady[:third]) - 1)


def soak(data_dir: Path, minutes: float, connections: int, path: str = ASK, slices: int = 60) -> Soak:
    """Ask for so long, and look at the memory ``slices`` times."""
    found = Soak()
    questions = varied(read_questions(), 1000)
    with product(data_dir) as server:
        until = time.monotonic() + 60 * minutes
        while time.monotonic() < until:
            load = ask(f"{server.address}{path}", questions, connections, 60 * minutes / slices)
            found.megabytes.append(server.resident_megabytes())
            found.answers += len(load.latencies)
            found.errors += load.errors
            found.p99_milliseconds.append(load.percentile(99))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Soak and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, metavar="M", help="default 10")
    parser.add_argument("--connections", type=int, default=16, metavar="N", help="default 16")
    parser.add_argument("--path", default=ASK, help="address to ask (default %(default)s)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="use or build the index here, not in a new folder")
    args = parser.parse_args(argv)
    with TemporaryDirectory(prefix="policy-bench-") as temporary:
        found = soak(args.data_dir or Path(temporary), args.minutes, args.connections, args.path)
    steady = found.megabytes[int(len(found.megabytes) * WARM_SHARE) :]
    detail = (
        f"{steady[0]:.0f} MB after the warm-up, {steady[-1]:.0f} at the end, {max(found.megabytes):.0f} at most; "
        f"{found.answers} answers on {args.connections} connections, worst p99 {max(found.p99_milliseconds):.0f} ms"
    )
    figures = [
        Figure(f"memory growth in {args.minutes:g} minutes", found.growth_percent(), "%", detail, aim=AIM_PERCENT),
        Figure("errors", found.errors.total(), "", str(dict(found.errors) or "none"), aim=0.0),
    ]
    print(as_text(figures, describe_machine()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
