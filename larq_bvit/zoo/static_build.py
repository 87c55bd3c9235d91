"""Builds functional models of a thousand layers in seconds.

Keras finds the output shape of each layer by tracing its `call` in a graph of its own, which is
then thrown away: two thirds of the time that a large functional model takes. All layers that the
zoo uses state their output shape, so nothing needs to be traced.
"""

import contextlib
import gc
from collections.abc import Iterator
from typing import Any

import tensorflow as tf


def _infer_output_signature(
    layer: tf.keras.layers.Layer, inputs: Any, args: Any, kwargs: Any, input_masks: Any
) -> Any:
    """Stands in for Keras' method of this name: builds the layer, states its output."""
    del input_masks  # none of the zoo's layers knows masks
    with tf.name_scope(layer._name_scope()):
        layer._maybe_build(inputs)
    layer._set_save_spec(inputs, args, kwargs)
    keras_tensor = type(tf.nest.flatten(inputs)[0])
    shapes = layer.compute_output_shape(tf.nest.map_structure(lambda x: x.shape, inputs))
    return tf.nest.map_structure(
        lambda shape: keras_tensor(tf.TensorSpec(shape, layer.compute_dtype)), shapes
    )


@contextlib.contextmanager
def static_build() -> Iterator[None]:
    """While open, functional layer calls trust `compute_output_shape` instead of tracing."""
    layer_class = tf.keras.layers.Layer
    traced = getattr(layer_class, "_infer_output_signature", None)
    if traced is None:  # a Keras that we do not know: slow, but right
        yield
        return
    collecting = gc.isenabled()
    gc.disable()  # thousands of live objects and no garbage: collecting costs a quarter of the time
    layer_class._infer_output_signature = _infer_output_signature
    try:
        yield
    finally:
        layer_class._infer_output_signature = traced
        if collecting:
            gc.enable()
