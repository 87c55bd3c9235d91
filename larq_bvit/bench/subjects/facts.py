"""What a .tflite is: sizes, numbers of operations and weights, and its input."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.bench.results import Accuracy, MeasuredFile
from larq_bvit.convert.counting.census import census
from larq_bvit.convert.counting.product_macs import macs
from larq_bvit.convert.tflite.damage import damage_is_a_value_error
from larq_bvit.convert.tflite.flatbuffer import Graph, load, read

_TYPES = {code: name for name, code in vars(schema.TensorType).items() if isinstance(code, int)}
_NUMBERS = {"FLOAT32", "FLOAT16", "FLOAT64", "INT8", "UINT8", "INT16"}  # of weights
_WITH_BIAS = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "CONV_3D"}


@dataclass(frozen=True)
class Input:
    """The first input of a file: a stored number stands for `scale * (stored - zero_point)`."""

    shape: tuple[int, ...]
    dtype: str
    scale: float = 0.0
    zero_point: int = 0


def measured_file(name: str, about: str, path: Path, accuracy: Accuracy | None) -> MeasuredFile:
    """All that results say of a file.

    Raises:
        OSError: it can't be read.
        ValueError: it is no .tflite, or a damaged one.
    """
    tflite = path.read_bytes()
    try:
        count, graph = census(tflite), read(tflite)
        first = input_of(tflite)
        with damage_is_a_value_error():
            weights = _parameters(load(tflite), graph)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return MeasuredFile(
        name=name,
        about=about,
        bytes=len(tflite),
        sha256=hashlib.sha256(tflite).hexdigest(),
        operators=sum(count.operators.values()),
        binary_macs=count.binary_macs,
        float_macs=count.float_macs,
        activations=_activations(graph),
        parameters=weights,
        input_shape=first.shape,
        input_type=first.dtype,
        accuracy=accuracy,
    )


def input_of(tflite: bytes) -> Input:
    """The first input.

    Raises:
        ValueError: no .tflite, a damaged one, or one without inputs.
    """
    with damage_is_a_value_error():
        graph = load(tflite).subgraphs[0]
        inputs = [] if graph.inputs is None else list(graph.inputs)
        tensor: Any = graph.tensors[inputs[0]] if inputs else None
        if tensor is not None:
            ranges = tensor.quantization
            known = ranges is not None and ranges.scale is not None and len(ranges.scale) == 1
            return Input(
                shape=tuple(int(n) for n in tensor.shape) if tensor.shape is not None else (),
                dtype=_TYPES[tensor.type].lower(),
                scale=float(ranges.scale[0]) if known else 0.0,
                zero_point=int(ranges.zeroPoint[0]) if known else 0,
            )
    raise ValueError("expected a .tflite with an input; got one without")


def is_binary(tflite: bytes) -> bool:
    """Whether it has operators of LCE, which stock TensorFlow Lite lacks.

    Raises:
        ValueError: no .tflite, or a damaged one.
    """
    return any(node.operator.startswith("Lce") for node in read(tflite).nodes)


def _activations(graph: Graph) -> int:
    """Numbers that the products give, as fvcore and timm count them."""
    products = [node for node in graph.nodes if macs(graph, node) is not None]
    return sum(prod(graph.tensors[i].shape) for node in products for i in node.outputs)


def _parameters(model: schema.ModelT, graph: Graph) -> int:
    """Weights, biases and other constants of numbers, each once; shapes and axes are none."""
    filters = {n.inputs[1] for n in graph.nodes if n.operator == "LceBconv2d"}
    biases = {n.inputs[2] for n in graph.nodes if n.operator in _WITH_BIAS and len(n.inputs) > 2}
    counts: dict[int, int] = {}  # of a buffer
    for i, tensor in enumerate(model.subgraphs[0].tensors):
        number = _TYPES.get(tensor.type) in _NUMBERS or i in biases
        if graph.constant_bytes(i) and number and i not in filters:
            counts[tensor.buffer] = prod(graph.tensors[i].shape)
    bits = sum(
        8 * graph.constant_bytes(i) for i in filters
    )  # channels that fill up a word of 32 are counted, too
    return sum(counts.values()) + bits
