"""Inputs and outputs of 8 bits around a graph that computes in float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.damage import damage_is_a_value_error
from larq_bvit.convert.tflite.flatbuffer import load, root
from larq_bvit.convert.tflite.pack import pack

_CODES = {
    "float32": schema.TensorType.FLOAT32,
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
}
_LOWEST = {"int8": -128, "uint8": 0}


@dataclass(frozen=True)
class TensorFormat:
    """How a tensor stores real numbers: `scale * (stored - zero_point)`; floats as they are."""

    type: str = "float32"
    scale: float = 1.0
    zero_point: int = 0

    @property
    def step(self) -> float:
        """Between neighbouring numbers that can be stored; 0 for floats."""
        return 0.0 if self.type == "float32" else self.scale

    @staticmethod
    def covering(type: str, low: float, high: float) -> TensorFormat:
        """The finest format of a type for numbers from `low` to `high`; `low` is stored lowest."""
        if type == "float32":
            return TensorFormat()
        low, high = min(low, 0.0), max(high, 0.0)  # zero points lie within the type
        scale = (high - low) / 255
        return TensorFormat(type, scale, _LOWEST[type] - round(low / scale))

    def store(self, real: np.ndarray) -> np.ndarray:
        """Rounds to the nearest number that can be stored, within the type's range."""
        if self.type == "float32":
            return np.asarray(real, np.float32)
        stored = np.round(np.asarray(real, np.float64) / self.scale) + self.zero_point
        return np.clip(stored, _LOWEST[self.type], _LOWEST[self.type] + 255).astype(self.type)

    def clip(self, real: np.ndarray) -> np.ndarray:
        """Within the range of the type."""
        if self.type == "float32":
            return real
        ends = np.array([0, 255]) + (_LOWEST[self.type] - self.zero_point)
        return np.clip(real, *(self.scale * ends))

    def real(self, stored: np.ndarray) -> np.ndarray:
        """What is stored, float32; computed as TensorFlow Lite's DEQUANTIZE does.

        LCE's multiplies scale and zero point first: equal for pixels, else up to the last bits.
        """
        if self.type == "float32":
            return stored
        return (np.float32(self.scale) * (stored.astype(np.int32) - self.zero_point)).astype("f")


def read_format(tflite: bytes, end: str) -> TensorFormat:
    """Of the first "input" or the first "output".

    Raises:
        ValueError: its type is none of float32, int8 and uint8.
    """
    model = root(tflite)
    with damage_is_a_value_error():
        graph = model.Subgraphs(0)
        tensor = graph.Tensors(graph.Inputs(0) if end == "input" else graph.Outputs(0))
        code, quantization = tensor.Type(), tensor.Quantization()
        scales = quantization and quantization.ScaleLength()
        scaling = (quantization.Scale(0), quantization.ZeroPoint(0)) if scales else ()
    types = {code: name for name, code in _CODES.items()}
    if code not in types:
        raise ValueError(f"expected an {end} of type {', '.join(_CODES)}; got number {code}")
    return TensorFormat(types[code], *scaling) if code != _CODES["float32"] else TensorFormat()


def store_input_as(tflite: bytes, format: TensorFormat) -> bytes:
    """Puts a DEQUANTIZE after the first input, of which the format becomes the new type."""
    return _store(tflite, format, "inputs")


def store_output_as(tflite: bytes, format: TensorFormat) -> bytes:
    """Puts a QUANTIZE before the first output."""
    return _store(tflite, format, "outputs")


def _store(tflite: bytes, format: TensorFormat, ends: str) -> bytes:
    if format.type == "float32":
        return tflite
    model = load(tflite)
    graph = model.subgraphs[0]
    old, *others = (int(index) for index in getattr(graph, ends))
    new = _add_tensor(graph, old, format)
    setattr(graph, ends, np.array([new, *others], np.int32))
    if ends == "inputs":
        op = _operator(model, schema.BuiltinOperator.DEQUANTIZE, new, old, version=2)
        graph.operators.insert(0, op)
    else:
        graph.operators.append(_operator(model, schema.BuiltinOperator.QUANTIZE, old, new))
    _rename_in_signatures(model, old, new, ends)
    return pack(model)


def _add_tensor(graph: schema.SubGraphT, like: int, format: TensorFormat) -> int:
    """A new tensor that takes the name of another; returns its number."""
    old, new = graph.tensors[like], schema.TensorT()
    new.shape, new.shapeSignature, new.name = old.shape, old.shapeSignature, old.name
    old.name = None
    new.type, new.buffer = _CODES[format.type], 0
    new.quantization = schema.QuantizationParametersT()
    new.quantization.scale = np.array([format.scale], np.float32)
    new.quantization.zeroPoint = np.array([format.zero_point], np.int64)
    graph.tensors.append(new)
    return len(graph.tensors) - 1


def _operator(
    model: schema.ModelT, builtin: int, source: int, result: int, version: int = 1
) -> schema.OperatorT:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = builtin
    code.version = version
    model.operatorCodes.append(code)
    op = schema.OperatorT()
    op.opcodeIndex = len(model.operatorCodes) - 1
    op.inputs, op.outputs = np.array([source], np.int32), np.array([result], np.int32)
    return op


def _rename_in_signatures(model: schema.ModelT, old: int, new: int, end: str) -> None:
    for signature in model.signatureDefs or []:
        for entry in getattr(signature, end) or []:
            if entry.tensorIndex == old:
                entry.tensorIndex = new
