"""The average-pooling branches of BinaryViT's block."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from larq_bvit.layers.layer_scale import LayerScale
from larq_bvit.layers.padded_average import padded_average


@tf.keras.utils.register_keras_serializable("larq_bvit")
class PoolingBranches(tf.keras.layers.Layer):
    """Sum of `affine(average(x))` over vertical and horizontal pools, (B, H, W, C) -> same.

    For every size k there are two branches, `h{k}` over k x 1 and `w{k}` over 1 x k pixels,
    each at stride 1 with zero padding that counts (see `padded_average`), each with its own
    `LayerScale` that starts at 0.

    Reference: BinaryViT (Le & Li 2023, arXiv 2306.16678), Sec. 3.3.

    Raises:
        ValueError: `sizes` is empty, or has one twice or one that is not an odd positive integer.
    """

    def __init__(self, sizes: Sequence[int] = (3, 5), **kwargs: Any):
        super().__init__(**kwargs)
        self.sizes = tuple(sizes)
        if not self.sizes or any(n < 1 or n % 2 == 0 for n in self.sizes):
            raise ValueError(f"sizes must be odd positive integers; got {self.sizes}")
        if len(set(self.sizes)) != len(self.sizes):  # a branch's name is its size
            raise ValueError(f"sizes must differ from each other; got {self.sizes}")
        self.affines = {
            f"{axis}{size}": LayerScale(
                initial_scale=0.0, name=f"{axis}{size}", dtype=self.dtype_policy
            )
            for size in self.sizes
            for axis in "hw"
        }

    def build(self, input_shape: tf.TensorShape) -> None:
        for name, affine in self.affines.items():
            with tf.name_scope(name):
                affine.build(input_shape)
        super().build(input_shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        return input_shape

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.add_n(
            [
                affine(padded_average(inputs, (size, 1) if axis == "h" else (1, size)))
                for (axis, size), affine in zip(
                    ((axis, size) for size in self.sizes for axis in "hw"),
                    self.affines.values(),
                    strict=True,
                )
            ]
        )

    def get_config(self) -> dict:
        return {**super().get_config(), "sizes": self.sizes}
