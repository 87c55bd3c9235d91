"""Parts of the photograph."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from larq_bvit.convert.verification.samples import sample_images


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6])
def test_shape_and_channels(channels):
    images = sample_images(2, 20, 30, channels)
    assert images.shape == (2, 20, 30, channels) and images.dtype == np.uint8
    assert images.flags.c_contiguous
    if channels > 1:
        rgb = sample_images(2, 20, 30, 3)
        for channel in range(channels):
            np.testing.assert_array_equal(images[..., channel], rgb[..., channel % 3])


def test_grey_is_the_luminance():
    rgb, grey = sample_images(2, 24, 24, 3), sample_images(2, 24, 24, 1)
    luminance = rgb @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(grey[..., 0], luminance, atol=1)


def test_parts_differ_and_stay_the_same():
    images = sample_images(4, 16, 16, 3)
    np.testing.assert_array_equal(images, sample_images(4, 16, 16, 3))
    np.testing.assert_array_equal(images[:2], sample_images(2, 16, 16, 3))
    for one in range(4):
        assert images[one].std() > 10, "not one colour"
        for two in range(one):
            assert np.abs(images[one].astype(int) - images[two]).mean() > 5


def test_they_come_from_the_photograph():
    with Image.open(str(files("larq_bvit") / "assets" / "cat.jpg")) as photograph:
        whole = np.asarray(photograph.convert("RGB"), float)
    parts = sample_images(8, 32, 32, 3).reshape(-1, 3)
    np.testing.assert_allclose(parts.mean(0), whole.reshape(-1, 3).mean(0), atol=25)
