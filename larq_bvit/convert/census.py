"""What a .tflite is made of: operators, multiply-accumulates, bytes, memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

from flatbuffers import flexbuffers

from larq_bvit.convert.flatbuffer import Graph, Node, read


@dataclass(frozen=True)
class Product:
    """An operator that multiplies and accumulates.

    Attributes:
        name: of its output, which carries the layer's path.
        operator: such as LceBconv2d or CONV_2D.
        macs: multiply-accumulates of one run.
        binary: whether both sides have one bit.
        constant: whether its weights are constants (attention's are not).
    """

    name: str
    operator: str
    macs: int
    binary: bool
    constant: bool


@dataclass(frozen=True)
class Census:
    """The content of one .tflite; sizes in bytes.

    Attributes:
        operators: {operator: how often}.
        products: every operator that multiplies and accumulates, in order of execution.
        bits: binary weights.
        constants: all other constants: float weights, thresholds, shapes.
        graph: the rest of the file: operators, tensors, names, options.
        peak_activations: the most memory that live tensors take at any operator, a lower bound
            of the arena that an interpreter allocates.
    """

    operators: dict[str, int]
    products: tuple[Product, ...]
    bits: int
    constants: int
    graph: int
    peak_activations: int

    @property
    def size(self) -> int:
        """Of the file."""
        return self.bits + self.constants + self.graph

    @property
    def binary_macs(self) -> int:
        """Of all products with one bit on both sides."""
        return sum(product.macs for product in self.products if product.binary)

    @property
    def float_macs(self) -> int:
        """Of all others, attention as LCE computes it among them."""
        return sum(product.macs for product in self.products if not product.binary)

    @property
    def float_layers(self) -> list[Product]:
        """Convolutions and matrix products with constant weights that are not binary."""
        return [product for product in self.products if product.constant and not product.binary]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        totals = {"binary_macs": self.binary_macs, "float_macs": self.float_macs}
        return {"size": self.size, **totals, **asdict(self)}


def census(tflite: bytes) -> Census:
    """Reads a .tflite of Larq Compute Engine or of stock TensorFlow Lite.

    Raises:
        ValueError: these bytes are not a .tflite.
    """
    graph = read(tflite)
    filters = {node.inputs[1] for node in graph.nodes if node.operator == "LceBconv2d"}
    bits = sum(graph.constant_bytes(index) for index in filters)
    constants = sum(len(data) for data in graph.buffers) - bits
    return Census(
        operators=dict(Counter(node.operator for node in graph.nodes).most_common()),
        products=tuple(p for p in (_product(graph, node) for node in graph.nodes) if p),
        bits=bits,
        constants=constants,
        graph=len(tflite) - bits - constants,
        peak_activations=_peak(graph),
    )


def _product(graph: Graph, node: Node) -> Product | None:
    macs_of = {
        "LceBconv2d": _bconv_macs,
        "CONV_2D": _conv_macs,
        "DEPTHWISE_CONV_2D": _depthwise_macs,
        "FULLY_CONNECTED": _matrix_macs,
        "BATCH_MATMUL": _batch_macs,
    }
    if node.operator not in macs_of:
        return None
    return Product(
        name=graph.tensors[node.outputs[0]].name,
        operator=node.operator,
        macs=macs_of[node.operator](graph, node),
        binary=node.operator == "LceBconv2d",
        constant=graph.constant_bytes(node.inputs[1]) > 0,
    )


def _shapes(graph: Graph, node: Node) -> tuple[list[int], list[int]]:
    """Shapes of the weights and of the output."""
    return graph.tensors[node.inputs[1]].shape, graph.tensors[node.outputs[0]].shape


def _bconv_macs(graph: Graph, node: Node) -> int:
    (filters, height, width, _), output = _shapes(graph, node)  # the last axis is packed
    channels = flexbuffers.Loads(node.options)["channels_in"]
    return prod(output[:3]) * filters * height * width * channels


def _conv_macs(graph: Graph, node: Node) -> int:
    weights, output = _shapes(graph, node)
    return prod(output[:3]) * prod(weights)


def _depthwise_macs(graph: Graph, node: Node) -> int:
    weights, output = _shapes(graph, node)
    return prod(output[:3]) * prod(weights)  # (1, height, width, channels)


def _matrix_macs(graph: Graph, node: Node) -> int:
    weights, output = _shapes(graph, node)
    return prod(output) * weights[-1]


def _batch_macs(graph: Graph, node: Node) -> int:
    left = graph.tensors[node.inputs[0]].shape
    return prod(graph.tensors[node.outputs[0]].shape) * left[-1]


def _peak(graph: Graph) -> int:
    """Walks the operators in order; a tensor lives from its producer to its last reader."""
    last = {index: len(graph.nodes) for index in graph.outputs}
    for i, node in enumerate(graph.nodes):
        for index in node.inputs:
            last[index] = max(last.get(index, 0), i)
    live = {index: graph.tensors[index].bytes for index in graph.inputs}
    peak = sum(live.values())
    for i, node in enumerate(graph.nodes):
        live.update((index, graph.tensors[index].bytes) for index in node.outputs)
        peak = max(peak, sum(live.values()))
        live = {index: size for index, size in live.items() if last.get(index, i) > i}
    return peak
