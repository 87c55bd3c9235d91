"""Multi-head attention on maps, binary where quantizers say so."""

from collections.abc import Callable
from math import prod
from typing import Any

import larq as lq
import tensorflow as tf

# What `larq.quantizers.get` takes: a quantizer, its name, its configuration, or None.
QuantizerLike = Callable[[tf.Tensor], tf.Tensor] | str | dict | None


@tf.keras.utils.register_keras_serializable("larq_bvit")
class QuantAttention(tf.keras.layers.Layer):
    r"""`bit(softmax(sign(q) . sign(k)^T / sqrt(d))) . sign(v)`, head by head.

    `q` (B, H, W, C), `k` and `v` (B, h, w, C) -> (B, H, W, C), with C = heads * d. Without
    quantizers this is ordinary scaled dot-product attention.

    Reference: BinaryViT (Le & Li 2023, arXiv 2306.16678), Sec. 3.1; ViT (Dosovitskiy et al.
    2021, arXiv 2010.11929), App. A.

    Arguments:
        heads: number of heads; must divide C.
        input_quantizer: applied to q, k and v (Larq quantizer; `ApproxSign` in BinaryViT).
        probability_quantizer: applied to the softmax (`BinaryProbability` in BinaryViT).

    Raises:
        ValueError: C is not a multiple of `heads`, q, k and v differ in C, k and v in size, or a
            size is open.
    """

    def __init__(
        self,
        heads: int,
        input_quantizer: QuantizerLike = None,
        probability_quantizer: QuantizerLike = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if heads < 1:
            raise ValueError(f"heads must be a positive integer; got {heads}")
        self.heads = heads
        self.input_quantizer = lq.quantizers.get(input_quantizer)
        self.probability_quantizer = lq.quantizers.get(probability_quantizer)
        self.input_spec = [tf.keras.layers.InputSpec(ndim=4)] * 3  # Keras counts them, too

    def build(self, input_shape: list[tf.TensorShape]) -> None:
        channels = [shape[-1] for shape in input_shape]
        if len(set(channels)) != 1 or channels[0] % self.heads:
            raise ValueError(
                f"q, k and v must share a number of channels that is a multiple of "
                f"heads={self.heads}; got {channels}"
            )
        (batch, *query_map, _), (_, *key_map, _), (_, *value_map, _) = input_shape
        if None in (*query_map, *key_map, *value_map):
            raise ValueError(f"expected maps of known height and width; got {input_shape}")
        if key_map != value_map:
            raise ValueError(f"k and v must have maps of one size; got {key_map} and {value_map}")
        if isinstance(self.probability_quantizer, tf.keras.layers.Layer):
            probabilities = [batch, self.heads, prod(query_map), prod(key_map)]
            with tf.name_scope(self.probability_quantizer.name):
                self.probability_quantizer.build(tf.TensorShape(probabilities))
        super().build(input_shape)

    def compute_output_shape(self, input_shape: list[tf.TensorShape]) -> tf.TensorShape:
        return input_shape[0]

    def _split_heads(self, x: tf.Tensor) -> tf.Tensor:
        """(B, H, W, C) -> (B, heads, H * W, d)."""
        _, height, width, channels = x.shape
        x = tf.reshape(x, [-1, height * width, self.heads, channels // self.heads])
        return tf.transpose(x, [0, 2, 1, 3])

    def _quantized_heads(self, x: tf.Tensor) -> tf.Tensor:
        """(B, H, W, C) -> (B, heads, H * W, d)."""
        return self._split_heads(self.input_quantizer(x) if self.input_quantizer else x)

    def probabilities(self, q: tf.Tensor, k: tf.Tensor) -> tf.Tensor:
        """What `call` weighs the values with, (B, heads, H * W, h * w).

        With a `BinaryProbability` every one is 0 or its clip.
        """
        q, k = self._quantized_heads(q), self._quantized_heads(k)
        scores = tf.matmul(q, k, transpose_b=True) * q.shape[-1] ** -0.5
        probabilities = tf.nn.softmax(scores)
        if self.probability_quantizer:
            probabilities = self.probability_quantizer(probabilities)
        return probabilities

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        q, k, v = inputs
        _, height, width, channels = q.shape
        context = tf.matmul(self.probabilities(q, k), self._quantized_heads(v))
        context = tf.transpose(context, [0, 2, 1, 3])
        return tf.reshape(context, [-1, height, width, channels])

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "heads": self.heads,
            "input_quantizer": lq.quantizers.serialize(self.input_quantizer),
            "probability_quantizer": lq.quantizers.serialize(self.probability_quantizer),
        }
