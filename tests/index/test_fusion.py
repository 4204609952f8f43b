from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.fusion import Scale, centred, fixed_scale_sum, merged, ranking

UNIT = st.floats(0, 1, width=32)
E5 = Scale(0.70, 1.0)


def test_the_sum_is_six_tenths_of_the_scaled_cosine_and_four_of_the_share() -> None:
    scores = fixed_scale_sum(np.array([0.85, 1.0, 0.6]), np.array([0.5, 1.0, 0.0]), E5)
    np.testing.assert_allclose(scores, [0.6 * 0.5 + 0.4 * 0.5, 1.0, 0.0])


@given(st.lists(st.tuples(st.floats(-1, 1), UNIT), max_size=20))
def test_scores_lie_between_nothing_and_one(pairs: list[tuple[float, float]]) -> None:
    cosines, shares = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    scores = fixed_scale_sum(cosines, shares, E5)
    assert ((scores >= 0) & (scores <= 1 + 1e-9)).all()


@given(st.lists(UNIT, max_size=20))
def test_equal_scores_keep_document_order(scores: list[float]) -> None:
    order = ranking(np.array(scores, dtype=np.float32)).tolist()
    assert order == sorted(range(len(scores)), key=lambda i: -scores[i])


@given(arrays(np.float32, (4, 3), elements=st.floats(-1, 1, width=32)), arrays(np.float32, 3, elements=UNIT))
def test_centred_vectors_are_unit_or_nothing(vectors: np.ndarray, mean: np.ndarray) -> None:
    norms = np.linalg.norm(centred(vectors, mean), axis=1)
    assert (np.isclose(norms, 1, atol=1e-3) | (norms <= 1)).all()


def test_centring_takes_off_what_all_texts_share() -> None:
    vectors = np.array([[1, 1, 0], [1, -1, 0]], dtype=np.float32)
    np.testing.assert_allclose(centred(vectors, vectors.mean(axis=0)), [[0, 1, 0], [0, -1, 0]])


def test_two_witnesses_are_weighed_and_the_nearer_language_counts_more() -> None:
    assert merged(0.8, 0.4) == pytest.approx(0.75 * 0.8 + 0.25 * 0.4)
    assert merged(0.8, None) == 0.8
    assert merged(None, 0.4) == 0.4
    assert merged(None, None) == 0.0
    assert merged(0.0, 0.4) == pytest.approx(0.1)
