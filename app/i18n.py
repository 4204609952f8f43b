"""The words of the pages: every user-facing sentence in simplified Chinese, traditional Chinese and English."""

# The names of the errors say what happened, as those of corpus.errors do.

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

ZH, ZH_HANT, EN = "zh", "zh-Hant", "en"
LANGUAGES = (ZH, ZH_HANT, EN)

Wordings = dict[str, str]
"""One sentence in each of ``LANGUAGES``."""


class IncompleteTexts(ValueError):
    """A text lacks one of the languages; the message names it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question offered on the first screen, and the kind of question it stands for."""

    kind: Wordings
    question: Wordings


class Texts:
    """The table of texts. Keys are ``group.name`` as in ``texts.toml``."""

    def __init__(self, wordings: Mapping[str, Wordings], examples: Mapping[str, tuple[Example, ...]]) -> None:
        self._wordings = wordings
        self._examples = examples

    def __contains__(self, key: str) -> bool:
        return key in self._wordings

    def each(self, key: str, **values: str | Wordings) -> Wordings:
        """The text in every language with ``{name}`` filled in; a value may differ by language.

        KeyError for an unknown key or a missing value. Values are put in as they are, not escaped.
        """
        return {
            language: text.format(
                **{name: value if isinstance(value, str) else value[language] for name, value in values.items()}
            )
            for language, text in self._wordings[key].items()
        }

    def text(self, key: str, language: str, **values: str | Wordings) -> str:
        """The text in one language; the same errors as ``each``."""
        return self.each(key, **values)[language]

    def examples(self, policy_id: str | None) -> tuple[Example, ...]:
        """The examples written for this policy, or else the general ones."""
        return self._examples.get(policy_id or "", self._examples["general"])


def load_texts() -> Texts:
    """Read ``texts.toml``. IncompleteTexts when a text lacks a language."""
    table = tomllib.loads(resources.files("app").joinpath("texts.toml").read_text(encoding="utf-8"))
    examples = {
        policy: tuple(
            Example(
                kind=_complete(f"examples.{policy}.kind", item["kind"]),
                question=_complete(f"examples.{policy}.question", item["question"]),
            )
            for item in items
        )
        for policy, items in table.pop("examples").items()
    }
    wordings = {
        f"{group}.{name}": _complete(f"{group}.{name}", texts)
        for group, entries in table.items()
        for name, texts in entries.items()
    }
    return Texts(wordings, examples)


def _complete(key: str, texts: Mapping[str, str]) -> Wordings:
    missing = [language for language in LANGUAGES if not texts.get(language)]
    if missing:
        raise IncompleteTexts(f"app/texts.toml: {key} lacks {', '.join(missing)}")
    return {language: texts[language] for language in LANGUAGES}
