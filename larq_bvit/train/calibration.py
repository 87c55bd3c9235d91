"""Whether a classifier is right as often as it says."""

from __future__ import annotations

import numpy as np


class Calibration:
    """Expected calibration error (Guo et al. 2017, arXiv 1706.04599, Eq. 3), summed up by batches.

    The confidence is the probability of the best class. Bin m of M holds those in
    ((m - 1) / M, m / M]; the error is the mean over the images of |accuracy - mean confidence| of
    their bin.
    """

    def __init__(self, bins: int = 15):
        self.counts = np.zeros(bins, np.int64)
        self.correct = np.zeros(bins, np.int64)
        self.confidence = np.zeros(bins)

    def add(self, confidence: np.ndarray, correct: np.ndarray) -> None:
        """Confidences (B,), above 0 and up to 1, and which of the answers were right, bool (B,)."""
        bins = len(self.counts)
        places = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
        self.counts += np.bincount(places, minlength=bins)
        self.correct += np.bincount(places[correct], minlength=bins)
        self.confidence += np.bincount(places, confidence, minlength=bins)

    @property
    def error(self) -> float:
        """0 to 1."""
        return float(np.abs(self.correct - self.confidence).sum() / self.counts.sum())
