"""Nearest upsampling that XLA can train."""

from typing import Any

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class Upsample(tf.keras.layers.UpSampling2D):
    """Repeats every pixel in a rectangle, (B, H, W, C) -> (B, rows * H, columns * W, C).

    Keras' nearest `UpSampling2D`, by the same operator. TensorFlow has no XLA kernel for that
    operator's gradient; here the gradient is a sum over the rectangle.

    Arguments:
        size: (rows, columns) of the rectangle.
    """

    def __init__(self, size: tuple[int, int], **kwargs: Any):
        super().__init__(size, data_format="channels_last", interpolation="nearest", **kwargs)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        rows, columns = self.size
        channels, upsample = inputs.shape[-1], super().call

        @tf.custom_gradient
        def repeat(x: tf.Tensor) -> tuple[tf.Tensor, Any]:
            def grad(dy: tf.Tensor) -> tf.Tensor:
                known = x.shape[1:3].is_fully_defined()
                height, width = x.shape[1:3] if known else tf.unstack(tf.shape(x))[1:3]
                rectangles = tf.reshape(dy, [-1, height, rows, width, columns, channels])
                return tf.reduce_sum(rectangles, axis=[2, 4])

            return upsample(x), grad

        return repeat(inputs)

    def get_config(self) -> dict:
        config = super().get_config()
        del config["data_format"], config["interpolation"]
        return config
