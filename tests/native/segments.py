"""Cuts a network where all goes through one map, so that each part can be run from given values."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.tflite.pack import pack


@dataclass(frozen=True)
class Segment:
    """Nodes from one map to the next.

    Attributes:
        first, last: of the nodes, in order of execution; the last one is not in it.
        source, target: tensors.
    """

    first: int
    last: int
    source: int
    target: int


def segments(tflite: bytes) -> list[Segment]:
    """In order; each has a binary convolution at least."""
    graph = flatbuffer.read(tflite)
    last_use = {t: i for i, node in enumerate(graph.nodes) for t in node.inputs}
    last_use |= dict.fromkeys(graph.outputs, len(graph.nodes))
    alive, found, start = set(graph.inputs), [], (0, graph.inputs[0])
    convolutions = 0
    for i, node in enumerate(graph.nodes):
        alive |= set(node.outputs)
        alive = {t for t in alive if last_use.get(t, -1) > i}
        convolutions += node.operator == "LceBconv2d"
        if len(alive) == 1 and (convolutions or i + 1 == len(graph.nodes)):
            (target,) = alive
            found.append(Segment(start[0], i + 1, start[1], target))
            start, convolutions = (i + 1, target), 0
    return found


def cut(whole: schema.ModelT, segment: Segment) -> bytes:
    """The file of a segment alone, of a model from `flatbuffer.load`, which stays as it is."""
    model, (graph,) = copy(whole), map(copy, whole.subgraphs)
    model.subgraphs = [graph]
    model.buffers = list(map(copy, whole.buffers))
    graph.tensors = list(map(copy, graph.tensors))
    graph.operators = graph.operators[segment.first : segment.last]
    graph.inputs = np.array([segment.source], np.int32)
    graph.outputs = np.array([segment.target], np.int32)
    used = {int(t) for node in graph.operators for t in node.inputs if t >= 0}
    for index, tensor in enumerate(graph.tensors):
        if index not in used:
            tensor.buffer = 0  # others' constants
    kept = {tensor.buffer for tensor in graph.tensors}
    for index, buffer in enumerate(model.buffers):
        if index not in kept:
            buffer.data = None
    model.signatureDefs = None
    model.metadata = None
    return bytes(pack(model))
