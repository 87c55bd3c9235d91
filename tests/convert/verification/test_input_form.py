"""The same images for both sides of a comparison."""

import numpy as np
import pytest

from larq_bvit.convert import Metadata, Normalization, add_metadata
from larq_bvit.convert.tflite.io_types import TensorFormat, store_input_as
from larq_bvit.convert.verification.input_form import (
    both_inputs,
    normalization_told,
    takes_pixels,
)
from tests.convert.small import photographs, small, stock, tf

NORMAL = Normalization()
PIXELS = photographs()


def file(format: TensorFormat, mean=(), std=()) -> bytes:
    plain = stock(lambda x: tf.reduce_mean(x, [1, 2]), tf.TensorSpec((1, *PIXELS.shape[1:])))
    return add_metadata(store_input_as(plain, format), Metadata("m", mean=mean, std=std))


@pytest.mark.parametrize("type", ["float32", "uint8", "int8"])
def test_a_file_that_takes_pixels(type):
    tflite = file(TensorFormat.covering(type, 0, 255), (0.0,), (1.0,))
    assert takes_pixels(tflite)
    for_keras, stored = both_inputs(tflite, PIXELS, NORMAL)
    np.testing.assert_array_equal(for_keras, NORMAL(PIXELS))
    assert stored.dtype == type
    np.testing.assert_array_equal(stored, PIXELS.astype(int) - 128 * (type == "int8"))
    with pytest.raises(ValueError, match="expected uint8 images, 0 to 255; got float32"):
        both_inputs(tflite, NORMAL(PIXELS), NORMAL)


def test_a_file_that_takes_floats():
    tflite = file(TensorFormat(), tuple(255 * m for m in NORMAL.mean), NORMAL.std)
    assert not takes_pixels(tflite)
    for images in (PIXELS, NORMAL(PIXELS), NORMAL(PIXELS).astype(np.float64)):
        for_keras, stored = both_inputs(tflite, images, NORMAL)
        assert for_keras.dtype == stored.dtype == np.float32
        np.testing.assert_array_equal(for_keras, NORMAL(PIXELS))
        np.testing.assert_array_equal(stored, for_keras)


@pytest.mark.parametrize("type", ["uint8", "int8"])
def test_what_eight_bits_round_is_rounded_for_keras_too(type):
    format = TensorFormat.covering(type, *NORMAL.range(3))
    tflite = file(format)
    assert not takes_pixels(tflite), "no mean and deviation are known"
    for_keras, stored = both_inputs(tflite, PIXELS, NORMAL)
    assert stored.dtype == type and for_keras.dtype == np.float32
    np.testing.assert_array_equal(for_keras, format.real(stored))
    error = np.abs(for_keras - NORMAL(PIXELS)).max()
    assert 0 < error <= 1.001 * format.scale


def test_a_file_without_metadata_takes_floats():
    plain = stock(lambda x: tf.reduce_mean(x, [1, 2]), tf.TensorSpec((1, *PIXELS.shape[1:])))
    assert not takes_pixels(plain)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_normalization_that_a_file_tells(channels):
    model = small(channels=channels)
    told = file(TensorFormat(), (127.5,), (51.0,))
    assert normalization_told(model, told) == Normalization((0.5,), (0.2,))
    for silent in (file(TensorFormat()), file(TensorFormat(), (0.0,), (1.0,))):
        assert normalization_told(model, silent) == Normalization.usual(channels)


def test_a_file_that_takes_pixels_and_a_model_that_normalises_them():
    rescaled = tf.keras.Sequential([tf.keras.layers.Rescaling(1 / 255, input_shape=(8, 8, 3))])
    assert normalization_told(rescaled, file(TensorFormat(), (0.0,), (1.0,))).is_none


def test_a_file_whose_normalization_is_none():
    tflite = file(TensorFormat(), (127.5,), (-1.0,))
    with pytest.raises(ValueError, match="std above 0"):
        normalization_told(small(), tflite)
