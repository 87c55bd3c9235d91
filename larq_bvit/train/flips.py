"""What moves in a binary network: signs that flip, and latent weights that are stuck."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.layers import ScaledSign
from larq_bvit.train.student import student_of
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import latent_weights, named_weights


@dataclass(frozen=True)
class LatentStatistics:
    """Of one binary kernel, or of several together.

    Attributes:
        size: how many weights.
        flips: share of the binary weights whose sign changed since the last look. Helwegen et
            al. 2019 (arXiv 1906.02107) count from step to step; over a longer time, a weight
            that flipped twice counts as one that did not.
        dead: share of the latent weights to which the quantizer passes no gradient, those beyond
            +-1, which Larq calls starved. They can't come back but by weight decay, or for
            centred weights by their channel's mean; clipping latent weights (Courbariaux et al.
            2016, arXiv 1602.02830) prevents them.
        magnitude: mean |latent weight|.
    """

    size: int
    flips: float
    dead: float
    magnitude: float


def binary_kernels(model: tf.keras.Model) -> dict[str, Any]:
    """{path: Larq's variable} of the 1-bit weights of a model, or of its `student`."""
    weights = named_weights(student_of(model))
    return {path: weight for path, weight in weights.items() if one_bit(weight)}


def packed_signs(kernel: Any) -> np.ndarray:
    """The binary weights, a bit for each, 1 where positive; uint8 (ceil(size / 8),)."""
    return np.packbits(kernel.quantizer(_latent(kernel)).numpy().ravel() > 0)


def starved(kernel: Any) -> np.ndarray:
    """Which latent weights get no gradient through their quantizer; bool, the kernel's shape."""
    return starving(kernel, _latent(kernel)).numpy()


def starving(kernel: Any, values: tf.Tensor) -> tf.Tensor:
    """As `starved`, of latent weights that are given; also within a graph."""
    quantizer = kernel.quantizer
    if getattr(quantizer, "centred", False):
        # The mean's own gradient reaches every weight; that of its sign is what counts.
        values -= tf.reduce_mean(values, axis=list(range(values.shape.rank - 1)), keepdims=True)
        quantizer = ScaledSign()
    with tf.GradientTape() as tape:
        tape.watch(values)
        binary = quantizer(values)
    return tape.gradient(binary, values) == 0


def latent_statistics(kernel: Any, before: np.ndarray, now: np.ndarray) -> LatentStatistics:
    """Of one kernel, with its `packed_signs` before and now."""
    size = int(np.prod(kernel.shape))
    return LatentStatistics(
        size=size,
        flips=int(np.unpackbits(before ^ now).sum()) / size,
        dead=float(starved(kernel).mean()),
        magnitude=float(tf.reduce_mean(tf.abs(_latent(kernel)))),
    )


def together(parts: list[LatentStatistics]) -> LatentStatistics:
    """Of all weights of several kernels."""
    sizes = [part.size for part in parts]
    means = {
        name: float(np.average([getattr(part, name) for part in parts], weights=sizes))
        for name in ("flips", "dead", "magnitude")
    }
    return LatentStatistics(size=sum(sizes), **means)


def _latent(kernel: Any) -> tf.Tensor:
    with latent_weights():
        return tf.convert_to_tensor(kernel.read_value())


class Flips(tf.keras.callbacks.Callback):
    """Adds `flips`, `dead` and `magnitude` of all latent weights to the logs of every epoch.

    Signs are compared with those at the end of the epoch before, at first with those that the
    model has when this is made. A model without 1-bit weights adds nothing.

    Attributes:
        signs: variables with the bits last seen, for a checkpoint: an interrupted epoch is
            then compared with the one before it.
        layers: {path: statistics} of the last epoch.
    """

    def __init__(self, model: tf.keras.Model, log_dir: str | Path | None = None):
        """For a model of the zoo, or a `Distiller` of one.

        Arguments:
            log_dir: folder for TensorBoard's scalars of every layer; none without it.
        """
        super().__init__()
        self._kernels = binary_kernels(model)
        self.signs = [
            tf.Variable(packed_signs(kernel), trainable=False, name=f"signs/{path}")
            for path, kernel in self._kernels.items()
        ]
        self.layers: dict[str, LatentStatistics] = {}
        self._writer: Any = tf.summary.create_file_writer(str(log_dir)) if log_dir else None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._kernels:
            return
        for (path, kernel), signs in zip(self._kernels.items(), self.signs, strict=True):
            now = packed_signs(kernel)
            self.layers[path] = latent_statistics(kernel, signs.numpy(), now)
            signs.assign(now)
        total = together(list(self.layers.values()))
        if logs is not None:
            logs |= {"flips": total.flips, "dead": total.dead, "magnitude": total.magnitude}
        if self._writer is not None:
            self._write(epoch)

    def _write(self, epoch: int) -> None:
        with self._writer.as_default(step=epoch + 1):
            for path, layer in self.layers.items():
                for name in ("flips", "dead", "magnitude"):
                    tf.summary.scalar(f"{name}/{path}", getattr(layer, name))
        self._writer.flush()
