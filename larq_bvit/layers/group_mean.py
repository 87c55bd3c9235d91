"""Averages adjacent channels, the shortcut of a narrowing layer."""

from typing import Any

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class GroupMean(tf.keras.layers.Layer):
    """(..., C) -> (..., C / ratio): channel i is the mean of channels [i * ratio, (i + 1) * ratio).

    Not the inverse of `ChannelTile`: see there.

    Raises:
        ValueError: the number of channels is open or no multiple of `ratio`.
    """

    def __init__(self, ratio: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape: tf.TensorShape) -> None:
        if input_shape[-1] is None or input_shape[-1] % self.ratio:
            raise ValueError(
                f"channels must be a multiple of ratio={self.ratio}; got {input_shape[-1]}"
            )
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return tf.TensorShape([*input_shape[:-1], input_shape[-1] // self.ratio])

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        *outer, channels = inputs.shape
        sizes = [-1, *outer[1:]]
        if None in sizes:
            sizes = tf.unstack(tf.shape(inputs))[:-1]
        groups = tf.reshape(inputs, [*sizes, channels // self.ratio, self.ratio])
        return tf.reduce_mean(groups, axis=-1)

    def get_config(self) -> dict:
        return {**super().get_config(), "ratio": self.ratio}
