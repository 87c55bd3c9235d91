"""Reversals along one axis each.

TensorFlow Lite 2.14 and older reverse a map along several axes wrongly: they say "Current does not
support more than 1 axis" and go on.
"""

import numpy as np

from larq_bvit.convert.lce.graph import Graph


def split_reversals(graph: Graph) -> None:
    """Reverses along one axis after the other (exact)."""
    for reverse in graph.nodes("ReverseV2"):
        value = graph.value(reverse.input[1])
        if value is None or value.size < 2:
            continue
        kinds = {"T": reverse.attr["T"], "Tidx": reverse.attr["Tidx"]}
        *first, last = [
            graph.constant(f"{reverse.name}/axis", np.array([axis], value.dtype)) for axis in value
        ]
        x = reverse.input[0]
        for axis in first:
            x = graph.add("ReverseV2", f"{reverse.name}/reverse", [x, axis], **kinds)
        graph.become(reverse, "ReverseV2", [x, last], **kinds)
