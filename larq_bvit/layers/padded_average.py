"""Average pooling that counts its zero padding."""

from typing import Any

import tensorflow as tf


def padded_average(x: tf.Tensor, pool_size: tuple[int, int]) -> tf.Tensor:
    """Average over `pool_size` (height, width; odd) at stride 1, (B, H, W, C) -> (B, H, W, C).

    The zero padding counts, as in PyTorch's default: a pool of 5 over ones gives
    `[.6 .8 1 ... 1 .8 .6]`. TensorFlow's `padding="SAME"` divides by the number of *real*
    pixels instead and gives ones.
    """
    high, wide = pool_size[0] // 2, pool_size[1] // 2
    x = tf.pad(x, [[0, 0], [high, high], [wide, wide], [0, 0]])
    return tf.nn.avg_pool2d(x, pool_size, strides=1, padding="VALID")


@tf.keras.utils.register_keras_serializable("larq_bvit")
class PaddedAveragePooling2D(tf.keras.layers.Layer):
    """`padded_average` as a layer: stride 1, zero padding that counts, odd `pool_size`.

    Reference: BinaryViT (Le & Li 2023, arXiv 2306.16678), Sec. 3.3, and its published code.

    Raises:
        ValueError: `pool_size` is not two odd positive integers.
    """

    def __init__(self, pool_size: tuple[int, int], **kwargs: Any):
        super().__init__(**kwargs)
        if len(pool_size) != 2 or any(n < 1 or n % 2 == 0 for n in pool_size):
            raise ValueError(f"pool_size must be two odd positive integers; got {pool_size}")
        self.pool_size = pool_size[0], pool_size[1]  # a list where it comes from JSON

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return padded_average(inputs, self.pool_size)

    def get_config(self) -> dict:
        return {**super().get_config(), "pool_size": self.pool_size}
