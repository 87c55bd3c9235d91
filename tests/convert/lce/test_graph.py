"""Reading and editing a graph."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.convert.lce.graph import Graph

SIGNATURE = [tf.TensorSpec((2, 3), tf.float32, "x")]


@pytest.fixture
def graph() -> Graph:
    @tf.function(input_signature=SIGNATURE)
    def infer(x):
        three = tf.identity(-tf.fill([2, 3], -3.0))
        return tf.nn.relu(tf.stop_gradient(x) * three) + tf.range(3.0) ** 2

    return Graph(infer.get_concrete_function())


def test_values_of_what_does_not_depend_on_the_input(graph):
    (product,), (total,) = graph.nodes("Mul"), graph.nodes("AddV2")
    assert graph.value(product.input[0]) is None
    np.testing.assert_array_equal(graph.value(product.input[1]), np.full((2, 3), 3))
    np.testing.assert_array_equal(graph.value(total.input[1]), [0, 1, 4])


def test_what_only_passes_on_is_skipped(graph):
    (product,) = graph.nodes("Mul")
    assert graph.producer(product.input[0]).op == "Placeholder"
    assert graph.shape(product.input[0]) == [2, 3]


def test_an_edited_graph_computes_something_else(graph):
    (relu,), (product,) = graph.nodes("Relu"), graph.nodes("Mul")
    kind = {"T": product.attr["T"]}
    minus_two = graph.constant("two", np.array(-2, np.float32))
    graph.become(
        relu, "Mul", [graph.add("Relu", relu.name, list(relu.input), **kind), minus_two], **kind
    )
    x = np.array([[1, -2, 3], [-4, 5, -6]], np.float32)
    expected = -6 * np.maximum(x, 0) + [0, 1, 4]
    np.testing.assert_array_equal(graph.function(SIGNATURE)(x), expected)
