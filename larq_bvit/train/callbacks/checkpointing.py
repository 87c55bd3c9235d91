"""Checkpoints while `fit` runs, and the end of a run by a signal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from signal import Signals
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import tensorflow as tf

from larq_bvit.train.checkpoint import Checkpoints
from larq_bvit.train.disk import explain_full_disk
from larq_bvit.train.interruption import InterruptedRun, Interruption
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.workers import highest
from larq_bvit.zoo.weights import save_weights


class Checkpointing(tf.keras.callbacks.Callback):
    """Saves the run every so many steps, before the evaluation, and after it; the best is kept.

    A signal ends the run after the step under way: with a checkpoint, by InterruptedRun. Must be
    the last of the callbacks, so that what they write of an epoch is there once it counts as done.
    """

    def __init__(
        self,
        run: RunFolder,
        checkpoints: Checkpoints,
        *,
        every: int | None = None,
        monitor: str = "val_accuracy",
        interruption: Interruption | None = None,
        kept_weights: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ):
        """For a run's folder and its checkpoints, restored before.

        Arguments:
            every: steps between checkpoints within an epoch; None for none but the last.
            monitor: what is best when highest, among the logs of an epoch.
            interruption: who listens to signals.
            kept_weights: while open, the student has the weights that are evaluated, to be
                kept in the weight files; such as their average.
        """
        super().__init__()
        self.run, self.checkpoints, self.progress = run, checkpoints, checkpoints.resumed
        self.every, self.monitor = every, monitor
        self.interruption = interruption or Interruption()
        self.kept_weights = kept_weights
        self._begin = perf_counter()

    def on_train_begin(self, logs: Any = None) -> None:
        """What a killed process did not come to write or remove is written and removed now."""
        self.checkpoints.sweep(self.progress)
        if self.checkpoints.chief:
            self.run.clean()
        if self.progress.epoch == self.params["epochs"] and self.run.evaluation.is_file():
            return  # the best weights are as `finish` left them
        if self.checkpoints.chief:  # of a job that was collected on its way, hence of other weights
            self.run.evaluation.unlink(missing_ok=True)
            self.run.cost.unlink(missing_ok=True)
        if self.progress.epoch and not self.progress.step:
            self._write_weights()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._begin = perf_counter() - self.progress.seconds

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        done, before = batch + 1, self.progress.step
        if done <= before:
            return  # the step that `Resume` has left out
        due = self.every is not None and done // self.every > before // self.every
        received = self._received()
        if due or received or done == self.checkpoints.steps_per_epoch:
            timed_steps = self.progress.timed_steps + done - before
            seconds = perf_counter() - self._begin
            self.progress = replace(
                self.progress, step=done, seconds=seconds, timed_steps=timed_steps
            )
            self.checkpoints.save(self.progress)
        self._stop_at(received)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._stop_at(self._received())  # the checkpoint before the evaluation stands

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.progress = replace(self.progress, epoch=epoch + 1, step=0, seconds=0.0, timed_steps=0)
        value = (logs or {}).get(self.monitor)
        if value is not None and (self.progress.best is None or value > self.progress.best):
            self.progress = replace(self.progress, best=float(value), best_epoch=epoch + 1)
        self.checkpoints.save(self.progress)
        self._write_weights()
        self._stop_at(self._received())

    def _received(self) -> int:
        """The signal that any of the workers has got; 0 for none."""
        return highest(self.model.distribute_strategy, int(self.interruption.received or 0))

    def _stop_at(self, received: int) -> None:
        if received:
            raise InterruptedRun(Signals(received))

    def _write_weights(self) -> None:
        with self.kept_weights():
            self._write(self.run.weights)
            if self.progress.best_epoch == self.progress.epoch:
                self._write(self.run.best)

    def _write(self, path: Path) -> None:
        """Reading the weights needs all workers: those that do not write, throw them away."""
        with explain_full_disk(path.name, path), TemporaryDirectory() as elsewhere:
            folder = path.parent if self.checkpoints.chief else Path(elsewhere)
            save_weights(self.checkpoints.student, folder / path.name)
