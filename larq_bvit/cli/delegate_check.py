"""A .tflite by the native delegate, beside Larq Compute Engine."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from larq_bvit.convert import Normalization
    from larq_bvit.runtime.lce_check import DelegateCheck


def need_delegate() -> None:
    """Before minutes of work.

    Raises:
        ImportError: the delegate or a runtime for it is missing.
    """
    from larq_bvit.runtime.backend import backend
    from larq_bvit.runtime.library import delegate_path

    delegate_path()
    backend()


def check_delegate(
    network: Any,
    tflite: bytes,
    pixels: "np.ndarray | None",
    normalization: "Normalization",
    tolerance: float = 1e-3,
) -> "dict[str, DelegateCheck]":
    """{mode of the delegate: how it agrees}, on these images or on parts of a photograph."""
    from larq_bvit import convert
    from larq_bvit.convert.verification.input_form import both_inputs
    from larq_bvit.convert.verification.verify import sample_inputs
    from larq_bvit.runtime.lce_check import compare_with_lce

    if pixels is None:
        batch = convert.Interpreter(tflite).input_shape[0]
        pixels = sample_inputs(network, batch)
    _, stored = both_inputs(tflite, pixels, normalization)
    return compare_with_lce(tflite, stored, tolerance)


def lines_of(checks: "dict[str, DelegateCheck]") -> list[str]:
    """For people."""
    return [f"delegate {mode} to LCE: {check}" for mode, check in checks.items()]
