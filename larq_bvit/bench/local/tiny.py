"""The smallest .tflite that any runtime runs: x + x of four numbers."""

from __future__ import annotations

import flatbuffers
from tensorflow.lite.python import schema_py_generated as schema


def tiny_tflite() -> bytes:
    """Its bytes; input and output are float32 (1, 4)."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]
    model.operatorCodes = [_code(schema.BuiltinOperator.ADD)]
    graph = schema.SubGraphT()
    graph.tensors = [_tensor(b"x"), _tensor(b"y")]
    graph.inputs, graph.outputs = [0], [1]
    graph.operators = [_add()]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _code(operator: int) -> schema.OperatorCodeT:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = operator
    code.version = 1
    return code


def _tensor(name: bytes) -> schema.TensorT:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type = name, [1, 4], schema.TensorType.FLOAT32
    return tensor


def _add() -> schema.OperatorT:
    node = schema.OperatorT()
    node.inputs, node.outputs = [0, 0], [1]
    node.builtinOptionsType = schema.BuiltinOptions.AddOptions
    node.builtinOptions = schema.AddOptionsT()
    return node
