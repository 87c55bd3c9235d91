"""What a .tflite is made of: operators, multiply-accumulates, bytes, memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from larq_bvit.convert.counting.attached import archive_bytes, metadata_bytes
from larq_bvit.convert.counting.float_reasons import float_reason, weights_of
from larq_bvit.convert.counting.peak_memory import peak_activations
from larq_bvit.convert.counting.product_macs import macs
from larq_bvit.convert.tflite.constants import Constants
from larq_bvit.convert.tflite.damage import damage_is_a_value_error
from larq_bvit.convert.tflite.flatbuffer import Graph, Node, read


@dataclass(frozen=True)
class Product:
    """An operator that multiplies and accumulates.

    Attributes:
        name: of its output, which carries the layer's path.
        operator: such as LceBconv2d or CONV_2D.
        macs: multiply-accumulates of one run.
        binary: whether both sides have one bit.
        constant: whether its weights are the same for every input (attention's are not).
        reason: why it is not binary; None where it is.
    """

    name: str
    operator: str
    macs: int
    binary: bool
    constant: bool
    reason: str | None


@dataclass(frozen=True)
class Census:
    """The content of one .tflite; sizes in bytes. Float means: of more than one bit.

    Attributes:
        operators: {operator: how often}.
        products: every operator that multiplies and accumulates, in order of execution.
        bits: binary weights.
        constants: all other constants: float weights, thresholds, shapes.
        graph: the rest of the network: operators, tensors, names, options.
        peak_activations: the most memory that live tensors take at any operator, a lower bound
            of the arena that an interpreter allocates; constants that a DEQUANTIZE widens live
            to the end.
        attached: metadata, and files appended as a zip.
    """

    operators: dict[str, int]
    products: tuple[Product, ...]
    bits: int
    constants: int
    graph: int
    peak_activations: int
    attached: int = 0

    @property
    def size(self) -> int:
        """Of the file."""
        return self.bits + self.constants + self.graph + self.attached

    @property
    def macs(self) -> int:
        """Of all products."""
        return sum(product.macs for product in self.products)

    @property
    def binary_macs(self) -> int:
        """Of all products with one bit on both sides."""
        return sum(product.macs for product in self.products if product.binary)

    @property
    def float_macs(self) -> int:
        """Of all others, attention as LCE computes it among them."""
        return self.macs - self.binary_macs

    @property
    def binary_layers(self) -> list[Product]:
        """Products of one bit; their weights are constants."""
        return [product for product in self.products if product.binary]

    @property
    def float_layers(self) -> list[Product]:
        """Convolutions and matrix products with constant weights that are not binary."""
        return [product for product in self.products if product.constant and not product.binary]

    @property
    def float_share(self) -> float:
        """Multiply-accumulates of float layers over those of all products."""
        return sum(product.macs for product in self.float_layers) / (self.macs or 1)

    @property
    def binary_coverage(self) -> float:
        """Number of binary layers over that of all products with constant weights."""
        binary = len(self.binary_layers)
        return binary / ((binary + len(self.float_layers)) or 1)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "size": self.size,
            "binary_macs": self.binary_macs,
            "float_macs": self.float_macs,
            "binary_layers": len(self.binary_layers),
            "float_layers": len(self.float_layers),
            "binary_coverage": self.binary_coverage,
            "float_share": self.float_share,
            **asdict(self),
        }


def census(tflite: bytes) -> Census:
    """Reads a .tflite of Larq Compute Engine or of stock TensorFlow Lite.

    Raises:
        ValueError: these bytes are not a .tflite, or a damaged one.
    """
    graph = read(tflite)
    with damage_is_a_value_error():
        return _count(tflite, graph)


def _count(tflite: bytes, graph: Graph) -> Census:
    filters = [node.inputs[1] for node in graph.nodes if node.operator == "LceBconv2d"]
    bits = sum(len(graph.buffers[i]) for i in {graph.tensors[i].buffer for i in filters})
    metadata, archive = metadata_bytes(tflite), archive_bytes(tflite)
    constants = sum(len(data) for data in graph.buffers) - bits - metadata
    store = Constants(tflite, graph)
    return Census(
        operators=dict(Counter(node.operator for node in graph.nodes).most_common()),
        products=tuple(p for p in (_product(graph, store, node) for node in graph.nodes) if p),
        bits=bits,
        constants=constants,
        graph=len(tflite) - bits - constants - metadata - archive,
        peak_activations=peak_activations(graph, store),
        attached=metadata + archive,
    )


def _product(graph: Graph, constants: Constants, node: Node) -> Product | None:
    count = macs(graph, node)
    if count is None:
        return None
    return Product(
        name=graph.tensors[node.outputs[0]].name,
        operator=node.operator,
        macs=count,
        binary=node.operator == "LceBconv2d",
        constant=weights_of(constants, node) is not None,
        reason=float_reason(graph, constants, node),
    )
