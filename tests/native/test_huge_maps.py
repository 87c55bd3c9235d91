"""Maps beyond any model: a file is read quickly, whatever sizes it names, and others run them."""

import numpy as np
import pytest

from tests.native.fused import left_to_runtime
from tests.native.layer_graphs import Layers
from tests.native.lce_graphs import SAME


@pytest.mark.parametrize("shape", [(1, 1 << 27), (1 << 27, 1), (1, 1 << 13, 1 << 13, 4)])
def test_huge_maps_stay_with_the_runtime(library, shape):
    """Too many channels, or rows that become too large where they are padded to 32 numbers."""
    graph = Layers()
    tflite = graph.tflite(graph.pair("MUL", graph.input(*shape), np.float32(2)))
    assert left_to_runtime(library, tflite) == ["MUL"]


def test_many_wide_maps_stay_with_the_runtime(library):
    """Those for which there is no room; the first ones are claimed."""
    graph = Layers()
    x = graph.input(1, 1 << 24)
    for _ in range(6):
        x = graph.same_shape("RELU", x)
    assert left_to_runtime(library, graph.tflite(x)) == ["RELU"] * 2


def test_large_maps_are_claimed(library):
    """A photograph of 16 megapixels."""
    graph = Layers()
    x = graph.conv(graph.input(1, 4096, 4096, 3), 16, 3, 2)
    assert left_to_runtime(library, graph.tflite(x)) == []


def test_borders_that_need_too_many_numbers_stay_with_the_runtime(library):
    """One per channel and set of places outside: 64 sets of 2^21 channels."""
    graph = Layers()
    tflite = graph.tflite(graph.pool("AVERAGE", graph.input(1, 8, 8, 1 << 21), 8, 1, SAME))
    assert left_to_runtime(library, tflite) == ["AVERAGE_POOL_2D"]
