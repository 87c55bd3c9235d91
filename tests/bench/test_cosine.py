"""Cosines of outputs."""

import numpy as np
import pytest

from larq_bvit.bench.cosine import cosine


def test_cosines():
    assert cosine(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == 0
    assert cosine(np.array([1, 2]), np.array([2, 4])) == pytest.approx(1)
    assert cosine(np.zeros(2), np.zeros(2)) == 1 and cosine(np.zeros(2), np.ones(2)) == 0
