"""Why a product of a .tflite is not binary: what LCE 0.16 packs, found from the file alone."""

from __future__ import annotations

import numpy as np

from larq_bvit.convert.lce.lce_patterns import SMALLEST_SCALE, TOLERANCE, deviation
from larq_bvit.convert.tflite.constants import Constant, Constants
from larq_bvit.convert.tflite.flatbuffer import Graph, Node

BOTH_COMPUTED = "both sides are computed; LCE has no binary matrix product"
FULL_PRECISION = "full-precision weights"

_FILTER_AXES = {
    "CONV_2D": (0,),
    "TRANSPOSE_CONV": (0,),
    "FULLY_CONNECTED": (0,),
    "DEPTHWISE_CONV_2D": (3,),
    "CONV_3D": (4,),
    "BATCH_MATMUL": (-1, -2),  # adjoint, or on the left
}
_NOT_PACKED = {
    "DEPTHWISE_CONV_2D": "LCE has no binary depthwise convolution",
    "TRANSPOSE_CONV": "LCE has no binary transposed convolution",
    "CONV_3D": "LCE has no binary 3D convolution",
    "FULLY_CONNECTED": "LCE packs convolutions only: write it as a 1x1 convolution",
    "BATCH_MATMUL": "LCE packs convolutions only: write it as a 1x1 convolution",
}
_MOVES = {
    "DEPTH_TO_SPACE",
    "EXPAND_DIMS",
    "GATHER",
    "MAX_POOL_2D",
    "MIRROR_PAD",
    "PAD",
    "PADV2",
    "RESHAPE",
    "RESIZE_NEAREST_NEIGHBOR",
    "SLICE",
    "SPACE_TO_BATCH_ND",
    "SPACE_TO_DEPTH",
    "SPLIT",
    "SQUEEZE",
    "STRIDED_SLICE",
    "TRANSPOSE",
}


def weights_of(constants: Constants, node: Node) -> int | None:
    """The side of a product that is the same for every input; None where both are computed."""
    symmetric = node.operator in ("FULLY_CONNECTED", "BATCH_MATMUL")
    sides = (node.inputs[1], node.inputs[0]) if symmetric else (node.inputs[1],)
    return next((index for index in sides if not constants.varies(index)), None)


def float_reason(graph: Graph, constants: Constants, node: Node) -> str | None:
    """Why a product is not an LceBconv2d; None for one that is."""
    if node.operator == "LceBconv2d":
        return None
    index = weights_of(constants, node)
    if index is None:
        return BOTH_COMPUTED
    weights = constants.read(index)
    if weights is None:
        maker = constants.producer(index)
        by = f" by {maker.operator}" if maker else ""
        return f"weights are computed in the graph{by}; LCE packs constants"
    reason, zeros = _of_weights(weights, _FILTER_AXES[node.operator])
    if reason is None and node.operator in _NOT_PACKED:
        return f"binary weights, but {_NOT_PACKED[node.operator]}"
    if reason is None and zeros:
        return f"binary weights, but {zeros} filters have scale 0"
    return reason or f"binary weights{_of_convolution(graph, constants, node)}"


def _of_weights(weights: Constant, axes: tuple[int, ...]) -> tuple[str | None, str]:
    """What keeps weights from being two values +-s per filter, and how many filters are 0.

    The first is None where nothing does, and the second empty where no filter is 0.
    """
    bits = weights.integer_bits
    if weights.values is None or not weights.values.size:
        return (f"{bits}-bit weights" if bits else FULL_PRECISION), ""
    kernels = [np.moveaxis(weights.values, axis, -1).astype(np.float32) for axis in axes]
    kernels = [kernel.reshape(1, 1, -1, kernel.shape[-1]) for kernel in kernels]
    found = [_levels(kernel) for kernel in kernels]
    levels, zeros = next((one for one in found if one[0] == "binary"), found[0])
    if bits:
        two_values = " of two values; LCE packs float ones" if levels == "binary" else ""
        return f"{bits}-bit weights{two_values}", ""
    return None if levels == "binary" else f"{levels} weights", zeros


def _levels(kernel: np.ndarray) -> tuple[str, str]:
    """What the values of a kernel (1, 1, n, filters) are, and how many filters are 0."""
    if not np.isfinite(kernel).all():
        return "non-finite", ""
    empty = (np.abs(kernel) <= SMALLEST_SCALE).all((0, 1, 2))
    zeros = f"{empty.sum()} of {len(empty)}" if empty.any() else ""
    filled = kernel[..., ~empty]
    if not filled.size:
        return "all-zero", zeros
    with np.errstate(over="ignore"):  # 1e38 / 1e-7
        if deviation(filled) <= TOLERANCE:
            return "binary", zeros
    relative = np.abs(filled) / np.abs(filled).max(2, keepdims=True)
    if np.minimum(relative, 1 - relative).max() <= TOLERANCE:
        return "ternary", zeros
    return "full-precision", zeros


def _of_convolution(graph: Graph, constants: Constants, node: Node) -> str:
    """What keeps LCE from packing a CONV_2D of binary weights."""
    source, moves = _above_moves(graph, constants, node.inputs[0])
    if not _is_sign(constants, source):
        first = constants.producer(node.inputs[0])
        if first is None:
            return ", but the input is the model's, no sign"
        hint = " (whose third value is 0)" if first.operator == "SIGN" else ""
        return f", but the input comes from {first.operator}{hint}, not from a sign"
    if moves:
        return f", but with {' and '.join(moves)} between the sign and the convolution"
    channels = [graph.tensors[index].shape[-1] for index in node.inputs[:2]]
    if channels[0] != channels[1] and channels[1] % 32:
        return f", but groups of {channels[1]} channels; LCE packs multiples of 32"
    if source is not None and source.operator == "LceDequantize":
        return " and a sign before them, which LCE did not take: was the padding explicit?"
    return " and a sign before them: convert the model with LCE"


def _above_moves(graph: Graph, constants: Constants, index: int) -> tuple[Node | None, list[str]]:
    """The operator that computes values which are only moved on the way, and what moves them."""
    moves: list[str] = []
    for _ in graph.nodes:  # a damaged file may hold a circle
        node = constants.producer(index)
        if node is None or node.operator not in _MOVES:
            return node, moves
        moves.insert(0, node.operator)
        index = next((i for i in node.inputs if constants.varies(i)), node.inputs[0])
    return None, moves


def _is_sign(constants: Constants, node: Node | None) -> bool:
    """Whether LCE takes an operator for a sign: its own, or a choice of 1 and -1."""
    if node is None or node.operator not in ("SELECT", "SELECT_V2"):
        return node is not None and node.operator == "LceDequantize"
    ends = [constants.read(index) for index in node.inputs[1:3]]
    values = [set(np.unique(end.values)) for end in ends if end and end.values is not None]
    return values in ([{1.0}, {-1.0}], [{-1.0}, {1.0}])
