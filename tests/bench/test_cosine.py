"""Cosines of outputs."""

import numpy as np
import pytest

from larq_bvit.bench.cosine import cosine


def test_cosines():
    assert cosine(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == 0
    assert cosine(np.array([1, 2]), np.array([2, 4])) == pytest.approx(1)
    assert cosine(np.zeros(2), np.zeros(2)) == 1 and cosine(np.zeros(2), np.ones(2)) == 0


def test_stored_integers_count_from_their_zero():
    """Two classes apart are no angle of 5 degrees."""
    first, second = np.full(10, -128, np.int8), np.full(10, -128, np.int8)
    first[3], second[7] = 127, 127
    assert cosine(first, second) > 0.5 and cosine(first, second, -128) == 0


def test_what_is_no_number_is_like_nothing():
    bad = np.float32([1, np.nan])
    assert cosine(bad, bad) == 0 == cosine(np.float32([1, np.inf]), np.float32([1, 1]))
