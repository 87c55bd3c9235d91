"""Compares the delegate with Larq Compute Engine's interpreter, on the same file and images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from larq_bvit.runtime.interpreter import Interpreter

if TYPE_CHECKING:
    from larq_bvit.convert.verification.compare import Agreement


def compare_with_lce(tflite: bytes, images: np.ndarray) -> dict[str, Agreement]:
    """{"exact" and "fused": their outputs against LCE's}.

    Arguments:
        tflite: the file's bytes.
        images: of the file's own input type; as many as a multiple of its batch size.

    Raises:
        ImportError: LCE or the delegate is missing.
        ValueError: no .tflite, or images that it does not take.
    """
    # these need TensorFlow, and `larq_bvit.runtime` does not
    from larq_bvit.convert.tflite.io_types import read_format
    from larq_bvit.convert.verification.compare import compare_all
    from larq_bvit.convert.verification.verify import predict

    expected = predict(tflite, images)
    format = read_format(tflite, "output")

    def run(exact: bool) -> Agreement:
        outputs = Interpreter(tflite, exact=exact).predict(images)
        first, *others = outputs if isinstance(outputs, list) else [outputs]
        return compare_all([format.real(first), *others], expected)

    return {"exact": run(True), "fused": run(False)}
