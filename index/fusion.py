"""How cosine and BM25 become one score, and how languages are merged. Pure functions.

Scores are summed on fixed scales, never fused by rank: by rank, a list that has nothing to say speaks as loud
as one that has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32] | NDArray[np.float64]

# Best on eight Chinese sets with this one weight, and flat between .5 and .7.
DENSE_WEIGHT = 0.6
# The other language settles what its own leaves open; from .2 to .5 it hardly matters.
OTHER_LANGUAGE_WEIGHT = 0.25


@dataclass(frozen=True, slots=True)
class Scale:
    """Which stretch of an embedder's cosine tells texts apart: at ``floor`` texts have nothing in common, at
    ``ceiling`` they say the same."""

    floor: float
    ceiling: float

    def apply(self, cosines: Floats) -> Floats:
        """Cosines as 0..1, clipped at both ends."""
        return np.clip((cosines - self.floor) / (self.ceiling - self.floor), 0.0, 1.0)


def fixed_scale_sum(cosines: Floats, shares: Floats, scale: Scale, dense_weight: float = DENSE_WEIGHT) -> Floats:
    """The fused score of each document, 0..1. ``shares`` are BM25 shares, 0..1, in the same order."""
    return dense_weight * scale.apply(cosines) + (1 - dense_weight) * shares


def centred(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vectors less ``mean``, unit again: what a text says, without what its language adds. Rows or one."""
    moved = vectors - mean
    norms = np.linalg.norm(moved, axis=-1, keepdims=True)
    return np.asarray(moved / np.maximum(norms, 1e-9), dtype=np.float32)


def ranking(scores: Floats) -> NDArray[np.intp]:
    """Positions, best score first; equal scores keep document order, so that runs repeat exactly."""
    return np.argsort(-scores, kind="stable")


def merged(own: float | None, other: float | None) -> float:
    """The score of a thing from the text in the question's language and from the one in another language.

    Two witnesses where there are both, and the nearer one counts more; else what there is, 0 for neither.
    """
    if own is None or other is None:
        return own if own is not None else other or 0.0
    return (1 - OTHER_LANGUAGE_WEIGHT) * own + OTHER_LANGUAGE_WEIGHT * other
