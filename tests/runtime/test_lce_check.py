"""The delegate beside LCE."""

import numpy as np
import pytest

from larq_bvit import convert
from larq_bvit.runtime import lce_check
from larq_bvit.runtime.lce_check import compare_with_lce
from tests.convert.small import SIZE, small
from tests.delegate import needs_delegate, needs_lce

pytestmark = [needs_delegate, needs_lce]


def test_agrees(tflites, images):
    compared = compare_with_lce(tflites[2], images[:6])
    assert set(compared) == {"exact", "fused"}
    for comparison in compared.values():
        assert comparison.agreement.relative < 1e-5 and comparison.agreement.top_1 == 1
        assert comparison.holds and not comparison.edges


def test_8_bits():
    types = {"input_type": "uint8", "output_type": "uint8", "include_preprocessing": True}
    pixels = np.random.default_rng(0).integers(0, 256, (4, *SIZE, 3), np.uint8)
    tflite = convert.to_tflite(small(), **types)
    for comparison in compare_with_lce(tflite, pixels, tolerance=0.1).values():
        assert comparison.agreement.absolute <= 1.001 / 256  # a step of the output
        assert comparison.holds


def test_sees_a_difference(tflites, images, monkeypatch):
    class Wrong(lce_check.Interpreter):
        def predict(self, images):
            scores, features = super().predict(images)
            return [scores + (0 if self._exact else 0.5), features]

    monkeypatch.setattr(lce_check, "Interpreter", Wrong)
    compared = compare_with_lce(tflites[1], images[:2])
    assert compared["exact"].agreement.absolute < 1e-4 and compared["exact"].holds
    assert compared["fused"].agreement.absolute == pytest.approx(0.5, abs=1e-4)
    assert compared["fused"].edges == [None, None] and not compared["fused"].holds
