"""Float constants in half the bytes."""

from __future__ import annotations

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.compact import compact
from larq_bvit.convert.tflite.damage import damage_is_a_value_error
from larq_bvit.convert.tflite.flatbuffer import load, root
from larq_bvit.convert.tflite.pack import pack

_FEWEST = 64  # elements: below, the operator that widens them takes what they save
_SMALLEST = 2.0**-14  # float16 below has fewer bits than its 11


def store_as_float16(tflite: bytes) -> bytes:
    """Stores float32 constants as float16, each behind a DEQUANTIZE operator (rounds to 11 bits).

    That is TensorFlow Lite's own form: runtimes widen such constants once, when they load or
    first run the file, and compute in float32. Constants too large for float16, or so small that
    it would cut more bits off, stay as they are.
    """
    model = load(tflite)
    opcode = len(model.operatorCodes)
    for graph in model.subgraphs:
        read = sorted({int(i) for op in graph.operators for i in op.inputs if i >= 0})
        widened = [_widen(model, graph, opcode, i) for i in read if _is_worth_it(model, graph, i)]
        graph.operators = widened + graph.operators
        if widened and len(model.operatorCodes) == opcode:
            model.operatorCodes.append(_dequantize())
    return compact(pack(model))


def round_to_float16(tflite: bytes) -> bytes:
    """The same constants rounded, but stored as float32: what `store_as_float16` must equal."""
    model = load(tflite)
    for graph in model.subgraphs:
        for index, tensor in enumerate(graph.tensors):
            if _is_worth_it(model, graph, index):
                rounded = _values(model, tensor).astype(np.float16).astype(np.float32)
                model.buffers[tensor.buffer].data = rounded.view(np.uint8)
    return pack(model)


def stores_float16(tflite: bytes) -> bool:
    """Whether any constant of a .tflite is float16."""
    model = root(tflite)
    with damage_is_a_value_error():
        graph = model.Subgraphs(0)
        types = (graph.Tensors(i).Type() for i in range(graph.TensorsLength()))
        return schema.TensorType.FLOAT16 in types


def _dequantize() -> schema.OperatorCodeT:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = 3  # the first that takes float16
    return code


def _values(model: schema.ModelT, tensor: schema.TensorT) -> np.ndarray:
    data = model.buffers[tensor.buffer].data
    return np.zeros(0, np.float32) if data is None else np.frombuffer(bytes(data), np.float32)


def _is_worth_it(model: schema.ModelT, graph: schema.SubGraphT, index: int) -> bool:
    tensor = graph.tensors[index]
    if tensor.type != schema.TensorType.FLOAT32:
        return False
    values = _values(model, tensor)
    if values.size < _FEWEST:
        return False
    largest = np.abs(values).max()
    return largest == 0 or _SMALLEST <= largest <= np.finfo(np.float16).max


def _widen(
    model: schema.ModelT, graph: schema.SubGraphT, opcode: int, index: int
) -> schema.OperatorT:
    """Makes a constant the output of a new operator, which it returns."""
    wide = graph.tensors[index]
    narrow = schema.TensorT()
    narrow.shape, narrow.type = wide.shape, schema.TensorType.FLOAT16
    narrow.buffer = len(model.buffers)
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(_values(model, wide).astype(np.float16).tobytes(), np.uint8)
    model.buffers.append(buffer)
    wide.buffer = 0  # the empty one
    graph.tensors.append(narrow)
    op = schema.OperatorT()
    op.opcodeIndex = opcode
    op.inputs = np.array([len(graph.tensors) - 1], np.int32)
    op.outputs = np.array([index], np.int32)
    return op
