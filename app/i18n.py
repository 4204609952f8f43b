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
    """The table of texts. Keys are ``group.name`` as in the files of ``texts/``."""

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
    """Read the files of ``texts/``, one a page and one for what pages share. IncompleteTexts when a text lacks a
    language or stands in two files."""
    examples: dict[str, tuple[Example, ...]] = {}
    wordings: dict[str, Wordings] = {}
    for file in sorted(resources.files("app").joinpath("texts").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        for policy, items in table.pop("examples", {}).items():
            examples[policy] = tuple(
                Example(
                    kind=_complete(f"{file.name}: examples.{policy}.kind", item["kind"]),
                    question=_complete(f"{file.name}: examples.{policy}.question", item["question"]),
                )
                for item in items
            )
        for group, entries in table.items():
            for name, texts in entries.items():
                key = f"{group}.{name}"
                if key in wordings:
                    raise IncompleteTexts(f"app/texts/{file.name}: {key} stands in another file already")
                wordings[key] = _complete(f"{file.name}: {key}", texts)
    return Texts(wordings, examples)


def _complete(key: str, texts: Mapping[str, str]) -> Wordings:
    missing = [language for language in LANGUAGES if not texts.get(language)]
    if missing:
        raise IncompleteTexts(f"app/texts/{key} lacks {', '.join(missing)}")
    return {language: texts[language] for language in LANGUAGES}
