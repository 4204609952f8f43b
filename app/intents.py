"""What a question is after, learned from exemplars in embedding space: a second opinion beside the cues.

Rules see what they know the words of; exemplars see wording nobody foresaw. They say two things: how likely a
question is about something else altogether (by its nearest exemplars, since what is out of scope has no shape of its
own), and which facet is wanted where no cue was met (by a linear reading of all of them, since what the exemplars of
a facet share is a direction and their topics are not).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EXEMPLARS_FILE = Path(__file__).with_name("exemplars.tsv")
NEIGHBOURS = 17
_ELSEWHERE = "oos"
# There are fewer exemplars of what is elsewhere than of what is here; one of them counts for so many.
_ELSEWHERE_WEIGHT = 2.0
# Ridge regression of the kinds on the vectors: the penalty, and how sharply its scores become shares. Chosen on the
# development questions, where the kind of the largest share is that of seven questions in ten.
_PENALTY = 10.0
_SHARPNESS = 24.0
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A question as people ask it and what kind of question it is (a facet, ``smalltalk`` or ``oos``)."""

    kind: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Intent:
    """``elsewhere``: the share (0..1) of the nearest exemplars that are about something else. ``kind``: the likeliest
    of the kinds that are in scope, and its ``share`` (0..1) among them; ``shares`` are those of all kinds."""

    elsewhere: float
    kind: str
    share: float
    shares: Mapping[str, float] = field(default_factory=dict)


def load_exemplars(path: Path = EXEMPLARS_FILE) -> tuple[Exemplar, ...]:
    """The rows of the file, comments and header left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and not line.startswith("kind\t"):
            kind, language, text = line.split("\t")
            rows.append(Exemplar(kind, language, text))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Side:
    """The exemplars of one language: unit vectors around their mean, whether each is elsewhere, and the weights
    ``(dimension + 1, len(kinds))`` that read a vector as kinds, the last row for the constant."""

    mean: Vector
    vectors: Vector
    elsewhere: NDArray[np.bool_]
    kinds: tuple[str, ...]
    weights: Vector

    @classmethod
    def of(cls, kinds: Sequence[str], vectors: Vector) -> _Side:
        # What all questions of a language share says nothing about what they are after.
        mean = vectors.mean(axis=0)
        centred = _centred(vectors, mean)
        elsewhere = np.array([kind == _ELSEWHERE for kind in kinds])
        here = centred[~elsewhere]
        names = sorted(set(kinds) - {_ELSEWHERE})
        wanted = np.array([[kind == name for name in names] for kind in kinds if kind != _ELSEWHERE], dtype=np.float32)
        rows = np.hstack([here, np.ones((len(here), 1), dtype=np.float32)])
        penalty = _PENALTY * np.eye(rows.shape[1], dtype=np.float32)
        weights = np.linalg.solve(rows.T @ rows + penalty, rows.T @ wanted)
        return cls(mean, centred, elsewhere, tuple(names), np.asarray(weights, dtype=np.float32))

    def judge(self, vector: Vector) -> Intent:
        centred = _centred(vector, self.mean)
        similarities = self.vectors @ centred
        nearest = np.argsort(-similarities, kind="stable")[:NEIGHBOURS]
        # Cubed, so that one close exemplar outweighs several that are merely not far.
        votes = np.maximum(similarities[nearest], 0.0) ** 3
        votes = np.where(self.elsewhere[nearest], votes * _ELSEWHERE_WEIGHT, votes)
        elsewhere = float(votes[self.elsewhere[nearest]].sum() / (votes.sum() or 1.0))
        if not self.kinds:
            return Intent(elsewhere, "", 0.0)
        scores = _SHARPNESS * (centred @ self.weights[:-1] + self.weights[-1])
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        best = int(shares.argmax())
        by_kind = dict(zip(self.kinds, map(float, shares), strict=True))
        return Intent(elsewhere, self.kinds[best], float(shares[best]), by_kind)


class IntentModel:
    """Reads what questions are after, language by language. Never changes once made."""

    def __init__(self, exemplars: Sequence[Exemplar], vectors: Vector) -> None:
        """``vectors`` are the unit query vectors of the exemplars, float32, ``(len(exemplars), dimension)``."""
        self._sides: dict[str, _Side] = {}
        for language in ("zh", "en"):
            rows = [i for i, e in enumerate(exemplars) if e.language == language]
            self._sides[language] = _Side.of([exemplars[i].kind for i in rows], vectors[rows])

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
        return self._sides["en" if language == "en" else "zh"].judge(vector)


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
        # Renamed whole, so that another process reads the old file or the new one, never half of one.
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            np.save(file, vectors)
        temporary.replace(path)
    except OSError:
        return
