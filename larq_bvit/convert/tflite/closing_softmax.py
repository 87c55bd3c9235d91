"""Whether a .tflite gives probabilities."""

from __future__ import annotations

from larq_bvit.convert.tflite.flatbuffer import Graph

_STORING = ("QUANTIZE", "DEQUANTIZE")


def ends_in_softmax(graph: Graph) -> bool:
    """Whether a softmax makes the first output, as whatever type that is stored then."""
    tensor = graph.outputs[0]
    for node in reversed(graph.nodes):
        if tensor in node.outputs:
            if node.operator not in _STORING:
                return node.operator == "SOFTMAX"
            tensor = node.inputs[0]
    return False
