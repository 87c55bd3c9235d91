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
from larq_bvit.convert.counting.product_macs import binary_weights, macs
from larq_bvit.convert.tflite.damage import damage_is_a_value_error
from larq_bvit.convert.tflite.flatbuffer import Graph, Node, load, read

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
            return Input(
                tuple(int(n) for n in tensor.shape) if tensor.shape is not None else (),
                _TYPES[tensor.type].lower(),
                *_ranges(tensor),
            )
    raise ValueError("expected a .tflite with an input; got one without")


def is_binary(tflite: bytes) -> bool:
    """Whether it has operators of LCE, which stock TensorFlow Lite lacks.

    Raises:
        ValueError: no .tflite, or a damaged one.
    """
    return any(node.operator.startswith("Lce") for node in read(tflite).nodes)


def output_zero_point(tflite: bytes) -> int:
    """What stands for 0 in the first output; 0 of floats.

    Raises:
        ValueError: no .tflite, a damaged one, or one without outputs.
    """
    with damage_is_a_value_error():
        graph = load(tflite).subgraphs[0]
        if graph.outputs is None or not len(graph.outputs):
            raise ValueError("expected a .tflite with an output; got one without")
        return _ranges(graph.tensors[graph.outputs[0]])[1]


def _ranges(tensor: Any) -> tuple[float, int]:
    """(scale, zero point); (0, 0) of floats, and of one range per channel."""
    ranges = tensor.quantization
    if ranges is None or ranges.scale is None or len(ranges.scale) != 1:
        return 0.0, 0
    return float(ranges.scale[0]), int(ranges.zeroPoint[0])


def _activations(graph: Graph) -> int:
    """Numbers that the products give, as fvcore and timm count them; a bit is a number."""
    products = [node for node in graph.nodes if macs(graph, node) is not None]
    return sum(
        prod(graph.tensors[node.outputs[0]].shape[:-1]) * _channels(graph, node)
        for node in products
    )


def _channels(graph: Graph, node: Node) -> int:
    """Of a product's output, which a binary one may pack into words."""
    packed = node.operator == "LceBconv2d"
    return graph.tensors[node.inputs[1] if packed else node.outputs[0]].shape[0 if packed else -1]


def _parameters(model: schema.ModelT, graph: Graph) -> int:
    """Weights, biases and other constants of numbers, each once; shapes and axes are none."""
    binary = {n.inputs[1]: n for n in graph.nodes if n.operator == "LceBconv2d"}
    biases = {n.inputs[2] for n in graph.nodes if n.operator in _WITH_BIAS and len(n.inputs) > 2}
    counts: dict[int, int] = {}  # of a buffer
    for i, tensor in enumerate(model.subgraphs[0].tensors):
        number = _TYPES.get(tensor.type) in _NUMBERS or i in biases
        if graph.constant_bytes(i) and i in binary:
            counts[tensor.buffer] = binary_weights(graph, binary[i])
        elif graph.constant_bytes(i) and number:
            counts[tensor.buffer] = prod(graph.tensors[i].shape)
    return sum(counts.values())
