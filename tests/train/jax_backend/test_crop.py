"""Crops by matrix products, and the pipeline's own."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.data.boxes import crop_boxes
from larq_bvit.train.data.config import Augmentation
from larq_bvit.train.data.decode import evaluation_image, resize, train_decoder
from larq_bvit.train.jax_backend.crop import evaluation_crop, train_crop
from tests.train.data.common import encode, pixels

COUNT, SIDES = 64, (40, 48)
_DRAWS = np.random.default_rng(0).random((COUNT, 22), np.float32)
_SIZES = [(32, 32), (56, 64)]  # smaller, and larger


@pytest.fixture(scope="module")
def images():
    """Noise, so that every rounding shows."""
    noise = np.random.default_rng(1).integers(0, 256, (COUNT, *SIDES, 3), dtype=np.uint8)
    return np.concatenate([noise[::2], [pixels(SIDES, k) for k in range(COUNT // 2)]])


def difference(got, expected):
    """(largest, share of values that differ), in grey levels."""
    levels = np.abs(np.asarray(got).astype(int) - np.asarray(expected).astype(int))
    return levels.max(), (levels > 0).mean()


def cropped(images, size, augmentation, sides=SIDES):
    function = tf.function(
        lambda i, d: train_crop(i, tf.constant([sides] * COUNT), d, size, augmentation),
        jit_compile=True,
        autograph=False,
    )
    return function(tf.constant(images), tf.constant(_DRAWS)).numpy()


@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_resized(images, size, interpolation):
    """The same boxes, resized from decoded pixels by TensorFlow's operator, one by one."""
    augmentation = Augmentation(scale=(0.1, 1.0), interpolation=interpolation)
    sides = tf.constant([SIDES] * COUNT)
    ratio = augmentation.box_ratio(size)
    boxes = crop_boxes(sides, tf.constant(_DRAWS), scale=(0.1, 1.0), ratio=ratio)
    expected = [
        resize(image[top : top + height, left : left + width], size, interpolation)
        for image, (top, left, height, width) in zip(images, boxes.numpy(), strict=True)
    ]
    largest, share = difference(cropped(images, size, augmentation), expected)
    assert largest <= 1 and share < 0.003


@pytest.mark.parametrize("size", _SIZES)
def test_boxes_are_the_pipelines(images, size):
    """Which decodes PNG files whole; JPEG decoders are inexact at the border of a box."""
    augmentation = Augmentation(scale=(0.1, 1.0))
    encoded = tf.constant([encode(image, "png") for image in images])
    expected = train_decoder(size, augmentation)(encoded, tf.constant(_DRAWS))
    largest, share = difference(cropped(images, size, augmentation), expected)
    assert largest <= 1 and share < 0.003


def test_padded(images):
    augmentation = Augmentation(crop="padded", padding=5)
    encoded = tf.constant([encode(image, "png") for image in images])
    expected = train_decoder(SIDES, augmentation)(encoded, tf.constant(_DRAWS))
    np.testing.assert_array_equal(cropped(images, SIDES, augmentation), expected)


@pytest.mark.parametrize("size", _SIZES)
def test_evaluation(images, size):
    expected = [evaluation_image(tf.constant(encode(image, "png")), size) for image in images]
    crop = tf.function(lambda i: evaluation_crop(i, size), jit_compile=True, autograph=False)
    largest, share = difference(crop(tf.constant(images)), expected)
    assert largest <= 2 and share < 0.005  # rounded twice
    centre = Augmentation(crop="centre")
    assert difference(cropped(images, size, centre), crop(tf.constant(images)))[0] == 0


def test_boxes_of_the_original_in_a_resized_image():
    """A ramp from left to right stays a ramp, whatever size it is stored in."""
    ramp = np.tile(np.linspace(0, 255, 96)[None, None, :, None], (COUNT, 80, 1, 3))
    large = np.round(ramp).astype(np.uint8)
    small = np.stack([resize(image, (40, 48), "bilinear") for image in large])
    augmentation = Augmentation(scale=(0.3, 1.0))
    one = cropped(large, (16, 16), augmentation, sides=(80, 96))
    two = cropped(small, (16, 16), augmentation, sides=(80, 96))
    assert difference(one[:, :, 2:-2], two[:, :, 2:-2])[0] <= 2  # borders blur differently
