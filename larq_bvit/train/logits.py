"""Whether a model ends in logits or in probabilities."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from larq_bvit.zoo.last_activation import last_activation


def ends_in_softmax(model: tf.keras.Model) -> bool:
    """Whether the last layer of a functional model is a softmax, or has one as its activation.

    Raises:
        ValueError: the model is not functional, or has not one output (batch, classes).
    """
    output: Any = getattr(model, "output", None)
    if not hasattr(output, "_keras_history"):
        kind = f"{len(output)} outputs" if isinstance(output, list) else type(model).__name__
        raise ValueError(f"expected a functional Keras model with one output; got {kind}")
    if len(output.shape) != 2 or output.shape[-1] is None:
        raise ValueError(f"expected outputs (batch, classes); {model.name!r} has {output.shape}")
    return last_activation(output) is tf.keras.activations.softmax
