"""The channels that a layer's weights are for."""

from typing import Any

import tensorflow as tf


def fixed_channels(layer: tf.keras.layers.Layer, input_shape: Any) -> int:
    """The last axis of `input_shape`, from now on that of all of the layer's inputs.

    Keras compares them at each call: one channel would be broadcast over the weights in silence.

    Raises:
        ValueError: it is open.
    """
    channels = input_shape[-1]
    if channels is None:
        raise ValueError(f"expected a known number of channels; got {tuple(input_shape)}")
    layer.input_spec = tf.keras.layers.InputSpec(axes={-1: channels})
    return channels
