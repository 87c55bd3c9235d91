"""Convolutions as matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import tensorflow as tf


@contextmanager
def convolutions_as_products() -> Iterator[None]:
    """Keras convolutions of one group and without dilation are traced as matrix products.

    Every window becomes a row of a matrix, which repeats pixels where windows overlap. XLA's
    convolutions, those of a gradient above all, are slow on CPUs (docs/log.md, 29 November 2026).
    """
    layer = tf.keras.layers.Conv2D
    convolve = layer.convolution_op

    def convolution(self: tf.keras.layers.Layer, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        if not _is_plain(self, inputs, kernel):
            return convolve(self, inputs, kernel)
        windows = _windows(inputs, self.kernel_size, self.strides, self.padding == "same")
        _, high, wide, values = windows.shape
        units = kernel.shape[-1]
        flat = tf.reshape(windows, (-1, values)) @ tf.reshape(kernel, (values, units))
        return tf.reshape(flat, (-1, high, wide, units))

    layer.convolution_op = convolution
    try:
        yield
    finally:
        del layer.convolution_op  # its base class has it


def _is_plain(layer: tf.keras.layers.Layer, inputs: tf.Tensor, kernel: tf.Tensor) -> bool:
    return (
        layer.data_format == "channels_last"
        and layer.dilation_rate == (1, 1)
        and inputs.shape[3] == kernel.shape[2]  # one group
        and None not in inputs.shape[1:]
    )


def _windows(
    inputs: tf.Tensor, size: tuple[int, int], strides: tuple[int, int], same: bool
) -> tf.Tensor:
    """(B, H, W, C) -> (B, rows, columns, h w C), the values that each output is computed from."""
    _, *image, channels = inputs.shape
    if size == strides and not any(n % k for n, k in zip(image, size, strict=True)):
        (high, wide), (rows, columns) = size, (n // k for n, k in zip(image, size, strict=True))
        patches = tf.reshape(inputs, (-1, rows, high, columns, wide, channels))
        patches = tf.transpose(patches, (0, 1, 3, 2, 4, 5))
        return tf.reshape(patches, (-1, rows, columns, high * wide * channels))
    spans = [_span(*numbers, same) for numbers in zip(image, size, strides, strict=True)]
    padded = tf.pad(inputs, [(0, 0), *(padding for _, padding in spans), (0, 0)])
    counts = [count for count, _ in spans]

    def shifted(i: int, j: int) -> tf.Tensor:
        """Of every window the pixel in row i and column j, (B, rows, columns, C)."""
        ends = [
            start + stride * (count - 1) + 1
            for start, stride, count in zip((i, j), strides, counts, strict=True)
        ]
        return padded[:, i : ends[0] : strides[0], j : ends[1] : strides[1]]

    return tf.concat([shifted(i, j) for i, j in product(*map(range, size))], axis=-1)


def _span(pixels: int, size: int, stride: int, same: bool) -> tuple[int, tuple[int, int]]:
    """How many windows an axis has, and how many zeros TensorFlow puts before and after it."""
    if not same:
        return (pixels - size) // stride + 1, (0, 0)
    count = -(-pixels // stride)
    zeros = max((count - 1) * stride + size - pixels, 0)
    return count, (zeros // 2, zeros - zeros // 2)
