"""Compares a .tflite in Larq Compute Engine's interpreter with the Keras model it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert.freezing.freeze import freeze, in_float32
from larq_bvit.convert.lce.interpreter import CannotLoadError, Interpreter
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.tflite.float16_storage import stores_float16
from larq_bvit.convert.tflite.io_types import read_format
from larq_bvit.convert.verification.compare import Agreement, compare_all
from larq_bvit.convert.verification.edges import Edges, Flip
from larq_bvit.convert.verification.input_form import (
    both_inputs,
    normalization_told,
    takes_pixels,
)
from larq_bvit.convert.verification.layer_check import LayerDifference, check_layers
from larq_bvit.convert.verification.predict import predict
from larq_bvit.convert.verification.rounding import Rounding, compare_rounded, exact_tflite
from larq_bvit.convert.verification.samples import sample_images

KERNELS: dict[str, dict[str, bool]] = {
    "default": {},
    "reference": {"use_reference_bconv": True},
    "indirect": {"use_indirect_bgemm": True},
}
_TOLERANCE = 1e-3
_FEW = 8  # batches; tracing a thousand layers takes as long as running them


@dataclass(frozen=True)
class Verification:
    """The result of `verify`.

    Attributes:
        images: how many were compared.
        kernels: {LCE's kernels: their outputs against the model's}.
        refused: other kernels of LCE, which do not load this file; never the default ones.
        layers: {layer: difference of LCE's default kernels to Keras, which computes each layer
            from LCE's own values before it}, for all layers that can be told apart.
        faulty: the first of these layers above the tolerance, or None.
        edges: {kernels: for batches whose outputs differ beyond the tolerance, the sign on a
            rounding edge at which they part; None where there is no such sign: a fault}.
        tolerance: largest difference over the largest magnitude.
        rounding: where a file's constants or its output have fewer bits, how it differs from the
            exact one, of which then all the others tell; else None.
    """

    images: int
    kernels: dict[str, Agreement]
    refused: list[str]
    layers: dict[str, LayerDifference]
    faulty: str | None
    edges: dict[str, list[Flip | None]]
    tolerance: float
    rounding: Rounding | None = None

    @property
    def holds(self) -> bool:
        """Whether the file computes what the model computes, but for signs on rounding edges."""
        rounded = self.rounding is None or self.rounding.holds
        return self.faulty is None and not self._faults and rounded

    @property
    def _faults(self) -> list[str]:
        """Kernels whose outputs differ, and not from a rounding edge on."""
        return [name for name, flips in self.edges.items() if None in flips]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"holds": self.holds, **asdict(self)}

    def __str__(self) -> str:
        lines = [f"LCE {name:10}{agreement}" for name, agreement in self.kernels.items()]
        lines += [f"LCE {name:10}does not load this file" for name in self.refused]
        if self.faulty:
            lines.append(f"layer {self.faulty!r} differs {self.layers[self.faulty]}")
        elif self.layers:
            worst = max(difference.relative for difference in self.layers.values())
            lines.append(f"{len(self.layers)} layers one by one: all agree to {worst:.1e}")
        flips = {str(flip) for kernels in self.edges.values() for flip in kernels if flip}
        lines += [f"on a rounding edge: {flip}" for flip in sorted(flips)]
        for name in self._faults:
            lines.append(f"LCE {name:10}differs, and not from a sign on a rounding edge on")
        if self.rounding:
            lines.append(str(self.rounding))
        return "\n".join(lines)


def verify(
    model: tf.keras.Model,
    tflite: bytes,
    images: np.ndarray | None = None,
    *,
    normalization: Normalization | None = None,
    tolerance: float | None = None,
) -> Verification:
    """Runs real images through Keras and through LCE's default, reference and indirect kernels.

    Every layer that can be told apart is compared on its own, and all outputs. A sign that sits
    on a rounding edge may fall on either side, and a network amplifies that: outputs that differ
    hold where they part at such a sign (see `edges`).

    Constants stored as float16 turn signs anywhere. Such a file must compute what the model gives,
    converted anew and its constants rounded; that one without rounding is compared with Keras.

    Arguments:
        model: the Keras model, of one input; where it computes in less than float32, a copy that
            does not is compared.
        tflite: what `to_tflite` made of it.
        images: (N, H, W, C), uint8 pixels, or floats normalised as the model takes them; N a
            multiple of the .tflite's batch size. Without, parts of a photograph.
        normalization: the model's, for pixels; by default what the .tflite or the model's weights
            tell of it, else `zoo.preprocess_input`'s, or none where the model begins with one.
        tolerance: largest difference over the largest magnitude, of the file as it is; without,
            1e-3 and half a step of an output of 8 bits.

    Raises:
        ValueError: the images' shape or number does not fit, the model has several inputs, or
            outputs of other shapes than the .tflite.
        ConversionError: of float16 constants, and the model can't be converted.
    """
    if len(model.inputs) != 1:
        raise ValueError(f"expected a model of one input to verify; got {len(model.inputs)}")
    output = read_format(tflite, "output")  # says what is no .tflite
    normalization = normalization or normalization_told(model, tflite)
    model = in_float32(model)
    batch = Interpreter(tflite).input_shape[0]
    if images is None:
        images = sample_inputs(model, batch)
    images = np.asarray(images)
    for_keras, stored = both_inputs(tflite, images, normalization)
    # first of all, because it checks the images' shape and number
    got = {"default": predict(tflite, stored)}
    expected = _batches(model, for_keras, batch)
    theirs, ours = ([y.shape[1:] for y in outputs] for outputs in (got["default"], expected))
    if theirs != ours:
        raise ValueError(f"expected a .tflite of {model.name!r}, with outputs {ours}; got {theirs}")
    if tolerance is None and stores_float16(tflite):
        exact = exact_tflite(model, tflite, batch, normalization)
        proof = verify(model, exact, images, normalization=normalization)
        return replace(proof, rounding=compare_rounded(tflite, exact, stored))
    expected[0] = output.clip(expected[0])
    if tolerance is None:
        tolerance = _TOLERANCE + output.step / 2 / (np.abs(expected[0]).max() or 1.0)
    others = [name for name in KERNELS if name != "default" and _loads(tflite, name)]
    got |= {name: predict(tflite, stored, **KERNELS[name]) for name in others}
    pixels = takes_pixels(tflite)
    frozen = freeze(model, batch, normalization if pixels else None)
    first = (images if pixels else for_keras)[:batch].astype(np.float32)
    layers = check_layers(frozen, tflite, first, stored[:batch])
    return Verification(
        images=len(images),
        kernels={name: compare_all(outputs, expected) for name, outputs in got.items()},
        refused=[name for name in KERNELS if name not in got],
        layers=layers,
        faulty=next((name for name, d in layers.items() if not d.relative <= tolerance), None),
        edges={
            name: _edges(model, tflite, (for_keras, stored), (outputs, expected), name, tolerance)
            for name, outputs in got.items()
        },
        tolerance=float(tolerance),
    )


def _edges(
    model: tf.keras.Model,
    tflite: bytes,
    inputs: tuple[np.ndarray, np.ndarray],
    outputs: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
    kernels: str,
    tolerance: float,
) -> list[Flip | None]:
    """Where the batches part that differ; inputs for Keras and stored, outputs of LCE and Keras."""
    options, batch = KERNELS[kernels], Interpreter(tflite).input_shape[0]
    different = []
    for start in range(0, len(inputs[0]), batch):
        part = slice(start, start + batch)
        got, expected = ([y[part] for y in side] for side in outputs)
        if not compare_all(got, expected).relative <= tolerance:
            different.append(part)
    if not different:
        return []
    edges = Edges(model, tflite, **options)
    return [edges.first_flip(inputs[0][part], inputs[1][part]) for part in different]


def _loads(tflite: bytes, kernels: str) -> bool:
    try:
        Interpreter(tflite, **KERNELS[kernels])
    except CannotLoadError:
        return False
    return True


def sample_inputs(model: tf.keras.Model, batch: int) -> np.ndarray:
    """Two batches to verify on: parts of a photograph, or for other inputs random numbers."""
    shape = model.inputs[0].shape[1:]
    if len(shape) == 3:
        return sample_images(2 * batch, *shape)
    return np.random.default_rng(0).standard_normal((2 * batch, *shape)).astype(np.float32)


def _batches(model: tf.keras.Model, images: np.ndarray, batch: int) -> list[np.ndarray]:
    def run(x: tf.Tensor) -> list[tf.Tensor]:
        return tf.nest.flatten(model(x, training=False))

    batches = np.split(images, len(images) // batch)
    if len(batches) > _FEW:
        # the concrete function: TensorFlow takes one function per model for retracing, and warns
        shape = tf.TensorSpec((batch, *images.shape[1:]), images.dtype)
        run = tf.function(run, autograph=False).get_concrete_function(shape)
    runs = [[y.numpy() for y in run(tf.constant(x))] for x in batches]
    return [np.concatenate(outputs) for outputs in zip(*runs, strict=True)]
