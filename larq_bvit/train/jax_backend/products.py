"""Convolutions that are matrix products, as matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf


@contextmanager
def convolutions_as_products() -> Iterator[None]:
    """Keras convolutions of patches that do not overlap are traced as matrix products.

    That is every linear layer of a vision transformer on maps, its patch embedding and its
    downsampling. XLA's convolutions are slow on CPUs (docs/log.md, 29 November 2026).
    """
    layer = tf.keras.layers.Conv2D
    convolve = layer.convolution_op

    def convolution(self: tf.keras.layers.Layer, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        if _is_product(self, inputs, kernel):
            return _product(inputs, kernel)
        return convolve(self, inputs, kernel)

    layer.convolution_op = convolution
    try:
        yield
    finally:
        del layer.convolution_op  # its base class has it


def _is_product(layer: tf.keras.layers.Layer, inputs: tf.Tensor, kernel: tf.Tensor) -> bool:
    """Whether every pixel is in one patch exactly, with all of its channels."""
    high, wide, channels, _ = kernel.shape
    return (
        layer.data_format == "channels_last"
        and layer.strides == (high, wide)
        and layer.dilation_rate == (1, 1)
        and inputs.shape[1] % high == inputs.shape[2] % wide == 0
        and inputs.shape[3] == channels
    )


def _product(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """(B, H h, W w, C) and (h, w, C, D) -> (B, H, W, D)."""
    high, wide, channels, units = kernel.shape
    rows, columns = inputs.shape[1] // high, inputs.shape[2] // wide
    patches = tf.reshape(inputs, (-1, rows, high, columns, wide, channels))
    patches = tf.transpose(patches, (0, 1, 3, 2, 4, 5))
    flat = tf.reshape(patches, (-1, high * wide * channels))
    return tf.reshape(flat @ tf.reshape(kernel, (-1, units)), (-1, rows, columns, units))
