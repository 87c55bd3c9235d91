"""What Larq Compute Engine's converter takes for binary, read from its patterns (LCE 0.16)."""

from typing import Any

import numpy as np

from larq_bvit.convert.lce.graph import Graph

_MOVES = ("PadV2", "Reshape", "Transpose", "MaxPool", "Squeeze", "ResizeNearestNeighbor")
TOLERANCE = 0.005  # by which LCE lets the values of a binary kernel differ
SMALLEST_SCALE = float(np.finfo(np.float32).eps)  # LCE takes a channel's scale up to it for 0


def is_sign(graph: Graph, tensor: str) -> bool:
    """Whether LCE packs a tensor into bits: a choice of 1 and -1, or Larq's old sign."""
    node = graph.producer(tensor)
    if node.op in ("Select", "SelectV2"):
        ends = [graph.value(node.input[i]) for i in (1, 2)]
        values = [set(np.unique(end)) for end in ends if end is not None and end.size]
        return values in ([{1.0}, {-1.0}], [{-1.0}, {1.0}])
    return double_sign(graph, node) is not None


def double_sign(graph: Graph, node: Any) -> str | None:
    """The second operand c of sign(sign(x) + c), which LCE takes for a sign whatever c is."""
    if node.op != "Sign":
        return None
    total = graph.producer(node.input[0])
    if total.op not in ("Add", "AddV2"):
        return None
    for i in (0, 1):
        if graph.producer(total.input[i]).op == "Sign":
            return total.input[1 - i]
    return None


def has_sign_values(graph: Graph, tensor: str) -> bool:
    """Whether a tensor holds the values of signs, moved about."""
    node = graph.producer(tensor)
    if node.op == "ConcatV2":
        return all(has_sign_values(graph, above) for above in node.input[:-1])
    if node.op == "PadV2" and graph.value(node.input[2]) not in (1, -1):
        return False
    moved = node.op in _MOVES and has_sign_values(graph, node.input[0])
    return moved or is_sign(graph, tensor)


def reads_sign(graph: Graph, conv: Any) -> bool:
    """Whether a convolution's input is a sign, padded with ones as "SAME" would or not at all."""
    node = graph.producer(conv.input[0])
    if node.op != "PadV2" or graph.value(node.input[2]) != 1:
        return is_sign(graph, conv.input[0])
    size, widths = graph.shape(node.input[0]), graph.value(node.input[1])
    same = widths is not None and reached_padding(graph, conv, size, widths)[1]
    return same and conv.attr["padding"].s == b"VALID" and is_sign(graph, node.input[0])


def reached_padding(
    graph: Graph, conv: Any, size: list[int], widths: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Padding (4, 2) that windows over a map of `size` reach, and whether it is that of "SAME"."""
    kernel, outputs = graph.shape(conv.input[1]), graph.shape(conv.name)
    strides, dilations = conv.attr["strides"].list.i, conv.attr["dilations"].list.i
    trimmed, same = np.array(widths, np.int32), not widths[[0, 3]].any()
    for axis in (1, 2):
        reach = (outputs[axis] - 1) * strides[axis] + (kernel[axis - 1] - 1) * dilations[axis] + 1
        trimmed[axis, 1] = min(widths[axis, 1], max(0, reach - size[axis] - widths[axis, 0]))
        total = max(0, reach - size[axis])
        same &= outputs[axis] == -(-size[axis] // strides[axis])
        same &= list(trimmed[axis]) == [total // 2, total - total // 2]
    return trimmed, same


def deviation(kernel: np.ndarray) -> float:
    """How far a kernel (..., filters) is from two values +-s per filter, relative to s.

    Infinite where LCE finds no scale.
    """
    scale = np.abs(kernel[:1, :1, :1])
    if kernel.ndim != 4 or (scale <= SMALLEST_SCALE).any():
        return float("inf")
    return float(np.abs(np.abs(kernel / scale) - 1).max())


def becomes_binary(graph: Graph, conv: Any) -> bool:
    """Whether LCE makes a Conv2D node an LceBconv2d."""
    kernel = graph.value(conv.input[1])
    return kernel is not None and deviation(kernel) <= TOLERANCE and reads_sign(graph, conv)
