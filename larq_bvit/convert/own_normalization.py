"""Whether a model normalises pixels itself."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from larq_bvit import layers

_NORMALIZES = (tf.keras.layers.Rescaling, tf.keras.layers.Normalization)
_MOVES = (  # pixels stay what they are
    tf.keras.layers.Resizing,
    tf.keras.layers.CenterCrop,
    tf.keras.layers.Cropping2D,
    tf.keras.layers.ZeroPadding2D,
    layers.Mirror,
)
# last parts of the names of TensorFlow's functions, which Keras makes layers of
_ARITHMETIC = ("add", "bias_add", "divide", "multiply", "realdiv", "subtract", "truediv")


def normalizes_itself(model: tf.keras.Model) -> bool:
    """Whether a functional model begins with a scale or a shift, also within a nested model.

    Seen are Keras' `Rescaling` and `Normalization`, and arithmetic with constants, as that of
    `zoo.preprocess_input`; not what a `Lambda` layer hides.
    """
    return any(_normalized(model, image) for image in model.inputs if len(image.shape) == 4)


def _normalized(model: tf.keras.Model, tensor: Any) -> bool:
    """Whether a layer that reads this tensor of the model normalises it."""
    for nodes in model._nodes_by_depth.values():
        for node in nodes:
            # of two maps no constant is known
            if node.is_input or list(map(str, node.flat_input_ids)) != [str(id(tensor))]:
                continue
            layer = node.layer
            function = getattr(layer, "symbol", "").split(".")[-1]
            if isinstance(layer, _NORMALIZES) or function in _ARITHMETIC:
                return True
            if isinstance(layer, tf.keras.Model):
                inner = getattr(layer, "_is_graph_network", False)
                if inner and _normalized(layer, layer.inputs[0]):
                    return True
            moves = isinstance(layer, _MOVES) or type(layer).__name__ == "SlicingOpLambda"
            if (moves or function == "cast") and _normalized(model, node.outputs):
                return True
    return False
