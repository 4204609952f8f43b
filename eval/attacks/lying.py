"""``python -m eval.attacks.lying GOLD.jsonl``: a model that lies words every answer. Exit 1 when a lie is shown.

``--unchecked`` takes the verification out, to see what it keeps from the reader. ``--serve`` only starts the liar and
prints its address, for trying it with any other command.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from app.assistant import Assistant
from app.llm import LanguageModel
from app.settings import load_settings
from eval.attacks.chat_server import ChatServer
from eval.attacks.lies import Liar, show_lies, try_lies
from eval.gold import load_gold, sampled


def main(argv: Sequence[str] | None = None) -> int:
    """Run the attack and print its report."""
    parser = argparse.ArgumentParser(prog="python -m eval.attacks.lying", description=__doc__.splitlines()[0])
    parser.add_argument("gold", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("--sample", type=int, metavar="N", help="only N questions, evenly over the kinds")
    parser.add_argument("--unchecked", action="store_true", help="verify nothing, to see what gets through then")
    parser.add_argument("--serve", action="store_true", help="only serve the liar")
    args = parser.parse_args(argv)
    logging.basicConfig(level="WARNING")
    settings = load_settings().model_copy(update={"llm_base_url": None, "llm_model": None})
    assistant = Assistant.open(settings)
    liar = Liar(assistant.library.directory)
    with ChatServer(liar.behaviour) as server:
        if args.serve:
            print(server.base_url, flush=True)
            Event().wait()
        items = load_gold(args.gold)
        model = LanguageModel(server.base_url, "liar")
        report = try_lies(
            assistant, sampled(items, args.sample) if args.sample else items, model, liar, not args.unchecked
        )
    print(show_lies(report))
    return 1 if report.worded.hits else 0


if __name__ == "__main__":
    sys.exit(main())
