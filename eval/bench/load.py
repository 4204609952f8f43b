"""``python -m eval.bench.load``: many clients at once, beside a server that only embeds the same questions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from eval.bench.clients import Load, ask
from eval.bench.figures import Figure, as_text, describe_machine, spread
from eval.bench.servers import Server, embed_only, product
from eval.bench.warm import read_questions, varied

CONNECTIONS = (1, 8, 32, 128)
# Of the rate at which the questions could be embedded by a server that does nothing else.
AIM_PERCENT = 70.0
ASK = "/api/ask"


def load(data_dir: Path, connections: Sequence[int], seconds: float, rounds: int, path: str = ASK) -> list[Figure]:
    """The rate at each number of connections against that of the server that only embeds, in turn; latencies and
    errors of the product in the details."""
    questions = varied(read_questions(), 1000)
    with product(data_dir) as ours, embed_only() as bare:
        _warm_up(ours, bare, path, questions)
        figures = []
        for many in connections:
            asked, embedded, costs = [], [], []
            for _ in range(rounds):
                one, cost = _measured(ours, path, questions, many, seconds)
                other, least = _measured(bare, "/embed", questions, many, seconds)
                asked.append(one)
                embedded.append(other)
                costs.append(cost / least)
            figures += _figures(path, many, asked, embedded, costs)
    return figures


def _warm_up(ours: Server, bare: Server, path: str, questions: Sequence[str]) -> None:
    ask(f"{ours.address}{path}", questions, 4, 2.0)
    ask(f"{bare.address}/embed", questions, 4, 1.0)


def _measured(server: Server, path: str, questions: Sequence[str], many: int, seconds: float) -> tuple[Load, float]:
    """What the clients met, and the server's processor seconds for each answer."""
    before = server.processor_seconds()
    found = ask(f"{server.address}{path}", questions, many, seconds)
    return found, (server.processor_seconds() - before) / max(1, len(found.latencies))


def _figures(
    path: str, many: int, asked: Sequence[Load], embedded: Sequence[Load], costs: Sequence[float]
) -> list[Figure]:
    shares = [100 * one.rate / other.rate for one, other in zip(asked, embedded, strict=True)]
    errors = sum(one.errors.total() for one in asked)
    kinds = dict(sum((one.errors for one in asked), start=type(asked[0].errors)()))

    def percentile(loads: Sequence[Load], percent: float) -> float:
        return median(one.percentile(percent) for one in loads)

    detail = (
        f"{median(one.rate for one in asked):.1f} answers/s, p50 {percentile(asked, 50):.0f} p95 "
        f"{percentile(asked, 95):.0f} p99 {percentile(asked, 99):.0f} ms; embedding alone "
        f"{median(one.rate for one in embedded):.1f}/s, p99 {percentile(embedded, 99):.0f} ms; clients "
        f"{median(one.own_milliseconds for one in asked):.2f} ms/request; "
        f"processor time {median(costs):.2f}×; {spread(shares)}"
    )
    return [
        Figure(f"{path}, {many} connections / embedding", median(shares), "%", detail, AIM_PERCENT, at_least=True),
        Figure(f"{path}, {many} connections: errors", errors, "", str(kinds or "none"), aim=0.0),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.load", description=__doc__)
    parser.add_argument("--path", default=ASK, help="address to ask (default %(default)s)")
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS, metavar="N")
    parser.add_argument("--seconds", type=float, default=8.0, metavar="S", help="of each measurement (default 8)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="pairs of measurements (default 3)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="use or build the index here, not in a new folder")
    args = parser.parse_args(argv)
    with TemporaryDirectory(prefix="policy-bench-") as temporary:
        figures = load(args.data_dir or Path(temporary), args.connections, args.seconds, args.rounds, args.path)
    print(as_text(figures, describe_machine()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
