"""A classifier's last feature map, beside its output."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from larq_bvit.zoo.static_build import static_build


def with_last_map(model: tf.keras.Model) -> tf.keras.Model:
    """A functional model of the same layers that returns [output, last map (B, H, W, C)].

    Raises:
        ValueError: there is no map.
    """
    with static_build():  # deep models
        return tf.keras.Model(model.inputs, [model.output, _last_map(model)], name=model.name)


def _last_map(model: tf.keras.Model) -> Any:
    """The map nearest to the output; the class token leaves one beside it, which counts."""
    for depth in sorted(model._nodes_by_depth):
        for node in model._nodes_by_depth[depth]:
            for tensor in tf.nest.flatten(node.outputs):
                if len(tensor.shape) == 4 and not node.is_input:
                    return tensor
    raise ValueError(f"expected a model with maps (B, H, W, C); {model.name!r} has none")
