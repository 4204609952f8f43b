"""A reader's copy of a generation: one file with all tables, beside the database it was made from.

Opening the database takes longer than everything else that a single question needs, so it is opened once, and
what it gave is kept in a file that is read in milliseconds. The database stays the record: the copy names the
state of the database's files that it was made from, and with any other state, or when it can't be read, there is
no copy.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from index.tables import Table, document_of, metadata_of, record_from

# The members of the file, an .npz: one with everything but the vectors as JSON, and the vectors of each table.
_RECORDS = "records"
_VECTORS = "vectors of "


def state_of(folder: Path) -> str:
    """A digest of all files in ``folder``, names and content. OSError when one can't be read."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def read_snapshot(path: Path, state: str) -> dict[str, Table] | None:
    """The tables in the copy at ``path``, by name; None when there is none that was made from ``state``.

    The file is only as good as the disk: hold the tables to the manifest, as those of the database.
    """
    try:
        with np.load(path, allow_pickle=False) as members:
            described = json.loads(members[_RECORDS].tobytes())
            if described["state"] != state:
                return None
            return {
                name: Table(
                    tuple(record_from(*record) for record in records),
                    np.asarray(members[_VECTORS + name], dtype=np.float32),
                )
                for name, records in described["tables"].items()
            }
    except Exception:
        # Whatever a broken file makes numpy, zipfile and json raise: the database has it all.
        return None


def write_snapshot(path: Path, tables: Mapping[str, Table], state: str) -> None:
    """Put a copy of ``tables``, as read from a database whose files are in ``state``, at ``path``.

    Where it can't be written there is none, which costs time and nothing else.
    """
    described = {
        "state": state,
        "tables": {
            name: [(record.chunk.id, document_of(record), metadata_of(record)) for record in table.records]
            for name, table in tables.items()
        },
    }
    members: dict[str, Any] = {_VECTORS + name: table.vectors for name, table in tables.items()}
    members[_RECORDS] = np.frombuffer(json.dumps(described).encode(), dtype=np.uint8)
    # Renamed whole, so that another process reads the old file or the new one, never half of one.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(3)}")
    try:
        with temporary.open("xb") as file:
            np.savez(file, **members)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
