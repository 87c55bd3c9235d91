"""How far two outputs are the same."""

from __future__ import annotations

import numpy as np


def cosine(output: np.ndarray, expected: np.ndarray) -> float:
    """Of the angle between two outputs; of two zeros it is 1."""
    a, b = output.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms else float(np.array_equal(a, b))
