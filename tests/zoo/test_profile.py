"""Profiles: tiny models counted by hand, BinaryViT by its paper's plan, the others as published."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.layers import ApproxSign, BinaryProbability, QuantAttention, ScaledSign
from larq_bvit.zoo.profile import profile
from tests import model_table

layers = tf.keras.layers
SIGNS = {"input_quantizer": "ste_sign", "kernel_quantizer": "ste_sign"}


def profile_layer(layer, *shapes):
    """Profile of a model of one layer."""
    inputs = [tf.keras.Input(shape) for shape in shapes]
    outputs = layer(inputs if len(inputs) > 1 else inputs[0])
    return profile(tf.keras.Model(inputs, outputs))


def counted_macs(x, kernel, strides, groups=1):
    """Multiplications of a valid 2-D convolution, carried out one by one."""
    height, width, filters = *kernel.shape[:2], kernel.shape[3]
    per_group = filters // groups
    count = 0
    for i in range(0, x.shape[0] - height + 1, strides):
        for j in range(0, x.shape[1] - width + 1, strides):
            for f in range(filters):
                first = f // per_group * kernel.shape[2]
                patch = x[i : i + height, j : j + width, first : first + kernel.shape[2]]
                count += (patch * kernel[..., f]).size
    return count


@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("groups", [1, 2])
def test_convolutions_are_counted_one_by_one(strides, groups):
    layer = layers.Conv2D(6, (3, 2), strides=strides, groups=groups, use_bias=False)
    counts = profile_layer(layer, (9, 7, 4))
    x, kernel = np.ones((9, 7, 4)), layer.get_weights()[0]
    assert counts.float_macs == counted_macs(x, kernel, strides, groups)
    assert counts.binary_macs == 0 and counts.ops == counts.float_macs
    assert counts.parameters == counts.trainable_parameters == kernel.size
    assert counts.layers[0].kind == "Conv2D"
    assert counts.layers[0].output_shape == layer.output_shape[1:]


@pytest.mark.parametrize(
    ("layer", "macs", "parameters"),
    [
        (layers.Conv2D(8, 3, padding="same"), 4 * 6 * 3 * 3 * 2 * 8, 3 * 3 * 2 * 8 + 8),
        (layers.Conv2D(8, 3, strides=2, padding="same"), 2 * 3 * 3 * 3 * 2 * 8, 152),
        (layers.Conv2DTranspose(5, 3, strides=2), 4 * 6 * 3 * 3 * 2 * 5, 3 * 3 * 2 * 5 + 5),
        (layers.DepthwiseConv2D(3, depth_multiplier=4), 2 * 4 * 3 * 3 * 2 * 4, 80),
        (layers.SeparableConv2D(5, 3), 2 * 4 * (3 * 3 * 2 + 2 * 5), 18 + 10 + 5),
        (layers.Dense(5), 4 * 6 * 2 * 5, 15),
        (layers.BatchNormalization(), 0, 8),
        (layers.Lambda(lambda x: x), 0, 0),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, tf.keras.layers.Layer) else "",
)
def test_float_layers(layer, macs, parameters):
    counts = profile_layer(layer, (4, 6, 2))
    assert (counts.float_macs, counts.binary_macs) == (macs, 0)
    assert (counts.float_parameters, counts.packed_bytes) == (parameters, 4 * parameters)


@pytest.mark.parametrize(
    ("sides", "binary_macs", "binary_weights"),
    [
        (SIGNS, True, True),
        ({"input_quantizer": ApproxSign(), "kernel_quantizer": ScaledSign()}, True, True),
        ({"kernel_quantizer": "ste_sign"}, False, True),
        ({"input_quantizer": "ste_sign"}, False, False),
        ({"input_quantizer": "dorefa_quantizer", "kernel_quantizer": "ste_sign"}, False, True),
        ({}, False, False),
    ],
)
def test_binary_where_both_sides_have_one_bit(sides, binary_macs, binary_weights):
    counts = profile_layer(lq.layers.QuantConv2D(5, 3, use_bias=True, **sides), (4, 6, 3))
    macs, weights = 2 * 4 * 3 * 3 * 3 * 5, 3 * 3 * 3 * 5
    assert counts.binary_macs + counts.float_macs == macs
    assert counts.binary_macs == macs * binary_macs
    assert counts.ops == (macs / 64 if binary_macs else macs)
    assert counts.binary_parameters == weights * binary_weights
    assert counts.float_parameters == 5 + weights * (not binary_weights)
    # 135 bits in 17 bytes, 5 scales, 5 biases
    assert counts.packed_bytes == (17 + 20 + 20 if binary_weights else 4 * (weights + 5))


def test_binary_depthwise_and_dense():
    signs = {"input_quantizer": "ste_sign", "depthwise_quantizer": "ste_sign"}
    counts = profile_layer(lq.layers.QuantDepthwiseConv2D(3, use_bias=False, **signs), (3, 3, 16))
    assert (counts.binary_macs, counts.packed_bytes) == (9 * 16, 9 * 16 // 8 + 4 * 16)
    counts = profile_layer(lq.layers.QuantDense(7, use_bias=False, **SIGNS), (16,))
    assert (counts.binary_macs, counts.packed_bytes) == (16 * 7, 16 * 7 // 8 + 4 * 7)


@pytest.mark.parametrize(
    ("quantizers", "binary_products"),
    [((), 0), ((ApproxSign(),), 1), ((ApproxSign(), BinaryProbability()), 2)],
)
def test_attention(quantizers, binary_products):
    shapes = (4, 6, 8), (2, 3, 8), (2, 3, 8)
    counts = profile_layer(QuantAttention(2, *quantizers), *shapes)
    q, k = np.ones((2, 24, 4)), np.ones((2, 6, 4))  # (heads, tokens, channels of a head)
    product = sum((a[:, None] * b[None]).size for a, b in zip(q, k, strict=True))
    assert counts.binary_macs == binary_products * product
    assert counts.float_macs == (2 - binary_products) * product
    assert counts.float_parameters == (binary_products == 2)  # the clip


def test_shared_layers_and_nested_models():
    dense = layers.Dense(4, use_bias=False)
    image = tf.keras.Input((4,))
    inner = tf.keras.Sequential([tf.keras.Input((4,)), layers.Dense(4, name="last")], name="inner")
    counts = profile(tf.keras.Model(image, inner(dense(dense(image)))))
    assert [layer.name for layer in counts.layers] == [dense.name, "inner/last"]
    assert [layer.float_macs for layer in counts.layers] == [2 * 16, 16]
    assert counts.parameters == 16 + 16 + 4


def test_explains_what_it_cannot_count():
    with pytest.raises(ValueError, match="fixed input size; layer 'open' has a map of .None, None"):
        profile_layer(layers.Conv2D(4, 3, name="open"), (None, None, 3))

    class Subclassed(tf.keras.Model):
        pass

    with pytest.raises(ValueError, match="expected a functional Keras model; got Subclassed"):
        profile(Subclassed())


def test_totals_are_sums_and_all_weights_are_counted():
    model = zoo.create("binaryvit_nano", input_shape=(32, 64, 3), num_classes=10)
    counts = zoo.profile(model)
    assert counts.parameters == model.count_params()
    assert counts.trainable_parameters == sum(map(np.size, model.trainable_weights))
    assert counts.ops == pytest.approx(sum(layer.ops for layer in counts.layers))
    assert len(counts.layers) == len(model.layers) - 1  # without the input


def binaryvit_stage(dim, side, depth, heads, ratio, reduction):
    """Binary MACs of a stage from the paper's plan."""
    n, m = side**2, (side // reduction) ** 2
    linear = 2 * n + 2 * m + (m if reduction > 1 else 0)  # query, out; key, value; reduce
    return depth * (linear * dim**2 + 2 * n * m * dim + 2 * n * ratio * dim**2)


def test_binaryvit_small():
    counts = model_table.profile_of("binaryvit_small")
    stages = [
        binaryvit_stage(64, 56, 3, 1, 8, 8),
        binaryvit_stage(128, 28, 4, 2, 8, 4),
        binaryvit_stage(256, 14, 8, 4, 4, 1),
        binaryvit_stage(512, 7, 4, 8, 4, 1),
    ]
    downsampling = sum(s**2 * 4 * c * 2 * c for s, c in ((28, 64), (14, 128), (7, 256)))
    assert [round(stage / 1e9, 2) for stage in stages] == [0.75, 0.97, 1.39, 0.63]
    assert counts.binary_macs == sum(stages) + downsampling
    assert counts.float_macs == 56**2 * 4 * 4 * 3 * 64 + 512 * 1000
    assert counts.trainable_parameters == 22_491_771


@pytest.mark.parametrize("name", model_table.PUBLISHED)
def test_published_ops(name):
    counts, paper = model_table.profile_of(name), model_table.PUBLISHED[name]
    assert counts.ops / 1e8 == pytest.approx(paper.ops, rel=0.01)
    if paper.bops:
        assert round(counts.binary_macs / 1e9, 2) == paper.bops
        assert round(counts.float_macs / 1e8, 2) == paper.flops
