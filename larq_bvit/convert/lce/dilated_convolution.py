"""Dilated convolutions as one operator.

TensorFlow writes one as three: the map's pixels at each distance sorted into a batch, an ordinary
convolution, and the way back. LCE puts them together itself; here it is done before everything
that looks at convolutions.
"""

import numpy as np
import tensorflow as tf

from larq_bvit.convert.lce.graph import Graph, set_attribute


def join_dilated_convolutions(graph: Graph) -> None:
    """SpaceToBatchND, Conv2D and BatchToSpaceND become Pad and a dilated Conv2D (exact)."""
    for back in graph.nodes("BatchToSpaceND"):
        conv = graph.producer(back.input[0])
        if conv.op != "Conv2D" or conv.attr["padding"].s != b"VALID":
            continue
        sort = graph.producer(conv.input[0])
        if sort.op != "SpaceToBatchND" or list(conv.attr["strides"].list.i) != [1, 1, 1, 1]:
            continue
        rate, padding, crops = (
            graph.value(tensor) for tensor in (sort.input[1], sort.input[2], back.input[2])
        )
        if rate is None or padding is None or crops is None or rate.size > 2:
            continue
        others = 2 - rate.size  # of a rate of (2, 1) TensorFlow writes the 2 alone
        rate = np.pad(rate, (0, others), constant_values=1)
        padding, crops = (np.pad(value, [(0, others), (0, 0)]) for value in (padding, crops))
        if (crops[:, 0] != 0).any() or (crops > padding).any():
            continue
        kind = {"T": conv.attr["T"]}
        widths = np.pad(padding - crops, [(1, 1), (0, 0)]).astype(np.int32)
        inputs = [sort.input[0], graph.constant(f"{conv.name}/padding", widths)]
        padded = graph.add("Pad", f"{conv.name}/padded", inputs, **kind) if widths.any() else None
        dilations = tf.compat.v1.AttrValue()
        dilations.list.i.extend([1, *rate.tolist(), 1])
        attributes = {key: conv.attr[key] for key in ("T", "strides", "padding", "data_format")}
        inputs = [padded or sort.input[0], conv.input[1]]
        graph.become(back, "Conv2D", inputs, dilations=dilations, **attributes)
        set_attribute(back, "padding", b"VALID")
        graph.become(conv, "NoOp", [])  # nothing reads it now
