"""A share of images, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

# for pages
INTERVAL = (
    "95% intervals (Wilson) are of the share on all such images, and say nothing of another seed."
)


@dataclass(frozen=True)
class Share:
    """So many of so many.

    Attributes:
        count: of the images that are meant.
        total: of all images, at least 1.
    """

    count: int
    total: int

    @property
    def value(self) -> float:
        """0 to 1."""
        return self.count / self.total

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Wilson's score interval (1927, J. Am. Stat. Assoc. 22, 209), right for small counts too.

        Of the share on all images that these are a sample of; it says nothing of another training
        run.
        """
        z = NormalDist().inv_cdf(0.5 + confidence / 2)
        n, p = self.total, self.value
        centre = p + z**2 / (2 * n)
        margin = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        low, high = ((centre + sign * margin) / (1 + z**2 / n) for sign in (-1, 1))
        # exact at the ends, where rounding would go beyond them
        return (0.0 if self.count == 0 else low), (1.0 if self.count == n else high)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"count": self.count, "value": self.value, "interval_95": list(self.interval())}

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.value:.2%} (95%: {low:.2%} to {high:.2%})"
