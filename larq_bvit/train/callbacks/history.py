"""The history of a run as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import tensorflow as tf

from larq_bvit.train.callbacks.learning_rate import learning_rate
from larq_bvit.train.disk import write_text
from larq_bvit.train.progress import Progress


class History(tf.keras.callbacks.Callback):
    """A line for every epoch: epoch, step, seconds, images_per_second, learning_rate, the logs.

    Epochs and steps count what is done. Seconds are an epoch's with its evaluation, the rate is of
    the training alone; of an epoch that was resumed, with what the checkpoint had taken before.
    Lines of epochs that a resumed run does again are replaced.
    """

    def __init__(
        self,
        path: Path,
        progress: Progress,
        *,
        steps_per_epoch: int,
        batch_size: int,
        chief: bool = True,
    ):
        """Arguments:
        path: of the file.
        progress: where the run stands.
        steps_per_epoch: training steps of an epoch.
        batch_size: of all workers together.
        chief: whether this worker writes.
        """
        super().__init__()
        self.path, self.progress, self.chief = path, progress, chief
        self.steps_per_epoch, self.batch_size = steps_per_epoch, batch_size
        self._lines: list[dict[str, Any]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        lines = read_history(self.path) if self.path.is_file() else []
        self._lines = [line for line in lines if int(line["epoch"]) <= self.progress.epoch]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        resumed = self.progress if epoch == self.progress.epoch else Progress()
        self._start = perf_counter() - resumed.seconds
        self._trained, self._done = resumed.seconds, resumed.step
        self._steps = self.steps_per_epoch - (resumed.step - resumed.timed_steps)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch >= self._done:  # else it is the step that `Resume` has left out
            self._trained = perf_counter() - self._start

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        images = self._steps * self.batch_size or float("nan")
        line = {
            "epoch": epoch + 1,
            "step": (epoch + 1) * self.steps_per_epoch,
            "seconds": round(perf_counter() - self._start, 2),
            "images_per_second": round(images / max(self._trained, 1e-9), 2),
            "learning_rate": learning_rate(self.model),
            **{name: float(value) for name, value in (logs or {}).items()},
        }
        self._lines.append(line)
        if self.chief:
            write_text(self.path, to_csv(self._lines))


def read_history(path: Path) -> list[dict[str, str]]:
    """Lines of a history as {column: text}; a line that is cut off is left out."""
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    lines = list(csv.DictReader(io.StringIO(whole)))
    return [line for line in lines if None not in line and None not in line.values()]


def to_csv(lines: Sequence[Mapping[str, Any]]) -> str:
    """A history's text of its lines."""
    columns = list(dict.fromkeys(name for line in lines for name in line))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()
