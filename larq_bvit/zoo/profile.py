"""What a model weighs and computes: parameters, packed size, multiply-accumulates, OPs.

Conventions, those of Bi-Real Net (Liu et al. 2018, arXiv 1808.00278), Sec. 4.4, and ReActNet
(Liu et al. 2020, arXiv 2003.03488), Tab. 1:

- A multiply-accumulate (MAC) counts once, also where it meets zero padding. Convolutions, dense
  layers and the two products of attention are counted; norms, activations, additions and pooling
  are not.
- A product is binary where both its sides have 1 bit. OPs = binary MACs / 64 + float MACs.
- The packed size is that of a checkpoint without optimizer: 1-bit weights as bits, a float32
  scale per output channel of every 1-bit kernel, everything else as float32. Batch norms count
  as stored, trainable and moving statistics, four numbers per channel (folded it would be two).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import tensorflow as tf

from larq_bvit.zoo.macs import macs, one_bit, shapes

_FLOAT_BYTES = 4
_BINARY_OPS = 64  # 1-bit multiply-accumulates per operation


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What is counted, of one layer or of a model; MACs per sample."""

    binary_parameters: int
    float_parameters: int
    trainable_parameters: int
    packed_bytes: int
    binary_macs: int
    float_macs: int

    @property
    def parameters(self) -> int:
        """All weights, the moving statistics of batch norms among them."""
        return self.binary_parameters + self.float_parameters

    @property
    def ops(self) -> float:
        """binary MACs / 64 + float MACs."""
        return self.binary_macs / _BINARY_OPS + self.float_macs


@dataclass(frozen=True, kw_only=True)
class LayerProfile(Counts):
    """One layer; used several times, its MACs add up and its weights count once."""

    name: str
    kind: str  # the layer's class
    output_shape: tuple[int | None, ...]  # without the batch; the first output's


@dataclass(frozen=True, kw_only=True)
class ModelProfile(Counts):
    """A model: the sums over its `layers`, which stand in the order of computation."""

    name: str
    layers: tuple[LayerProfile, ...]


def profile(model: tf.keras.Model) -> ModelProfile:
    """Counts a functional model, layer by layer; see the module for the conventions.

    Arguments:
        model: of any Keras and Larq layers, nested models included, with a fixed input size.
            Layers unknown here have parameters but no MACs.

    Raises:
        ValueError: the model is not functional, or the size of a counted map is open.
    """
    calls: dict[str, tuple[Any, list[Any]]] = {}
    for name, node in _nodes(model):
        calls.setdefault(name, (node.layer, []))[1].append(node)
    seen: set[int] = set()  # of weights that layers share
    layers = tuple(_layer(name, layer, nodes, seen) for name, (layer, nodes) in calls.items())
    fields = Counts.__dataclass_fields__
    totals = {field: sum(getattr(layer, field) for layer in layers) for field in fields}
    return ModelProfile(name=model.name, layers=layers, **totals)


def _nodes(model: tf.keras.Model) -> Iterator[tuple[str, Any]]:
    """(path of the layer, its call) for every layer call in the model, inputs first."""
    depths = getattr(model, "_nodes_by_depth", None)
    if depths is None and isinstance(model, tf.keras.Sequential):
        raise ValueError(
            f"{model.name!r} has no sizes yet: build it first, by tf.keras.Input(shape) as its "
            f"first layer"
        )
    if depths is None:
        raise ValueError(f"expected a functional Keras model; got {type(model).__name__}")
    for depth in sorted(depths, reverse=True):
        for node in depths[depth]:
            if isinstance(node.layer, tf.keras.Model):
                for name, inner in _nodes(node.layer):
                    yield f"{node.layer.name}/{name}", inner
            elif not isinstance(node.layer, tf.keras.layers.InputLayer):
                yield node.layer.name, node


def _layer(name: str, layer: Any, nodes: list[Any], seen: set[int]) -> LayerProfile:
    weights = [w for w in layer.weights if id(w) not in seen]
    seen.update(map(id, weights))
    binary = [w for w in weights if one_bit(w)]
    binary_size, size = (sum(prod(w.shape) for w in ws) for ws in (binary, weights))
    trainable = set(map(id, layer.trainable_weights))
    products = [product for node in nodes for product in macs(layer, node)]
    return LayerProfile(
        name=name,
        kind=type(layer).__name__,
        output_shape=shapes(nodes[0].output_shapes)[0][1:],
        binary_parameters=binary_size,
        float_parameters=size - binary_size,
        trainable_parameters=sum(prod(w.shape) for w in weights if id(w) in trainable),
        packed_bytes=sum(map(_packed_bytes, weights)),
        binary_macs=sum(count for is_binary, count in products if is_binary),
        float_macs=sum(count for is_binary, count in products if not is_binary),
    )


def _packed_bytes(weight: Any) -> int:
    if not one_bit(weight):
        return _FLOAT_BYTES * prod(weight.shape)
    depthwise = "depthwise_kernel" in weight.name
    channels = prod(weight.shape[-2:]) if depthwise else weight.shape[-1]
    return -(-prod(weight.shape) // 8) + _FLOAT_BYTES * channels
