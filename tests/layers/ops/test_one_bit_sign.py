"""The sign that is +1 at 0."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers.ops import one_bit_sign
from tests.layers.common import normal


@pytest.mark.parametrize("dtype", [tf.float64, tf.float32, tf.float16, tf.bfloat16])
def test_equals_the_comparison(dtype):
    least = 2.0**-24 if dtype == tf.float16 else 1e-37  # above what processors flush to 0
    special = [-np.inf, -1, -least, -0.0, 0.0, least, 1, np.inf]
    x = tf.cast(np.concatenate([special, normal(1000)]), dtype)
    expected = np.where(tf.cast(x, tf.float64).numpy() >= 0, 1, -1)
    np.testing.assert_array_equal(tf.cast(one_bit_sign(x), tf.float64), expected)
