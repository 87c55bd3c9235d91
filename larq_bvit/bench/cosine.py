"""How far two outputs are the same."""

from __future__ import annotations

import numpy as np


def cosine(output: np.ndarray, expected: np.ndarray, zero_point: int = 0) -> float:
    """Of the angle between two outputs; of two zeros it is 1, of what is no number 0.

    Arguments:
        output: numbers as they are stored.
        expected: as many.
        zero_point: what stands for 0 in both, of 8-bit outputs.
    """
    a = output.astype(np.float64).ravel() - zero_point
    b = expected.astype(np.float64).ravel() - zero_point
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return 0.0
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms else float(np.array_equal(a, b))
