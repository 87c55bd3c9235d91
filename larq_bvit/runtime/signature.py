"""What goes into a .tflite and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Quantization:
    """A stored number stands for `scale * (stored - zero_point)`."""

    scale: float
    zero_point: int


@dataclass(frozen=True)
class Tensor:
    """An input or an output.

    Attributes:
        name: its own, or a layer's.
        shape: the batch size first.
        dtype: NumPy's name of its type.
        quantization: of types of 8 bits; else None.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None

    @staticmethod
    def of(details: dict[str, Any]) -> Tensor:
        """From the runtime's details of a tensor."""
        scale, zero_point = details["quantization"]
        return Tensor(
            name=details["name"],
            shape=tuple(int(n) for n in details["shape"]),
            dtype=np.dtype(details["dtype"]).name,
            quantization=Quantization(float(scale), int(zero_point)) if scale else None,
        )


@dataclass(frozen=True)
class Signature:
    """The inputs and outputs of a .tflite, in its order."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
