"""Constants that are more than one number per channel, after a binary convolution.

LCE fuses every constant that is added to, subtracted from or multiplied with the output of a
binary convolution into its multiplier and bias, and does not ask for its shape; a map of numbers
then becomes a bias that its runtime refuses or misreads.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert.lce.graph import Graph
from larq_bvit.convert.lce.lce_patterns import becomes_binary

_FUSED = ("Add", "AddV2", "Sub", "Mul", "Div", "RealDiv", "GreaterEqual", "LessEqual")


def shield_map_constants(graph: Graph) -> None:
    """Writes such constants as one number per channel, or keeps them from being fused (exact).

    A [1, 1, 1, C] constant becomes [C]; around others the map is flattened, as LCE does not
    look through a reshape.
    """
    for node in graph.nodes(*_FUSED):
        for i in (0, 1):
            value = graph.value(node.input[i])
            if value is None or not _comes_from_binary(graph, node.input[1 - i]):
                continue
            channels = graph.shape(node.input[1 - i])[-1]
            if value.size == 1 or value.size == value.shape[-1] == channels:
                flat = value.reshape([-1] if value.size > 1 else [])
                if value.ndim > 1:
                    node.input[i] = graph.constant(f"{node.name}/per_channel", flat)
            else:
                _flatten(graph, node, i, value)


def _comes_from_binary(graph: Graph, tensor: str) -> bool:
    """Whether only what LCE fuses lies between a tensor and a binary convolution."""
    node = graph.producer(tensor)
    if node.op == "Conv2D":
        return becomes_binary(graph, node)
    if node.op == "FusedBatchNormV3" or node.op == "BiasAdd":
        return _comes_from_binary(graph, node.input[0])
    if node.op in _FUSED:
        ends = [graph.value(node.input[i]) for i in (0, 1)]
        return any(
            end is not None and _comes_from_binary(graph, node.input[1 - i])
            for i, end in enumerate(ends)
        )
    return False


def _flatten(graph: Graph, node: Any, i: int, value: np.ndarray) -> None:
    """(B, H, W, C) op constant becomes reshape((B, H * W, C) op constant)."""
    batch, height, width, channels = graph.shape(node.input[1 - i])
    value = value.reshape([1] * (4 - value.ndim) + list(value.shape))
    value = np.broadcast_to(value, (value.shape[0], height, width, value.shape[3]))
    value = value.reshape(value.shape[0], height * width, -1)

    def reshaped(tensor: str, shape: list[int], name: str) -> list[str]:
        return [tensor, graph.constant(f"{node.name}/{name}", np.array(shape, np.int32))]

    shape = reshaped(node.input[1 - i], [batch, height * width, channels], "flat_shape")
    inputs = [graph.add("Reshape", f"{node.name}/flatten", shape, T=node.attr["T"])]
    inputs.insert(i, graph.constant(f"{node.name}/constant", np.ascontiguousarray(value)))
    flat = graph.add(node.op, f"{node.name}/flat", inputs, T=node.attr["T"])
    comparison = node.op in ("GreaterEqual", "LessEqual")
    shape = reshaped(flat, graph.shape(node.name), "shape")
    graph.become(node, "Reshape", shape, T=tf.bool if comparison else node.attr["T"])
