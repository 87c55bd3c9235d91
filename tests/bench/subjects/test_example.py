"""Inputs to time with."""

import numpy as np
import pytest

from larq_bvit.bench.subjects.example import example
from larq_bvit.bench.subjects.facts import Input
from larq_bvit.convert.verification.samples import sample_images
from larq_bvit.zoo import preprocess_input

PHOTO = sample_images(2, 16, 24, 3)
NORMAL = preprocess_input(PHOTO)


def test_floats_are_normalised():
    got = example(Input((2, 16, 24, 3), "float32"))
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, NORMAL)


def test_small_steps_are_normalised_and_rounded():
    got = example(Input((2, 16, 24, 3), "int8", 0.02, -3))
    assert got.dtype == np.int8 and np.abs(0.02 * (got.astype(float) + 3) - NORMAL).max() <= 0.0101


def test_pixels_stay_pixels():
    for first in (Input((2, 16, 24, 3), "uint8"), Input((2, 16, 24, 3), "uint8", 1.0, 0)):
        np.testing.assert_array_equal(example(first), PHOTO)


def test_what_is_no_image_is_noise():
    got = example(Input((1, 50), "float32"))
    assert got.shape == (1, 50) and 0.5 < got.std() < 1.5
    tokens = example(Input((1, 50), "int32"))
    assert tokens.dtype == np.int32 and tokens.min() >= 0
    np.testing.assert_array_equal(got, example(Input((1, 50), "float32")))


@pytest.mark.parametrize("first", [Input((-1, 2), "float32"), Input((), "float32")])
def test_open_sizes(first):
    with pytest.raises(ValueError, match="fixed sizes"):
        example(first)


@pytest.mark.parametrize("dtype", ["bool", "string", "resource"])
def test_no_numbers(dtype):
    with pytest.raises(ValueError, match=f"numbers; got {dtype}"):
        example(Input((1,), dtype))
