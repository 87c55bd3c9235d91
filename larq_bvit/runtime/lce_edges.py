"""Where the delegate and LCE part on a rounding edge, map by map.

Both compute in float32 and round in different places; a value that is 0 but for rounding may get
either sign, and a network amplifies that. Where attention is fused its probabilities are nowhere:
that they part shows behind it, and LCE's own must then lie on their threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from larq_bvit.convert.lce.interpreter import Interpreter as LceInterpreter
from larq_bvit.convert.tflite.flatbuffer import Graph, read
from larq_bvit.convert.verification.comparisons import find_comparisons, with_outputs
from larq_bvit.convert.verification.edges import ROUNDING, Flip
from larq_bvit.runtime.interpreter import Interpreter

_EDGE = 1e-6  # distance of a probability from its threshold, over it


@dataclass(frozen=True)
class Undecided:
    """Probabilities on their threshold, behind which all differs.

    Attributes:
        layer: what they are called.
        on_edge: how many of the `values` are.
    """

    layer: str
    on_edge: int
    values: int

    def __str__(self) -> str:
        return (
            f"{self.layer} has {self.on_edge} of {self.values:,} probabilities within "
            f"{_EDGE:.0e} of their threshold"
        )


class DelegateEdges:
    """Signs and probabilities of a .tflite, by LCE and by the delegate.

    Arguments:
        tflite: the file's bytes.
        options: of `larq_bvit.runtime.Interpreter`.
    """

    def __init__(self, tflite: bytes, **options: Any):
        self._all, graph = find_comparisons(tflite), read(tflite)
        self._behind = {
            one.tensor: _behind(graph, one.tensor) for one in self._all if one.is_of_probabilities
        }
        self._signs = [one for one in self._all if not one.is_of_probabilities]
        if self._signs:
            self._lce = LceInterpreter(with_outputs(tflite, [one.tensor for one in self._all]))
            seen = with_outputs(tflite, [one.tensor for one in self._signs])
            self._delegate = Interpreter(seen, **options)

    def first(self, batch: np.ndarray) -> Flip | Undecided | None:
        """The first sign that differs, or what may have been decided otherwise before it.

        None where neither explains a difference of the outputs: a fault. Where signs behind
        probabilities agree, those were decided alike and explain nothing.
        """
        if not self._signs:
            return None
        ours = iter(_as_list(self._delegate.predict(batch)))
        undecided: dict[int, Undecided] = {}  # by the tensor of the probabilities
        for one, theirs in zip(self._all, _as_list(self._lce.predict(batch)), strict=True):
            expected = theirs - one.threshold
            if one.is_of_probabilities:
                on_edge = int((np.abs(expected) <= _EDGE * np.abs(one.threshold)).sum())
                if on_edge:
                    undecided[one.tensor] = Undecided(one.name, on_edge, expected.size)
                continue
            got = next(ours) - one.threshold
            flip = Flip.between(one.name, expected, got)
            before = [tensor for tensor in undecided if one.tensor in self._behind[tensor]]
            if not flip.difference <= ROUNDING:
                return undecided[before[-1]] if before else None
            if flip.flipped:
                return flip
            for tensor in before:
                del undecided[tensor]
        return next(iter(undecided.values()), None)


def _behind(graph: Graph, tensor: int) -> set[int]:
    """Numbers of all tensors that are computed from this one."""
    found = {tensor}
    for node in graph.nodes:  # in order of execution
        if not found.isdisjoint(node.inputs):
            found.update(node.outputs)
    return found


def _as_list(outputs: np.ndarray | Sequence[np.ndarray]) -> list[np.ndarray]:
    return list(outputs) if isinstance(outputs, list | tuple) else [np.asarray(outputs)]
