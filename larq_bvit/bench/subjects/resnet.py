"""ResNet-18 (He et al. 2015, arXiv 1512.03385), the full-precision twin of Bi-Real Net."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

_WIDTHS = (64, 128, 256, 512)
_BLOCKS = 2  # per stage


def resnet_18(size: tuple[int, int] = (224, 224), classes: int = 1000) -> tf.keras.Model:
    """Logits, with random weights: for its speed, which does not depend on them.

    It pads as TensorFlow's "same" does, where the published one pads all sides: that is its mirror
    image on even sizes, and spares the runtime operators that only pad.
    """
    image = tf.keras.Input((*size, 3))
    x = tf.keras.layers.ReLU()(_convolution(image, _WIDTHS[0], 7, strides=2))
    x = tf.keras.layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, width in enumerate(_WIDTHS):
        for i in range(_BLOCKS):
            x = _block(x, width, strides=2 if stage and not i else 1)
    x = tf.keras.layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(image, tf.keras.layers.Dense(classes)(x), name="resnet_18")


def _block(x: Any, width: int, strides: int) -> Any:
    shortcut = x if strides == 1 else _convolution(x, width, 1, strides)
    y = tf.keras.layers.ReLU()(_convolution(x, width, 3, strides))
    y = _convolution(y, width, 3, strides=1)
    return tf.keras.layers.ReLU()(tf.keras.layers.Add()([y, shortcut]))


def _convolution(x: Any, width: int, kernel_size: int, strides: int) -> Any:
    """Convolution and norm."""
    y = tf.keras.layers.Conv2D(
        width,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return tf.keras.layers.BatchNormalization()(y)
