"""Reads the graph of a .tflite, by TensorFlow Lite's official schema."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import prod

from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.damage import damage_is_a_value_error

_OPERATORS = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}
# bytes of an element; all other types that occur have 4
_ELEMENT_BYTES = {
    schema.TensorType.FLOAT64: 8,
    schema.TensorType.INT64: 8,
    schema.TensorType.FLOAT16: 2,
    schema.TensorType.INT16: 2,
    schema.TensorType.INT8: 1,
    schema.TensorType.UINT8: 1,
    schema.TensorType.BOOL: 1,
}


@dataclass(frozen=True)
class Tensor:
    """A tensor; `bytes` is what it takes in memory."""

    name: str
    shape: list[int]
    bytes: int
    buffer: int


@dataclass(frozen=True)
class Node:
    """An operator with the numbers of its tensors; `options` are a custom operator's own."""

    operator: str
    inputs: list[int]
    outputs: list[int]
    options: bytes


@dataclass(frozen=True)
class Graph:
    """The main subgraph, in order of execution; `buffers` holds all constants of the file."""

    tensors: list[Tensor]
    nodes: list[Node]
    inputs: list[int]
    outputs: list[int]
    buffers: list[bytes]

    def constant_bytes(self, index: int) -> int:
        """Size of the constant behind a tensor; 0 when it is computed."""
        return len(self.buffers[self.tensors[index].buffer])


def root(tflite: bytes) -> schema.Model:
    """The file as the schema's reader, which unpacks nothing until it is asked.

    Raises:
        ValueError: these bytes are not a .tflite.
    """
    if tflite[4:8] != b"TFL3":
        raise ValueError(f"expected a .tflite (identifier TFL3); got bytes {bytes(tflite[:8])!r}")
    with damage_is_a_value_error():
        return schema.Model.GetRootAs(tflite, 0)


def load(tflite: bytes) -> schema.ModelT:
    """All of a .tflite as objects of the schema, to be changed and packed again.

    Raises:
        ValueError: these bytes are not a .tflite, or a damaged one.
    """
    model = root(tflite)
    with damage_is_a_value_error():
        return schema.ModelT.InitFromObj(model)


def read(tflite: bytes) -> Graph:
    """The main subgraph of a .tflite.

    Raises:
        ValueError: these bytes are not a .tflite.
    """
    model = load(tflite)
    with damage_is_a_value_error():
        return _main_graph(model)


def _main_graph(model: schema.ModelT) -> Graph:
    graph = model.subgraphs[0]
    operators = [operator_name(code) for code in model.operatorCodes]
    return Graph(
        tensors=[_tensor(tensor) for tensor in graph.tensors],
        nodes=[
            Node(
                operator=operators[node.opcodeIndex],
                inputs=[int(i) for i in node.inputs if i >= 0],  # -1: an optional one left out
                outputs=[int(i) for i in node.outputs],
                options=b"" if node.customOptions is None else bytes(node.customOptions),
            )
            for node in graph.operators
        ],
        inputs=[int(i) for i in graph.inputs],
        outputs=[int(i) for i in graph.outputs],
        buffers=[b"" if b.data is None else bytes(b.data) for b in model.buffers],
    )


def count_ops(tflite: bytes) -> Counter[str]:
    """{operator: how often} of a .tflite, custom operators such as LceBconv2d by their name.

    Raises:
        ValueError: these bytes are not a .tflite.
    """
    return Counter(node.operator for node in read(tflite).nodes)


def _tensor(tensor: schema.TensorT) -> Tensor:
    shape = [] if tensor.shape is None else [int(n) for n in tensor.shape]
    size = prod(shape) * _ELEMENT_BYTES.get(tensor.type, 4)
    return Tensor((tensor.name or b"").decode(errors="replace"), shape, size, tensor.buffer)


def operator_name(code: schema.OperatorCodeT) -> str:
    """Such as ADD, and a custom operator's own, such as LceBconv2d."""
    if code.customCode:
        return code.customCode.decode()
    # the field grew from 8 to 32 bits; old writers fill only the deprecated one
    return _OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]
