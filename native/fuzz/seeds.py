"""Writes graphs for the fuzzer to start from, as graph_case.cc reads them.

python -m native.fuzz.seeds FOLDER [FILE.tflite ...]
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from larq_bvit.convert.tflite.flatbuffer import load, schema
from native.fuzz.seed_graphs import seed_graphs

_MAGIC = 0x315A4642
_CONSTANT, _VARIABLE, _AFFINE = 1, 2, 8  # flags of a tensor

# of the schema's numbers, those of TfLiteType
_TYPES = {
    schema.TensorType.FLOAT32: 1,
    schema.TensorType.INT32: 2,
    schema.TensorType.UINT8: 3,
    schema.TensorType.INT64: 4,
    schema.TensorType.BOOL: 6,
    schema.TensorType.INT8: 9,
    schema.TensorType.FLOAT16: 10,
}


def _window(o: Any, *middle: int) -> list[int]:
    """Padding (SAME is 0 in the schema, 1 in C), strides, what comes then, the activation."""
    return [o.padding + 1, o.strideW, o.strideH, *middle, o.fusedActivationFunction]


def _eight(values: Any) -> list[int]:
    values = [] if values is None else [int(value) for value in values]
    return [*values, *[0] * (8 - len(values)), len(values)]


# {schema's options: (format, values) of the C struct}, see delegate/builtin_options.h
_OPTIONS: dict[str, Callable[[Any], tuple[str, list[Any]]]] = {
    "AddOptionsT": lambda o: ("i", [o.fusedActivationFunction]),
    "SubOptionsT": lambda o: ("i", [o.fusedActivationFunction]),
    "MulOptionsT": lambda o: ("i", [o.fusedActivationFunction]),
    "DivOptionsT": lambda o: ("i", [o.fusedActivationFunction]),
    "Conv2DOptionsT": lambda o: ("6i", [*_window(o), o.dilationWFactor, o.dilationHFactor]),
    "DepthwiseConv2DOptionsT": lambda o: (
        "7i",
        [*_window(o, o.depthMultiplier), o.dilationWFactor, o.dilationHFactor],
    ),
    "Pool2DOptionsT": lambda o: ("6i", _window(o, o.filterWidth, o.filterHeight)),
    "FullyConnectedOptionsT": lambda o: (
        "ii?",
        [o.fusedActivationFunction, o.weightsFormat, o.keepNumDims],
    ),
    "BatchMatMulOptionsT": lambda o: ("??", [o.adjX, o.adjY]),
    "SoftmaxOptionsT": lambda o: ("f", [o.beta]),
    "ConcatenationOptionsT": lambda o: ("ii", [o.axis, o.fusedActivationFunction]),
    "SplitOptionsT": lambda o: ("i", [o.numSplits]),
    "PackOptionsT": lambda o: ("ii", [o.valuesCount, o.axis]),
    "UnpackOptionsT": lambda o: ("ii", [o.num, o.axis]),
    "SqueezeOptionsT": lambda o: ("9i", _eight(o.squeezeDims)),
    "StridedSliceOptionsT": lambda o: (
        "5i?",
        [o.beginMask, o.endMask, o.ellipsisMask, o.newAxisMask, o.shrinkAxisMask, o.offset],
    ),
    "ReshapeOptionsT": lambda o: ("9i", _eight(o.newShape)),
    "ReducerOptionsT": lambda o: ("?", [o.keepDims]),
    "ResizeNearestNeighborOptionsT": lambda o: ("??", [o.alignCorners, o.halfPixelCenters]),
    "LeakyReluOptionsT": lambda o: ("f", [o.alpha]),
    "GeluOptionsT": lambda o: ("?", [o.approximate]),
}


def case_of(tflite: bytes) -> bytes:
    """The main graph of a file as the fuzzer's."""
    file = load(tflite)
    graph = file.subgraphs[0]
    parts = [_numbers(_MAGIC, len(graph.tensors))]
    parts += [_tensor(tensor, file.buffers) for tensor in graph.tensors]
    parts += [_numbers(len(graph.operators))]
    parts += [_node(node, file.operatorCodes[node.opcodeIndex]) for node in graph.operators]
    return b"".join([*parts, _list(graph.inputs), _list(graph.outputs), _numbers(0, 0)])


def _tensor(tensor: Any, buffers: list[Any]) -> bytes:
    data = buffers[tensor.buffer].data
    quantization, affine = tensor.quantization, 0
    scale = zero_point = 0
    if quantization is not None and quantization.scale is not None and len(quantization.scale):
        affine, scale, zero_point = _AFFINE, quantization.scale[0], quantization.zeroPoint[0]
    flags = affine | (_CONSTANT if data is not None else 0)
    flags |= _VARIABLE if tensor.isVariable else 0
    return b"".join(
        [
            _numbers(_TYPES[tensor.type], flags),
            struct.pack("<fi", scale, zero_point),
            _list([] if tensor.shape is None else tensor.shape),
            _bytes(b"" if data is None else bytes(bytearray(data))),
        ]
    )


def _node(node: Any, code: Any) -> bytes:
    custom = code.customCode or b""
    custom = custom.encode() if isinstance(custom, str) else custom
    options = b""
    if node.builtinOptions is not None:
        fill = _OPTIONS.get(type(node.builtinOptions).__name__)
        layout, values = fill(node.builtinOptions) if fill else ("", [])
        options = struct.pack(f"<{layout}", *values) if layout else b"\0"
    custom_options = b"" if node.customOptions is None else bytes(bytearray(node.customOptions))
    return b"".join(
        [
            _numbers(max(code.builtinCode, code.deprecatedBuiltinCode)),
            _bytes(custom),
            *(_list(node.inputs), _list(node.outputs), _bytes(custom_options)),
            *(_numbers(bool(options)), _bytes(options)),
        ]
    )


def _numbers(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *(int(value) & 0xFFFFFFFF for value in values))


def _list(values: Any) -> bytes:
    return _numbers(len(values), *values)


def _bytes(content: bytes) -> bytes:
    return _numbers(len(content)) + content


def main(folder: Path, files: list[Path]) -> None:
    """Those of seed_graphs.py, and of further files."""
    folder.mkdir(parents=True, exist_ok=True)
    graphs = {**dict(seed_graphs()), **{path.stem: path.read_bytes() for path in files}}
    for name, tflite in graphs.items():
        (folder / f"{name}.case").write_bytes(case_of(tflite))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
