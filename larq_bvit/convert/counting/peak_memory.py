"""How much memory the live tensors of a .tflite take."""

from __future__ import annotations

from larq_bvit.convert.tflite.constants import Constants
from larq_bvit.convert.tflite.flatbuffer import Graph


def peak_activations(graph: Graph, constants: Constants) -> int:
    """Most bytes at any operator, in order; a tensor lives from its producer to its last reader."""
    end = len(graph.nodes)
    last = dict.fromkeys(graph.outputs, end)
    for i, node in enumerate(graph.nodes):
        for index in node.inputs:
            last[index] = max(last.get(index, 0), i)
        if node.operator == "DEQUANTIZE" and constants.find(node.outputs[0]) is not None:
            last[node.outputs[0]] = end  # TensorFlow Lite widens it once and keeps it
    live = {index: graph.tensors[index].bytes for index in graph.inputs}
    peak = sum(live.values())
    for i, node in enumerate(graph.nodes):
        live.update((index, graph.tensors[index].bytes) for index in node.outputs)
        peak = max(peak, sum(live.values()))
        live = {index: size for index, size in live.items() if last.get(index, i) > i}
    return peak
