"""How far two computations of the same outputs are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """Of two arrays of outputs, or of several pairs, the worst of them.

    Attributes:
        absolute: largest difference.
        relative: largest difference over the largest magnitude.
        cosine: of all outputs as one vector.
        top_1: share of images with the same best class; None for outputs that are no scores of
            classes (N, classes).
    """

    absolute: float
    relative: float
    cosine: float
    top_1: float | None

    def __str__(self) -> str:
        best = "" if self.top_1 is None else f", same best class {self.top_1:.1%}"
        return (
            f"largest difference {self.absolute:.1e} ({self.relative:.1e} relative), "
            f"cosine {self.cosine:.6f}{best}"
        )


def compare(got: np.ndarray, expected: np.ndarray) -> Agreement:
    """Agreement of two arrays (N, ...)."""
    classes = expected.ndim == 2
    if not np.isfinite(got).all():
        return Agreement(
            absolute=np.inf, relative=np.inf, cosine=0.0, top_1=0.0 if classes else None
        )
    difference = float(np.abs(got - expected).max())
    scale = float(np.abs(expected).max()) or 1.0
    norms = float(np.linalg.norm(got) * np.linalg.norm(expected)) or 1.0
    same = (got.argmax(-1) == expected.argmax(-1)).mean() if classes else None
    return Agreement(
        absolute=difference,
        relative=difference / scale,
        cosine=float(np.vdot(got, expected)) / norms,
        top_1=None if same is None else float(same),
    )


def compare_all(got: Sequence[np.ndarray], expected: Sequence[np.ndarray]) -> Agreement:
    """The worst agreement of several pairs of arrays."""
    return worst([compare(g, e) for g, e in zip(got, expected, strict=True)])


def worst(each: Sequence[Agreement]) -> Agreement:
    """Of several, what is worst in any of them."""
    return Agreement(
        absolute=max(a.absolute for a in each),
        relative=max(a.relative for a in each),
        cosine=min(a.cosine for a in each),
        top_1=min((a.top_1 for a in each if a.top_1 is not None), default=None),
    )
