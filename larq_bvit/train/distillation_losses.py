"""What a student loses against its teacher, example by example."""

from __future__ import annotations

import tensorflow as tf


def soft_loss(target: tf.Tensor, logits: tf.Tensor, temperature: float = 1.0) -> tf.Tensor:
    """Cross-entropy with the teacher's probabilities: two logits (B, classes) -> (B,).

    Its gradient shrinks with the square of the temperature, and so it is multiplied by it
    (Hinton et al. 2015, Sec. 2).
    """
    logits = _wide(logits) / temperature
    target = tf.nn.softmax(tf.cast(target, logits.dtype) / temperature)
    return temperature**2 * tf.nn.softmax_cross_entropy_with_logits(target, logits)


def feature_loss(target: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
    """Squared distance of two maps' spatial means, of length 1: (B, H, W, C) twice -> (B,).

    The maps' sizes need not be equal. It equals 2 - 2 cos of the means, 0 to 4.
    """
    means = [tf.reduce_mean(_wide(values), axis=[1, 2]) for values in (target, features)]
    ends = [tf.math.l2_normalize(mean, axis=-1) for mean in means]
    return tf.reduce_sum(tf.math.squared_difference(*ends), axis=-1)


def _wide(values: tf.Tensor) -> tf.Tensor:
    """At least float32."""
    return tf.cast(values, tf.float32) if values.dtype.size < 4 else values
