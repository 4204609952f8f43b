"""Tables that take long to make, kept in a file from which they are read fast.

A command needs a few dozen rows of a table of half a million, so rows are kept grouped by the first character of
their key, and a group is unpacked when it is met.
"""

from __future__ import annotations

import marshal
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, TypeVar

V = TypeVar("V")


class Grouped(MutableMapping[str, V]):
    """A table whose rows lie packed by first character. Keys are not empty."""

    def __init__(self, packed: Mapping[str, bytes]) -> None:
        """``packed`` as ``grouped`` gives it."""
        self._packed = packed
        self._groups: dict[str, dict[str, V]] = {}

    def _group(self, key: str) -> dict[str, V]:
        first = key[:1]
        group = self._groups.get(first)
        if group is None:
            packed = self._packed.get(first)
            group = marshal.loads(packed) if packed is not None else {}
            # Two threads may unpack the same group; both keep using the one that was stored first.
            group = self._groups.setdefault(first, group)
        return group

    def __getitem__(self, key: str) -> V:
        return self._group(key)[key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._group(key)

    def get(self, key: str, default: Any = None) -> Any:
        return self._group(key).get(key, default)

    def __setitem__(self, key: str, value: V) -> None:
        self._group(key)[key] = value

    def __delitem__(self, key: str) -> None:
        del self._group(key)[key]

    def __iter__(self) -> Iterator[str]:
        for first in self._packed.keys() | self._groups.keys():
            yield from self._group(first)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def grouped(table: Mapping[str, V]) -> dict[str, bytes]:
    """``table`` as ``Grouped`` wants it. Values are what marshal can write: texts, numbers, tuples."""
    groups: dict[str, dict[str, V]] = {}
    for key, value in table.items():
        groups.setdefault(key[:1], {})[key] = value
    return {first: marshal.dumps(group) for first, group in groups.items()}


def prepared(name: str, cache_dir: Path | None, make: Callable[[], Any]) -> Any:
    """What ``make`` gives, from the file of this name if it is there and whole; else made, and left there.

    ``cache_dir`` None is a private folder in the system's temporary directory. Where nothing can be written, each
    process makes its own. Only what marshal can write.
    """
    path = _cache_file(name, cache_dir)
    kept = _read(path) if path is not None else None
    if kept is not None:
        return kept
    made = make()
    if path is not None:
        _write(path, made)
    return made


def _cache_file(name: str, cache_dir: Path | None) -> Path | None:
    """Where the table lies, or None where no folder of our own can be had."""
    try:
        if cache_dir is None:
            cache_dir = Path(tempfile.gettempdir()) / f"policy-assistant-{os.getuid()}"
            cache_dir.mkdir(mode=0o700, exist_ok=True)
            # Anyone may make a folder in the temporary directory, and marshal must not read a stranger's file.
            if cache_dir.is_symlink() or cache_dir.stat().st_uid != os.getuid():
                return None
        else:
            cache_dir.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    # marshal's format is not promised across versions, so each has its own file.
    return cache_dir / f"{name}-marshal{marshal.version}.dict"


def _read(path: Path) -> Any:
    try:
        data = path.read_bytes()
        if int.from_bytes(data[:4], "big") != zlib.crc32(memoryview(data)[4:]):
            return None
        return marshal.loads(memoryview(data)[4:])
    except (OSError, EOFError, ValueError, TypeError):
        return None


def _write(path: Path, table: Any) -> None:
    data = marshal.dumps(table)
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    except OSError:
        return  # the folder can't be written: nothing is lost but time
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(zlib.crc32(data).to_bytes(4, "big") + data)
        # mkstemp makes files for their owner alone, but set-up and server may run as different users.
        Path(temporary).chmod(0o644)
        # Renamed whole, so that another process reads the old file or the new one, never half of one.
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
