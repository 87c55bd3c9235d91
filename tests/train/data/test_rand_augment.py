"""RandAugment: every operation against Pillow, which the papers used."""

import math

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageEnhance, ImageOps

from larq_bvit.train.data import rand_augment as module
from larq_bvit.train.data.rand_augment import OPERATIONS, rand_augment
from tests.train.data.common import pixels

STRENGTHS = (0.0, 0.3, 1.0)


def affine(image, matrix):
    return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST)


def rotated(image, strength, sign):
    angle = math.radians(30 * strength * sign)
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = image.width / 2, image.height / 2
    return affine(image, (cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y))


def shift(side, strength, sign):
    return int(150 / 331 * side * strength) * sign


BY_PILLOW = {
    "identity": lambda image, m, s: image,
    "shear_x": lambda image, m, s: affine(image, (1, 0.3 * m * s, 0, 0, 1, 0)),
    "shear_y": lambda image, m, s: affine(image, (1, 0, 0, 0.3 * m * s, 1, 0)),
    "translate_x": lambda image, m, s: affine(image, (1, 0, shift(image.width, m, s), 0, 1, 0)),
    "translate_y": lambda image, m, s: affine(image, (1, 0, 0, 0, 1, shift(image.height, m, s))),
    "rotate": rotated,
    "brightness": lambda image, m, s: ImageEnhance.Brightness(image).enhance(1 + 0.9 * m * s),
    "colour": lambda image, m, s: ImageEnhance.Color(image).enhance(1 + 0.9 * m * s),
    "contrast": lambda image, m, s: ImageEnhance.Contrast(image).enhance(1 + 0.9 * m * s),
    "sharpness": lambda image, m, s: ImageEnhance.Sharpness(image).enhance(1 + 0.9 * m * s),
    "posterize": lambda image, m, s: ImageOps.posterize(image, 8 - round(4 * m)),
    "solarize": lambda image, m, s: ImageOps.solarize(image, math.ceil(255 * (1 - m))),
    "auto_contrast": lambda image, m, s: ImageOps.autocontrast(image),
    "equalize": lambda image, m, s: ImageOps.equalize(image),
}
BLENDS = {"brightness", "colour", "contrast", "sharpness", "auto_contrast"}
WARPS = {"shear_x", "shear_y", "rotate"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_operation_is_pillows(operation):
    name = operation.__name__
    moved = False
    for seed, size in enumerate([(33, 40), (20, 20), (2, 9)]):
        image = pixels(size, seed) // 2 + 40  # room to stretch
        for strength in STRENGTHS:
            for sign in (-1, 1):
                got = operation(tf.constant(image), strength, tf.constant(float(sign))).numpy()
                pillow = BY_PILLOW[name](Image.fromarray(image), strength, sign)
                difference = np.abs(got.astype(int) - np.asarray(pillow, int))
                moved |= (got != image).any()
                if name in BLENDS:
                    assert difference.max() <= 2  # it rounds down, and its greys
                elif name in WARPS:
                    # a pixel whose source lies on an edge may come from either side
                    assert (difference.max(axis=-1) > 0).mean() < 0.03
                else:
                    assert difference.max() == 0
                assert got.dtype == np.uint8 and got.shape == image.shape
    assert moved or name == "identity"


def test_flat_images_stay():
    flat = np.full((8, 8, 3), 77, np.uint8)
    for operation in (module.auto_contrast, module.equalize):
        np.testing.assert_array_equal(operation(tf.constant(flat), 1.0, tf.constant(1.0)), flat)


def test_draws_choose_operations_and_signs():
    image = tf.constant(pixels((24, 24)))
    for k, operation in enumerate(OPERATIONS):
        for draw, sign in ((0.2, -1.0), (0.7, 1.0)):
            which = (k + 0.5) / len(OPERATIONS)
            expected = operation(image, 0.3, tf.constant(sign))
            got = rand_augment(image, tf.constant([which, draw]), 1, 9)
            np.testing.assert_array_equal(got, expected)
            other = module.solarize(expected, 0.3, tf.constant(1.0))
            two = rand_augment(image, tf.constant([which, draw, 11.5 / 14, 0.9]), 2, 9)
            np.testing.assert_array_equal(two, other)
