"""What a question is after, by its nearest exemplars in embedding space: a second opinion beside the cues.

Rules see what they know the words of; exemplars see wording nobody foresaw. They say two things: how likely a
question is about something else altogether, and which facet is wanted where no cue was met.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EXEMPLARS_FILE = Path(__file__).with_name("exemplars.tsv")
NEIGHBOURS = 9
_ELSEWHERE = "oos"
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A question as people ask it and what kind of question it is (a facet, ``smalltalk`` or ``oos``)."""

    kind: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Intent:
    """``elsewhere``: the share (0..1) of the nearest exemplars that are about something else. ``kind``: the kind
    of in-scope exemplars with the largest share, and that ``share``."""

    elsewhere: float
    kind: str
    share: float


def load_exemplars(path: Path = EXEMPLARS_FILE) -> tuple[Exemplar, ...]:
    """The rows of the file, comments and header left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and not line.startswith("kind\t"):
            kind, language, text = line.split("\t")
            rows.append(Exemplar(kind, language, text))
    return tuple(rows)


class IntentModel:
    """Nearest-exemplar votes, language by language. Never changes once made."""

    def __init__(self, exemplars: Sequence[Exemplar], vectors: Vector) -> None:
        """``vectors`` are the unit query vectors of the exemplars, float32, ``(len(exemplars), dimension)``."""
        self._sides: dict[str, tuple[Vector, Vector, NDArray[np.str_]]] = {}
        for language in ("zh", "en"):
            rows = [i for i, e in enumerate(exemplars) if e.language == language]
            # What all questions of a language share says nothing about what they are after.
            mean = vectors[rows].mean(axis=0)
            kinds = np.array([exemplars[i].kind for i in rows], dtype=np.str_)
            self._sides[language] = (mean, _centred(vectors[rows], mean), kinds)

    @classmethod
    def load(
        cls, embed: Callable[[str], Vector], identity: str, cache_dir: Path, progress: bool | None = None
    ) -> IntentModel:
        """The model for an embedder, its vectors taken from ``cache_dir`` or made and left there.

        A cache that cannot be written costs time and nothing else.
        """
        exemplars = load_exemplars()
        digest = hashlib.sha256(f"{identity}\n{exemplars!r}".encode()).hexdigest()[:16]
        path = cache_dir / f"exemplars-{digest}.npy"
        vectors = _read(path, len(exemplars))
        if vectors is None:
            from tqdm import tqdm

            bar = tqdm(
                exemplars, desc="exemplars", unit="q", leave=False, disable=None if progress is None else not progress
            )
            vectors = np.stack([embed(e.text) for e in bar]).astype(np.float32)
            _write(path, vectors)
        return cls(exemplars, vectors)

    def judge(self, vector: Vector, language: str) -> Intent:
        """What a question with this unit vector is after. ``language`` is zh, zh-Hant or en."""
        mean, centred, kinds = self._sides["en" if language == "en" else "zh"]
        similarities = centred @ _centred(vector, mean)
        nearest = np.argsort(-similarities, kind="stable")[:NEIGHBOURS]
        votes: dict[str, float] = defaultdict(float)
        for row in nearest:
            # Cubed, so that one close exemplar outweighs several that are merely not far.
            votes[str(kinds[row])] += max(float(similarities[row]), 0.0) ** 3
        total = sum(votes.values()) or 1.0
        elsewhere = votes.pop(_ELSEWHERE, 0.0) / total
        kind, weight = max(votes.items(), key=lambda kv: kv[1], default=("", 0.0))
        return Intent(elsewhere, kind, weight / total)


def _centred(vectors: Vector, mean: Vector) -> Vector:
    moved = vectors - mean
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def _read(path: Path, rows: int) -> Vector | None:
    try:
        vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return vectors if vectors.ndim == 2 and len(vectors) == rows else None


def _write(path: Path, vectors: Vector) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".npy")
        with os.fdopen(handle, "wb") as file:
            np.save(file, vectors)
        # Renamed whole, so that another process reads the old file or the new one, never half of one.
        Path(temporary).replace(path)
    except OSError:
        return
