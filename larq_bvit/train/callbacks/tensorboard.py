"""What TensorBoard shows of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import larq as lq
import tensorflow as tf

from larq_bvit.train.callbacks.learning_rate import learning_rate
from larq_bvit.train.student import student_of
from larq_bvit.zoo.named_weights import latent_weights


class TensorBoard(tf.keras.callbacks.Callback):
    """Every epoch's logs and learning rate, and now and then histograms of the latent weights.

    Training and evaluation are two runs, whose curves TensorBoard draws into one picture. It has
    what Keras' own callback does not: epochs go on counting when a run is resumed, and histograms
    are of latent weights alone.
    """

    def __init__(self, folder: Path, *, histogram_epochs: int = 10, chief: bool = True):
        """Arguments:
        folder: of the event files.
        histogram_epochs: epochs between histograms; 0 for none.
        chief: whether this worker writes.
        """
        super().__init__()
        self.folder, self.histogram_epochs, self.chief = folder, histogram_epochs, chief
        self._writers: dict[str, Any] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self.chief:
            return
        done = epoch + 1
        scalars = {"learning_rate": learning_rate(self.model), **(logs or {})}
        for name, value in scalars.items():
            run = "validation" if name.startswith("val_") else "train"
            with self._writer(run).as_default(step=done):
                tf.summary.scalar(name.removeprefix("val_"), float(value))
        if self.histogram_epochs and done % self.histogram_epochs == 0:
            with self._writer("train").as_default(step=done), latent_weights():
                for name, kernel in latent_kernels(self.model):
                    tf.summary.histogram(name, kernel)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _writer(self, run: str) -> Any:
        if run not in self._writers:
            self._writers[run] = tf.summary.create_file_writer(str(self.folder / run))
        return self._writers[run]


def latent_kernels(model: tf.keras.Model) -> list[tuple[str, tf.Variable]]:
    """(layer's name, kernel) of all layers that quantize their kernels."""
    student = student_of(model)
    return [
        (layer.name, layer.kernel)
        for layer in student.layers
        if isinstance(layer, lq.layers.QuantizerBase) and layer.kernel_quantizer is not None
    ]
