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
        open: whether it has sizes besides the batch's that are only set at run time; `shape` has
            1 there.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    open: bool = False

    @staticmethod
    def of(details: dict[str, Any]) -> Tensor:
        """From the runtime's details of a tensor."""
        scale, zero_point = details["quantization"]
        return Tensor(
            name=details["name"],
            shape=tuple(int(n) for n in details["shape"]),
            dtype=np.dtype(details["dtype"]).name,
            quantization=Quantization(float(scale), int(zero_point)) if scale else None,
            open=any(int(n) < 0 for n in details["shape_signature"][1:]),
        )


@dataclass(frozen=True)
class Signature:
    """The inputs and outputs of a .tflite, in its order."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
