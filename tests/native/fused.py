"""Compares the fused mode with LCE's interpreter where no sign lies on a rounding edge.

The fused mode rounds floats elsewhere than op by op, so a value that is 0 but for rounding may get
the other sign. Inputs are drawn until no such value comes up; then outputs must agree closely.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from larq_bvit.convert.tflite import flatbuffer
from larq_bvit.convert.verification.comparisons import find_comparisons, with_outputs
from tests.native.stock import isas, lce_runner, load, run, run_lce

TOLERANCE = 1e-5  # largest difference of an output over its largest magnitude
EDGE = 1e-5  # distance from a threshold over what is usual, that no rounding bridges
LEFT = re.compile(r"node \d+ \((\w+)\)[^\n]*is left to the runtime")


def agree(
    library: str,
    tflite: bytes | Callable[[int], bytes],
    *,
    seed: int = 0,
    left: Sequence[str] | None = (),
    lce: dict[str, bool] | None = None,
    threads: Sequence[int] = (1, 2),
    names: Sequence[str] | None = None,
) -> None:
    """Every instruction set agrees with LCE; threads change nothing.

    Arguments:
        tflite: the file; or makes it from a seed: of large maps, or where a value comes close to
            its threshold because of constants, several files may be tried.
        seed: of the inputs.
        left: operators that the delegate leaves to the runtime, in order; it must claim all others.
            None: it may leave any.
        lce: options of LCE's interpreter.
        names: of instruction sets, for all of them.
    """
    if callable(tflite):
        tflite, inputs = _clean_file(tflite, seed, lce)
    else:
        inputs = clean_inputs(tflite, seed, lce)
    if left is not None:
        assert left_to_runtime(library, tflite) == list(left)
    want = run_lce(tflite, *inputs, **(lce or {}))
    for isa in names or isas(library):
        first: list[np.ndarray] = []
        for count in threads:
            got = run(load(library, tflite, isa=isa, threads=count), *inputs)
            assert difference(got, want) <= TOLERANCE, (isa, count)
            for a, b in zip(first, got, strict=bool(first)):
                np.testing.assert_array_equal(a, b)
            first = got


def difference(got: list[np.ndarray], want: list[np.ndarray]) -> float:
    """The largest one of all outputs; bits and integers must be equal."""
    worst = 0.0
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype != np.float32:
            np.testing.assert_array_equal(a, b)
        elif a.size:
            assert np.isfinite(a).all() and np.isfinite(b).all()
            worst = max(worst, float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30)))
    return worst


def left_to_runtime(library: str, tflite: bytes, **options: Any) -> list[str]:
    """Operators that the delegate does not claim, in order."""
    with told() as lines:
        load(library, tflite, verbose=2, **options)
    return LEFT.findall(lines[0])


@contextmanager
def told() -> Iterator[list[str]]:
    """What this process writes to stderr meanwhile, from C as well."""
    lines: list[str] = []
    with tempfile.TemporaryFile() as file:
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            file.seek(0)
            lines.append(file.read().decode())


def input_shapes(tflite: bytes) -> list[tuple[int, ...]]:
    (graph,) = flatbuffer.load(tflite).subgraphs
    return [tuple(map(int, graph.tensors[i].shape)) for i in graph.inputs]


class OnEdgeError(Exception):
    """No inputs were found without a value close to a threshold."""


def _clean_file(
    make: Callable[[int], bytes], seed: int, lce: dict[str, bool] | None
) -> tuple[bytes, list[np.ndarray]]:
    for attempt in range(20):
        tflite = make(seed + 1000 * attempt)
        with suppress(OnEdgeError):
            return tflite, clean_inputs(tflite, seed, lce, tries=10)
    raise OnEdgeError


def clean_inputs(
    tflite: bytes,
    seed: int,
    lce: dict[str, bool] | None = None,
    shapes: Sequence[tuple[int, ...]] | None = None,
    tries: int = 200,
) -> list[np.ndarray]:
    """Random inputs that no comparison in the graph finds close to its threshold.

    Raises:
        OnEdgeError: there are none among so many.
    """
    rng = np.random.default_rng(seed)
    probed, limits = with_comparisons(tflite)
    run_probed = lce_runner(probed, **(lce or {})) if limits else None
    shapes = shapes or input_shapes(tflite)
    for _ in range(tries):
        inputs = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
        if run_probed is None:
            return inputs
        values = run_probed(*inputs)
        pairs = zip(values, limits, strict=True)
        if min(limit.nearest(v) for v, several in pairs for limit in several) > EDGE:
            return inputs
    raise OnEdgeError


@dataclass(frozen=True)
class Limit:
    """What a map is compared with.

    Attributes:
        threshold: one number, or one per channel.
        is_exact: what is equal to it, is so by all ways of rounding: sums and signs of 0.
    """

    threshold: np.ndarray
    is_exact: bool = True

    def nearest(self, values: np.ndarray) -> float:
        """Of a map, over its usual distance."""
        distance = np.abs(values - self.threshold)
        usual = float(np.sqrt(np.mean(np.square(distance)))) or 1.0
        by_rounding = distance[distance > 0] if self.is_exact else distance
        return float(by_rounding.min(initial=np.inf)) / usual


def with_comparisons(tflite: bytes) -> tuple[bytes, list[list[Limit]]]:
    """The file with what is compared with constants as outputs, and their limits."""
    (graph,) = flatbuffer.load(tflite).subgraphs
    limits: dict[int, list[Limit]] = {}
    for one in find_comparisons(tflite):
        if one.tensor not in graph.inputs:  # those are compared as they come
            limit = Limit(one.threshold, is_exact=not one.is_of_probabilities)
            limits.setdefault(one.tensor, []).append(limit)
    return with_outputs(tflite, list(limits)), list(limits.values())
