"""Files of fewer bits beside the exact ones."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.verification.rounding import compare_rounded, exact_tflite
from tests.convert.models import TWO_STAGES, tiny
from tests.convert.small import photographs, small


@pytest.mark.parametrize("form", [{}, {"input_type": "int8", "include_preprocessing": True}])
def test_what_rounding_changes_is_no_fault_however_much_it_is(form):
    model = tiny("binaryvit_nano", fields=TWO_STAGES)
    tflite = convert.to_tflite(model, float_storage="float16", batch_size=2, verify=False, **form)
    result = convert.verify(model, tflite)
    assert result.holds and result.kernels["default"].relative < 1e-3, str(result)
    assert result.rounding.holds and result.rounding.effect.relative > 1e-3
    assert str(result).endswith(f"what rounding changes: {result.rounding.effect}")
    as_it_is = convert.verify(model, tflite, tolerance=1e-3)
    assert not as_it_is.holds and as_it_is.rounding is None


def test_constants_and_output():
    model = small()
    tflite = convert.to_tflite(model, float_storage="float16", output_type="uint8", verify=False)
    result = convert.verify(model, tflite, photographs())
    assert result.holds and result.rounding.holds
    assert 1e-3 < result.rounding.effect.absolute < 1e-2, "half a step is 2e-3"


def test_other_weights():
    model, other = small(), small()
    head = next(layer for layer in other.layers if isinstance(layer, tf.keras.layers.Dense))
    head.set_weights([1.01 * weight for weight in head.get_weights()])
    tflite = convert.to_tflite(other, float_storage="float16", verify=False)
    result = convert.verify(model, tflite)
    assert not result.holds and result.faulty is None and not result.rounding.holds
    assert "more than rounding tells it from the exact file: largest" in str(result)


@pytest.mark.parametrize("form", [{}, {"input_type": "uint8", "include_preprocessing": True}])
def test_the_exact_file_is_what_converting_gives(form):
    """Whatever the constants of the file that says for which input it shall be."""
    model, normalization = small(), Normalization((0.25,) * 3, (0.5,) * 3)
    options = {"batch_size": 3, "normalization": normalization, "verify": False, **form}
    rounded = convert.to_tflite(model, float_storage="float16", **options)
    exact = convert.to_tflite(model, **options)
    assert exact_tflite(model, rounded, 3, normalization) == exact


def test_the_exact_file_beside_itself():
    tflite = convert.to_tflite(small(), verify=False)
    result = compare_rounded(tflite, tflite, np.ones((2, 16, 12, 3), np.float32))
    assert result.holds and result.effect.absolute == result.rest.absolute == 0
