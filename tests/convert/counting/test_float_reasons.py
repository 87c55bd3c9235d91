"""Why layers are float, each said of what LCE or stock TensorFlow Lite made of it."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert
from larq_bvit.convert.counting.float_reasons import BOTH_COMPUTED, FULL_PRECISION

lce = pytest.importorskip("larq_compute_engine")

RNG = np.random.default_rng(0)
DEPTHWISE = "binary weights, but LCE has no binary depthwise convolution"
DENSE = "binary weights, but LCE packs convolutions only: write it as a 1x1 convolution"


def sign(x):
    return tf.where(x >= 0, 1.0, -1.0)


def kernel(*shape, scale=0.3):
    """Two values per filter."""
    return (scale * np.where(RNG.normal(size=shape) >= 0, 1, -1)).astype("float32")


def full(*shape):
    return RNG.normal(size=shape).astype("float32")


def conv(x, weights, padding="SAME"):
    return tf.nn.conv2d(x, weights, 1, padding)


def with_zeros(weights):
    weights[..., :2] = 0
    return weights


def ternary(weights):
    weights[0, 0, 0] = 0
    return weights


def pad(x, by, value):
    return tf.pad(x, [[0, 0], [by, by], [by, by], [0, 0]], constant_values=value)


K = (3, 3, 64, 8)
CASES = {
    "packed": (lambda x: conv(sign(x), kernel(*K)), None),
    "groups_of_32": (lambda x: conv(sign(x), kernel(3, 3, 32, 8)), None),
    "full": (lambda x: conv(sign(x), full(*K)), FULL_PRECISION),
    "loose": (  # 1% off, LCE takes 0.5%
        lambda x: conv(sign(x), kernel(*K) * np.linspace(1, 1.01, 64, dtype="f")[:, None]),
        FULL_PRECISION,
    ),
    "ternary": (lambda x: conv(sign(x), ternary(kernel(*K))), "ternary weights"),
    "zeros": (
        lambda x: conv(sign(x), with_zeros(kernel(*K))),
        "binary weights, but 2 of 8 filters have scale 0",
    ),
    "no_sign": (
        lambda x: conv(x + 1, kernel(*K)),
        "binary weights, but the input comes from ADD, not from a sign",
    ),
    "of_the_model": (
        lambda x: conv(x, kernel(*K)),
        "binary weights, but the input is the model's, no sign",
    ),
    "three_values": (
        lambda x: conv(tf.sign(x), kernel(*K)),
        "binary weights, but the input comes from SIGN (whose third value is 0), not from a sign",
    ),
    "moved": (
        lambda x: conv(tf.reshape(sign(x), (1, 4, 16, 64)), kernel(*K)),
        "binary weights, but with RESHAPE between the sign and the convolution",
    ),
    "padded_with_ones": (
        lambda x: conv(pad(sign(x), 2, 1.0), kernel(*K), "VALID"),
        "binary weights, but with PADV2 between the sign and the convolution",
    ),
    "padded_with_zeros": (
        lambda x: conv(pad(sign(x), 1, 0.0), kernel(*K), "VALID"),
        "binary weights and a sign before them, which LCE did not take: was the padding explicit?",
    ),
    "groups_of_16": (
        lambda x: conv(sign(x), kernel(3, 3, 16, 8)),
        "binary weights, but groups of 16 channels; LCE packs multiples of 32",
    ),
    "depthwise": (
        lambda x: tf.nn.depthwise_conv2d(sign(x), kernel(3, 3, 64, 1), [1] * 4, "SAME"),
        DEPTHWISE,
    ),
    "dense": (lambda x: tf.reshape(sign(x), (64, 64)) @ kernel(64, 8), DENSE),
    "transposed": (
        lambda x: tf.nn.conv2d_transpose(sign(x), kernel(3, 3, 8, 64), (1, 16, 16, 8), 2),
        "binary weights, but LCE has no binary transposed convolution",
    ),
    "conv3d": (
        lambda x: tf.nn.conv3d(sign(x)[:, None], kernel(1, 3, 3, 64, 8), [1] * 5, "SAME"),
        "binary weights, but LCE has no binary 3D convolution",
    ),
    "attention": (lambda x: tf.matmul(x[0, 0], x[0, 1], transpose_b=True), BOTH_COMPUTED),
}


def branches(functions):
    """A model with a branch for each of {name: function of (1, 8, 8, 64)}."""
    x = tf.keras.Input((8, 8, 64), 1, name="x")
    # outputs lose their names: something that nothing is fused into stands before them
    y = [tf.tanh(tf.keras.layers.Lambda(f, name=name)(x)) for name, f in functions.items()]
    return tf.keras.Model(x, y, name="m")


def reasons(tflite):
    """{branch: its one product}."""
    products = convert.census(tflite).products
    found = {product.name.split("/")[1]: product for product in products}
    assert len(found) == len(products)
    return found


@pytest.fixture(scope="module")
def by_lce():
    return reasons(lce.convert_keras_model(branches({n: f for n, (f, _) in CASES.items()})))


@pytest.mark.parametrize("name", CASES)
def test_of_lce(by_lce, name):
    product, reason = by_lce[name], CASES[name][1]
    assert product.reason == reason
    assert product.binary is (reason is None) is (product.operator == "LceBconv2d")
    assert product.constant is (reason != BOTH_COMPUTED)


STOCK = {
    "binary": lambda x: conv(sign(x), kernel(*K)),
    "full": lambda x: conv(x, full(*K)),
    "depthwise": CASES["depthwise"][0],
    "dense": CASES["dense"][0],
}
EIGHT_BITS = {
    "binary": "8-bit weights of two values; LCE packs float ones",
    "full": "8-bit weights",
    "depthwise": "8-bit weights of two values; LCE packs float ones",
    "dense": "8-bit weights of two values; LCE packs float ones",
}
FLOAT = {
    "binary": "binary weights and a sign before them: convert the model with LCE",
    "full": FULL_PRECISION,
    "depthwise": DEPTHWISE,
    "dense": DENSE,
}


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs:UserWarning")
@pytest.mark.parametrize("bits, expected", [(32, FLOAT), (16, FLOAT), (8, EIGHT_BITS)])
def test_of_stock_tensorflow_lite(bits, expected):
    """float16 constants stand behind a DEQUANTIZE; 8 bits are those of weights and activations."""
    converter = tf.lite.TFLiteConverter.from_keras_model(branches(STOCK))
    if bits < 32:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if bits == 16:
        converter.target_spec.supported_types = [tf.float16]
    elif bits == 8:
        converter.representative_dataset = lambda: [[full(1, 8, 8, 64)] for _ in range(2)]
    tflite = converter.convert()
    assert ("DEQUANTIZE" in convert.count_ops(tflite)) is (bits < 32)
    found = reasons(tflite)
    assert {name: product.reason for name, product in found.items()} == expected
    assert all(product.constant for product in found.values())


def test_weights_that_are_computed_though_no_input_reaches_them():
    functions = {"drawn": lambda x: conv(sign(x), tf.random.uniform(K))}
    tflite = tf.lite.TFLiteConverter.from_keras_model(branches(functions)).convert()
    product = reasons(tflite)["drawn"]
    assert product.reason == "weights are computed in the graph by TRANSPOSE; LCE packs constants"
    assert product.constant


def test_weights_that_are_not_finite_or_all_zero():
    nan = full(*K)
    nan[0, 0, 0, 3] = np.nan
    functions = {"nan": lambda x: conv(x, nan), "zero": lambda x: conv(x, 0 * full(*K))}
    found = reasons(tf.lite.TFLiteConverter.from_keras_model(branches(functions)).convert())
    assert found["nan"].reason == "non-finite weights"
    assert found["zero"].reason == "all-zero weights"
