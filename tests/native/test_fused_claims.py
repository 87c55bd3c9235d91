"""What the fused mode takes from the runtime where partitions part what belongs together."""

import numpy as np
import pytest

from tests.native.attention_graphs import Attention
from tests.native.fused import agree, left_to_runtime, told
from tests.native.layer_graphs import Layers, options
from tests.native.lce_graphs import SAME
from tests.native.stock import load


def partitions(library, tflite):
    with told() as lines:
        load(library, tflite, verbose=1).allocate_tensors()
    return lines[0].count("prepared")


def parts_of_channels(graph, x, group):
    """The reshape that comes before a mean over groups."""
    return graph.reshape(x, (*x.shape[:-1], x.channels // group, group))


def mean_of_last(graph, parts):
    axes = np.int32([len(parts.shape) - 1])
    return graph.node("MEAN", [parts, axes], parts.shape[:-1], options("Reducer"))


def alone(graph, x):
    """An operator that the runtime runs."""
    return graph.node("SOFTMAX", [x], x.shape, options("Softmax", beta=1.0))


def test_operator_in_the_middle(library):
    """Two partitions; the map between them is outside of both."""
    graph = Layers(1)
    x = graph.prelu(graph.binary(graph.input(2, 7, 7, 40), 64))
    y = alone(graph, x)
    tflite = graph.tflite(graph.binary(y, 24, 3), graph.add(graph.binary(x, 64), x))
    agree(library, tflite, left=["SOFTMAX"])
    assert partitions(library, tflite) == 2


def test_layout_between_operators_of_the_runtime(library):
    """It stays there with them."""
    graph = Layers(3)
    x = graph.prelu(graph.binary(graph.input(1, 4, 6, 32), 32))
    y = alone(graph, graph.reshape(x, (1, 24, 32)))
    y = alone(graph, graph.reshape(y, (1, 6, 4, 32)))
    tflite = graph.tflite(graph.add(graph.binary(y, 32, 3), graph.prelu(y)))
    agree(library, tflite, left=["RESHAPE", "SOFTMAX"] * 2)
    assert partitions(library, tflite) == 2


def test_partitions_of_one_node(library):
    """Single operators between others, LCE's among them."""
    graph = Layers(4)
    x = graph.input(1, 5, 7, 48)
    y = alone(graph, graph.prelu(alone(graph, x)))
    y = alone(graph, graph.add(y, graph.normal(48)))
    y = alone(graph, graph.binary(y, 40))
    y = graph.pool("MAX", y, 2)
    tflite = graph.tflite(y)
    agree(library, tflite, left=["SOFTMAX"] * 4)
    assert partitions(library, tflite) == 4


def test_no_binary_operator(library):
    """A float network may be fused all the same."""
    graph = Layers(5)
    x = graph.conv(graph.input(1, 9, 9, 3), 32, 3, 2, activation=1)
    y = graph.add(graph.conv(x, 32, 3), x)
    agree(library, graph.tflite(graph.dense(graph.global_mean(y), 10)))


def test_reshape_of_a_group_mean_is_an_output(library):
    graph = Layers(6)
    h = graph.prelu(graph.binary(graph.input(1, 7, 7, 64), 256))
    parts = parts_of_channels(graph, h, 4)
    tflite = graph.tflite(mean_of_last(graph, parts), parts)
    agree(library, tflite, left=None)
    graph = Layers(6)
    h = graph.prelu(graph.binary(graph.input(1, 7, 7, 64), 256))
    parts = parts_of_channels(graph, h, 4)
    tflite = graph.tflite(mean_of_last(graph, parts), alone(graph, parts))
    agree(library, tflite, left=["SOFTMAX"])


@pytest.mark.parametrize("side", range(3))
def test_attention_across_partitions(library, side):
    """Queries, keys or values wait for an operator that only the runtime has."""
    attention = Attention(2, 32, (5, 7), (5, 7))
    graph = Layers(7)
    x = graph.prelu(graph.binary(graph.input(1, 5, 7, 64), 64))
    sides = [graph.prelu(graph.binary(x, 64)) for _ in range(3)]
    sides[side] = alone(graph, sides[side])
    context = attention.add_to(graph, *sides)["context"]
    tflite = graph.tflite(graph.add(graph.binary(context, 64), x))
    left = left_to_runtime(library, tflite)
    assert left.count("SOFTMAX") == 2 and "LceBconv2d" not in left
    agree(library, tflite, left=None)


@pytest.mark.parametrize("name", ["probabilities", "bits"])
def test_inside_of_attention_is_an_output(library, name):
    """The runtime then runs attention; all around it is fused."""
    attention = Attention(2, 32, (5, 7), (5, 7))
    left = left_to_runtime(library, attention.tflite(8, **{name: True}))
    assert "SOFTMAX" in left and "LceBconv2d" not in left
    agree(library, lambda seed: attention.tflite(seed, **{name: True}), seed=8, left=None)


def test_maps_as_outputs(library):
    """Maps that are read inside as well; the same under two names; one that nothing else needs."""
    graph = Layers(9)
    x = graph.input(2, 5, 7, 32)
    y = graph.prelu(graph.binary(x, 32))
    bits = graph.sign(y)
    z = graph.add(graph.bconv(bits, 32, 32, 3, padding=SAME), y)
    w = graph.tile(z, 3)
    outputs = y, bits, z, w, graph.reshape(z, (70, 32)), graph.prelu(w), graph.reshape(x, (70, 32))
    agree(library, graph.tflite(*outputs))
    for output in outputs:
        agree(library, graph.tflite(output), threads=[1])
        agree(library, graph.tflite(output, z) if output is not z else graph.tflite(z), threads=[1])


def test_hundreds_of_outputs(library):
    graph = Layers(10)
    x, outputs = graph.input(1, 4, 4, 32), []
    for _ in range(300):
        x = graph.prelu(graph.bconv(graph.sign(x, shift=True), 32, 32))
        outputs.append(x)
    agree(library, graph.tflite(*outputs), threads=[2])


def test_many_readers(library):
    """More signs, sums and stores of one map than a chain holds."""
    graph = Layers(11)
    x = graph.prelu(graph.binary(graph.input(1, 5, 7, 32), 32))
    y = x
    for _ in range(50):
        y = graph.add(y, graph.binary(x, 32))
    long = x
    for i in range(60):
        long = graph.prelu(long) if i % 2 else graph.add(long, graph.normal(32))
        long = graph.same_shape("RELU6", long) if i % 7 == 0 else long
    terms = [x, *(graph.prelu(x) for _ in range(40))]
    wide = graph.node("ADD_N", terms, x.shape, options("AddN"))
    agree(library, graph.tflite(y))
    agree(library, graph.tflite(y, long, wide))


def test_nodes_that_nothing_needs(library):
    """They must not change what others read."""
    graph = Layers(12)
    x = graph.prelu(graph.binary(graph.input(1, 7, 7, 64), 64))
    y = graph.binary(x, 64)
    for other in (graph.binary(y, 64), graph.tile(graph.binary(x, 32), 2)):
        graph.prelu(graph.add(graph.add(other, y), graph.normal(64)))
    graph.add(graph.pair("MUL", graph.pool("AVERAGE", y, 2), graph.normal(64)), graph.normal(64))
    graph.group_mean(graph.add(y, x), 4)
    agree(library, graph.tflite(y))
