"""What a language model did in a run: how often it was shown, and how often not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Self

from app.llm import LanguageModel


@dataclass
class ModelTally:
    """Counts what becomes of a model's sentences, and its faults."""

    name: str
    sentences: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, model: LanguageModel) -> Self:
        """A tally that counts from now on."""
        tally = cls(model.name)
        model.on_sentence = lambda outcome: tally._add(tally.sentences, outcome)
        model.on_fault = lambda kind: tally._add(tally.faults, kind)
        return tally

    def _add(self, counter: Counter[str], what: str) -> None:
        with self._lock:
            counter[what] += 1

    def told(self) -> str:
        """One line for the sentences, one for the faults."""
        total = sum(self.sentences.values())
        parts = [
            f"{name} {self.sentences[name]}" for name in ("released", "copied", "reworded", "replaced", "withheld")
        ]
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items())) or "none"
        return f"{self.name}: {total} sentences ({', '.join(parts)}); faults: {faults}"
