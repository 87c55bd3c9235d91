"""Where values that are not finite come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tensorflow as tf


class NotFiniteError(ArithmeticError):
    """A loss or a weight is NaN or infinite.

    Attributes:
        layer: name of the first layer, in order of execution, with such weights or output; None
            where there is none.
    """

    def __init__(self, message: str, layer: str | None = None):
        super().__init__(message)
        self.layer = layer


def first_not_finite(variables: Iterable[tf.Variable]) -> tf.Variable | None:
    """The first variable of floats that holds a NaN or an infinity."""
    return next((v for v in variables if v.dtype.is_floating and not _finite(v)), None)


def explain(model: tf.keras.Model, images: Any = None) -> tuple[str, str | None]:
    """Where a model's values first stop being finite; (a sentence, the layer's name or None).

    Arguments:
        model: functional for its outputs to be looked at, else its weights alone are.
        images: (B, H, W, channels), to run it on as in training.
    """
    outputs: Any = [None] * len(model.layers)
    if images is not None:
        if not _finite(images):
            return "the images are not finite", None
        if getattr(model, "inputs", None):
            every = tf.keras.Model(model.inputs, [layer.output for layer in model.layers])
            outputs = every(images, training=True)
    for layer, output in zip(model.layers, outputs, strict=True):
        weight = first_not_finite(layer.weights)
        if weight is not None:
            return f"first not finite: weight {weight.name.split(':')[0]!r}", layer.name
        if any(not _finite(value) for value in tf.nest.flatten(output) if value is not None):
            return f"first not finite: output of {layer.name!r}", layer.name
    return "weights and outputs of all layers are finite", None


def _finite(values: Any) -> bool:
    values = tf.convert_to_tensor(values)
    return not values.dtype.is_floating or bool(tf.reduce_all(tf.math.is_finite(values)))
