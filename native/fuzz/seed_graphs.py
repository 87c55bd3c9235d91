"""The graphs that the fuzzer starts from, as .tflite files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

import larq_bvit as larq_bvit  # before TensorFlow: Larq needs legacy Keras
from larq_bvit import convert, zoo
from larq_bvit.bench.subjects.random_weights import as_after_training
from larq_bvit.convert.tflite.float16_storage import store_as_float16
from larq_bvit.zoo.binaryvit import BinaryViTVariant
from tests.native.graph_writer import GraphWriter
from tests.native.layer_graphs import Layers, Map, options
from tests.native.lce_graphs import SAME, random_bconv2d

_BINARY_CONVOLUTIONS = 24


def seed_graphs() -> Iterator[tuple[str, bytes]]:
    """(name, file) of each."""
    rng = np.random.default_rng(0)
    chosen = (random_bconv2d(rng) for _ in range(1000))
    runnable = (case for case in chosen if case.runs)
    for i in range(_BINARY_CONVOLUTIONS):
        yield f"bconv2d_{i}", next(runnable).tflite(i)
    for name, build in _BUILDERS.items():
        layers = Layers()
        yield name, layers.tflite(build(layers))
    yield "lce_operators", _lce_operators()
    vit = _miniature_vit()
    yield "miniature_vit", vit
    yield "miniature_vit_float16", store_as_float16(vit)


def _unit(g: Layers) -> Map:
    """sign, product, norm, residual, PRELU."""
    x = g.input(1, 5, 5, 64)
    y = g.add(g.pair("MUL", g.binary(x, 64), g.normal(64)), x)
    return g.add(g.prelu(g.add(y, g.normal(64))), g.normal(64))


def _mlp(g: Layers) -> Map:
    """Wide hidden map; channels are tiled, then averaged in groups."""
    x = g.input(1, 4, 7, 32)
    hidden = g.prelu(g.add(g.binary(x, 128), g.tile(x, 4)))
    return g.add(g.prelu(g.add(g.binary(hidden, 32), g.group_mean(hidden, 4))), x)


def _pooling_branches(g: Layers) -> Map:
    x = g.input(1, 7, 6, 32)
    lines = [g.depthwise(x, kernel) for kernel in ((5, 1), (1, 5))]
    return g.node("ADD_N", [x, *lines], x.shape, options("AddN"))


def _residual_cnn(g: Layers) -> Map:
    """Stem and two blocks of Bi-Real Net, and a classifier."""
    x = g.pool("MAX", g.conv(g.input(1, 16, 16, 3), 32, 7, 2), 3, 2, SAME)
    x = g.add(g.binary(x, 32, 3, shift=False), x)
    y = g.binary(x, 64, 3, shift=False, stride_height=2, stride_width=2)
    x = g.add(y, g.conv(g.pool("AVERAGE", x, 2), 64))
    return g.dense(g.global_mean(x), 10)


def _quicknet(g: Layers) -> Map:
    """Binary maps between layers, a blur at the transition, an activation in the product."""
    x = g.conv(g.input(1, 12, 12, 3), 32, 3, 2, activation=1)
    x = g.pair("ADD", g.binary(x, 32, 3, shift=False, activation=1), x)
    bits = g.sign(g.pool("MAX", x, 2))
    bits = g.bconv(bits, 32, 64, 3, padding=SAME, pad_values=1, output="bits")
    return g.bconv(bits, 64, 33, 1)


def _layouts(g: Layers) -> Map:
    """What moves numbers about."""
    x = g.input(1, 4, 6, 8)
    x = g.reverse(g.reshape(x, (1, 6, 4, 8)), 1, 2)
    x = g.node("TRANSPOSE", [x, np.int32([0, 2, 1, 3])], (1, 4, 6, 8), options("Transpose"))
    pads = np.int32([[0, 0], [1, 2], [0, 1], [0, 0]])
    x = g.node("PAD", [x, pads], (1, 7, 7, 8), options("Pad"))
    begin, size = np.int32([0, 1, 0, 2]), np.int32([1, 5, 7, 4])
    x = g.node("SLICE", [x, begin, size], (1, 5, 7, 4), options("Slice"))
    ends = np.int32([0, 0, 0, 0]), np.int32([1, 5, 7, 4]), np.int32([1, 2, 3, 1])
    x = g.node("STRIDED_SLICE", [x, *ends], (1, 3, 3, 4), options("StridedSlice"))
    x = g.node("EXPAND_DIMS", [x, np.int32([1])], (1, 1, 3, 3, 4), options("ExpandDims"))
    x = g.node("SQUEEZE", [x], (1, 3, 3, 4), options("Squeeze", squeezeDims=[1]))
    return g.upsample(x, 2, 3)


def _elementwise(g: Layers) -> Map:
    x = g.input(1, 3, 5, 16)
    for name in ("RELU", "RELU6", "RELU_N1_TO_1", "LOGISTIC", "TANH", "HARD_SWISH", "NEG", "ABS"):
        x = g.add(g.same_shape(name, x), g.normal(16))
    x = g.node("LEAKY_RELU", [x], x.shape, options("LeakyRelu", alpha=0.25))
    for name, y in (("MAXIMUM", np.float32(-1)), ("MINIMUM", g.normal(16)), ("MAXIMUM", x)):
        x = g.node(name, [x, y], x.shape, options("MaximumMinimum"))
    x = g.node("GELU", [x], x.shape, options("Gelu"))
    return g.pair("DIV", g.pair("SUB", x, g.normal(16)), g.normal(16, mean=5), activation=3)


def _views(g: Layers) -> Map:
    """Parts of maps between products, read where they are or gathered."""
    x = g.prelu(g.binary(g.input(2, 3, 4, 64), 64))
    axis = np.int32(3)
    parts = g.nodes("SPLIT", [axis, x], [(2, 3, 4, 32)] * 2, options("Split", numSplits=2))
    x = g.add(g.binary(parts[1], 32), parts[0])
    x = g.node("TRANSPOSE", [x, np.int32([0, 2, 3, 1])], (2, 4, 32, 3), options("Transpose"))
    x = g.reshape(x, (1, 8, 3, 32))
    begin, size = np.int32([0, 1, 0, 0]), np.int32([1, 6, 3, 32])
    x = g.node("SLICE", [x, begin, size], (1, 6, 3, 32), options("Slice"))
    x = g.node("SUM", [g.prelu(x), np.int32([1, 2])], (1, 32), options("Reducer"))
    return g.reshape(x, (32, 1))


def _attention(g: Layers) -> Map:
    """As floats: scores, softmax, context."""
    x = g.input(1, 9, 32)
    scores = g.node("BATCH_MATMUL", [x, x], (1, 9, 9), options("BatchMatMul", adjY=True))
    weights = g.node("SOFTMAX", [scores], scores.shape, options("Softmax", beta=0.5))
    return g.node("BATCH_MATMUL", [weights, x], x.shape, options("BatchMatMul"))


_BUILDERS: dict[str, Callable[[Layers], Map]] = {
    "unit": _unit,
    "mlp": _mlp,
    "pooling_branches": _pooling_branches,
    "residual_cnn": _residual_cnn,
    "quicknet": _quicknet,
    "layouts": _layouts,
    "elementwise": _elementwise,
    "views": _views,
    "attention": _attention,
}


def _lce_operators() -> bytes:
    """LCE's other operators, from 8-bit numbers to 8-bit numbers."""
    graph, pooled = GraphWriter(), (1, 2, 3, 2)
    sizes = {"filter_height": 3, "filter_width": 2, "stride_height": 2, "stride_width": 2}
    x = graph.tensor((1, 5, 5, 40), np.int8, 0.5, 3)
    bits, small = graph.tensor((1, 5, 5, 2), np.int32), graph.tensor(pooled, np.int32)
    y = graph.tensor((*pooled[:-1], 40), np.int8, 0.25, -7)
    graph.custom("LceQuantize", [x], [bits])
    graph.custom("LceBMaxPool2d", [bits], [small], {**sizes, "padding": SAME})
    graph.custom("LceDequantize", [small], [y])
    return graph.tflite([x], [y])


def _miniature_vit() -> bytes:
    """All that BinaryViT has, at 16 pixels."""
    tf.keras.utils.set_random_seed(0)
    variant = BinaryViTVariant(
        dims=(32, 64), depths=(1, 1), heads=(1, 2), mlp_ratios=(2, 2), reductions=(2, 1)
    )
    shape = {"input_shape": (16, 16, 3), "num_classes": 4}
    model = as_after_training(zoo.BinaryViT(variant, classifier_activation=None, **shape))
    return convert.to_tflite(model, verify=False)
