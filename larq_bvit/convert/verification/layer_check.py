"""Every layer of a .tflite on its own, computed by Keras from what the .tflite gave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert.freezing.frozen_attention import FrozenAttention
from larq_bvit.convert.freezing.sum import Sum
from larq_bvit.convert.lce.interpreter import Interpreter
from larq_bvit.convert.verification.edges import (
    Candidates,
    LceEdges,
    nearest,
    takes_signs,
    with_signs,
)
from larq_bvit.convert.verification.probe import probe

_SUMS = (tf.keras.layers.Add, Sum)  # layers of one operator, whose sums LCE keeps


@dataclass(frozen=True)
class LayerDifference:
    """Of what a .tflite has for a layer, from what Keras computes from the layers before.

    Attributes:
        relative: largest difference over the largest magnitude.
        values: how many differ by more than 1e-3 of that magnitude.
        of: how many there are.
    """

    relative: float
    values: int
    of: int

    def __str__(self) -> str:
        return f"by {self.relative:.1e} relative, {self.values:,} of {self.of:,} values"


def check_layers(
    frozen: tf.keras.Model, tflite: bytes, images: np.ndarray, stored: np.ndarray, **options: bool
) -> dict[str, LayerDifference]:
    """{layer: difference}, in order of execution, of all layers that can be told apart.

    Keras goes on from the .tflite's values at each of them, and between them with its signs where
    a value is on a rounding edge, so that such a sign does not spread.

    Arguments:
        frozen: the Keras model that was converted.
        tflite: what became of it.
        images: one batch for Keras.
        stored: the same for the .tflite.
        options: of LCE's interpreter.
    """
    names = [layer.name for layer in frozen.layers if isinstance(layer, _SUMS)]
    probed, found = probe(tflite, names)
    outputs = Interpreter(probed, **options).predict(stored) if found else []
    outputs = outputs if isinstance(outputs, list) else [outputs]
    seen = dict(zip(found, outputs, strict=True))
    ends = Interpreter(tflite, **options).predict(stored)
    for tensor, y in zip(frozen.outputs, ends if isinstance(ends, list) else [ends], strict=True):
        layer = tensor.node.layer
        if y.dtype == np.float32 and len(layer._inbound_nodes) == 1:
            seen.setdefault(layer.name, y)
    edges = LceEdges(tflite, **options)
    forced = _forced(frozen, images, seen, edges(stored) if edges.count else [])
    return {name: _difference(seen[name], y) for name, y in forced}


def _forced(
    model: tf.keras.Model,
    images: np.ndarray,
    seen: Mapping[str, np.ndarray],
    candidates: Candidates,
) -> Iterator[tuple[str, np.ndarray]]:
    """Runs a model layer by layer; after those in `seen` it goes on with the values there.

    Of these it gives all sums, and others where no sign since the last one was out of sight.
    """
    values: dict[str, Any] = {str(id(model.inputs[0])): tf.constant(images)}
    lost: set[str] = set()  # keys of values that signs out of sight may have changed
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            if node.is_input:
                continue
            keys = [str(key) for key in node.flat_input_ids]
            given = {key: values[key] for key in keys}
            followed = lost.isdisjoint(keys) and not isinstance(node.layer, tf.keras.Model)
            for key, value in given.items() if takes_signs(node.layer) else ():
                signs = with_signs(value.numpy(), candidates)
                followed &= signs is not None
                given[key] = value if signs is None else tf.constant(signs)
            attended = None
            if isinstance(node.layer, FrozenAttention):
                attended = _attended(node.layer, [values[key].numpy() for key in keys], candidates)
                followed &= attended is not None
            if attended is None:
                args, kwargs = node.map_arguments({key: [given[key]] * len(keys) for key in keys})
                outputs = tf.nest.flatten(node.layer(*args, **kwargs))
            else:
                outputs = [attended]
            name = node.layer.name
            if name in seen and (followed or isinstance(node.layer, _SUMS)):
                yield name, outputs[0].numpy()
                outputs = [tf.reshape(tf.constant(seen[name]), outputs[0].shape)]
                followed = True
            given_on = [str(key) for key in node.flat_output_ids]
            values.update(zip(given_on, outputs, strict=True))
            lost.update(() if followed else given_on)


def _attended(
    layer: FrozenAttention, maps: list[np.ndarray], candidates: Candidates
) -> tf.Tensor | None:
    """Attention by the .tflite's own signs of q, k and v and its own choice of probabilities.

    None where it does not show one of them.
    """
    clip = layer.clip.numpy()
    signs = []
    for x, threshold in zip(maps, (layer.query, layer.key, layer.value), strict=True):
        compared = nearest((x - threshold.numpy()).ravel(), candidates)
        if compared is None:
            return None
        heads = np.where(compared.reshape(*x.shape[:3], layer.heads, -1) >= 0, 1, -1)
        signs.append(np.moveaxis(heads, 3, 1).reshape(len(x), layer.heads, -1, heads.shape[-1]))
    q, k, v = (each.astype(np.float32) for each in signs)
    scores = q @ k.swapaxes(2, 3) * q.shape[-1] ** -0.5
    probabilities = tf.nn.softmax(tf.constant(scores, tf.float32)).numpy()
    chosen = nearest((probabilities - (clip / 2 if clip > 0 else 2.0)).ravel(), candidates)
    if chosen is None:
        return None
    context = (chosen.reshape(probabilities.shape) > 0).astype(np.float32) @ (clip * v)
    return tf.constant(np.moveaxis(context, 1, 2).reshape(maps[0].shape), tf.float32)


def _difference(got: np.ndarray, expected: np.ndarray) -> LayerDifference:
    scale = np.abs(expected).max() or 1.0
    relative = np.abs(got.reshape(expected.shape) - expected) / scale
    beyond = ~(relative <= 1e-3)  # NaN is beyond
    largest = float(relative.max()) if np.isfinite(relative).all() else float("inf")
    return LayerDifference(largest, int(beyond.sum()), beyond.size)
