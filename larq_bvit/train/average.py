"""Evaluation with the moving average of the weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from larq_bvit.zoo.named_weights import latent_weights


@contextmanager
def averaged(model: tf.keras.Model) -> Iterator[None]:
    """While open, the trained weights of a compiled model are their moving averages.

    Keras' optimizers keep the averages (`use_ema`), and put them into the model for good at the
    end of `fit`. Norms keep their own moving statistics, which are averages already. Without
    averages nothing changes.
    """
    optimizer = model.optimizer
    if not optimizer.use_ema or not optimizer.iterations.numpy():
        yield
        return
    weights = model.trainable_variables
    with latent_weights():
        before = [tf.identity(weight.read_value()) for weight in weights]
        optimizer.finalize_variable_values(weights)
    try:
        yield
    finally:
        with latent_weights():
            for weight, value in zip(weights, before, strict=True):
                weight.assign(value)


class EvaluateAverage(tf.keras.callbacks.Callback):
    """Evaluations within `fit` see `averaged` weights; training goes on with its own.

    `Checkpointing(kept_weights=lambda: averaged(model))` keeps the same ones.
    """

    def on_test_begin(self, logs: Any = None) -> None:
        self._open = averaged(self.model)
        self._open.__enter__()

    def on_test_end(self, logs: Any = None) -> None:
        self._open.__exit__(None, None, None)
