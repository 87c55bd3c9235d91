"""Two classifiers on the same images: which each one recognises, and what that says of them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

# for pages
PAIRED = (
    "Differences are in points, of the images that only one of the two recognises (Agresti and Min "
    "2005): narrower than two intervals tell, and as silent of another seed."
)


@dataclass(frozen=True, eq=False)
class Hits:
    """Which images a classifier recognises.

    Attributes:
        labels_sha256: of all labels in their order, which are the same where the images are.
        right: bool (images,), whether the best class is the label.
    """

    labels_sha256: str
    right: np.ndarray

    @classmethod
    def of(cls, best: np.ndarray, labels: np.ndarray) -> Hits:
        """For the best classes and the labels, integers (images,)."""
        return cls(hashlib.sha256(labels.astype("<i4").tobytes()).hexdigest(), best == labels)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: a bit for every image, the first one highest in its byte, in base64."""
        bits = base64.b64encode(np.packbits(self.right).tobytes()).decode()
        return {"labels_sha256": self.labels_sha256, "right": bits}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], count: int) -> Hits:
        """Of `as_dict`, for so many images.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        bits = np.frombuffer(base64.b64decode(stored["right"], validate=True), np.uint8)
        if len(bits) != -(-count // 8):
            raise ValueError(f"expected bits of {count} images; got {8 * len(bits)}")
        return cls(stored["labels_sha256"], np.unpackbits(bits, count=count).astype(bool))


@dataclass(frozen=True)
class Difference:
    """Top-1 of one classifier less that of another, on the same images.

    Attributes:
        only_one, only_other: images that only the one, or only the other recognises.
        total: of all images.
    """

    only_one: int
    only_other: int
    total: int

    @classmethod
    def of(cls, one: Hits, other: Hits) -> Difference | None:
        """None where the labels are not the same."""
        if one.labels_sha256 != other.labels_sha256:
            return None
        first, second = one.right, other.right
        return cls(int((first & ~second).sum()), int((second & ~first).sum()), len(first))

    @property
    def value(self) -> float:
        """-1 to 1."""
        return (self.only_one - self.only_other) / self.total

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Wald's with half an image more in each of the four cells.

        Agresti and Min 2005, Statistics in Medicine 24, 729: "Simple improved confidence intervals
        for comparing matched proportions".
        """
        z = NormalDist().inv_cdf(0.5 + confidence / 2)
        one, other, n = self.only_one + 0.5, self.only_other + 0.5, self.total + 2
        centre = (one - other) / n
        margin = z * sqrt((one + other) - (one - other) ** 2 / n) / n
        return max(-1.0, centre - margin), min(1.0, centre + margin)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"value": self.value, "interval_95": list(self.interval())}

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{100 * self.value:+.2f} ({100 * low:+.2f} to {100 * high:+.2f})"
