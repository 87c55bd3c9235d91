"""The graphs that the fuzzer starts from, as its C++ reads them."""

import struct

import numpy as np
import pytest

from native.fuzz import seeds
from native.fuzz.seed_graphs import _BUILDERS
from tests.native.graph_writer import GraphWriter
from tests.native.layer_graphs import Layers, options


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}i", *values)


def real(value: float) -> bytes:
    return struct.pack("<f", value)


def test_a_graph_word_by_word():
    graph = GraphWriter()
    x = graph.tensor((1, 4), np.int8, 0.5, -3)
    c = graph.constant(np.array([7, -8], np.int32))
    y = graph.tensor((4,), np.float32)
    fields = options("FullyConnected", fusedActivationFunction=3, keepNumDims=True)
    graph.builtin("FULLY_CONNECTED", [x, c, -1], [y], fields)
    graph.custom("LceQuantize", [y], [x], b"abc")
    expected = [
        words(seeds._MAGIC, 3),
        words(9, 8) + real(0.5) + words(-3, 2, 1, 4, 0),  # int8, affine, (1, 4), no bytes
        words(2, 1) + real(0) + words(0, 1, 2, 8, 7, -8),  # int32, constant, (2,), 8 bytes
        words(1, 0) + real(0) + words(0, 1, 4, 0),
        words(2),
        words(9, 0, 3, 0, 1, -1, 1, 2, 0, 1, 9, 3, 0) + b"\1",  # activation, format, keep_num_dims
        words(32, 11) + b"LceQuantize" + words(1, 2, 1, 0, 3) + b"abc" + words(0, 0),
        words(1, 0, 1, 2, 0, 0),  # inputs, outputs, seed
    ]
    assert seeds.case_of(graph.tflite([x], [y])) == b"".join(expected)


@pytest.mark.parametrize(
    "fields, layout, values",
    [
        (options("Conv2D", padding=0, strideW=2, strideH=3), "6i", [1, 2, 3, 0, 1, 1]),
        (options("Pool2D", padding=1, filterWidth=4, filterHeight=5), "6i", [2, 0, 0, 4, 5, 0]),
        (options("Reshape", newShape=[2, -1]), "9i", [2, -1, 0, 0, 0, 0, 0, 0, 2]),
        (options("Squeeze"), "9i", [0] * 9),
        (options("Softmax", beta=0.5), "f", [0.5]),
    ],
)
def test_options_as_c_structs(fields, layout, values):
    """SAME is 0 in files and 1 in C; lists have room for eight, and a count behind them."""
    assert seeds._OPTIONS[type(fields).__name__](fields) == (layout, values)


@pytest.mark.parametrize("name", sorted(_BUILDERS))
def test_miniatures_are_graphs(name):
    layers = Layers()
    case = seeds.case_of(layers.tflite(_BUILDERS[name](layers)))
    assert case[:4] == b"BFZ1" and len(case) > 200
