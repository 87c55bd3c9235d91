"""Whether a .tflite gives probabilities."""

import pytest

from larq_bvit.convert.tflite.closing_softmax import ends_in_softmax
from larq_bvit.convert.tflite.flatbuffer import Graph, Node


def chain(*operators):
    """Each takes what the one before it gives: tensor 0 comes in, the last one is the output."""
    nodes = [Node(operator, [i], [i + 1], b"") for i, operator in enumerate(operators)]
    return Graph([], nodes, [0], [len(nodes)], [])


@pytest.mark.parametrize("stored", [(), ("QUANTIZE",), ("DEQUANTIZE",), ("DEQUANTIZE", "QUANTIZE")])
def test_what_stores_it_does_not_count(stored):
    assert ends_in_softmax(chain("ADD", "SOFTMAX", *stored))
    assert not ends_in_softmax(chain("SOFTMAX", "ADD", *stored))


def test_the_output_counts_and_not_the_last_operator():
    graph = chain("SOFTMAX", "DEQUANTIZE")
    side = Node("ADD", [0], [9], b"")
    assert ends_in_softmax(Graph([], [*graph.nodes, side], [0], [2], []))
    assert not ends_in_softmax(Graph([], [*graph.nodes, side], [0], [9], []))


def test_an_output_that_nothing_makes():
    assert not ends_in_softmax(Graph([], [], [0], [0], []))
