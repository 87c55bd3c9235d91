"""What a conversion gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from larq_bvit.convert.counting.census import Census
from larq_bvit.convert.target import Target
from larq_bvit.convert.verification.verify import Verification


@dataclass(frozen=True)
class Conversion:
    """A .tflite and what is known of it.

    Attributes:
        tflite: the file's bytes.
        target: what it was made for.
        binary_layers: how many layers are bit-packed, of all that were meant to be.
        census: what it holds.
        verification: of the file against Keras; None where that was not wanted.
    """

    tflite: bytes
    target: Target
    binary_layers: int
    census: Census
    verification: Verification | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the bytes."""
        return {
            "bytes": len(self.tflite),
            "target": asdict(self.target),
            "binary_layers": self.binary_layers,
            "verification": self.verification and self.verification.as_dict(),
            "census": self.census.as_dict(),
        }
