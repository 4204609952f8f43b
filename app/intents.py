"""What a question is after, learned from exemplars in embedding space: a second opinion beside the cues.

Rules see what they know the words of; exemplars see wording nobody foresaw. They say two things: how likely a
question is about something else altogether (by its nearest exemplars, since what is out of scope has no shape of its
own, and by a linear reading of all), and which facet is wanted where no cue was met (multinomial logistic regression
on the vectors together with short stretches of the text: what the exemplars of a facet share is a direction and a
way of asking, and their topics are not).
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.terms import fold

EXEMPLARS_FILE = Path(__file__).with_name("exemplars.tsv")
NEIGHBOURS = 9
_ELSEWHERE = "oos"
_LANGUAGES = ("zh", "en")
# There are fewer exemplars of what is elsewhere than of what is here; one of them counts for so many.
_ELSEWHERE_WEIGHT = 1.5
# Ridge regression of here or elsewhere on the vectors: the penalty.
_ELSEWHERE_PENALTY = 3.0
# Logistic regression of the kinds: the penalty, how much vectors and stretches weigh beside each other, into how many
# columns the stretches are hashed, and the steps taken. Chosen on the development questions.
_PENALTY = 1.0
_VECTOR_WEIGHT = 6.0
_STRETCH_WEIGHT = 6.0
_COLUMNS = 6000
_STEPS = 60
# Stretches are of up to this many characters of Chinese, or words of English.
_LONGEST = 3
_WORD = re.compile(r"[a-z']+|\?")
# So many exemplars are embedded between two steps of the progress bar.
_BATCH = 64
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
    """The exemplars of one language, read ``by_word`` or by character: unit vectors around their mean, whether each is
    elsewhere, ``elsewhere_weights`` ``(dimension + 1,)`` that read a vector as that, and ``weights``
    ``(dimension + columns + 1, len(kinds))`` that read a vector and the stretches of a text as kinds, the last row of
    each for the constant."""

    by_word: bool
    mean: Vector
    vectors: Vector
    elsewhere: NDArray[np.bool_]
    elsewhere_weights: Vector
    kinds: tuple[str, ...]
    weights: Vector

    @classmethod
    def of(cls, exemplars: Sequence[Exemplar], vectors: Vector, by_word: bool, weights: Vector | None = None) -> _Side:
        """``weights`` as an earlier call made them; made here where there are none."""
        # What all questions of a language share says nothing about what they are after.
        mean = vectors.mean(axis=0)
        centred = _centred(vectors, mean)
        elsewhere = np.array([e.kind == _ELSEWHERE for e in exemplars])
        rows = np.hstack([centred, np.ones((len(centred), 1), dtype=np.float32)])
        penalty = _ELSEWHERE_PENALTY * np.eye(rows.shape[1], dtype=np.float32)
        away = np.linalg.solve(rows.T @ rows + penalty, rows.T @ elsewhere.astype(np.float32))
        here = [e for e in exemplars if e.kind != _ELSEWHERE]
        kinds = tuple(sorted({e.kind for e in here}))
        if weights is None:
            wanted = np.array([[e.kind == kind for kind in kinds] for e in here], dtype=np.float32)
            features = np.stack([_features(v, e.text, by_word) for v, e in zip(centred[~elsewhere], here, strict=True)])
            weights = _logistic_regression(features, wanted)
        return cls(by_word, mean, centred, elsewhere, np.asarray(away, dtype=np.float32), kinds, weights)

    def judge(self, vector: Vector, text: str) -> Intent:
        centred = _centred(vector, self.mean)
        similarities = self.vectors @ centred
        nearest = np.argsort(-similarities, kind="stable")[:NEIGHBOURS]
        # Cubed, so that one close exemplar outweighs several that are merely not far.
        votes = np.maximum(similarities[nearest], 0.0) ** 3
        votes = np.where(self.elsewhere[nearest], votes * _ELSEWHERE_WEIGHT, votes)
        near = float(votes[self.elsewhere[nearest]].sum() / (votes.sum() or 1.0))
        read = float(np.clip(centred @ self.elsewhere_weights[:-1] + self.elsewhere_weights[-1], 0.0, 1.0))
        elsewhere = (near + read) / 2
        if not self.kinds:
            return Intent(elsewhere, "", 0.0)
        shares = _softmax(_features(centred, text, self.by_word) @ self.weights)
        best = int(shares.argmax())
        by_kind = dict(zip(self.kinds, map(float, shares), strict=True))
        return Intent(elsewhere, self.kinds[best], float(shares[best]), by_kind)


class IntentModel:
    """Reads what questions are after, language by language. Never changes once made."""

    def __init__(
        self, exemplars: Sequence[Exemplar], vectors: Vector, weights: Mapping[str, Vector] | None = None
    ) -> None:
        """``vectors`` are the unit query vectors of the exemplars, float32, ``(len(exemplars), dimension)``;
        ``weights`` those of an earlier model of the same exemplars."""
        self._sides: dict[str, _Side] = {}
        for language in _LANGUAGES:
            rows = [i for i, e in enumerate(exemplars) if e.language == language]
            known = weights[language] if weights else None
            self._sides[language] = _Side.of([exemplars[i] for i in rows], vectors[rows], language == "en", known)

    @property
    def weights(self) -> dict[str, Vector]:
        """What was learned, by language."""
        return {language: side.weights for language, side in self._sides.items()}

    @classmethod
    def load(
        cls, embed: Callable[[Sequence[str]], Vector], identity: str, cache_dir: Path, progress: bool | None = None
    ) -> IntentModel:
        """The model for an embedder, its vectors taken from ``cache_dir`` or made and left there. ``embed`` gives the
        unit query vectors of several texts at a time.

        A cache that cannot be written costs time and nothing else.
        """
        exemplars = load_exemplars()
        # The weights are of these exemplars, read by this module; the digest is of both.
        parts = (identity, repr(exemplars), repr((_PENALTY, _VECTOR_WEIGHT, _STRETCH_WEIGHT, _COLUMNS, _STEPS)))
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        path = cache_dir / f"exemplars-{digest}.npz"
        kept = _read(path, len(exemplars))
        if kept is not None:
            return cls(exemplars, kept["vectors"], kept)
        from tqdm import tqdm

        found = []
        with tqdm(
            total=len(exemplars),
            desc="exemplars",
            unit="q",
            leave=False,
            disable=None if progress is None else not progress,
        ) as bar:
            for at in range(0, len(exemplars), _BATCH):
                batch = [e.text for e in exemplars[at : at + _BATCH]]
                found.append(embed(batch))
                bar.update(len(batch))
        vectors = np.vstack(found).astype(np.float32)
        model = cls(exemplars, vectors)
        _write(path, {"vectors": vectors, **model.weights})
        return model

    def judge(self, vector: Vector, text: str, language: str) -> Intent:
        """What a question with this unit vector and folded text is after. ``language`` is zh, zh-Hant or en."""
        return self._sides["en" if language == "en" else "zh"].judge(vector, text)


def _features(centred: Vector, text: str, by_word: bool) -> Vector:
    """What a question is read by: its vector, and which stretches of characters (Chinese) or words it has."""
    row = np.zeros(len(centred) + _COLUMNS + 1, dtype=np.float32)
    row[: len(centred)] = _VECTOR_WEIGHT * centred
    folded = fold(text)
    units = ["^", *(_WORD.findall(folded) if by_word else "".join(folded.split())), "$"]
    found = {" ".join(units[i : i + n]) for n in range(1, _LONGEST + 1) for i in range(len(units) - n + 1)}
    # Not the hash of the language, which differs from process to process.
    columns = [len(centred) + zlib.crc32(stretch.encode()) % _COLUMNS for stretch in found]
    np.add.at(row, columns, 1.0)
    stretches = row[len(centred) : -1]
    stretches *= _STRETCH_WEIGHT / max(float(np.linalg.norm(stretches)), 1e-9)
    row[-1] = 1.0
    return row


def _logistic_regression(rows: Vector, wanted: Vector) -> Vector:
    """Weights ``(columns, kinds)`` of a multinomial logistic regression with a quadratic penalty.

    Newton steps with the fixed bound of Böhning (1992) on the curvature, which is a half, in the span of the rows, of
    which there are fewer than columns; made faster by Nesterov's momentum.
    """
    similar = rows @ rows.T
    step = np.linalg.inv(0.5 * similar + _PENALTY * np.eye(len(rows), dtype=np.float32)).astype(np.float32)
    at: Vector = np.zeros_like(wanted)
    ahead = at
    momentum = 1.0
    for _ in range(_STEPS):
        over = _softmax(_float(similar @ ahead)) - wanted + _PENALTY * ahead
        moved = _float(ahead - step @ over)
        following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = _float(moved + (momentum - 1) / following * (moved - at))
        at, momentum = moved, following
    return np.asarray(rows.T @ at, dtype=np.float32)


def _float(values: NDArray[np.floating[Any]]) -> Vector:
    return np.asarray(values, dtype=np.float32)


def _softmax(scores: Vector) -> Vector:
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True), dtype=np.float32)


def _centred(vectors: Vector, mean: Vector) -> Vector:
    moved = vectors - mean
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def _read(path: Path, rows: int) -> dict[str, Vector] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            kept = {name: file[name] for name in ("vectors", *_LANGUAGES)}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None
    return kept if kept["vectors"].ndim == 2 and len(kept["vectors"]) == rows else None


def _write(path: Path, arrays: Mapping[str, Vector]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Renamed whole, so that another process reads the old file or the new one, never half of one.
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        temporary.replace(path)
    except OSError:
        return
