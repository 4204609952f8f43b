"""``python -m eval.bench``: measure this machine and print the figures beside what is aimed at."""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from eval.bench.building import build
from eval.bench.cold import memory, starting
from eval.bench.figures import Figure, as_text, describe_machine
from eval.bench.load import CONNECTIONS, load
from eval.bench.warm import answering, batch_rate, read_questions, varied

if TYPE_CHECKING:
    from app.assistant import Assistant


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. The exit code does not depend on the figures: they are for reading, machines differ."""
    args = _arguments(argv)
    questions = read_questions()
    with TemporaryDirectory(prefix="policy-bench-") as temporary:
        data_dir = args.data_dir or Path(temporary)
        data_dir.mkdir(parents=True, exist_ok=True)
        assistant, figures = build(data_dir)
        if args.profile:
            _profile(assistant, questions)
            return 0
        figures += answering(assistant, questions, args.rounds)
        many = varied(questions, args.batch)
        figures += batch_rate(assistant, many, 4, jobs=1)
        cores = int(str(describe_machine()["cores"]))
        if cores > 1:
            figures += batch_rate(assistant, many, 4, jobs=cores)
        figures += starting(data_dir, args.pairs)
        figures += memory(data_dir, questions)
        if sys.platform == "linux":
            figures += load(data_dir, CONNECTIONS, args.load_seconds, 3)
    _print(figures, args.json)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds of warm answers (default 7)")
    parser.add_argument("--pairs", type=int, default=7, metavar="N", help="pairs of cold processes (default 7)")
    parser.add_argument("--batch", type=int, default=1000, metavar="N", help="questions of the batch (default 1000)")
    parser.add_argument(
        "--load-seconds", type=float, default=5.0, metavar="S", help="of each measurement of many clients (default 5)"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="use or build the index here, not in a new folder")
    parser.add_argument("--profile", action="store_true", help="show where the time of warm answers goes instead")
    args: argparse.Namespace = parser.parse_args(argv)
    return args


def _profile(assistant: Assistant, questions: Sequence[str]) -> None:
    for question in questions:
        assistant.ask(question)
    profile = cProfile.Profile()
    with profile:
        for question in questions:
            assistant.ask(question)
    pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats("cumulative").print_stats(45)


def _print(figures: Sequence[Figure], as_json: bool) -> None:
    machine = describe_machine()
    if as_json:
        document = {"machine": machine, "figures": [figure.as_dict() for figure in figures]}
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print(as_text(figures, machine))


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    # As the command line does.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
