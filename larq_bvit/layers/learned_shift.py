"""A learned shift per channel, before a sign."""

from typing import Any

import tensorflow as tf

from larq_bvit.layers.ops import channel_sum, fixed_channels


@tf.custom_gradient
def _shifted(x: tf.Tensor, shift: tf.Tensor) -> Any:
    return x + shift, lambda dy: (dy, channel_sum(dy))


@tf.keras.utils.register_keras_serializable("larq_bvit")
class LearnedShift(tf.keras.layers.Layer):
    """`y = x + shift`, one learned number per channel, (..., C) -> (..., C), starting at 0.

    Followed by a sign it is ReActNet's RSign: it moves the threshold of every channel.

    Reference: ReActNet (Liu et al. 2020, arXiv 2003.03488), Sec. 4.2.

    Raises:
        ValueError: the number of channels is open.
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        shape = (fixed_channels(self, input_shape),)
        self.shift = self.add_weight(name="shift", shape=shape, initializer="zeros")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return _shifted(inputs, tf.convert_to_tensor(self.shift))
