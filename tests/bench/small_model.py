"""A model that is small enough to be converted in every test."""

import numpy as np
import tensorflow as tf

from larq_bvit import layers

L = tf.keras.layers


def small(binary: bool = True) -> tf.keras.Model:
    """A binary convolution, or a float one and what XNNPACK has no 8-bit form of."""
    tf.keras.utils.set_random_seed(0)
    x = tf.keras.Input((32, 32, 3))
    y = L.Conv2D(32, 4, strides=4)(x)
    y = layers.binary_conv(32, 3)(y) if binary else L.Softmax()(L.Conv2D(32, 3)(y))
    return tf.keras.Model(x, L.Dense(10)(L.GlobalAveragePooling2D()(y)))


def small_images() -> np.ndarray:
    """For it."""
    return np.random.default_rng(0).normal(size=(4, 32, 32, 3)).astype(np.float32)


def batches() -> list[np.ndarray]:
    """The same, one by one."""
    return [image[None] for image in small_images()]
