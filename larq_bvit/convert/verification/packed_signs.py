"""Signs that Larq Compute Engine takes within a binary convolution.

Such a convolution compares its integer sums with thresholds and writes bits: what is compared is
nowhere in the file. A twin of each, which writes the sums, makes it visible.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from flatbuffers import flexbuffers
from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.tflite.flatbuffer import load, operator_name
from larq_bvit.convert.tflite.pack import pack

_TINY = np.finfo(np.float32).tiny


@dataclass(frozen=True)
class PackedSigns:
    """What one of them computes for a batch: sums and their signs, both (..., channels)."""

    sums: np.ndarray
    negative: np.ndarray

    @property
    def size(self) -> int:
        return self.sums.size

    def on_scale_of(self, expected: np.ndarray) -> np.ndarray:
        """The values whose signs these are, as far as `expected`, of any shape, tells them.

        Scale and shift of each channel are those that bring its sums nearest to what is expected;
        a value gets the sign that is written.
        """
        channels = self.sums.shape[-1]
        sums, values = (x.reshape(-1, channels).astype(np.float64) for x in (self.sums, expected))
        middle, centred = values.mean(axis=0), sums - sums.mean(axis=0)
        power = (centred**2).sum(axis=0)
        scale = (centred * values).sum(axis=0) / np.where(power > 0, power, 1)
        magnitude = np.maximum(np.abs(centred * scale + middle), _TINY)
        negative = self.negative.reshape(-1, channels)
        return np.where(negative, -magnitude, magnitude).reshape(expected.shape)


def unpack(bits: np.ndarray, channels: int) -> np.ndarray:
    """Which channels (..., channels) of int32 words (..., words) are negative."""
    words = np.ascontiguousarray(bits.astype("<i4"))
    return np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little")[..., :channels] == 1


def with_sums(tflite: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """The file with a twin of every such convolution, and the tensors (signs, sums) of each."""
    model = load(tflite)
    graph = model.subgraphs[0]
    custom = [operator_name(code) == "LceBconv2d" for code in model.operatorCodes]
    operators, pairs = [], []
    for node in graph.operators:
        operators.append(node)
        if not custom[node.opcodeIndex]:
            continue
        signs = int(node.outputs[0])
        if graph.tensors[signs].type != schema.TensorType.INT32:
            continue
        twin = copy.copy(node)
        options = {**flexbuffers.Loads(bytes(node.customOptions)), "fused_activation_function": 0}
        twin.customOptions = np.frombuffer(bytes(flexbuffers.Dumps(options)), np.uint8)
        filters = int(node.inputs[1])
        channels = int(graph.tensors[filters].shape[0])
        shape = [*graph.tensors[signs].shape[:-1], channels]
        one, zero = (np.full(channels, x, np.float32) for x in (1, 0))
        constants = [_tensor(model, [channels], x) for x in (one, zero)]
        sums = _tensor(model, shape, None)
        twin.inputs = np.array([node.inputs[0], filters, *constants, -1], np.int32)  # no thresholds
        twin.outputs = np.array([sums], np.int32)
        operators.append(twin)
        pairs.append((signs, sums))
    graph.operators = operators
    return pack(model), pairs


def _tensor(model: schema.ModelT, shape: list[int], data: np.ndarray | None) -> int:
    """The number of a new float tensor; without data one that is computed."""
    graph = model.subgraphs[0]
    tensor = schema.TensorT()
    tensor.shape, tensor.type = np.array(shape, np.int32), schema.TensorType.FLOAT32
    tensor.buffer = 0
    if data is not None:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(data.tobytes(), np.uint8)
        tensor.buffer = len(model.buffers)
        model.buffers.append(buffer)
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1
