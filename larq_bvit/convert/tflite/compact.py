"""The same .tflite in fewer bytes.

Larq Compute Engine's converter gives every computed tensor an empty buffer of its own, every
tensor an empty table of quantization parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.convert.tflite.pack import pack


def compact(tflite: bytes) -> bytes:
    """Drops what no operator needs (exact).

    Unused tensors go, equal constants and equal shapes are stored once, and computed tensors
    share the empty buffer that the schema reserves.
    """
    model = load(tflite)
    for graph in model.subgraphs:
        _drop_unused(model, graph)
        _trim_tensors(graph)
    _share_buffers(model)
    return pack(model)


def _trim_tensors(graph: schema.SubGraphT) -> None:
    for tensor in graph.tensors:
        tensor.hasRank = not len(tensor.shape)  # says only that a shape () is one
        if tensor.quantization is not None and not _says_anything(tensor.quantization):
            tensor.quantization = None


def _says_anything(quantization: schema.QuantizationParametersT) -> bool:
    values = (quantization.scale, quantization.zeroPoint, quantization.min, quantization.max)
    return any(value is not None and len(value) for value in (*values, quantization.details))


def _drop_unused(model: schema.ModelT, graph: schema.SubGraphT) -> None:
    used = {int(i) for i in [*graph.inputs, *graph.outputs]}
    for op in graph.operators:
        for places in (op.inputs, op.outputs, op.intermediates):
            used |= {int(i) for i in ([] if places is None else places)}
    kept = sorted(used - {-1})  # -1: an optional input that is left out
    new = {-1: -1, **{old: i for i, old in enumerate(kept)}}
    graph.tensors = [graph.tensors[i] for i in kept]
    graph.inputs, graph.outputs = _renumbered(graph.inputs, new), _renumbered(graph.outputs, new)
    for op in graph.operators:
        op.inputs, op.outputs = _renumbered(op.inputs, new), _renumbered(op.outputs, new)
        op.intermediates = _renumbered(op.intermediates, new)
    for signature in model.signatureDefs or []:
        if model.subgraphs[signature.subgraphIndex] is graph:
            for entry in [*(signature.inputs or []), *(signature.outputs or [])]:
                entry.tensorIndex = new[entry.tensorIndex]


def _renumbered(indices: Any, new: dict[int, int]) -> np.ndarray | None:
    return None if indices is None else np.array([new[int(i)] for i in indices], np.int32)


def _share_buffers(model: schema.ModelT) -> None:
    """Every content once, nothing at all in buffer 0."""
    places: dict[bytes, int] = {b"": 0}
    buffers = [schema.BufferT()]

    def place(index: int) -> int:
        data = model.buffers[index].data
        content = b"" if data is None else bytes(data)
        if content not in places:
            places[content] = len(buffers)
            buffers.append(model.buffers[index])
        return places[content]

    for graph in model.subgraphs:
        for tensor in graph.tensors:
            tensor.buffer = place(tensor.buffer)
    for entry in model.metadata or []:
        entry.buffer = place(entry.buffer)
    model.buffers = buffers
