"""The constants of a .tflite as arrays, and what is computed from constants alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.flatbuffer import Graph, Node

_TYPES = {code: name for name, code in vars(schema.TensorType).items() if isinstance(code, int)}


@dataclass(frozen=True)
class Constant:
    """A constant as it is stored.

    Attributes:
        type: such as FLOAT32 or INT8.
        values: with the zero point taken off, but not scaled; None where numpy has no such type
            (BFLOAT16, INT4) or the tensor is stored sparse.
    """

    type: str
    values: np.ndarray | None

    @property
    def integer_bits(self) -> int:
        """Of an element; 0 for floats."""
        found = re.fullmatch(r"U?INT(\d+)", self.type)
        return int(found[1]) if found else 0


class Constants:
    """Of the main subgraph; a constant of fewer bits behind a DEQUANTIZE counts as one.

    Arguments:
        tflite: the file's bytes.
        graph: what `flatbuffer.read` made of them.
    """

    def __init__(self, tflite: bytes, graph: Graph):
        self._graph = graph
        self._stored = schema.Model.GetRootAs(tflite, 0).Subgraphs(0)
        self._producers = {index: node for node in graph.nodes for index in node.outputs}
        self._varying = self._below_inputs()

    def _below_inputs(self) -> set[int]:
        """Tensors that depend on the model's inputs, or on variables."""
        graph = self._graph
        varying = set(graph.inputs) | {
            index
            for index, tensor in enumerate(graph.tensors)
            if tensor.bytes and index not in self._producers and not graph.constant_bytes(index)
        }
        for node in graph.nodes:
            if varying.intersection(node.inputs):
                varying.update(node.outputs)
        return varying

    def producer(self, index: int) -> Node | None:
        """The operator that computes a tensor; None for constants and the model's inputs."""
        return self._producers.get(index)

    def varies(self, index: int) -> bool:
        """Whether a tensor depends on the model's inputs."""
        return index in self._varying

    def find(self, index: int) -> int | None:
        """The tensor that stores a constant, which is another one behind a DEQUANTIZE."""
        node = self.producer(index)
        if node is not None and node.operator == "DEQUANTIZE":
            index = node.inputs[0]
        return index if self._graph.constant_bytes(index) else None

    def read(self, index: int) -> Constant | None:
        """The constant behind a tensor; None for one that is computed."""
        found = self.find(index)
        if found is None:
            return None
        stored, tensor = self._stored.Tensors(found), self._graph.tensors[found]
        type_ = _TYPES[stored.Type()]
        dtype = _numpy_type(type_)
        if dtype is None or stored.Sparsity() is not None:
            return Constant(type_, None)
        values = np.frombuffer(self._graph.buffers[tensor.buffer], dtype).reshape(tensor.shape)
        quantization = stored.Quantization()
        if quantization is not None and quantization.ZeroPointLength():
            # one for all: those per channel are 0 by TensorFlow Lite's specification
            values = values.astype(np.int64) - quantization.ZeroPoint(0)
        return Constant(type_, values)


def _numpy_type(name: str) -> np.dtype | None:
    known = re.fullmatch(r"FLOAT(16|32|64)|U?INT(8|16|32|64)|BOOL", name)
    return np.dtype(name.lower()).newbyteorder("<") if known else None
