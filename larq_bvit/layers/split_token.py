"""Takes the class token and the map apart again."""

from collections.abc import Sequence
from math import prod
from typing import Any

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class SplitToken(tf.keras.layers.Layer):
    """Undoes `ClassToken`: (B, 1, 1 + H * W, C) -> the token (B, C) and the map (B, H, W, C).

    Arguments:
        grid: (H, W) of the map.

    Raises:
        ValueError: the tokens are not 1 + H * W.
    """

    def __init__(self, grid: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        self.grid = tuple(grid)

    def build(self, input_shape: tf.TensorShape) -> None:
        tokens = 1 + prod(self.grid)
        if tuple(input_shape[1:-1]) != (1, tokens):
            raise ValueError(
                f"expected a class token and a map of {self.grid}, (B, 1, {tokens}, C); "
                f"got {tuple(input_shape)}"
            )
        self.input_spec = tf.keras.layers.InputSpec(shape=(None, 1, tokens, None))
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> list[tf.TensorShape]:
        batch, channels = input_shape[0], input_shape[-1]
        return [tf.TensorShape([batch, channels]), tf.TensorShape([batch, *self.grid, channels])]

    def call(self, inputs: tf.Tensor) -> list[tf.Tensor]:
        channels = inputs.shape[-1]
        return [inputs[:, 0, 0, :], tf.reshape(inputs[:, :, 1:, :], [-1, *self.grid, channels])]

    def get_config(self) -> dict:
        return {**super().get_config(), "grid": self.grid}
