"""Compares a .tflite in Larq Compute Engine's interpreter with the Keras model it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.convert.freezing.freeze import freeze, plain
from larq_bvit.convert.lce.interpreter import Interpreter
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.tflite.float16_storage import stores_float16
from larq_bvit.convert.tflite.io_types import read_format
from larq_bvit.convert.verification.compare import Agreement, compare_all
from larq_bvit.convert.verification.edges import ROUNDING, Edges, Flip
from larq_bvit.convert.verification.input_form import (
    before_rounding,
    both_inputs,
    normalization_told,
    takes_pixels,
)
from larq_bvit.convert.verification.layer_check import LayerDifference, check_layers
from larq_bvit.convert.verification.predict import KERNELS, loads, predict
from larq_bvit.convert.verification.rounding import Rounding, compare_rounded, exact_tflite
from larq_bvit.convert.verification.samples import sample_images

_TOLERANCE = 1e-3
_FEW = 8  # batches; tracing a thousand layers takes as long as running them


@dataclass(frozen=True)
class Verification:
    """The result of `verify`.

    Attributes:
        images: how many were compared.
        kernels: {LCE's kernels: their outputs against the model's}.
        refused: other kernels of LCE, which do not load this file; never the default ones.
        layers: {layer: largest difference of LCE to Keras, which computes each layer from LCE's own
            values before it}, for all layers that can be told apart; in the first batch by the
            default kernels, and in up to seven whose outputs differ.
        faulty: the first of these layers above the tolerance, or None.
        edges: {kernels: for batches whose outputs differ beyond the tolerance, the sign on a
            rounding edge at which they part; None where there is no such sign: a fault}.
        tolerance: largest difference over the largest magnitude.
        rounding: where a file's constants or its output have fewer bits, how it differs from the
            exact one, of which then all the others tell; else None.
        input_rounding: what it changes in Keras that the file's input holds normalised images in 8
            bits, as for all the others both do; None where it does not.
    """

    images: int
    kernels: dict[str, Agreement]
    refused: list[str]
    layers: dict[str, LayerDifference]
    faulty: str | None
    edges: dict[str, list[Flip | None]]
    tolerance: float
    rounding: Rounding | None = None
    input_rounding: Agreement | None = None

    @property
    def holds(self) -> bool:
        """Whether the file computes what the model computes, but for signs on rounding edges."""
        rounded = self.rounding is None or self.rounding.holds
        return self.faulty is None and not self._faults and rounded

    @property
    def rounded(self) -> dict[str, Agreement]:
        """{what rounds on purpose: its effect}."""
        rounding = None if self.rounding is None else self.rounding.effect
        effects = {"an input of 8 bits": self.input_rounding, "rounding": rounding}
        return {what: effect for what, effect in effects.items() if effect is not None}

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
        if self.rounding and not self.rounding.holds:
            lines.append(f"more than rounding tells it from the exact file: {self.rounding.rest}")
        lines += [f"what {what} changes: {effect}" for what, effect in self.rounded.items()]
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

    Constants stored as float16 turn signs anywhere. Such a file, or one whose output has 8 bits,
    must compute what the model gives, converted anew and rounded alike; that one without rounding
    is compared with Keras.

    Arguments:
        model: the Keras model, of one input; where it computes in less than float32 or holds other
            models, a copy that does not is compared.
        tflite: what `to_tflite` made of it.
        images: (N, H, W, C), uint8 pixels, or floats normalised as the model takes them; N a
            multiple of the .tflite's batch size. Without, parts of a photograph.
        normalization: the model's, for pixels; by default what the .tflite or the model's weights
            tell of it, else `zoo.preprocess_input`'s, or none where the model begins with one.
        tolerance: largest difference over the largest magnitude, of the file as it is, and half a
            step of an output of 8 bits; 1e-3 without.

    Raises:
        ValueError: the images' shape or number does not fit, the model has several inputs, or
            outputs of other shapes than the .tflite.
        ConversionError: of a file that rounds, and the model can't be converted.
    """
    if len(model.inputs) != 1:
        raise ValueError(f"expected a model of one input to verify; got {len(model.inputs)}")
    output = read_format(tflite, "output")  # says what is no .tflite
    normalization = normalization or normalization_told(model, tflite)
    model = plain(model)
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
    if tolerance is None and (stores_float16(tflite) or output.step):
        exact = exact_tflite(model, tflite, batch, normalization)
        proof = verify(model, exact, images, normalization=normalization)
        return replace(proof, rounding=compare_rounded(tflite, exact, stored))
    others = [name for name in KERNELS if name != "default" and loads(tflite, name)]
    got |= {name: predict(tflite, stored, **KERNELS[name]) for name in others}
    unrounded = before_rounding(tflite, images, normalization)
    input_rounding = None
    if unrounded is not None:
        input_rounding = compare_all(expected, _batches(model, unrounded, batch))
    expected[0] = output.clip(expected[0])
    tolerance = _TOLERANCE if tolerance is None else tolerance
    tolerance += output.step / 2 / (np.abs(expected[0]).max() or 1.0)
    parts = [slice(start, start + batch) for start in range(0, len(images), batch)]
    different = {
        name: [part for part in parts if not _distance(outputs, expected, part) <= tolerance]
        for name, outputs in got.items()
    }
    pixels = takes_pixels(tflite) and not normalization.is_none
    frozen = freeze(model, batch, normalization if pixels else None)
    inputs = images.astype(np.float32) if pixels else for_keras
    layers: dict[str, LayerDifference] = {}
    for name, part in _to_look_at(parts[0], different, got):
        found = check_layers(frozen, tflite, inputs[part], stored[part], **KERNELS[name])
        for layer, one in found.items():
            layers[layer] = max(layers.get(layer, one), one, key=lambda d: d.relative)
    return Verification(
        images=len(images),
        kernels={name: compare_all(outputs, expected) for name, outputs in got.items()},
        refused=[name for name in KERNELS if name not in got],
        layers=layers,
        faulty=next((name for name, d in layers.items() if not d.relative <= tolerance), None),
        edges={
            name: _first_flips(model, tflite, (for_keras, stored), slices, KERNELS[name])
            for name, slices in different.items()
        },
        tolerance=float(tolerance),
        input_rounding=input_rounding,
    )


def _distance(got: Sequence[np.ndarray], expected: Sequence[np.ndarray], part: slice) -> float:
    """Of a batch's outputs: the largest difference over the largest magnitude."""
    return compare_all([y[part] for y in got], [y[part] for y in expected]).relative


def _to_look_at(
    first: slice, different: Mapping[str, list[slice]], got: Mapping[str, Sequence[np.ndarray]]
) -> list[tuple[str, slice]]:
    """(kernels, batch) of which layers are compared: the first batch, and those that differ.

    Other kernels that give what the default ones do need no look of their own.
    """
    found = [("default", first)]
    for name, parts in different.items():
        for part in parts:
            same = name != "default" and _distance(got[name], got["default"], part) <= ROUNDING
            if not same and (name, part) not in found:
                found.append((name, part))
    return found[:_FEW]


def _first_flips(
    model: tf.keras.Model,
    tflite: bytes,
    inputs: tuple[np.ndarray, np.ndarray],
    parts: Sequence[slice],
    options: Mapping[str, bool],
) -> list[Flip | None]:
    """Where each of these batches parts; inputs for Keras and stored."""
    if not parts:
        return []
    edges = Edges(model, tflite, **options)
    return [edges.first_flip(*(side[part] for side in inputs)) for part in parts]


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
