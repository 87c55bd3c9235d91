"""Compares the delegate with Larq Compute Engine's interpreter, on the same file and images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from larq_bvit.runtime.interpreter import Interpreter

if TYPE_CHECKING:
    from larq_bvit.convert.verification.compare import Agreement
    from larq_bvit.convert.verification.edges import Flip
    from larq_bvit.runtime.lce_edges import Undecided


@dataclass(frozen=True)
class DelegateCheck:
    """One mode of the delegate beside LCE.

    Attributes:
        agreement: of all outputs.
        edges: of each batch whose outputs differ beyond the tolerance, the rounding edge at which
            they part; None where there is none: a fault.
    """

    agreement: Agreement
    edges: list[Flip | Undecided | None]

    @property
    def holds(self) -> bool:
        """Whether the delegate computes what LCE does, but for rounding edges."""
        return None not in self.edges

    def __str__(self) -> str:
        explained = sorted({f"on a rounding edge: {edge}" for edge in self.edges if edge})
        return "; ".join([str(self.agreement), *explained])


def compare_with_lce(
    tflite: bytes, images: np.ndarray, tolerance: float = 1e-3
) -> dict[str, DelegateCheck]:
    """{"exact" and "fused": their outputs beside LCE's}.

    Arguments:
        tflite: the file's bytes.
        images: of the file's own input type; as many as a multiple of its batch size.
        tolerance: largest difference over the largest magnitude that needs no explanation; a step
            of an output of 8 bits is added.

    Raises:
        ImportError: LCE or the delegate is missing.
        ValueError: no .tflite, or images that it does not take.
    """
    # these need TensorFlow, and `larq_bvit.runtime` does not
    from larq_bvit.convert.tflite.io_types import read_format
    from larq_bvit.convert.verification.compare import compare_all
    from larq_bvit.convert.verification.predict import predict
    from larq_bvit.runtime.lce_edges import DelegateEdges

    expected = predict(tflite, images)
    format = read_format(tflite, "output")
    tolerance += format.step / (float(np.abs(expected[0]).max()) or 1.0)

    def run(exact: bool) -> DelegateCheck:
        interpreter = Interpreter(tflite, exact=exact)
        outputs = interpreter.predict(images)
        first, *others = outputs if isinstance(outputs, list) else [outputs]
        got = [format.real(first), *others]
        count = len(images) // interpreter.input_shape[0]
        batches = [
            list(zip(*(np.split(y, count) for y in side), strict=True)) for side in (got, expected)
        ]
        different = [
            batch
            for batch, ours, theirs in zip(np.split(images, count), *batches, strict=True)
            if not compare_all(ours, theirs).relative <= tolerance
        ]
        edges = DelegateEdges(tflite, exact=exact) if different else None
        found = [edges.first(batch) for batch in different] if edges else []
        return DelegateCheck(compare_all(got, expected), found)

    return {"exact": run(True), "fused": run(False)}
