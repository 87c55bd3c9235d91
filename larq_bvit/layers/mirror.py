"""Turns an image by half a turn."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class Mirror(tf.keras.layers.Layer):
    """Reverses height and width, (B, H, W, C) -> (B, H, W, C).

    PyTorch's symmetric padding at stride 2 reaches over the top and left border of an even map,
    TensorFlow's `padding="same"` over the bottom and right one. They are mirror images: with
    the image and every kernel reversed, a network from PyTorch becomes one of plain "same"
    layers, with the same numbers.
    """

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.reverse(inputs, axis=[1, 2])
