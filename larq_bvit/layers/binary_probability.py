"""Binary attention probabilities with a learned clip."""

from typing import Any

import larq as lq
import tensorflow as tf

from larq_bvit.layers.ops import AtLeast

_SMALLEST = 1e-5


@tf.custom_gradient
def binary_probability(p: tf.Tensor, clip: tf.Tensor) -> tf.Tensor:
    """See `BinaryProbability`."""
    ratio = p / clip
    clipped = tf.clip_by_value(ratio, 0, 1)
    bits = tf.round(clipped)  # half to even, as PyTorch

    def grad(dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        inside = dy * tf.cast(clipped == ratio, dy.dtype)  # dy where 0 <= ratio <= 1, else 0
        # `ratio`, which may be infinite in half precision, is `clipped` inside
        dclip = bits * dy - clipped * inside
        # one number from all probabilities: in half precision their sum overflows
        wide = tf.cast(dclip, tf.float32) if dclip.dtype.size < 4 else dclip
        return inside, tf.cast(tf.reduce_sum(wide), clip.dtype)

    return bits * clip, grad


@tf.keras.utils.register_keras_serializable("larq_bvit")
class BinaryProbability(lq.quantizers.Quantizer):
    r"""Binarises non-negative numbers of any shape to 0 and `clip`, a learned scalar.

    Forward: `q(p) = clip * clamp(round(p / clip), 0, 1)`, round half to even: `clip` where
    `p > clip / 2`, else 0.
    Gradient, with `r = p / clip`: `dq/dp = 1 where 0 <= r <= 1, else 0`;
    `dq/dclip = round(r) - r where 0 <= r <= 1, 1 where r > 1`.

    After each step of an optimizer, `clip` is at least 1e-5: below 0 all is 0, the gradients
    too, so that attention would be off for good. The published BinaryViT lacks this; learning
    rates near `clip` itself take it below 0 in a few steps.

    Reference: BiT (Liu et al. 2022, arXiv 2205.13016), Sec. 3.2 (elastic binarisation).

    Arguments:
        initial_clip: where `clip` starts; the published BinaryViT uses 0.005.

    Raises:
        ValueError: `initial_clip` is below 1e-5.
    """

    precision = 1

    def __init__(self, initial_clip: float = 0.005, **kwargs: Any):
        super().__init__(**kwargs)
        if not initial_clip >= _SMALLEST:  # nor NaN
            raise ValueError(f"initial_clip must be at least {_SMALLEST}; got {initial_clip}")
        self.initial_clip = initial_clip

    def build(self, input_shape: tf.TensorShape) -> None:
        self.clip = self.add_weight(
            name="clip",
            shape=(),
            initializer=tf.keras.initializers.Constant(self.initial_clip),
            constraint=AtLeast(_SMALLEST),
        )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return binary_probability(inputs, tf.convert_to_tensor(self.clip))

    def get_config(self) -> dict:
        return {**super().get_config(), "initial_clip": self.initial_clip}
