"""The end of a run whose loss is no number any more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.not_finite import NotFiniteError, explain
from larq_bvit.train.student import student_of

log = logging.getLogger(__name__)


class StopOnNotFinite(tf.keras.callbacks.Callback):
    """Raises NotFiniteError once the loss is NaN or infinite, and names the layer it began in.

    By then the step has spread it to all weights. So the weights of before the step are kept
    aside (one copy of them in memory), put back, and the step's batch goes through the model
    again. Must come before what writes checkpoints.
    """

    def __init__(self, batches_from: Callable[[int, int], tf.data.Dataset] | None = None):
        """Arguments:
        batches_from: (step, epoch) -> the batches of training from there on, such as
            `Data.train`; without it only weights are looked at.
        """
        super().__init__()
        self.batches_from = batches_from
        self.epoch, self._before = 0, list[tf.Tensor]()

    def set_model(self, model: tf.keras.Model) -> None:
        super().set_model(model)
        self.student = student_of(model)
        local = self.model.distribute_strategy.experimental_local_results
        # this worker's own: the moving averages of several are not the same until they are read
        variables = [local(variable)[0] for variable in self.student.variables]
        self._copy = tf.function(lambda: [tf.identity(variable) for variable in variables])

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._before = self._copy()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if np.isfinite(loss):
            return
        for variable, value in zip(self.student.variables, self._before, strict=True):
            variable.assign(value)
        where, layer = self._explained(batch)
        raise NotFiniteError(
            f"the loss is {loss} at step {batch + 1} of epoch {self.epoch + 1}; {where}", layer
        )

    def _explained(self, batch: int) -> tuple[str, str | None]:
        if self.batches_from is not None:
            try:
                images = next(iter(self.batches_from(batch, self.epoch)))[0]
                return explain(self.student, images)
            except Exception:  # the loss is what the user must hear of, whatever else fails
                log.exception("cannot go through the batch again")
        return explain(self.student, None)
