"""What the model is sent: instructions of ours, and data between tags that it can't leave."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from app.llm.statements import Statement
from app.models import Answer, Message

PROMPTS_FILE = Path(__file__).with_name("prompts.toml")
# The clauses are there to be understood by; the draft has all that is to be said.
_MOST_CLAUSE_CHARS = 1200
_MOST_TURN_CHARS = 600
_MOST_TURNS = 6

Messages = list[tuple[str, str]]


class Prompts:
    """The prompts of ``prompts.toml``, filled in."""

    def __init__(self, path: Path = PROMPTS_FILE) -> None:
        self._path = path

    @cached_property
    def _texts(self) -> dict[str, Any]:
        return tomllib.loads(self._path.read_text(encoding="utf-8"))

    def wording(self, answer: Answer, statements: Sequence[Statement]) -> Messages:
        """Asks for a wording of the statements, one line each."""
        texts = self._texts["word"]
        facts = [
            " ".join(
                str(part) for part in (f.kind, f.clause, f.qualifier or "", f.text, f.applies_to or "", f.role or "")
            )
            for f in answer.facts
        ]
        clauses = "\n".join(f"{c.label} {c.quote}" for c in answer.citations)[:_MOST_CLAUSE_CHARS]
        system = texts["system_en" if answer.language == "en" else "system_zh"]
        user = texts["user"].format(
            question=data(answer.standalone_question),
            draft="\n".join(data(s.text) for s in statements),
            facts=data("\n".join(facts)),
            clauses=data(clauses),
        )
        return [("system", system.format(language=self._texts["languages"][answer.language])), ("user", user)]

    def again(self, answer: Answer, statement: Statement, failed: Sequence[str]) -> Messages:
        """Asks for another wording of one statement."""
        text = self._texts["again"]["en" if answer.language == "en" else "zh"]
        language = self._texts["languages"][answer.language]
        return [("user", text.format(language=language, failed=data("; ".join(failed)), draft=data(statement.text)))]

    def completing(self, question: str, history: Sequence[Message]) -> Messages:
        """Asks for the question with what the conversation adds."""
        texts = self._texts["complete"]
        turns = "\n".join(f"{m.role}: {m.content[:_MOST_TURN_CHARS]}" for m in history[-_MOST_TURNS:])
        user = texts["user"].format(history=data(turns), question=data(question))
        return [("system", texts["system"]), ("user", user)]


def data(text: str) -> str:
    """The text without anything that could be taken for a tag or for a mark of the model's own templates."""
    text = text.replace("<", "＜").replace(">", "＞")
    return re.sub(r"\[(/?)INST\]", r"(\1INST)", text)
