"""Files of fewer bits beside the exact ones."""

from importlib import import_module

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert
from larq_bvit.convert.freezing.rebuild import rebuild
from larq_bvit.convert.normalization import Normalization
from larq_bvit.convert.verification.rounding import compare_rounded, exact_tflite
from larq_bvit.zoo import preprocess_input
from tests.convert.models import TWO_STAGES, tiny
from tests.convert.small import normal, photographs, small


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


def test_a_layer_that_is_a_little_wrong_before_an_output_of_8_bits():
    """Its probabilities are all but equal, and differ by less than half a step."""
    model = small()
    head = next(layer for layer in model.layers if isinstance(layer, tf.keras.layers.Dense))
    head.set_weights([1e-3 * weight for weight in head.get_weights()])
    other = rebuild(model, {})
    norm = other.get_layer("block2/norm")
    norm.set_weights([1.02 * weight for weight in norm.get_weights()])
    tflite = convert.to_tflite(other, output_type="uint8", verify=False)
    exact = exact_tflite(other, tflite, 1, Normalization.usual(3))
    assert convert.verify(model, exact).faulty == "block2/add"
    assert compare_rounded(tflite, exact, normal(1, 16, 12, 3)).holds
    assert not convert.verify(model, exact).holds
    assert convert.verify(model, tflite).rounding is not None


def test_every_output_has_a_scale_of_its_own():
    """A step of the scores is no excuse for the map beside them."""
    model = small(features=True)
    options = {"output_type": "uint8", "verify": False}
    tflite, exact = convert.to_tflite(model, **options), convert.to_tflite(model, verify=False)
    x = preprocess_input(photographs(1))
    assert compare_rounded(tflite, exact, x).holds
    last = model.get_layer("block2/norm")
    gamma, beta, *statistics = last.get_weights()
    last.set_weights([gamma, beta + 2e-3, *statistics])
    other = convert.to_tflite(model, **options)
    result = compare_rounded(other, exact, x)
    assert result.rest.absolute < 1 / 256 and not result.holds


def test_all_kernels_are_compared(monkeypatch):
    module = import_module("larq_bvit.convert.verification.rounding")
    tflite = convert.to_tflite(small(), float_storage="float16", verify=False)
    exact = convert.to_tflite(small(), verify=False)
    right = module.predict

    def wrong(file, stored, **options):
        outputs = right(file, stored, **options)
        return (
            [2 * y for y in outputs]
            if file == tflite and "use_indirect_bgemm" in options
            else outputs
        )

    x = preprocess_input(photographs(1))
    assert compare_rounded(tflite, exact, x).holds
    monkeypatch.setattr(module, "predict", wrong)
    assert not compare_rounded(tflite, exact, x).holds


def test_an_input_of_8_bits_that_are_no_pixels(caplog):
    model = small()
    conversion = convert.convert_model(model, input_type="int8", images=photographs())
    effect = conversion.verification.input_rounding
    assert conversion.verification.kernels["default"].relative < 1e-4 < effect.relative
    assert f"what an input of 8 bits changes: {effect}" in str(conversion.verification)
    pixels = convert.convert_model(
        model, input_type="int8", include_preprocessing=True, images=photographs()
    )
    assert pixels.verification.input_rounding is None


def test_float_pixels_of_a_model_that_normalises_them_itself():
    x = tf.keras.Input((16, 12, 3))
    model = small()
    model = tf.keras.Model(x, model(tf.keras.layers.Rescaling(1 / 64, -2.0)(x)))
    tflite = convert.to_tflite(
        model, target="raspberry_pi", normalization=Normalization.none(), verify=False
    )
    images = photographs().astype(np.float32) + np.float32(0.3)
    result = convert.verify(model, tflite, images, normalization=Normalization.none())
    assert result.holds, str(result)
    assert result.input_rounding is not None


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
