"""Keras' `fit`, from where a run stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.metric_state import metric_variables
from larq_bvit.train.progress import Progress


class Resume(tf.keras.callbacks.Callback):
    """Makes `fit` begin within an epoch, its averages being those of the whole epoch.

    Keras' own `BackupAndRestore` does the first in the same way: `fit` asks the model's
    `_training_state` where to begin. Must be the first of the callbacks.

    Where all steps of the epoch are done and only the evaluation is not, the step that `fit`
    insists on does nothing.
    """

    def __init__(
        self, progress: Progress, metric_values: Sequence[np.ndarray], steps_per_epoch: int
    ):
        super().__init__()
        self.progress, self.metric_values = progress, metric_values
        self.steps_per_epoch = steps_per_epoch
        self._real_step: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.model._training_state = self

    def maybe_load_initial_counters_from_ckpt(self, *_: Any, **__: Any) -> tuple[int, int]:
        """`fit` calls it; (epoch, step) to begin at."""
        self.model._training_state = None  # a later `fit` is another one
        return self.progress.epoch, min(self.progress.step, self.steps_per_epoch - 1)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch != self.progress.epoch or not self.progress.step:
            return
        for variable, value in zip(metric_variables(self.model), self.metric_values, strict=True):
            variable.assign(value)
        if self.progress.step == self.steps_per_epoch:
            self._real_step = self.model.train_function
            self.model.train_function = lambda _: {m.name: m.result() for m in self.model.metrics}

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._real_step is not None:
            self.model.train_function, self._real_step = self._real_step, None
