"""PReLU with learned moves."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class RPReLU(tf.keras.layers.Layer):
    """`y = prelu(x - shift_in) + shift_out` per channel, (..., C) -> (..., C).

    `prelu(u) = u where u > 0, else slope * u`. The shifts start at 0 and the slope at 0.25.

    Reference: ReActNet (Liu et al. 2020, arXiv 2003.03488), Sec. 4.2.
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        shape = (input_shape[-1],)
        slope = tf.keras.initializers.Constant(0.25)
        self.shift_in = self.add_weight(name="shift_in", shape=shape, initializer="zeros")
        self.slope = self.add_weight(name="slope", shape=shape, initializer=slope)
        self.shift_out = self.add_weight(name="shift_out", shape=shape, initializer="zeros")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        x = inputs - self.shift_in
        return tf.where(x > 0, x, self.slope * x) + self.shift_out
