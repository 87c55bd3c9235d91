"""Tensors of a .tflite that are named after the layers that they come from."""

from __future__ import annotations

from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.flatbuffer import load, operator_name
from larq_bvit.convert.tflite.pack import pack

SCOPE = "net"  # of the graph that LCE is given
NAME_LENGTH = 50  # TensorFlow Lite cuts names here, and numbers what has become equal
_LAYERS = ("LceBconv2d", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_SUMS = ("ADD", "ADD_N")


def name_by_layer(tflite: bytes) -> bytes:
    """Keeps the names that say something, as layers' paths; names take 1% of BinaryViT.

    Products with weights and sums of maps are named. The converter's names are those of all
    operators that it has fused, `net/path/operator;net/path/operator`, cut at 50 characters. The
    model's inputs and outputs keep theirs.
    """
    model = load(tflite)
    operators = [operator_name(code) for code in model.operatorCodes]
    for graph in model.subgraphs:
        named: set[int] = set()
        for op in graph.operators:
            name, constant = operators[op.opcodeIndex], _reads_constant(model, graph, op)
            if (name in _LAYERS and constant) or (name in _SUMS and not constant):
                named |= {int(i) for i in op.outputs}
        ends = {int(i) for i in [*graph.inputs, *graph.outputs]}
        for i, tensor in enumerate(graph.tensors):
            if i not in ends:
                tensor.name = _path(tensor.name or b"") if i in named else None
    return pack(model)


def _path(name: bytes) -> bytes:
    """A cut name stays as it is: without its last part it may be another layer's path."""
    first = name.split(b";")[0]
    path = first.removeprefix(SCOPE.encode() + b"/")
    return path if len(first) >= NAME_LENGTH else path.rpartition(b"/")[0]


def _reads_constant(model: schema.ModelT, graph: schema.SubGraphT, op: schema.OperatorT) -> bool:
    buffers = [model.buffers[graph.tensors[i].buffer] for i in op.inputs if i >= 0]
    return any(buffer.data is not None for buffer in buffers)
