"""Binary weights with one scale per output channel."""

from typing import Any

import larq as lq
import tensorflow as tf

from larq_bvit.layers.ops import channel_sum, one_bit_sign, within_unit


@tf.custom_gradient
def _scaled_sign(w: tf.Tensor) -> tf.Tensor:
    def grad(dy: tf.Tensor) -> tf.Tensor:
        return within_unit(dy, w)

    return _binarise(w, like=w), grad


@tf.custom_gradient
def _centred_scaled_sign(w: tf.Tensor) -> tf.Tensor:
    centred = w - _steady_mean(w)

    def grad(dy: tf.Tensor) -> tf.Tensor:
        passed = within_unit(dy, centred)
        # the transpose of centring is centring
        return passed - _channel_mean(passed)

    return _binarise(centred, like=w), grad


def _binarise(w: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """sign(w) times the mean magnitude of `like` in each output channel (the last axis)."""
    return _steady_mean(tf.abs(like)) * one_bit_sign(w)


def _channel_mean(w: tf.Tensor) -> tf.Tensor:
    """Mean over all axes but the last, which is the output channel."""
    # in float32, or the sum of many weights may overflow half precision
    wide = tf.cast(w, tf.float32) if w.dtype.size < 4 else w
    size = w.shape[:-1].num_elements() or tf.cast(tf.size(w) // w.shape[-1], wide.dtype)
    return tf.cast(channel_sum(wide) / size, w.dtype)


def _steady_mean(w: tf.Tensor) -> tf.Tensor:
    """The channel mean, taken around the channel's first number.

    The mean of equal numbers is then that number, bit for bit on every machine, however the sum
    is rounded: what is quantized once is not changed by quantizing it again.
    """
    wide = tf.cast(w, tf.float32) if w.dtype.size < 4 else w
    first = tf.reshape(wide, [-1, w.shape[-1]])[0]
    return tf.cast(first + _channel_mean(wide - first), w.dtype)


@tf.keras.utils.register_keras_serializable("larq_bvit")
class ScaledSign(lq.quantizers.Quantizer):
    r"""Binarises a kernel (..., output channels) to `+-scale`, one scale per output channel.

    Forward: `q(w) = mean|w| * sign(w - m)`, means over all axes but the last, `m = mean(w)`
    when `centred`, else 0. The scale is the mean magnitude of the *uncentred* weights.
    Gradient: `dq/dw = 1 where |w - m| <= 1, else 0`, through the centring; the scale is a
    constant for the gradient.

    The published BinaryViT centres its linear layers and does not centre its convolutions.

    Exactly idempotent, `q(q(w)) = q(w)`: signs and scales say all that a kernel computes with. A
    centred channel of equal weights counts as positive.

    References: XNOR-Net (Rastegari et al. 2016, arXiv 1603.05279), Sec. 3.1, for the scale;
    BinaryViT (Le & Li 2023, arXiv 2306.16678), Sec. 3.1, and its published code.

    Arguments:
        centred: subtract each output channel's mean before taking the sign.
    """

    precision = 1

    def __init__(self, centred: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.centred = centred

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return (_centred_scaled_sign if self.centred else _scaled_sign)(
            tf.convert_to_tensor(inputs)
        )

    def get_config(self) -> dict:
        return {**super().get_config(), "centred": self.centred}
