"""Walks a functional model and builds its inference form, layer by layer, by rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import tensorflow as tf
from tf_keras.src.engine.functional import Functional

from larq_bvit.layers import LearnedShift

_WHOLE = ("bool", "int32", "int64", "uint8")  # types of a nested model's inputs that stay


@dataclass(frozen=True)
class Shifted:
    """A map of the new model as `tensor + offset`, the addition put off until someone needs it.

    Attributes:
        tensor: Keras tensor (..., C).
        offset: array (C,), or None for nothing.
        absorber: a batch norm whose beta reaches `tensor` unchanged, and nothing else: it takes
            an offset at no cost.
        product: whether `tensor` comes from a convolution or matrix product, into which the
            converter fuses a batch norm.
        terms: the maps that `tensor` is the sum of, if no one else reads the sum: who adds it to
            others may add them instead.
    """

    tensor: Any
    offset: np.ndarray | None = None
    absorber: tf.keras.layers.BatchNormalization | None = None
    product: bool = False
    terms: tuple[Any, ...] = ()

    def plus(self, shift: np.ndarray) -> Shifted:
        """This map plus a constant per channel."""
        offset = shift if self.offset is None else self.offset + shift
        return replace(self, offset=offset)

    def settle(self, name: str) -> Any:
        """The sum as a tensor; the absorber takes the offset, else a shift called `name`."""
        if self.offset is None:
            return self.tensor
        if self.absorber is not None:
            self.absorber.beta.assign_add(self.offset)
            return self.tensor
        return apply(LearnedShift(name=name, dtype="float32"), self.tensor, [self.offset])


# rule(layer, inputs, name) -> output: `name` is free for a layer of the new model
Rule = Callable[[Any, list[Shifted], str], Shifted]


def apply(layer: tf.keras.layers.Layer, inputs: Any, weights: list[np.ndarray]) -> Any:
    """Calls a new layer and gives it its weights."""
    outputs = layer(inputs)
    layer.set_weights(weights)
    return outputs


def copy_of(layer: tf.keras.layers.Layer, name: str, **changes: Any) -> tf.keras.layers.Layer:
    """A float32 copy of a layer without its weights."""
    inner = {type(one) for one in layer._flatten_layers(include_self=False)}
    known = {kind.__name__: kind for kind in inner if kind.__module__.split(".")[0] != "tf_keras"}
    with tf.keras.utils.custom_object_scope(known):
        return type(layer).from_config({**config_in_float32(layer), "name": name, **changes})


def config_in_float32(layer: tf.keras.layers.Layer) -> dict[str, Any]:
    """A layer's configuration with the precision changed."""
    return {**_in_float32(layer.get_config()), "dtype": "float32"}


def _in_float32(config: Any) -> Any:
    """A layer's configuration with the precision of all that it contains, such as quantizers."""
    if isinstance(config, list):  # of the layers of a nested model
        return [_in_float32(value) for value in config]
    if not isinstance(config, dict):
        return config
    return {
        key: "float32" if key == "dtype" and value not in _WHOLE else _in_float32(value)
        for key, value in config.items()
    }


def check_functional(model: tf.keras.Model) -> None:
    """Raises a ValueError for a model whose graph can't be read."""
    if isinstance(model, tf.keras.Sequential) and not model.built:
        raise ValueError(
            f"{model.name!r} is not built, so its sizes are not known: build it first, by "
            f"tf.keras.Input(shape) as its first layer or model.build((None, *shape))"
        )
    if not getattr(model, "_is_graph_network", False):
        name = getattr(model, "name", model)
        raise ValueError(
            f"expected a functional or sequential Keras model, whose graph can be read; "
            f"got {type(model).__name__} {name!r}"
        )


def rebuild(
    model: tf.keras.Model,
    rules: Mapping[type, Rule],
    batch_size: int | None = None,
    begin: Callable[[Any], Shifted] = Shifted,
) -> tf.keras.Model:
    """A new float32 model of the same graph; a rule says what becomes of the layers of its type.

    A rule serves its type and what is derived from it; the first that fits is taken. Layers
    without a rule are copied with their weights; of functional models within, their layers. Names
    are kept where they are free.

    Arguments:
        model: a functional Keras model.
        rules: {layer type: rule}.
        batch_size: batch size of the new model's inputs; None leaves it open.
        begin: what comes first, from an input of the new model to what the old one takes.

    Raises:
        ValueError: the model is not functional.
    """
    check_functional(model)
    values: dict[str, Shifted] = {}
    inputs = []
    for old in model.inputs:
        dtype = tf.float32 if old.dtype.is_floating else old.dtype
        inputs.append(tf.keras.Input(old.shape[1:], batch_size, old.node.layer.name, dtype))
    taken, used = {layer.name for layer in model._flatten_layers()}, set()

    def call(node: Any) -> list[Shifted]:
        if _has_own_graph(node):
            given = [values[str(key)] for key in node.flat_input_ids]
            return walk(node.layer, given)
        name = node.layer.name
        if name in used:  # a layer that is shared becomes several
            numbered = (f"{name}_{number}" for number in count(2))
            name = next(free for free in numbered if free not in taken)
        taken.add(name)
        used.add(node.layer.name)
        return _call(node, values, rules, name)

    def walk(part: tf.keras.Model, given: list[Shifted]) -> list[Shifted]:
        def keep(key: Any, value: Shifted) -> None:
            shared = part._tensor_usage_count[str(key)] > 1
            values[str(key)] = replace(value, absorber=None, terms=()) if shared else value

        for old, value in zip(part.inputs, given, strict=True):
            keep(id(old), value)
        for depth in sorted(part._nodes_by_depth, reverse=True):
            for node in part._nodes_by_depth[depth]:
                if not node.is_input:
                    for key, value in zip(node.flat_output_ids, call(node), strict=True):
                        keep(key, value)
        return [values[str(id(old))] for old in part.outputs]

    ends = walk(model, [begin(each) for each in inputs])
    outputs = [value.settle(f"output{i}") for i, value in enumerate(ends)]
    return tf.keras.Model(inputs, tf.nest.pack_sequence_as(model.output, outputs), name=model.name)


def _has_own_graph(node: Any) -> bool:
    """Whether a call runs the graph of a functional model, on its own inputs in their order."""
    layer = node.layer
    return (
        getattr(layer, "_is_graph_network", False)
        and type(layer).call in (Functional.call, tf.keras.Sequential.call)
        and not isinstance(layer._nested_inputs, dict)
        and len(node.flat_input_ids) == len(layer.inputs)
    )


def _call(
    node: Any, values: Mapping[str, Shifted], rules: Mapping[type, Rule], name: str
) -> list[Shifted]:
    layer = node.layer
    rule = next((rule for kind, rule in rules.items() if isinstance(layer, kind)), None)
    if rule is not None:
        return [rule(layer, [values[str(key)] for key in node.flat_input_ids], name)]
    settled = {
        str(key): [values[str(key)].settle(f"{name}/input{i}")] * len(node.flat_input_ids)
        for i, key in enumerate(node.flat_input_ids)
    }
    args, kwargs = node.map_arguments(settled)
    copy = copy_of(layer, name)
    outputs = copy(*args, **kwargs)
    copy.set_weights(layer.get_weights())
    return [Shifted(output) for output in tf.nest.flatten(outputs)]
