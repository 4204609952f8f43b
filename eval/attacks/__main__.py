"""``python -m eval.attacks GOLD.jsonl``: alter right answers, inject orders, add noise, ask in other words.

Asks the assistant that the settings describe. Prints the four reports; ``--json FILE`` keeps them as data.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from app.assistant import Assistant
from app.models import Answer, Checks
from app.settings import load_settings
from corpus.models import Policy
from eval.attacks import (
    Ask,
    alterations_dict,
    load_paraphrases,
    paraphrases_dict,
    run_alterations,
    show_alterations,
    show_paraphrases,
    show_stability,
    stability_dict,
    try_injections,
    try_noise,
    try_paraphrases,
)
from eval.gold import load_gold
from eval.scoring import score_answer

PARAPHRASES = Path(__file__).parent.parent / "gold" / "paraphrases.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    """Run all attacks. Only questions that are answered fully right are attacked."""
    parser = argparse.ArgumentParser(prog="python -m eval.attacks", description=__doc__.splitlines()[0])
    parser.add_argument("gold", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("--asks", type=int, default=60, help="questions for injections and noise (default 60)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args(argv)
    assistant = Assistant.open(load_settings())
    policy, directory = assistant.policy(), assistant.library.directory
    right: list[Answer] = []
    asks: list[Ask] = []
    for item in load_gold(args.gold):
        answer = assistant.ask(item.question, item.history)
        if score_answer(item, {"id": item.id, **answer.as_dict()}, directory, policy).right:
            asks.append(Ask(item.question, item.lang, item.history))
            if answer.citations:
                right.append(answer)
    chosen = asks[:: max(1, len(asks) // args.asks)][: args.asks]

    def check(text: str, answer: Answer, _: Policy) -> Checks:
        return assistant.check(text, answer)

    altered = run_alterations(right, check, policy, directory)
    injected = try_injections(assistant, chosen, directory)
    noisy = try_noise(assistant, chosen, directory)
    reworded = try_paraphrases(assistant, load_paraphrases(PARAPHRASES), directory)
    print(show_alterations(altered))
    print(show_stability("injections", injected))
    print(show_stability("noise", noisy))
    print(show_paraphrases(reworded))
    if args.json:
        report = {
            "alterations": alterations_dict(altered),
            "injections": stability_dict(injected),
            "noise": stability_dict(noisy),
            "paraphrases": paraphrases_dict(reworded),
        }
        args.json.write_text(json.dumps(report, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
