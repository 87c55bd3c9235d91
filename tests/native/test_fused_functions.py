"""Functions of single numbers, limits, and what is one of the old kinds under another name."""

import numpy as np
import pytest

from tests.native.fused import TOLERANCE, agree, difference
from tests.native.layer_graphs import Layers, options
from tests.native.lce_graphs import RELU, SAME, VALID
from tests.native.stock import isas, load, run, run_lce

# LCE's own are less exact: NaN for large numbers, few digits of small results
FUNCTIONS = {
    "LOGISTIC": lambda x: 1 / (1 + np.exp(-x)),
    "TANH": np.tanh,
    "HARD_SWISH": lambda x: x * np.clip(x + 3, 0, 6) / 6,
}
CHANNELS = [1, 24, 64]


def hidden(graph, *shape):
    x = graph.input(*shape)
    return graph.prelu(graph.binary(x, x.channels))


@pytest.mark.parametrize("name", [*FUNCTIONS, "ABS", "NEG", "RELU_0_TO_1"])
@pytest.mark.parametrize("channels", CHANNELS)
def test_functions(library, name, channels):
    """Of a map that chains make, and of an input; read by all kinds of layers."""
    graph = Layers(channels)
    x, given = hidden(graph, 2, 5, 7, channels), graph.input(2, 5, 7, channels)
    y, z = graph.same_shape(name, x), graph.same_shape(name, given)
    gated = graph.pair("MUL", x, y)
    outputs = [y, graph.add(graph.binary(gated, channels), y), graph.depthwise(z, 3)]
    agree(library, graph.tflite(*outputs, graph.same_shape(name, graph.add(y, z))))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_sizes(library, name):
    """Of any sign, from numbers without whole digits to those at which nothing more changes."""
    graph = Layers(0)
    tflite = graph.tflite(graph.same_shape(name, graph.input(1, 8, 16, 64)))
    sizes = np.geomspace(1e-30, 1e30, 8 * 16 * 32, dtype=np.float32)
    near = np.concatenate([np.linspace(0, 20, len(sizes) - 16, dtype=np.float32), sizes[-16:]])
    for part in (sizes, near):
        x = np.concatenate([part, -part])
        image = np.random.default_rng(0).permutation(x).reshape(1, 8, 16, 64)
        with np.errstate(over="ignore"):
            want = FUNCTIONS[name](image.astype(np.float64))
        for isa in isas(library):
            (got,) = run(load(library, tflite, isa=isa), image)
            np.testing.assert_allclose(got, want, rtol=2e-6, atol=1e-37)
            np.testing.assert_array_equal(got < 0, want < 0)


@pytest.mark.parametrize("slope", [0.1, 0.0, -0.5, 1.5])
def test_leaky_relu(library, slope):
    graph = Layers(1)
    x = hidden(graph, 1, 5, 7, 40)
    y = graph.node("LEAKY_RELU", [x], x.shape, options("LeakyRelu", alpha=slope))
    agree(library, graph.tflite(y, graph.binary(y, 32, 3)))


@pytest.mark.parametrize("name", ["MAXIMUM", "MINIMUM"])
@pytest.mark.parametrize("channels", CHANNELS)
def test_limits(library, name, channels):
    """By a number, one per channel, a map of constants, a map, and each image's own."""
    graph = Layers(2)
    x, y = hidden(graph, 2, 5, 7, channels), hidden(graph, 2, 5, 7, channels)
    gate = graph.global_mean(y, keep=True)
    others = [np.float32(0.3), graph.normal(channels), graph.normal(5, 7, channels), y, gate]
    limited = [
        graph.node(name, pair, x.shape, options("MaximumMinimum"))
        for other in others
        for pair in ((x, other), (other, x))
    ]
    agree(library, graph.tflite(*limited, graph.binary(limited[-1], 32)))


