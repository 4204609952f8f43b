"""``python -m eval.attacks GOLD.jsonl``: alter right answers, inject orders, add noise, ask in other words.

Asks the assistant that the settings describe. Prints the four reports; ``--json FILE`` keeps them as data. With
``--document`` the policy's text is poisoned too, and its index built anew for each poisoning, which takes minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.assistant import Assistant
from app.models import Answer, Checks
from app.settings import Settings, load_settings
from corpus.library import POLICIES_FOLDER
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
    try_document_injections,
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
    parser.add_argument("--document", action="store_true", help="inject into the text of the policy as well")
    parser.add_argument("--missed", type=int, default=20, metavar="N", help="misses shown of each sort (default 20)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args(argv)
    settings = load_settings()
    assistant = Assistant.open(settings)
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
    print(show_alterations(altered, args.missed))
    print(show_stability("injections", injected, args.missed))
    print(show_stability("noise", noisy, args.missed))
    print(show_paraphrases(reworded))
    poisoned = None
    if args.document:
        with tempfile.TemporaryDirectory() as folder:
            home = (settings.corpus_dir or POLICIES_FOLDER) / policy.id
            over = _Reader(home, Path(folder), settings)
            source = (home / "source.txt").read_text(encoding="utf-8")
            poisoned = try_document_injections(assistant, over, source, chosen, directory, policy.id)
        print(show_stability("document injections", poisoned, args.missed))
    if args.json:
        report = {
            "alterations": alterations_dict(altered),
            "injections": stability_dict(injected),
            "noise": stability_dict(noisy),
            "paraphrases": paraphrases_dict(reworded),
            **({"document": stability_dict(poisoned)} if poisoned else {}),
        }
        args.json.write_text(json.dumps(report, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    return 0


class _Reader:
    """Opens assistants over other texts of one policy, each with an index of its own."""

    def __init__(self, home: Path, folder: Path, settings: Settings) -> None:
        self._home, self._folder, self._settings = home, folder, settings
        self._opened = 0

    def __call__(self, text: str) -> Assistant:
        self._opened += 1
        place = self._folder / str(self._opened)
        copy = Path(shutil.copytree(self._home, place / "policies" / self._home.name))
        (copy / "source.txt").write_text(text, encoding="utf-8")
        # What was learned from the exemplars doesn't depend on the policy, and takes longer to make than its index.
        learned = self._settings.data_dir / "exemplars"
        if learned.is_dir():
            shutil.copytree(learned, place / "data" / "exemplars")
        changed = {"corpus_dir": place / "policies", "data_dir": place / "data"}
        return Assistant.open(self._settings.model_copy(update=changed))


if __name__ == "__main__":
    sys.exit(main())
