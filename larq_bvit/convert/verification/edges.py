"""Signs on a rounding edge: where a .tflite and its Keras model may part without a fault.

Both compute in float32 and round in different places. A value that is 0 but for rounding may get
either sign, and a network amplifies that. Before such a sign all values agree, and its own input
does too, on either side of 0: that is what tells an edge from a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import larq as lq
import numpy as np
import tensorflow as tf

from larq_bvit import layers
from larq_bvit.convert.lce.interpreter import Interpreter
from larq_bvit.convert.verification.comparisons import find_comparisons, with_outputs
from larq_bvit.convert.verification.packed_signs import PackedSigns, unpack, with_sums

Candidates = Sequence["np.ndarray | PackedSigns"]  # flat values, or signs of a convolution

ROUNDING = 2e-5  # largest difference over the largest magnitude


@dataclass(frozen=True)
class Flip:
    """The first sign that comes out differently.

    Attributes:
        layer: that reads the signs.
        flipped: how many of its input's `values` have another sign.
        distance: of the flipped value which is farthest from 0, over the largest magnitude.
        difference: the largest one of the input's values, over their largest magnitude.
    """

    layer: str
    flipped: int
    values: int
    distance: float
    difference: float

    @classmethod
    def between(cls, layer: str, expected: np.ndarray, got: np.ndarray) -> Flip:
        """How signs and values of a map differ between two computations; none may have flipped."""
        other = (expected >= 0) != (got >= 0)
        distance = float(np.abs(expected[other]).max()) / _scale(expected) if other.any() else 0.0
        difference = _difference(expected, got)
        return cls(layer, int(other.sum()), expected.size, distance, difference)

    def __str__(self) -> str:
        return (
            f"{self.layer} reads {self.flipped} of {self.values:,} signs differently, of values "
            f"within {self.distance:.1e} of 0 where all agree to {self.difference:.1e}"
        )


class Edges:
    """What is compared with 0 or with a threshold, in a Keras model and in its .tflite.

    Arguments:
        model: the Keras model.
        tflite: what became of it.
        options: of LCE's interpreter.
    """

    def __init__(self, model: tf.keras.Model, tflite: bytes, **options: bool):
        self._keras, self._lce = _KerasEdges(model), LceEdges(tflite, **options)

    def first_flip(self, for_keras: np.ndarray, stored: np.ndarray) -> Flip | None:
        """In order of execution, for one batch as each of the two takes it.

        None where no sign differs although its input agrees: what differs is a fault.
        """
        if not self._lce.count:
            return None
        candidates = self._lce(stored)
        for layer, expected in self._keras(for_keras):
            flip = _compare(layer, expected.ravel(), candidates)
            if flip is not None and flip.flipped:
                return flip
        return None


def with_signs(expected: np.ndarray, candidates: Candidates) -> np.ndarray | None:
    """Keras' values, of which those on an edge have the .tflite's signs; None where it has none."""
    near = nearest(expected.ravel(), candidates)
    if near is None:
        return None
    values = near.reshape(expected.shape).astype(expected.dtype)
    return np.where((expected >= 0) != (values >= 0), values, expected)


def _compare(layer: str, expected: np.ndarray, candidates: Candidates) -> Flip | None:
    """With the values of the .tflite that are the same but for rounding; None without any."""
    near = nearest(expected, candidates)
    return None if near is None else Flip.between(layer, expected, near)


def nearest(expected: np.ndarray, candidates: Candidates) -> np.ndarray | None:
    """The .tflite's values, flat, that are the same but for rounding; None where it has none."""
    fitting = [
        one.on_scale_of(expected) if isinstance(one, PackedSigns) else one
        for one in candidates
        if one.size == expected.size
    ]
    near = min(fitting, key=lambda values: _difference(expected, values), default=None)
    return None if near is None or _difference(expected, near) > ROUNDING else near


def _scale(values: np.ndarray) -> float:
    return float(np.abs(values).max()) or 1.0


def _difference(expected: np.ndarray, got: np.ndarray) -> float:
    return float(np.abs(got - expected).max()) / _scale(expected)


class _KerasEdges:
    """Distances to the edge, of everything in a Keras model that takes a sign."""

    def __init__(self, model: tf.keras.Model):
        depths = sorted(model._nodes_by_depth, reverse=True)
        # calls, not layers: one that is shared has several, one of another model's some elsewhere
        calls = [node for depth in depths for node in model._nodes_by_depth[depth]]
        calls = [node for node in calls if not node.is_input and takes_signs(node.layer)]
        self._readers = [node.layer for node in calls for _ in node.keras_inputs]
        taps = [x for node in calls for x in node.keras_inputs]
        self._taps = tf.keras.Model(model.inputs, taps) if taps else None

    def __call__(self, images: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        if self._taps is None:
            return
        values = tf.nest.flatten(self._taps(tf.constant(images), training=False))
        sides: list[np.ndarray] = []  # of an attention layer: queries, keys, values
        for layer, value in zip(self._readers, values, strict=True):
            yield layer.name, value.numpy()
            if isinstance(layer, layers.QuantAttention):
                sides.append(value.numpy())
            if len(sides) == 3:
                yield f"{layer.name}/probability", _probabilities(layer, *sides[:2])
                sides = []


def takes_signs(layer: Any) -> bool:
    if isinstance(layer, layers.QuantAttention):
        return isinstance(layer.input_quantizer, layers.ApproxSign) and isinstance(
            layer.probability_quantizer, layers.BinaryProbability
        )
    if isinstance(layer, lq.quantizers.Quantizer):
        return layer.precision == 1
    return getattr(getattr(layer, "input_quantizer", None), "precision", 32) == 1


def _probabilities(layer: layers.QuantAttention, q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """How far attention's probabilities (B, heads, H * W, h * w) are above their threshold."""
    q, k = (np.where(x >= 0, 1, -1).astype(np.float32) for x in (q, k))
    q, k = (layer._split_heads(tf.constant(x)) for x in (q, k))
    scores = tf.matmul(q, k, transpose_b=True) * q.shape[-1] ** -0.5
    return (tf.nn.softmax(scores) - layer.probability_quantizer.clip / 2).numpy()


class LceEdges:
    """Distances to the edge, of everything in a .tflite that is compared with constants."""

    def __init__(self, tflite: bytes, **options: bool):
        comparisons = find_comparisons(tflite)
        self._thresholds = [one.threshold for one in comparisons]
        twinned, pairs = with_sums(tflite)
        tensors = [one.tensor for one in comparisons] + [i for pair in pairs for i in pair]
        self.count = len(comparisons) + len(pairs)
        probed = with_outputs(twinned, tensors)
        self._interpreter = Interpreter(probed, **options) if tensors else None

    def __call__(self, stored: np.ndarray) -> list[np.ndarray | PackedSigns]:
        assert self._interpreter is not None
        outputs = self._interpreter.predict(stored)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        values, packed = outputs[: len(self._thresholds)], outputs[len(self._thresholds) :]
        found: list[np.ndarray | PackedSigns]
        found = [(x - t).ravel() for x, t in zip(values, self._thresholds, strict=True)]
        for signs, sums in zip(packed[::2], packed[1::2], strict=True):
            found.append(PackedSigns(sums, unpack(signs, sums.shape[-1])))
        return found
