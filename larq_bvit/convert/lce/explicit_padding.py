"""Explicit padding before a convolution.

LCE takes a `Pad` of p and p pixels, or p and p + 1, for "SAME" wherever the output has the right
size, and does not ask how much "SAME" would pad: 3x3 at stride 2 on an even map needs one row of
zeros in all, which "SAME" puts after the map. Float and binary convolutions are alike misled.
What misleads are the rows after the map that no window reaches; without them LCE's test holds
only where the two are the same.
"""

from typing import Any

import numpy as np

from larq_bvit.convert.lce.graph import Graph, set_attribute
from larq_bvit.convert.lce.lce_patterns import is_sign, reached_padding


def trim_padding(graph: Graph) -> None:
    """Takes away the padding that no window of a convolution reaches (exact).

    Zeros around signs that are those of "SAME" become it: LCE makes only that form binary.
    """
    for conv in graph.nodes("Conv2D", "DepthwiseConv2dNative"):
        if conv.attr["data_format"].s == b"NCHW":
            continue
        if conv.attr["padding"].s == b"EXPLICIT":
            _split(graph, conv)
        pad = graph.producer(conv.input[0])
        if conv.attr["padding"].s != b"VALID" or pad.op not in ("Pad", "PadV2"):
            continue
        widths = graph.value(pad.input[1])
        size = graph.shape(pad.input[0])
        if widths is None or len(size) != 4 or -1 in size[1:3]:
            continue
        trimmed, same = reached_padding(graph, conv, size, widths)
        if same and pad.op == "Pad" and is_sign(graph, pad.input[0]):
            conv.input[0] = pad.input[0]
            set_attribute(conv, "padding", b"SAME")
        else:
            _pad(graph, conv, [pad.input[0], *pad.input[2:]], trimmed)


def _split(graph: Graph, conv: Any) -> None:
    """Makes a convolution's own explicit padding a node before it."""
    widths = np.array(conv.attr["explicit_paddings"].list.i, np.int32).reshape(4, 2)
    _pad(graph, conv, [conv.input[0]], widths)
    set_attribute(conv, "padding", b"VALID")
    del conv.attr["explicit_paddings"]


def _pad(graph: Graph, conv: Any, inputs: list[str], widths: np.ndarray) -> None:
    """Puts padding before a convolution; inputs: the map, and the number to pad with if not 0."""
    tensor = graph.constant(f"{conv.name}/padding", widths)
    inputs = [inputs[0], tensor, *inputs[1:]]
    op = "Pad" if len(inputs) == 2 else "PadV2"
    conv.input[0] = graph.add(op, f"{conv.name}/pad", inputs, T=conv.attr["T"])
