"""AtLeast."""

import numpy as np
import tensorflow as tf

from larq_bvit.layers.ops import AtLeast


def test_raises_what_is_below():
    constraint = AtLeast(0.5)
    assert constraint(tf.constant([-1.0, 0.25, 0.75])).numpy().tolist() == [0.5, 0.5, 0.75]
    assert constraint(tf.constant(0.25, tf.float16)).dtype == tf.float16
    again = AtLeast.from_config(constraint.get_config())
    np.testing.assert_array_equal(again(tf.zeros(2)), [0.5, 0.5])
