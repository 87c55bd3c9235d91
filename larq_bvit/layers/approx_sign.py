"""Binary activation with Bi-Real Net's piecewise-quadratic gradient."""

import larq as lq
import tensorflow as tf

from larq_bvit.layers.ops import one_bit_sign


@tf.custom_gradient
def approx_sign(x: tf.Tensor) -> tf.Tensor:
    """sign(x) with sign(0) = +1; see `ApproxSign`."""

    def grad(dy: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(2 - 2 * tf.abs(x)) * dy

    return one_bit_sign(x), grad


@tf.keras.utils.register_keras_serializable("larq_bvit")
class ApproxSign(lq.quantizers.Quantizer):
    r"""Binarises activations of any shape to -1 and +1.

    Forward: `q(x) = +1 where x >= 0, else -1`.
    Gradient: `dq/dx = 2 - 2|x| where |x| <= 1, else 0`.

    PyTorch's sign, and so the published code, gives 0 at exactly 0; here as everywhere in
    Larq it is +1, the only choice that one bit can hold.

    Reference: Bi-Real Net (Liu et al. 2018, arXiv 1808.00278), Sec. 3.3.
    """

    precision = 1

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return approx_sign(inputs)
