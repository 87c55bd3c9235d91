"""What a model ends in."""

from typing import Any

import tensorflow as tf


def last_activation(output: Any) -> Any:
    """The activation of the layer, of nested models too, that gives an output; None without one.

    Arguments:
        output: of a functional Keras model.
    """
    layer = output._keras_history.layer
    if isinstance(layer, tf.keras.Model):
        return last_activation(layer.outputs[0])
    if isinstance(layer, tf.keras.layers.Softmax):
        return tf.keras.activations.softmax
    return getattr(layer, "activation", None)
