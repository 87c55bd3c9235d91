"""The same numbers as `zoo.preprocess_input`, as two constants too."""

import numpy as np
import pytest

from larq_bvit import zoo
from larq_bvit.convert import Normalization
from larq_bvit.zoo.images import MEAN, STD

PIXELS = np.random.RandomState(0).randint(0, 256, (2, 9, 7, 3)).astype(np.uint8)


def test_it_is_preprocess_input():
    normalized = Normalization()(PIXELS)
    assert normalized.dtype == np.float32
    np.testing.assert_array_equal(normalized, zoo.preprocess_input(PIXELS))


@pytest.mark.parametrize(
    "normalization",
    [Normalization(), Normalization((0.5,), (0.25,)), Normalization((0.0,) * 3, (1 / 255,) * 3)],
)
def test_scale_and_shift(normalization):
    scale, shift = normalization.of_pixels(3)
    assert scale.shape == shift.shape == (3,) and scale.dtype == shift.dtype == np.float32
    expected = normalization(PIXELS)
    np.testing.assert_allclose(PIXELS * scale + shift, expected, rtol=1e-6, atol=1e-6)
    mean, std = np.array(normalization.mean), np.array(normalization.std)
    np.testing.assert_allclose(expected, (PIXELS / 255 - mean) / std, rtol=1e-5, atol=1e-6)


def test_range_is_that_of_all_pixels():
    every = np.repeat(np.arange(256)[:, None], 3, axis=1)
    values = Normalization()(every)
    assert Normalization().range(3) == (values.min(), values.max())
    assert Normalization((0.5,), (0.5,)).range(4) == (-1, 1)


def test_usual():
    assert Normalization.usual(3) == Normalization(MEAN, STD) == Normalization()
    grey = Normalization.usual(1)
    assert grey.mean == pytest.approx((0.449,)) and grey.std == pytest.approx((0.226,))
    assert Normalization.usual(5) == grey


@pytest.mark.parametrize(
    ("mean", "std", "message"),
    [
        ((0.5,), (0.5, 0.5), "one value, or one per channel; got 1 and 2"),
        ((), (), "got 0 and 0"),
        ((0.5, 0.5), (0.5, 0.0), r"std above 0; got"),
        ((0.5,), (-1.0,), "std above 0"),
        (0.5, 0.5, r"must be tuples, such as \(0\.5,\); got 0\.5 and 0\.5"),
        ((127.5,), (127.5,), "of pixels from 0 to 1, a 255th"),
        ((0.0,), (255.0,), "of pixels from 0 to 1, a 255th"),
    ],
)
def test_what_is_refused(mean, std, message):
    with pytest.raises(ValueError, match=message):
        Normalization(mean, std)


def test_none():
    none = Normalization.none()
    assert none.is_none and not Normalization().is_none
    assert none(PIXELS).dtype == np.float32 and none.range(3) == (0, 255)
    np.testing.assert_array_equal(none(PIXELS), PIXELS)
    scale, shift = none.of_pixels(3)
    assert set(scale) == {1} and set(shift) == {0}


def test_other_channels_are_refused():
    message = "the model has 4 input channels, mean and std have 3 values"
    for call in (Normalization().of_pixels, Normalization().range):
        with pytest.raises(ValueError, match=message):
            call(4)
    with pytest.raises(ValueError, match=message):
        Normalization()(np.zeros((1, 2, 2, 4), np.uint8))
