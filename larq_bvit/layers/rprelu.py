"""PReLU with learned moves."""

from typing import Any

import tensorflow as tf

from larq_bvit.layers.ops import channel_sum, fixed_channels


@tf.custom_gradient
def _rprelu(x: tf.Tensor, shift_in: tf.Tensor, slope: tf.Tensor, shift_out: tf.Tensor) -> Any:
    """See `RPReLU`; written for few passes over the map, and none that selects."""
    u = x - shift_in

    def grad(dy: tf.Tensor) -> tuple[tf.Tensor, ...]:
        below = dy - tf.raw_ops.ReluGrad(gradients=dy, features=u)  # dy where u <= 0, else 0
        dx = dy - (1 - slope) * below
        dshift_out = channel_sum(dy)
        dshift_in = (1 - slope) * channel_sum(below) - dshift_out
        return dx, dshift_in, channel_sum(below * u), dshift_out

    return u + (slope - 1) * tf.minimum(u, 0) + shift_out, grad


@tf.keras.utils.register_keras_serializable("larq_bvit")
class RPReLU(tf.keras.layers.Layer):
    """`y = prelu(x - shift_in) + shift_out` per channel, (..., C) -> (..., C).

    `prelu(u) = u where u > 0, else slope * u`. The shifts start at 0 and the slope at 0.25.

    Reference: ReActNet (Liu et al. 2020, arXiv 2003.03488), Sec. 4.2.

    Raises:
        ValueError: the number of channels is open.
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        shape = (fixed_channels(self, input_shape),)
        slope = tf.keras.initializers.Constant(0.25)
        self.shift_in = self.add_weight(name="shift_in", shape=shape, initializer="zeros")
        self.slope = self.add_weight(name="slope", shape=shape, initializer=slope)
        self.shift_out = self.add_weight(name="shift_out", shape=shape, initializer="zeros")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        weights = self.shift_in, self.slope, self.shift_out
        return _rprelu(inputs, *map(tf.convert_to_tensor, weights))
