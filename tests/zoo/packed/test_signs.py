"""Bits and scales of binary kernels, and which kernels they say whole."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import ScaledSign
from larq_bvit.zoo.packed.signs import pack, packed_kernel, unpack
from tests.layers.common import normal, policy


def test_layout_by_hand():
    signs = np.array([[1, -1, -1, 1, 1, -1, 1, -1, -1, 1], [-1] * 9 + [1]])
    kernel = (signs * [[0.5], [3]]).T.reshape(5, 1, 2, 2).astype("float32")
    bits, scale = pack(kernel)
    assert bits.tolist() == [[0b01011001, 0b10], [0, 0b10]] and bits.dtype == np.uint8
    assert scale.tolist() == [0.5, 3] and scale.dtype == np.float32
    assert bits.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(unpack(bits, scale, kernel.shape), kernel)


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (3, 3, 1, 2), (3, 3, 31, 5), (1, 1, 64, 2)])
def test_round_trip(shape):
    kernel = np.where(normal(*shape) < 0, -1, 1) * np.abs(normal(shape[-1], seed=1))
    again = unpack(*pack(kernel), shape)
    np.testing.assert_array_equal(again, kernel)
    assert again.flags["C_CONTIGUOUS"]


def test_zero_is_positive():
    bits, scale = pack(np.array([[0.0], [-0.0]]))
    assert bits.tolist() == [[0b11]] and scale.tolist() == [0]


@pytest.mark.parametrize(
    "values", [[1, -1, 0], [1, -2, 1], [np.nan] * 3, [np.inf, -np.inf, np.inf]]
)
def test_other_values_are_not_packed(values):
    assert pack(np.array(values, "float32").reshape(3, 1)) is None


@pytest.mark.parametrize(
    ("bits", "scale", "message"),
    [
        (np.zeros((2, 2)), [1, 1], r"has bits \(2, 1\) and scales \(2,\); got \(2, 2\) and \(2,\)"),
        (np.zeros((2, 1)), [1], r"got \(2, 1\) and \(1,\)"),
        ([[32], [0]], [1, 1], "zeros behind the last weight"),
        ([[31], [0]], [1, -1], "scales of 0 or above"),
        ([[31], [0]], [1, -0.0], "scales of 0 or above"),
        ([[31], [0]], [np.nan, 1], "scales of 0 or above"),
        ([[31], [0]], [np.inf, 1], "scales of 0 or above"),
    ],
)
def test_refused(bits, scale, message):
    with pytest.raises(ValueError, match=message):
        unpack(np.array(bits, "uint8"), np.array(scale, "float32"), (5, 2))


@tf.keras.utils.register_keras_serializable("tests")
class Contrary(lq.quantizers.Quantizer):
    """Of one bit, and another one each time."""

    precision = 1

    def call(self, inputs):
        return -tf.sign(inputs)


def kernel_of(quantizer, shape=(3, 3, 7, 5)):
    layer = lq.layers.QuantConv2D(
        shape[-1], 3, kernel_quantizer=quantizer, kernel_constraint="weight_clip"
    )
    layer.build((None, 8, 8, shape[2]))
    layer.kernel.assign(normal(*shape) * 0.3 + 0.05)
    return layer.kernel


@pytest.mark.parametrize(
    ("quantizer", "packs"),
    [
        (ScaledSign(), True),
        (ScaledSign(centred=True), True),
        (lq.quantizers.SteSign(), True),
        (lq.quantizers.ApproxSign(), True),
        (lq.quantizers.SwishSign(), True),
        (lq.quantizers.DoReFa(k_bit=1, mode="weights"), True),
        (lq.quantizers.SteHeaviside(), False),  # 0 and 1
        (lq.quantizers.NoOp(precision=1), False),
        (Contrary(), False),
        (lq.quantizers.MagnitudeAwareSign(), None),  # as its mean is rounded on this machine
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_what_is_packed_is_what_the_quantizer_makes(quantizer, packs):
    kernel = kernel_of(quantizer)
    expected = quantizer(tf.constant(kernel.latent_variable.numpy())).numpy()
    packed = packed_kernel(kernel)
    if packs is not None:
        assert (packed is not None) == packs
    if packed is not None:
        assert [part.dtype for part in packed] == [np.uint8, np.float32]
        kernel.assign(unpack(*packed, kernel.shape))
        np.testing.assert_array_equal(
            quantizer(tf.constant(kernel.latent_variable.numpy())), expected
        )


@pytest.mark.parametrize("name", ["mixed_bfloat16", "mixed_float16"])
def test_in_the_precision_that_the_model_computes_with(name):
    with policy(name):
        kernel = kernel_of(ScaledSign(centred=True))
        bits, scale = packed_kernel(kernel)
        with lq.context.quantized_scope(True):
            half = kernel.quantizer(tf.convert_to_tensor(kernel.latent_variable))
    assert half.dtype == name.removeprefix("mixed_")
    np.testing.assert_array_equal(unpack(bits, scale, kernel.shape), tf.cast(half, tf.float32))


def test_scales_that_float32_cannot_hold_are_not_rounded():
    with policy("float64"):
        kernel = kernel_of(ScaledSign())
        assert packed_kernel(kernel) is None
        rounded = kernel.quantizer(tf.convert_to_tensor(kernel.latent_variable)).numpy()
        kernel.assign(rounded.astype("float32"))
        assert packed_kernel(kernel) is not None


def test_a_quantized_scope_does_not_matter():
    kernel = kernel_of(ScaledSign(centred=True))
    expected = packed_kernel(kernel)
    with lq.context.quantized_scope(True):
        got = packed_kernel(kernel)
    for a, b in zip(expected, got, strict=True):
        np.testing.assert_array_equal(a, b)
