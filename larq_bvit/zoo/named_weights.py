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
    """{path: weight} in the order of `model.weights`."""
    paths = {
        w.ref(): weight_path(layer.name, w.name) for layer in model.layers for w in layer.weights
    }
    return {paths[weight.ref()]: weight for weight in model.weights}
