"""Tables: what a generation holds, one for each collection, and what proves that they are what was written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.terms import encodable
from index.embedders import Vectors
from index.models import Chunk, Grain

FINGERPRINT_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Record:
    """A chunk as stored: with its terms, and its place among all chunks (ties are broken by it)."""

    chunk: Chunk
    terms: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The records of one collection in document order, ``vectors`` row by row (float32, unit length)."""

    records: tuple[Record, ...]
    vectors: Vectors


def document_of(record: Record) -> str:
    """The text of a record as it is stored."""
    return encodable(record.chunk.text)


def metadata_of(record: Record) -> dict[str, str | int]:
    """All of a record but its id, text and vector, as flat values: Chroma takes no others."""
    chunk = record.chunk
    metadata: dict[str, str | int] = {
        "policy": chunk.policy_id,
        "clause": chunk.clause_id,
        "grain": chunk.grain.value,
        "language": chunk.language,
        "heading": encodable(chunk.heading),
        "terms": " ".join(record.terms),
        "position": record.position,
    }
    # Chroma has no null.
    return metadata | ({"provision": chunk.provision_id} if chunk.provision_id is not None else {})


def record_from(chunk_id: str, text: str, metadata: Mapping[str, Any]) -> Record:
    """The record that was stored so. KeyError or ValueError when a value is missing or is none."""
    chunk = Chunk(
        id=chunk_id,
        policy_id=metadata["policy"],
        clause_id=metadata["clause"],
        grain=Grain(metadata["grain"]),
        language=metadata["language"],
        text=text,
        heading=metadata["heading"],
        provision_id=metadata.get("provision"),
    )
    return Record(chunk, tuple(metadata["terms"].split()), int(metadata["position"]))


def digest_of(tables: Mapping[str, Table]) -> str:
    """A fingerprint of the texts and terms, the same for what was written and what is read back."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tables):
        digest.update(name.encode())
        for record in tables[name].records:
            stored = (record.chunk.id, metadata_of(record), document_of(record))
            digest.update(repr(stored).encode("utf-8", "replace"))
    return digest.hexdigest()


def fingerprint_of(table: Table) -> float:
    """A number that changes when a vector does, or two change places. Chroma may give the last bit of a coordinate
    back differently, which a digest would take for damage; compare with a tolerance of ``FINGERPRINT_TOLERANCE``."""
    weights = np.cos(np.arange(table.vectors.size, dtype=np.float64)).reshape(table.vectors.shape)
    return float(np.sum(table.vectors * weights))
