"""Signs that are moved about before they reach their convolution."""

import numpy as np

from larq_bvit.convert.lce.graph import Graph
from larq_bvit.convert.lce.lce_patterns import TOLERANCE, deviation, has_sign_values, reads_sign


def repeat_signs(graph: Graph) -> None:
    """Takes the sign once more where a reshape or the like hides it from LCE (exact)."""
    one, minus_one = np.array(1, np.float32), np.array(-1, np.float32)
    for conv in graph.nodes("Conv2D"):
        kernel = graph.value(conv.input[1])
        if kernel is None or deviation(kernel) > TOLERANCE or reads_sign(graph, conv):
            continue
        if has_sign_values(graph, conv.input[0]):
            zero = graph.constant(f"{conv.name}/zero", np.array(0, np.float32))
            ends = [graph.constant(f"{conv.name}/end", end) for end in (one, minus_one)]
            kind = {"T": conv.attr["T"]}
            inputs = [conv.input[0], zero]
            positive = graph.add("GreaterEqual", f"{conv.name}/positive", inputs, **kind)
            conv.input[0] = graph.add("SelectV2", f"{conv.name}/sign", [positive, *ends], **kind)
