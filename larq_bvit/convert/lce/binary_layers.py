"""Which layers LCE makes binary, and why it would not."""

import logging
import re
from typing import Any

import larq as lq
import tensorflow as tf

from larq_bvit.convert.lce.graph import Graph
from larq_bvit.convert.lce.lce_patterns import (
    becomes_binary,
    deviation,
    has_sign_values,
    reads_sign,
)

log = logging.getLogger(__name__)

_EXACT = 1e-6  # relative deviation that is only rounding
_MOVES = ("Pad", "PadV2", "MirrorPad", "Reshape", "Transpose", "MaxPool", "AvgPool")
_QUANTIZERS = ("input_quantizer", "kernel_quantizer", "depthwise_quantizer", "pointwise_quantizer")


def check_binary_layers(graph: Graph, model: tf.keras.Model) -> int:
    """Says how many LceBconv2d there must be; logs the quantized layers that stay float.

    Arguments:
        graph: what LCE will convert.
        model: the model before freezing.

    Raises:
        ValueError: a layer meant to be binary would stay float, or LCE would miscompute it.
    """
    layers = _all_layers(model)
    float_layers = [name for name, layer in layers.items() if _is_quantized(layer)]
    complaints, count = [], 0
    for conv in graph.nodes("Conv2D"):
        name = _layer_of(conv, layers)
        layer = layers.get(name)
        if becomes_binary(graph, conv):
            count += 1
            float_layers = [other for other in float_layers if layer is not layers[other]]
            complaints += _wrong(graph, conv, name)
        elif layer is not None and _is_meant_binary(graph, conv, layer):
            complaints.append(f"{name!r}: {_reason(graph, conv, layer)}")
    if complaints:
        raise ValueError(
            f"Larq Compute Engine would not run {model.name!r} as it is: " + "; ".join(complaints)
        )
    if float_layers:
        log.warning("these quantized layers stay float in LCE: %s", ", ".join(float_layers))
    return count


def _all_layers(model: tf.keras.Model, path: str = "") -> dict[str, tf.keras.layers.Layer]:
    """{path: layer} of a model and of the models within."""
    layers = {}
    for layer in model.layers:
        layers[path + layer.name] = layer
        if isinstance(layer, tf.keras.Model):
            layers |= _all_layers(layer, f"{path}{layer.name}/")
    return layers


def _layer_of(conv: Any, layers: dict[str, tf.keras.layers.Layer]) -> str:
    """The layer that a convolution of the graph `net` comes from, or the path that is known."""
    parts = conv.name.split("/")[1:] or [conv.name]
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        shared = re.sub(r"_\d+$", "", name)  # the second use of a shared layer
        if name in layers or shared in layers:
            return name if name in layers else shared
    return conv.name


def _is_quantized(layer: tf.keras.layers.Layer) -> bool:
    return isinstance(layer, lq.layers_base.BaseLayer) and any(
        getattr(layer, name, None) is not None for name in _QUANTIZERS
    )


def _is_meant_binary(graph: Graph, conv: Any, layer: tf.keras.layers.Layer) -> bool:
    """Whether signs go into a layer of binary weights, by what its quantizers say."""
    if getattr(getattr(layer, "kernel_quantizer", None), "precision", 32) != 1:
        return False
    quantizer = getattr(layer, "input_quantizer", None)
    if quantizer is None:
        return _moved_sign(graph, conv.input[0])
    return getattr(quantizer, "precision", 32) == 1


def _moved_sign(graph: Graph, tensor: str) -> bool:
    """Whether a tensor is a sign with zeros or other values around it."""
    node = graph.producer(tensor)
    moved = node.op in _MOVES and _moved_sign(graph, node.input[0])
    return moved or has_sign_values(graph, tensor)


def _reason(graph: Graph, conv: Any, layer: tf.keras.layers.Layer) -> str:
    if not reads_sign(graph, conv):
        above = graph.producer(conv.input[0])
        quantizer = getattr(layer, "input_quantizer", None)
        got = f"quantizer {type(quantizer).__name__}, " if quantizer is not None else ""
        return (
            f"expected an input where(x >= 0, 1, -1) right before the convolution, such as "
            f"'ste_sign' gives; got {got}operator {above.op} ({above.name})"
        )
    quantizer = type(layer.kernel_quantizer).__name__
    return f"expected a kernel of two values +-s per filter; got others from {quantizer}"


def _wrong(graph: Graph, conv: Any, name: str) -> list[str]:
    """What LCE would compute wrongly of a convolution that it makes binary."""
    kernel = graph.value(conv.input[1])
    assert kernel is not None
    complaints = []
    if deviation(kernel) > _EXACT:
        complaints.append(
            f"{name!r}: expected a kernel of exactly two values +-s per filter, or clearly others; "
            f"got values up to {deviation(kernel):.2g} off, which LCE would round away"
        )
    if conv.attr["padding"].s == b"SAME":
        height, width = graph.shape(conv.input[0])[1:3]
        dilations = conv.attr["dilations"].list.i[1:3]
        high, wide = ((k - 1) * d + 1 for k, d in zip(kernel.shape[:2], dilations, strict=True))
        if height < high or width < wide:
            complaints.append(
                f"LCE miscomputes {name!r}: a zero-padded {high}x{wide} binary convolution on a "
                f"{height}x{width} map; use a larger input"
            )
    return complaints