def test_clip(library):
    """max(min(x, 1.3), -1.3), and a leaky ReLU of two maps."""
    graph = Layers(3)
    x = hidden(graph, 1, 7, 7, 64)
    fields = options("MaximumMinimum")
    low = graph.node("MINIMUM", [x, np.float32(1.3)], x.shape, fields)
    clipped = graph.node("MAXIMUM", [low, np.float32(-1.3)], x.shape, fields)
    part = graph.pair("MUL", x, np.float32(0.1))
    leaky = graph.node("MAXIMUM", [x, part], x.shape, fields)
    agree(library, graph.tflite(clipped, leaky, graph.binary(clipped, 64)))


@pytest.mark.parametrize("name", ["SUM", "REDUCE_MAX"])
@pytest.mark.parametrize("channels", CHANNELS)
def test_reductions(library, name, channels):
    graph = Layers(4)
    x = hidden(graph, 2, 5, 7, channels)
    fields = options("Reducer", keepDims=True)
    kept = graph.node(name, [x, np.int32([1, 2])], (2, 1, 1, channels), fields)
    y = graph.node(name, [x, np.int32([2, 1])], (2, channels), options("Reducer"))
    agree(library, graph.tflite(kept, graph.dense(y, 7)))


@pytest.mark.parametrize("sides", [(1, 1, 1, 1), (0, 1, 0, 1), (2, 0, 3, 1), (0, 0, 0, 0)])
@pytest.mark.parametrize("channels", CHANNELS)
def test_zeros_around(library, sides, channels):
    """Before convolutions, windows and sums; pooling by the largest sees the zeros."""
    graph = Layers(5)
    x = hidden(graph, 2, 5, 6, channels)
    top, bottom, left, right = sides
    paddings = np.int32([[0, 0], [top, bottom], [left, right], [0, 0]])
    shape = (2, 5 + top + bottom, 6 + left + right, channels)
    y = graph.node("PAD", [graph.same_shape("NEG", x), paddings], shape, options("Pad"))
    outputs = [
        y,
        graph.conv(y, 33, 3, 2, padding=VALID, activation=RELU),
        graph.conv(y, 16, 3, 1, padding=SAME),
        graph.conv(y, 16),
        graph.depthwise(y, 3, 2, padding=VALID),
        graph.pool("AVERAGE", y, 2, 1, VALID),
        graph.pool("MAX", y, 3, 2, VALID),
        graph.binary(y, 24, 3),
    ]
    agree(library, graph.tflite(*outputs))


def test_other_paddings(library):
    """By channels, or by another number: left to the runtime."""
    graph = Layers(6)
    x = hidden(graph, 1, 5, 6, 40)
    wide = graph.node("PAD", [x, np.int32([[0, 0]] * 3 + [[0, 8]])], (1, 5, 6, 48), options("Pad"))
    ones = [x, np.int32([[0, 0], [1, 1], [1, 1], [0, 0]]), np.float32(1)]
    y = graph.node("PADV2", ones, (1, 7, 8, 40), options("PadV2"))
    agree(library, graph.tflite(graph.binary(wide, 32), graph.binary(y, 32)), left=["PAD", "PAD"])


@pytest.mark.parametrize("number", [0.0, -0.0, 2.0])
def test_padding_kept_as_float16(library, number):
    graph = Layers(8)
    x = hidden(graph, 1, 5, 6, 40)
    wide = graph.node("DEQUANTIZE", [np.float16([number])], (1,), options("Dequantize"))
    inputs = [x, np.int32([[0, 0], [1, 1], [1, 1], [0, 0]]), wide]
    y = graph.prelu(graph.node("PADV2", inputs, (1, 7, 8, 40), options("PadV2")))
    agree(library, graph.tflite(y), left=["DEQUANTIZE", "PAD"] if number else ["DEQUANTIZE"])


def test_threads_agree(library):
    """Tiles come out alike, whoever computes them."""
    graph = Layers(7)
    x = hidden(graph, 3, 9, 9, 48)
    tflite = graph.tflite(graph.same_shape("TANH", graph.same_shape("LOGISTIC", x)))
    image = graph.normal(3, 9, 9, 48)
    one, four = (run(load(library, tflite, threads=n), image) for n in (1, 4))
    np.testing.assert_array_equal(one[0], four[0])
    assert difference(one, run_lce(tflite, image)) <= TOLERANCE
