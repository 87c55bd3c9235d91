"""Multiply-accumulates of one layer call; see `profile` for the conventions."""

from collections.abc import Iterator
from math import prod
from typing import Any

import tensorflow as tf

from larq_bvit.layers import QuantAttention

_PRODUCTS = (
    tf.keras.layers.Conv1D,
    tf.keras.layers.Conv2D,
    tf.keras.layers.Conv3D,
    tf.keras.layers.DepthwiseConv1D,
    tf.keras.layers.DepthwiseConv2D,
    tf.keras.layers.SeparableConv1D,
    tf.keras.layers.SeparableConv2D,
    tf.keras.layers.Dense,
)
_TRANSPOSED = (
    tf.keras.layers.Conv1DTranspose,
    tf.keras.layers.Conv2DTranspose,
    tf.keras.layers.Conv3DTranspose,
)


def one_bit(x: Any) -> bool:
    """Whether a Larq quantizer, or the weight that it quantizes, has one bit."""
    return getattr(x, "precision", None) == 1


def macs(layer: Any, node: Any) -> Iterator[tuple[bool, int]]:
    """(whether binary, number) of every product in one call of a layer."""
    binary_input = one_bit(getattr(layer, "input_quantizer", None))
    if isinstance(layer, QuantAttention):
        (_, *query, channels), (_, *key, _) = shapes(node.input_shapes)[:2]
        count = _size(layer, [*query, channels]) * _size(layer, key)
        yield binary_input, count  # q . k^T
        yield binary_input and one_bit(layer.probability_quantizer), count  # . v
    elif isinstance(layer, _PRODUCTS):
        # every weight of a kernel meets every position of the map once, also in groups
        side = node.input_shapes if isinstance(layer, _TRANSPOSED) else node.output_shapes
        _, *positions = shapes(side)[0]
        first = getattr(layer, "data_format", "channels_last") == "channels_first"
        positions = positions[1:] if first else positions[:-1]
        for name in ("kernel", "depthwise_kernel", "pointwise_kernel"):
            kernel = getattr(layer, name, None)
            if kernel is not None:
                # no quantizer stands between the two steps of a separable convolution
                binary = binary_input and one_bit(kernel) and name != "pointwise_kernel"
                yield binary, _size(layer, positions) * prod(kernel.shape)


def _size(layer: Any, positions: list[int | None]) -> int:
    if None in positions:
        raise ValueError(
            f"a profile needs a model of fixed input size; "
            f"layer {layer.name!r} has a map of {tuple(positions)}"
        )
    return prod(positions)  # type: ignore[arg-type]


def shapes(side: Any) -> list[tuple[int | None, ...]]:
    """The shapes of a call's inputs or outputs as a list, also where there is only one."""
    if isinstance(side, dict):
        return list(side.values())
    return list(side) if isinstance(side, list) else [side]
