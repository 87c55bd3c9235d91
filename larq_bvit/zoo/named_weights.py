"""A model's weights by the paths of their layers."""

from __future__ import annotations

from contextlib import AbstractContextManager

import larq as lq
import tensorflow as tf


def latent_weights() -> AbstractContextManager:
    """While open, reading a model's weights gives the latent kernels, whatever happened before.

    An exception inside a Larq layer leaves Larq in the state in which kernels read as quantized:
    without this, weights saved after it would be signs.
    """
    return lq.context.quantized_scope(False)


def weight_path(layer: str, weight: str) -> str:
    """`mlp/up/kernel`, also of a model made from JSON, where Keras names the weight `kernel:0`."""
    weight = weight.split(":")[0]
    return weight if weight.startswith(f"{layer}/") else f"{layer}/{weight}"


def named_weights(model: tf.keras.Model) -> dict[str, tf.Variable]:
    """{path: weight} in the order of `model.weights`.

    Raises:
        ValueError: weights that names don't tell apart, or that no layer holds.
    """
    paths = {
        w.ref(): weight_path(layer.name, w.name) for layer in model.layers for w in layer.weights
    }
    named: dict[str, tf.Variable] = {}
    for weight in model.weights:
        path = paths.get(weight.ref())
        if path is None:
            raise ValueError(
                f"expected layers to hold all weights; {weight.name} is {model.name}'s"
            )
        if path in named:
            raise ValueError(f"expected weights of different names; got two of {path}")
        named[path] = weight
    return named
