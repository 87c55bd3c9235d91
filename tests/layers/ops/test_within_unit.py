"""The clip of the straight-through estimator, whose edges belong to the inside."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers.ops import within_unit
from tests.layers.common import normal

EPS = {tf.float64: 2.0**-52, tf.float32: 2.0**-23, tf.float16: 2.0**-10, tf.bfloat16: 2.0**-7}


@pytest.mark.parametrize("dtype", EPS)
def test_equals_the_comparison_up_to_the_next_number(dtype):
    eps = EPS[dtype]
    edges = [0, 1 - eps / 2, 1, 1 + eps, 2, np.inf]
    x = np.concatenate([edges, np.negative(edges), 2 * normal(1000)])
    x, dy = tf.cast(x, dtype), tf.cast(normal(len(x), seed=1), dtype)
    expected = np.where(np.abs(tf.cast(x, tf.float64)) <= 1, tf.cast(dy, tf.float64), 0)
    np.testing.assert_array_equal(tf.cast(within_unit(dy, x), tf.float64), expected)
    assert 0 < np.count_nonzero(expected) < len(expected)
