"""Stochastic depth."""

import tensorflow as tf


def drop_path(rate: float, name: str | None = None) -> tf.keras.layers.Dropout:
    """Drops a residual branch of whole samples, (B, H, W, C) -> (B, H, W, C).

    While training, a sample's branch is 0 with probability `rate`, else divided by `1 - rate`.
    It is Keras dropout with one decision per sample, and refuses inputs that are no maps.

    Reference: Huang et al. 2016, arXiv 1603.09382.
    """
    layer = tf.keras.layers.Dropout(rate, noise_shape=(None, 1, 1, 1), name=name)
    layer.input_spec = tf.keras.layers.InputSpec(ndim=4)  # others would be broadcast and mixed
    return layer
