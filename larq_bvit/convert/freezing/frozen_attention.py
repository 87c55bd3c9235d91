"""Binary attention in the fewest operators that TFLite has for it."""

from typing import Any

import tensorflow as tf


@tf.keras.utils.register_keras_serializable("larq_bvit")
class FrozenAttention(tf.keras.layers.Layer):
    """`QuantAttention` with learned shifts and binary probabilities, for inference.

    `q` (B, H, W, C), `k` and `v` (B, h, w, C) -> (B, H, W, C). What it does otherwise:
    - `x + shift >= 0` is `x >= -shift`, exactly: shift and sign are one comparison.
    - The scale of the scores is the magnitude of q's signs, `clip` that of v's (rounds, but for
      heads of 4, 16, 64 or 256 channels the first is a power of two and exact).
    - `clip * clamp(round(p / clip), 0, 1)` is `clip` where `p > clip / 2` (rounds: the division
      is gone).
    - Heads are slices of the channels, each an ordinary matrix product: the converter would
      split a batched product all the same, and transpose and reshape around each part.

    Weights: `query`, `key` and `value` thresholds (C,), `clip` ().
    """

    def __init__(self, heads: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.heads = heads

    def build(self, input_shape: list[tf.TensorShape]) -> None:
        channels = input_shape[0][-1]
        self.query = self.add_weight(name="query", shape=(channels,), initializer="zeros")
        self.key = self.add_weight(name="key", shape=(channels,), initializer="zeros")
        self.value = self.add_weight(name="value", shape=(channels,), initializer="zeros")
        self.clip = self.add_weight(name="clip", shape=(), initializer="ones")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: list[tf.TensorShape]) -> tf.TensorShape:
        return input_shape[0]

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        q, k, v = inputs
        _, height, width, channels = q.shape
        scale = (channels // self.heads) ** -0.5
        # 2 and 1/2: LCE would pack a plain sign of k into bits, only to unpack them again
        q = tf.where(q >= self.query, scale / 2, -scale / 2)
        k = tf.where(k >= self.key, 2.0, -2.0)
        v = tf.where(v >= self.value, self.clip, -self.clip)
        # a clip that training drove to 0 or below lets no probability through
        threshold = tf.where(self.clip > 0, self.clip / 2, 2.0)
        attend = self._attend_one if q.shape[0] == 1 else self._attend_batch
        return tf.reshape(attend(q, k, v, threshold), [-1, height, width, channels])

    def _attend_one(
        self, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, threshold: tf.Tensor
    ) -> tf.Tensor:
        """Batch 1: (1, H, W, C) and twice (1, h, w, C) -> (H * W, C)."""
        channels = q.shape[-1]
        q, k, v = (tf.reshape(x, [-1, channels]) for x in (q, k, v))
        scores = [
            tf.matmul(q_head, k_head, transpose_b=True)
            for q_head, k_head in zip(
                _split(q, self.heads, axis=1), _split(k, self.heads, axis=1), strict=True
            )
        ]
        bits = _bits(tf.concat(scores, axis=0), threshold)  # (heads * H * W, h * w)
        v = _split(tf.transpose(v), self.heads)  # (d, h * w) each
        parts = zip(_split(bits, self.heads), v, strict=True)
        return tf.concat([tf.matmul(b, v_head, transpose_b=True) for b, v_head in parts], axis=1)

    def _attend_batch(
        self, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, threshold: tf.Tensor
    ) -> tf.Tensor:
        """Any batch: (B, H, W, C) and twice (B, h, w, C) -> (B, H * W, C)."""
        channels = q.shape[-1]
        q, k, v = (
            tf.transpose(
                tf.reshape(x, [-1, x.shape[1] * x.shape[2], self.heads, channels // self.heads]),
                [0, 2, 1, 3],
            )
            for x in (q, k, v)
        )
        context = tf.matmul(_bits(tf.matmul(q, k, transpose_b=True), threshold), v)
        return tf.transpose(context, [0, 2, 1, 3])

    def get_config(self) -> dict:
        return {**super().get_config(), "heads": self.heads}


def _bits(scores: tf.Tensor, threshold: tf.Tensor) -> tf.Tensor:
    """1.0 where the softmax over the last axis passes the threshold, else 0.0."""
    return tf.cast(tf.nn.softmax(scores) > threshold, scores.dtype)


def _split(x: tf.Tensor, parts: int, axis: int = 0) -> list[tf.Tensor]:
    """Equal parts; TensorFlow would make an operator of one part, too."""
    return tf.split(x, parts, axis) if parts > 1 else [x]
