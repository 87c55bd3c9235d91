"""What a .tflite compares with constants: signs of floats, and attention's probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larq_bvit.convert.tflite.flatbuffer import load, read
from larq_bvit.convert.tflite.pack import pack

_OPERATORS = ("LceQuantize", "GREATER_EQUAL", "GREATER")


@dataclass(frozen=True)
class Comparison:
    """One of them.

    Attributes:
        operator: LceQuantize and GREATER_EQUAL take signs, GREATER chooses probabilities.
        name: of the tensor that is compared; where the file keeps none, of the operator.
        tensor: its number.
        threshold: one number, one per channel, or a map of them.
    """

    operator: str
    name: str
    tensor: int
    threshold: np.ndarray

    @property
    def is_of_probabilities(self) -> bool:
        return self.operator == "GREATER"


def find_comparisons(tflite: bytes) -> list[Comparison]:
    """In order of execution; a tensor may be compared several times.

    Raises:
        ValueError: these bytes are not a .tflite.
    """
    graph = read(tflite)
    found = []
    for number, node in enumerate(graph.nodes):
        if node.operator not in _OPERATORS:
            continue
        tensor, threshold = node.inputs[0], np.zeros(1, np.float32)
        if node.operator != "LceQuantize":
            if not graph.constant_bytes(node.inputs[1]):
                continue
            data = graph.buffers[graph.tensors[node.inputs[1]].buffer]
            shape = graph.tensors[node.inputs[1]].shape  # that of a map, for some
            threshold = np.atleast_1d(np.frombuffer(data, np.float32).reshape(shape))
        name = graph.tensors[tensor].name or f"operator {number} ({node.operator})"
        found.append(Comparison(node.operator, name, tensor, threshold))
    return found


def with_outputs(tflite: bytes, tensors: Sequence[int]) -> bytes:
    """The file with these tensors as its outputs; one may come several times."""
    model = load(tflite)
    model.subgraphs[0].outputs = np.array(tensors, np.int32)
    model.signatureDefs = None  # they name the old outputs
    return pack(model)
