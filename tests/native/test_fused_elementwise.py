"""Sums, products and activations in the fused mode (compile/lower_elementwise.cc)."""

import numpy as np
import pytest

from tests.native.fused import agree, left_to_runtime
from tests.native.layer_graphs import Layers, options
from tests.native.lce_graphs import NONE, RELU, RELU6, RELU_N1_TO_1
from tests.native.stock import load, run

CHANNELS = [1, 16, 32, 40, 96]
ACTIVATIONS = [NONE, RELU, RELU_N1_TO_1, RELU6]


def map_of(graph, batch, height, width, channels):
    """One that a chain makes."""
    return graph.prelu(graph.binary(graph.input(batch, height, width, channels), channels))


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("name", ["ADD", "SUB", "MUL", "DIV"])
def test_constants(library, name, channels):
    """A number, or one per channel, on either side; then an activation."""
    for i, shape in enumerate([(channels,), (1, 1, 1, channels), (1,), ()]):
        graph = Layers(30 + i)
        x = map_of(graph, 1 + i % 2, 5, 7, channels)
        c = graph.normal(*shape, mean=2, scale=0.3).reshape(shape)
        outputs = [graph.pair(name, x, c, activation) for activation in ACTIVATIONS]
        if name != "DIV":
            outputs += [graph.pair(name, c, x, activation) for activation in ACTIVATIONS]
        signs = graph.bconv(graph.sign(outputs[0]), channels, 32)
        agree(library, graph.tflite(*outputs, signs), seed=i)


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("name", ["ADD", "SUB", "MUL"])
def test_maps(library, name, channels):
    graph = Layers(channels)
    x = map_of(graph, 2, 5, 7, channels)
    y = graph.binary(x, channels, 3)
    outputs = [
        graph.pair(name, x, y),
        graph.pair(name, y, x, RELU),
        graph.pair(name, x, x),
        graph.pair(name, y, y, RELU6),
        graph.pair(name, graph.binary(y, channels), graph.binary(x, channels)),
    ]
    for outs in (outputs, outputs[1:2], outputs[2:3], outputs[4:]):
        agree(library, graph.tflite(*outs))


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("batch", [1, 3])
def test_constant_maps(library, batch, channels):
    """Position embeddings: their rows repeat with the batch."""
    graph = Layers(channels)
    x = map_of(graph, batch, 5, 7, channels)
    embedding, other = graph.normal(5, 7, channels), graph.normal(1, 5, 7, channels)
    y = graph.binary(graph.add(x, embedding), channels, 3)
    y = graph.pair("MUL", other, graph.pair("SUB", y, embedding))
    agree(library, graph.tflite(y, graph.add(other, x)))


def test_constant_map_minus_map(library):
    """Left to the runtime; what comes before and after it is claimed."""
    graph = Layers(1)
    x = map_of(graph, 1, 5, 7, 32)
    y = graph.pair("SUB", graph.normal(5, 7, 32), x)
    agree(library, graph.tflite(graph.binary(y, 32)), left=["SUB"])


@pytest.mark.parametrize("channels", CHANNELS)
def test_activations(library, channels):
    graph = Layers(channels)
    x = map_of(graph, 1, 5, 7, channels)
    many = [graph.same_shape(name, x) for name in ("RELU", "RELU6", "RELU_N1_TO_1")]
    many.append(graph.prelu(x))
    many.append(graph.node("PRELU", [x, graph.normal(1, 1, 1, channels)], x.shape))
    agree(library, graph.tflite(*many, graph.prelu(graph.prelu(graph.add(many[1], many[3])))))


def test_no_numbers(library, isa):
    """NaN goes through activations, and maxima of windows pass over it; runtimes differ in that."""
    graph = Layers(4)
    x = graph.input(1, 6, 6, 40)
    ends = {"RELU": (0, np.inf), "RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1), "RELU_0_TO_1": (0, 1)}
    tflite = graph.tflite(*(graph.same_shape(n, x) for n in ends), graph.pool("MAX", x, 3))
    assert left_to_runtime(library, tflite) == []
    image = np.random.default_rng(4).normal(size=x.shape).astype(np.float32)
    image[np.random.default_rng(5).random(x.shape) < 0.2] = np.nan
    *clamped, largest = run(load(library, tflite, isa=isa), image)
    for got, limits in zip(clamped, ends.values(), strict=True):
        np.testing.assert_array_equal(got, np.clip(image, *limits))
    windows = image.reshape(1, 2, 3, 2, 3, 40)
    np.testing.assert_array_equal(largest, np.fmax.reduce(windows, axis=(2, 4)))


@pytest.mark.parametrize("terms", [2, 3, 5])
def test_add_n(library, terms):
    graph = Layers(terms)
    x = map_of(graph, 2, 5, 7, 48)
    parts = [x, graph.binary(x, 48), graph.depthwise(x, 3), graph.prelu(x), x][:terms]
    y = graph.node("ADD_N", parts, x.shape, options("AddN"))
    twice = graph.node("ADD_N", [x, x, y], x.shape, options("AddN"))
    agree(library, graph.tflite(y, twice))


def test_cancellation(library):
    """(x + a) - a loses bits of x by either order; their size tells how many."""
    graph = Layers(3)
    x = map_of(graph, 1, 5, 7, 32)
    large = np.full(32, 1000, np.float32)
    y = graph.pair("SUB", graph.add(x, large), graph.add(graph.normal(5, 7, 32), large))
    agree(library, graph.tflite(graph.add(y, large)))


def test_numbers_at_the_end_of_float32(library):
    """1 / c would be denormal; of two shifts that are infinite the difference is no number."""
    graph = Layers(5)
    x = graph.input(1, 5, 7, 32)
    huge = np.full(32, 3e38, np.float32)
    assert left_to_runtime(library, graph.tflite(graph.pair("DIV", x, huge))) == ["DIV"]
    graph = Layers(6)
    x, other = graph.input(1, 5, 7, 32), graph.normal(32)
    other[3] = np.inf
    infinite = graph.add(x, np.full(32, np.inf, np.float32))
    tflite = graph.tflite(graph.bconv(graph.sign(infinite), 32, 32), graph.add(x, other))
    image = np.random.default_rng(6).normal(size=x.shape).astype(np.float32)
    _, got = run(load(library, tflite), image)
    np.testing.assert_allclose(got, image + other, rtol=1e-6)
