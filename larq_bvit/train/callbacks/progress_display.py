"""What a terminal shows of a run."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter
from typing import Any

import tensorflow as tf
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from larq_bvit.train.progress import Progress


class ProgressDisplay(tf.keras.callbacks.Callback):
    """A bar with epoch, step, images per second, loss and the time left; lines for a log file.

    The time left is worked out from the steps of this process, but for the first, which compiles,
    and with the evaluations in between.
    """

    def __init__(
        self,
        progress: Progress,
        *,
        epochs: int,
        steps_per_epoch: int,
        batch_size: int,
        console: Console | None = None,
        seconds: float = 30.0,
    ):
        """Arguments:
        progress: where the run stands.
        epochs, steps_per_epoch: of the whole run.
        batch_size: of all workers together.
        console: where to; by default standard error.
        seconds: between lines, where it is no terminal.
        """
        super().__init__()
        self.epochs, self.steps_per_epoch = epochs, steps_per_epoch
        self.batch_size, self.seconds = batch_size, seconds
        self.console = console or Console(stderr=True)
        self.epoch = progress.epoch
        self._done = progress.epoch * steps_per_epoch + progress.step
        self._first: tuple[int, float] | None = None  # (steps done, when) after the first step
        self._last_line = perf_counter()
        self._bar: Bar | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        if self.console.is_terminal:
            self._bar = Bar(
                BarColumn(bar_width=20), TextColumn("{task.description}"), TimeElapsedColumn(),
                console=self.console,
            )  # fmt: skip
            self._task = self._bar.add_task("first step: compiling", total=self._total)
            self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._done = self.epoch * self.steps_per_epoch + batch + 1
        now = perf_counter()
        self._first = self._first or (self._done, now)
        text = self._text(batch + 1, now, logs or {})
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, description=text)
        elif now - self._last_line >= self.seconds:
            self._last_line = now
            self._print(text)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        values = ", ".join(f"{name} {value:.4g}" for name, value in (logs or {}).items())
        self._print(f"epoch {epoch + 1}/{self.epochs} done: {values}")

    def close(self) -> None:
        """Gives the terminal back; also needed where `fit` ends with an error."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def on_train_end(self, logs: Any = None) -> None:
        self.close()

    def _print(self, text: str) -> None:
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    @property
    def _total(self) -> int:
        return self.epochs * self.steps_per_epoch

    def _text(self, step: int, now: float, logs: dict[str, Any]) -> str:
        parts = [f"epoch {self.epoch + 1}/{self.epochs}", f"step {step}/{self.steps_per_epoch}"]
        steps, start = self._first or (self._done, now)
        if self._done > steps:
            per_step = (now - start) / (self._done - steps)
            left = timedelta(seconds=round(per_step * (self._total - self._done)))
            parts += [f"{self.batch_size / per_step:.1f} images/s", f"{left} left"]
        if "loss" in logs:
            parts.append(f"loss {float(logs['loss']):.4f}")
        return ", ".join(parts)
