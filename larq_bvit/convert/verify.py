"""Compares a .tflite in Larq Compute Engine's interpreter with the Keras model it came from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert.freeze import freeze
from larq_bvit.convert.interpreter import Interpreter
from larq_bvit.convert.probe import probe

KERNELS: dict[str, dict[str, bool]] = {
    "default": {},
    "reference": {"use_reference_bconv": True},
    "indirect": {"use_indirect_bgemm": True},
}


@dataclass(frozen=True)
class Agreement:
    """How far two computations of the same outputs are apart.

    Attributes:
        absolute: largest difference.
        relative: largest difference over the largest magnitude.
        cosine: of all outputs as one vector.
        top_1: share of images with the same best class.
    """

    absolute: float
    relative: float
    cosine: float
    top_1: float


@dataclass(frozen=True)
class Verification:
    """The result of `verify`.

    Attributes:
        images: how many were compared.
        freezing: the frozen Keras model against the model.
        kernels: {LCE's kernels: its outputs against the model's}.
        layers: {layer: relative difference of LCE's default kernels to the frozen Keras model}, in
            order of execution, for all layers that can be told apart in the .tflite.
        diverges: the first of these layers above the tolerance, or None.
        tolerance: largest relative difference that holds.
    """

    images: int
    freezing: Agreement
    kernels: dict[str, Agreement]
    layers: dict[str, float]
    diverges: str | None
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether all outputs agree within the tolerance, with the same best classes."""
        all_kernels = [self.freezing, *self.kernels.values()]
        return all(a.relative <= self.tolerance and a.top_1 == 1 for a in all_kernels)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"holds": self.holds, **asdict(self)}

    def __str__(self) -> str:
        lines = [f"{'frozen Keras':18}{_line(self.freezing)}"]
        lines += [f"{'LCE ' + name:18}{_line(a)}" for name, a in self.kernels.items()]
        where = f"first above {self.tolerance:g}: {self.diverges}" if self.diverges else "all agree"
        lines.append(f"{len(self.layers)} layers told apart; {where}")
        return "\n".join(lines)


def _line(a: Agreement) -> str:
    return (
        f"largest difference {a.absolute:.1e} ({a.relative:.1e} relative), "
        f"cosine {a.cosine:.6f}, same best class {a.top_1:.1%}"
    )


def compare(got: np.ndarray, expected: np.ndarray) -> Agreement:
    """Agreement of two arrays (N, ..., classes)."""
    difference = float(np.abs(got - expected).max())
    scale = float(np.abs(expected).max()) or 1.0
    norms = float(np.linalg.norm(got) * np.linalg.norm(expected)) or 1.0
    same = got.argmax(-1) == expected.argmax(-1)
    return Agreement(
        absolute=difference,
        relative=difference / scale,
        cosine=float(np.vdot(got, expected)) / norms,
        top_1=float(same.mean()),
    )


def verify(
    model: tf.keras.Model, tflite: bytes, images: np.ndarray, *, tolerance: float = 1e-3
) -> Verification:
    """Runs real images through Keras and through LCE's default, reference and indirect kernels.

    A sign that sits on a rounding edge may fall on either side, and a network amplifies that:
    a tolerance far below 1e-3 asks for luck, above it hides faults.

    Arguments:
        model: the float32 Keras model, with one output.
        tflite: what `to_tflite` made of it.
        images: (N, H, W, C) as both take them; N a multiple of the .tflite's batch size.
        tolerance: largest difference over the largest magnitude of the outputs.

    Raises:
        ValueError: the images' shape or number does not fit, or the model has several outputs.
    """
    if isinstance(model.output, list):
        raise ValueError(f"expected a model with one output; got {len(model.output)}")
    batch = Interpreter(tflite).input_shape[0]
    expected = _batches(model, images, batch)[0]
    frozen = freeze(model, batch)
    layers = _layers(frozen, tflite, images[:batch])
    return Verification(
        images=len(images),
        freezing=compare(_batches(frozen, images, batch)[0], expected),
        kernels={
            name: compare(Interpreter(tflite, **options).predict(images), expected)
            for name, options in KERNELS.items()
        },
        layers=layers,
        diverges=next((name for name, error in layers.items() if error > tolerance), None),
        tolerance=tolerance,
    )


def _batches(model: tf.keras.Model, images: np.ndarray, batch: int) -> list[np.ndarray]:
    @tf.function(autograph=False, reduce_retracing=True)
    def run(x: tf.Tensor) -> list[tf.Tensor]:
        return tf.nest.flatten(model(x, training=False))

    parts = [[y.numpy() for y in run(x)] for x in np.split(images, len(images) // batch)]
    return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]


def _layers(frozen: tf.keras.Model, tflite: bytes, images: np.ndarray) -> dict[str, float]:
    names = [layer.name for layer in frozen.layers if isinstance(layer, tf.keras.layers.Add)]
    probed, found = probe(tflite, names)
    if not found:
        return {}
    taps = tf.keras.Model(frozen.inputs, [frozen.get_layer(name).output for name in found])
    expected = _batches(taps, images, len(images))
    got = Interpreter(probed).predict(images)
    got = got if isinstance(got, list) else [got]
    return {
        name: compare(g.reshape(e.shape), e).relative
        for name, g, e in zip(found, got, expected, strict=True)
    }
