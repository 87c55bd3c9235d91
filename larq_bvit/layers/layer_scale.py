"""The affine transformation before a residual addition."""

from typing import Any

import tensorflow as tf

from larq_bvit.layers.ops import channel_sum, fixed_channels


@tf.custom_gradient
def _affine(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) -> Any:
    def grad(dy: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return dy * scale, channel_sum(dy * x), channel_sum(dy)

    return x * scale + shift, grad


@tf.keras.utils.register_keras_serializable("larq_bvit")
class LayerScale(tf.keras.layers.Layer):
    """`y = scale * x + shift` per channel, (..., C) -> (..., C); the shift starts at 0.

    Reference: BinaryViT (Le & Li 2023, arXiv 2306.16678), Sec. 3.4, after LayerScale (Touvron
    et al. 2021, arXiv 2103.17239). BinaryViT starts the scale at 0.1 on its two main branches
    and at 0 on its pooling branches, which are silent until they have learned something.

    Arguments:
        initial_scale: where `scale` starts.

    Raises:
        ValueError: the number of channels is open.
    """

    def __init__(self, initial_scale: float = 0.1, **kwargs: Any):
        super().__init__(**kwargs)
        self.initial_scale = initial_scale

    def build(self, input_shape: tf.TensorShape) -> None:
        shape = (fixed_channels(self, input_shape),)
        initial = tf.keras.initializers.Constant(self.initial_scale)
        self.scale = self.add_weight(name="scale", shape=shape, initializer=initial)
        self.shift = self.add_weight(name="shift", shape=shape, initializer="zeros")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return _affine(inputs, *map(tf.convert_to_tensor, (self.scale, self.shift)))

    def get_config(self) -> dict:
        return {**super().get_config(), "initial_scale": self.initial_scale}
