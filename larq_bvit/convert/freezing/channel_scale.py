"""A constant factor per channel."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class ChannelScale(tf.keras.layers.Layer):
    """`y = scale * x` per channel, (..., C) -> (..., C): what is left of a `LayerScale`."""

    def build(self, input_shape: tf.TensorShape) -> None:
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * self.scale
