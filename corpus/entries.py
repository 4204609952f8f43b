"""The data files of the corpus (TOML), read with the kind of every value checked where it is used."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus.errors import BadData


class Entry:
    """A table of a data file. Every reader raises BadData, naming the file and the entry, when a value is of
    another kind than it has to be. Keys that nobody reads are let be.

    ``place`` is where the table stands, for messages (``robots/en.toml: clause 2``).
    """

    def __init__(self, values: Mapping[str, Any], place: str) -> None:
        self._values = values
        self.place = place

    @classmethod
    def read(cls, path: Path) -> Entry:
        """A whole file. Raises BadData when it cannot be read or is not TOML in UTF-8."""
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), f"{path.parent.name}/{path.name}")
        except OSError as error:
            raise BadData(f"{path} cannot be read ({error.strerror or error})") from error
        except UnicodeDecodeError as error:
            raise BadData(f"{path} is not UTF-8: save it as UTF-8") from error
        except (ValueError, RecursionError) as error:
            raise BadData(f"{path} is not TOML: {error}") from error

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str) -> str:
        """The text under ``key``, which has to be there and not empty."""
        value = self.optional_text(key)
        if not value:
            raise self.wrong(key, "has to be given, as a text")
        return value

    def optional_text(self, key: str) -> str | None:
        """The text under ``key``; None when it is not there."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, "has to be a text in quotes")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under ``key``; empty when it is not there."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "has to be a list of texts")
        return tuple(value)

    def number(self, key: str) -> int:
        """The whole number under ``key``, which has to be there."""
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "has to be a whole number")
        return value

    def table(self, key: str) -> Entry:
        """The table ``[key]``; an empty one when it is not there."""
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"has to be a table, [{key}]")
        return Entry(value, f"{self.place}: {key}")

    def tables(self, key: str) -> list[Entry]:
        """The tables ``[[key]]`` in order, counted from 1 in messages; none when there are none."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, f"has to be tables, [[{key}]]")
        return [Entry(item, f"{self.place}: {key} {n}") for n, item in enumerate(value, 1)]

    def wrong(self, key: str, what: str) -> BadData:
        """The error that the value under ``key`` is wrong; ``what`` says how it has to be."""
        given = f", not {str(self._values[key])[:60]!r}" if key in self._values else ""
        return BadData(f"{self.place}: {key} {what}{given}")
