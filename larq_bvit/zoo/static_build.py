"""Builds functional models of thousands of layers in seconds.

Keras finds the output shape of each layer by tracing its `call` in a graph of its own, which is
then thrown away: two thirds of the time that a large functional model takes. Layers that state
their output shape, as all of the zoo's do, need not be traced.
"""

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from larq_bvit._collector import paused_collection
from larq_bvit.zoo.nameless_handles import nameless_handles

_LAYER = tf.keras.layers.Layer
# Keras walks a model's longest path recursively; BinaryViT's has about 35 layers per block.
_RECURSION_LIMIT = 5000
# whose layers state the shape that they have, and of floats give floats of their own type
_TRUSTED = ("larq_bvit.", "larq.", "tf_keras.src.layers.")
_NOT_TRUSTED = "tf_keras.src.layers.preprocessing."
_ONE_AT_A_TIME = threading.RLock()  # what is patched is the process's


def _states_its_shape(layer: tf.keras.layers.Layer, inputs: Any) -> bool:
    kind = type(layer)
    return (
        kind.compute_output_shape is not _LAYER.compute_output_shape
        and kind.__module__.startswith(_TRUSTED)
        and not kind.__module__.startswith(_NOT_TRUSTED)
        # a Lambda states a guess
        and not isinstance(layer, (tf.keras.layers.Lambda, tf.keras.Model))
        and all(x.dtype.is_floating for x in tf.nest.flatten(inputs))
    )


@contextlib.contextmanager
def static_build() -> Iterator[None]:
    """While open, functional layer calls trust `compute_output_shape` instead of tracing.

    Also makes variables in less time, and lets Keras find its way through models of more than
    1,000 layers in a row. Other threads wait with theirs.
    """
    with _ONE_AT_A_TIME, paused_collection(), nameless_handles(), _untraced():
        yield


@contextlib.contextmanager
def _untraced() -> Iterator[None]:
    traced = getattr(_LAYER, "_infer_output_signature", None)
    if traced is None:  # a Keras that we do not know: slow, but right
        yield
        return

    def infer_output_signature(
        layer: tf.keras.layers.Layer, inputs: Any, args: Any, kwargs: Any, input_masks: Any
    ) -> Any:
        alone = not args and set(kwargs) <= {"mask", "training"}
        if not (alone and _states_its_shape(layer, inputs)):
            return traced(layer, inputs, args, kwargs, input_masks)
        with tf.name_scope(layer._name_scope()):
            layer._maybe_build(inputs)
        layer._set_save_spec(inputs, args, kwargs)
        keras_tensor = type(tf.nest.flatten(inputs)[0])
        shapes = layer.compute_output_shape(tf.nest.map_structure(lambda x: x.shape, inputs))
        return tf.nest.map_structure(
            lambda shape: keras_tensor(tf.TensorSpec(shape, layer.compute_dtype), name=layer.name),
            shapes,
        )

    recursion_limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(recursion_limit, _RECURSION_LIMIT))
    _LAYER._infer_output_signature = infer_output_signature
    try:
        yield
    finally:
        _LAYER._infer_output_signature = traced
        sys.setrecursionlimit(recursion_limit)
