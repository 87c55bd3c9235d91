"""Multiply-accumulates of the operators of a .tflite."""

from __future__ import annotations

from math import prod

from flatbuffers import flexbuffers

from larq_bvit.convert.tflite.flatbuffer import Graph, Node

_WORD = 32  # bits


def macs(graph: Graph, node: Node) -> int | None:
    """Of one run, padding included; None for an operator that is no product."""
    count = _COUNTS.get(node.operator)
    return None if count is None else count(graph, node)


def _shape(graph: Graph, index: int) -> list[int]:
    return graph.tensors[index].shape


def _binary(graph: Graph, node: Node) -> int:
    return prod(_shape(graph, node.outputs[0])[:3]) * binary_weights(graph, node)


def binary_weights(graph: Graph, node: Node) -> int:
    """Bits of the filters (O, H, W, words of a group's channels), without those that fill words."""
    filters, height, width, words = _shape(graph, node.inputs[1])
    channels = flexbuffers.Loads(node.options)["channels_in"]
    groups = -(-channels // _WORD) // words
    return filters * height * width * channels // groups


def _convolution(graph: Graph, node: Node) -> int:
    """Every output pixel takes all weights once: (O, H, W, I), (1, H, W, C) or (D, H, W, I, O)."""
    return prod(_shape(graph, node.outputs[0])[:-1]) * prod(_shape(graph, node.inputs[1]))


def _transposed(graph: Graph, node: Node) -> int:
    """Every input pixel takes all weights, (O, H, W, I) or (D, H, W, O, I), once."""
    _, weights, image = node.inputs[:3]
    return prod(_shape(graph, image)[:-1]) * prod(_shape(graph, weights))


def _fully_connected(graph: Graph, node: Node) -> int:
    return prod(_shape(graph, node.outputs[0])) * _shape(graph, node.inputs[1])[-1]


def _batch_matmul(graph: Graph, node: Node) -> int:
    """(..., M, K) or, adjoint, (..., K, M) times another."""
    left, output = _shape(graph, node.inputs[0]), _shape(graph, node.outputs[0])
    return prod(output[:-2]) * prod(left[-2:]) * output[-1]


_COUNTS = {
    "LceBconv2d": _binary,
    "CONV_2D": _convolution,
    "CONV_3D": _convolution,
    "CONV_3D_TRANSPOSE": _transposed,
    "DEPTHWISE_CONV_2D": _convolution,
    "TRANSPOSE_CONV": _transposed,
    "FULLY_CONNECTED": _fully_connected,
    "BATCH_MATMUL": _batch_matmul,
}
