"""The variables of a model's metrics."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def metric_variables(model: tf.keras.Model) -> list[tf.Variable]:
    """Of all metrics that exist so far: Keras makes those of `compile` in its first step."""
    return [variable for metric in model.metrics for variable in metric.variables]


def build_metrics(model: tf.keras.Model, batch: Any) -> None:
    """Makes a compiled model's metrics without training it.

    Arguments:
        model: it evaluates one black image.
        batch: `dataset.element_spec` of its data.
    """

    def zeros(spec: tf.TensorSpec) -> tf.Tensor:
        shape = [size or 1 for size in spec.shape]
        return tf.zeros([1, *shape[1:]], spec.dtype)

    if batch is None:
        raise ValueError("expected the spec of a batch, to resume within an epoch; got none")
    example = tf.nest.map_structure(zeros, batch)
    model.distribute_strategy.run(model.test_step, args=(example,))
    model.reset_metrics()
