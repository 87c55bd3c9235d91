"""Writes .tflite files node by node, with whatever shapes, options and faults a test wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
from flatbuffers import flexbuffers
from tensorflow.lite.python import schema_py_generated as schema

_TYPES = {
    np.dtype(np.float32): schema.TensorType.FLOAT32,
    np.dtype(np.float16): schema.TensorType.FLOAT16,
    np.dtype(np.int8): schema.TensorType.INT8,
    np.dtype(np.uint8): schema.TensorType.UINT8,
    np.dtype(np.int32): schema.TensorType.INT32,
    np.dtype(np.int64): schema.TensorType.INT64,
    np.dtype(np.bool_): schema.TensorType.BOOL,
}


class GraphWriter:
    """A graph that grows; tensors are known by their numbers."""

    def __init__(self) -> None:
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators = [], []
        self._buffers = [schema.BufferT()]
        self._codes: list[schema.OperatorCodeT] = []

    def tensor(
        self, shape: Sequence[int], dtype: Any = np.float32, scale: float = 0, zero_point: int = 0
    ) -> int:
        """An input, or what a node computes. With a scale, of quantized numbers."""
        tensor = schema.TensorT()
        tensor.shape = list(shape)
        tensor.type = _TYPES[np.dtype(dtype)]
        tensor.name = f"t{len(self._graph.tensors)}"
        tensor.buffer = 0
        if scale:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = [scale]
            tensor.quantization.zeroPoint = [zero_point]
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def constant(self, array: np.ndarray) -> int:
        """A tensor that the file holds."""
        index = self.tensor(array.shape, array.dtype)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)
        self._buffers.append(buffer)
        self._graph.tensors[index].buffer = len(self._buffers) - 1
        return index

    def custom(
        self,
        name: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: Mapping[str, Any] | bytes = b"",
    ) -> None:
        """A node of a custom operator; -1 stands for an input that is left out."""
        node = self._node(schema.BuiltinOperator.CUSTOM, name, inputs, outputs)
        raw = options if isinstance(options, bytes) else bytes(flexbuffers.Dumps(dict(options)))
        node.customOptions = list(raw)

    def builtin(
        self,
        name: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: Any = None,
    ) -> None:
        """A node of a builtin operator, with the schema's object of options."""
        node = self._node(getattr(schema.BuiltinOperator, name), None, inputs, outputs)
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            node.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            node.builtinOptions = options

    def tflite(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The file."""
        self._graph.inputs, self._graph.outputs = list(inputs), list(outputs)
        model = schema.ModelT()
        model.version = 3
        model.subgraphs, model.buffers, model.operatorCodes = (
            [self._graph],
            self._buffers,
            self._codes,
        )
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _node(
        self, code: int, name: str | None, inputs: Sequence[int], outputs: Sequence[int]
    ) -> schema.OperatorT:
        operator = schema.OperatorCodeT()
        operator.builtinCode, operator.customCode, operator.version = code, name, 1
        operator.deprecatedBuiltinCode = min(code, 127)
        node = schema.OperatorT()
        node.opcodeIndex = len(self._codes)
        node.inputs, node.outputs = list(inputs), list(outputs)
        self._codes.append(operator)
        self._graph.operators.append(node)
        return node
