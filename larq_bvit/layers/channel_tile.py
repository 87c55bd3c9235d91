"""Repeats the channels, the shortcut of a widening layer."""

from typing import Any

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class ChannelTile(tf.keras.layers.Layer):
    """(..., C) -> (..., ratio * C): `[c0 c1]` becomes `[c0 c1 c0 c1]`.

    Not the inverse of `GroupMean`, which averages *adjacent* channels: the published code
    pairs them so.
    """

    def __init__(self, ratio: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.ratio = ratio

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return tf.TensorShape([*input_shape[:-1], self.ratio * input_shape[-1]])

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.concat([inputs] * self.ratio, axis=-1)

    def get_config(self) -> dict:
        return {**super().get_config(), "ratio": self.ratio}
