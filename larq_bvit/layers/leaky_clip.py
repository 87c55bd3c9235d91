"""The real-valued activation before Bi-Real-50's first block."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class LeakyClip(tf.keras.layers.Layer):
    """`y = x` on [-1, 1] and a tenth of the slope outside, continuous; any shape.

    Reference: Bi-Real Net (Liu et al. 2018, arXiv 1811.01335), Sec. 3.4, and its published code.
    """

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return 0.1 * inputs + 0.9 * tf.clip_by_value(inputs, -1, 1)
