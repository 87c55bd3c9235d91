"""What a .tflite gives in Larq Compute Engine's interpreter."""

from __future__ import annotations

import numpy as np

from larq_bvit.convert.lce.interpreter import CannotLoadError, Interpreter
from larq_bvit.convert.tflite.io_types import read_format

KERNELS: dict[str, dict[str, bool]] = {
    "default": {},
    "reference": {"use_reference_bconv": True},
    "indirect": {"use_indirect_bgemm": True},
}


def loads(tflite: bytes, kernels: str) -> bool:
    """Whether kernels of `KERNELS` take a file."""
    try:
        Interpreter(tflite, **KERNELS[kernels])
    except CannotLoadError:
        return False
    return True


def predict(tflite: bytes, stored: np.ndarray, **options: bool) -> list[np.ndarray]:
    """All outputs as float32, for images of the .tflite's own type.

    Arguments:
        tflite: the file's bytes.
        stored: images; as many as a multiple of its batch size.
        options: of the interpreter.
    """
    outputs = Interpreter(tflite, **options).predict(stored)
    first, *others = outputs if isinstance(outputs, list) else [outputs]
    return [read_format(tflite, "output").real(first), *others]
