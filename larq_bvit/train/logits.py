"""Whether a model ends in logits or in probabilities."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def ends_in_softmax(model: tf.keras.Model) -> bool:
    """Whether the last layer of a functional model is a softmax, or has one as its activation.

    Raises:
        ValueError: the model is not functional, or has not one output (batch, classes).
    """
    output: Any = getattr(model, "output", None)
    history = getattr(output, "_keras_history", None)
    if history is None:
        kind = f"{len(output)} outputs" if isinstance(output, list) else type(model).__name__
        raise ValueError(f"expected a functional Keras model with one output; got {kind}")
    if len(output.shape) != 2 or output.shape[-1] is None:
        raise ValueError(f"expected outputs (batch, classes); {model.name!r} has {output.shape}")
    layer = history.layer
    if isinstance(layer, tf.keras.Model):
        return ends_in_softmax(layer)
    activation = getattr(layer, "activation", None)
    return isinstance(layer, tf.keras.layers.Softmax) or activation is tf.keras.activations.softmax
