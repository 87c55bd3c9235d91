"""Writes the flatbuffer of a .tflite, by TensorFlow Lite's official schema."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema


def pack(model: schema.ModelT) -> bytes:
    """The .tflite of the schema's objects (see `flatbuffer.load`), without repetitions.

    What occurs a thousand times, such as shapes, options and tensors without names, is written
    once: tables of a flatbuffer may point to the same place.
    """
    builder = _SharingBuilder(1024 + sum(_size(buffer) for buffer in model.buffers))
    builder.Finish(_prepared(model).Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _prepared(model: schema.ModelT) -> schema.ModelT:
    """The model with our own way of packing buffers, tensors and options."""
    model = copy(model)
    model.buffers = [_AlignedBuffer(buffer) for buffer in model.buffers]
    model.subgraphs = [copy(graph) for graph in model.subgraphs]
    for graph in model.subgraphs:
        graph.tensors = [_Shared(tensor) for tensor in graph.tensors]
        graph.operators = [copy(op) for op in graph.operators]
        for op in graph.operators:
            if op.builtinOptions is not None:
                op.builtinOptions = _Shared(op.builtinOptions)
    return model


class _SharingBuilder(flatbuffers.Builder):
    """Writes equal vectors of numbers and equal objects once."""

    def __init__(self, size: int):
        super().__init__(size)
        self._places: dict[Any, int] = {}

    def once(self, key: Any, write: Callable[[], int]) -> int:
        """The place of what `write` wrote when it was first asked for."""
        if key not in self._places:
            self._places[key] = write()
        return self._places[key]

    def CreateNumpyVector(self, x: np.ndarray) -> int:
        return self.once(_content(x), lambda: super(_SharingBuilder, self).CreateNumpyVector(x))


class _Shared:
    """An object of the schema that is packed once for all of the same content."""

    def __init__(self, what: Any):
        self._what = what

    def Pack(self, builder: _SharingBuilder) -> int:
        return builder.once(_content(self._what), lambda: self._what.Pack(builder))


def _content(value: Any) -> Any:
    """A key that is equal for equal objects of the schema."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tobytes()
    if isinstance(value, list):
        return tuple(_content(item) for item in value)
    if hasattr(value, "__dict__"):
        fields = vars(value).items()
        return type(value).__name__, tuple((name, _content(item)) for name, item in fields)
    return value


class _AlignedBuffer:
    """A constant that starts at a multiple of 16 bytes, as the schema demands.

    The generated code packs it at any byte; runtimes read it in place.
    """

    def __init__(self, buffer: schema.BufferT):
        self._data = b"" if buffer.data is None else bytes(buffer.data)

    def Pack(self, builder: flatbuffers.Builder) -> int:
        vector = self._write(builder) if self._data else None
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)

    def _write(self, builder: flatbuffers.Builder) -> int:
        builder.StartVector(1, len(self._data), 16)
        builder.head -= len(self._data)
        builder.Bytes[builder.head : builder.head + len(self._data)] = self._data
        return builder.EndVector()


def _size(buffer: schema.BufferT) -> int:
    return 0 if buffer.data is None else len(buffer.data)
