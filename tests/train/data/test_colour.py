"""Colour augmentations: Pillow's enhancers, and the formula in NumPy."""

import itertools

import numpy as np
import tensorflow as tf
from PIL import Image, ImageEnhance

from larq_bvit.train.data.colour import jitter, lighting
from tests.train.data.common import pixels

ENHANCERS = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)


def images(count):
    return np.stack([pixels(seed=k) for k in range(count)])


def test_jitter_is_pillows_enhancers_in_any_order():
    batch, strength = images(6), (0.4, 0.3, 0.5)
    draws = np.random.default_rng(0).random((6, 4), np.float32)
    draws[:, 3] = (np.arange(6) + 0.5) / 6  # all six orders
    got = jitter(tf.constant(batch, tf.float32), tf.constant(draws), strength).numpy()
    orders = list(itertools.permutations(range(3)))
    for k in range(6):
        image = Image.fromarray(batch[k])
        for which in orders[k]:
            factor = 1 + strength[which] * (2 * draws[k, which] - 1)
            image = ENHANCERS[which](image).enhance(float(factor))
        # Pillow rounds down after each of the three, and rounds its greys.
        difference = np.abs(got[k] - np.asarray(image, float))
        assert difference.max() <= 4 and difference.mean() < 1.5, orders[k]


def test_jitter_of_nothing_and_of_one():
    batch = tf.constant(images(2), tf.float32)
    draws = tf.constant([[0.0, 1.0, 0.0, 0.9], [1.0, 0.0, 1.0, 0.1]])
    # products of three channels, at full range: float32 rounds at 255 * 2^-23
    np.testing.assert_allclose(jitter(batch, draws, (0.0, 0.0, 0.0)), batch, atol=1e-4)
    dark, bright = jitter(batch, draws, (0.5, 0.0, 0.0)).numpy()
    np.testing.assert_allclose(dark, batch[0] * 0.5, atol=1e-4)
    np.testing.assert_allclose(bright, np.minimum(batch[1] * 1.5, 255), atol=1e-4)


def test_lighting_adds_a_colour_of_the_right_distribution():
    draws = np.random.default_rng(0).random((20000, 3), np.float32)
    grey = tf.fill((20000, 1, 1, 3), 127.5)
    change = lighting(grey, tf.constant(draws), 0.1).numpy()[:, 0, 0] / 255 - 0.5
    vectors = np.array(
        [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
    )
    covariance = vectors @ np.diag((0.1 * np.array([0.2175, 0.0188, 0.0045])) ** 2) @ vectors.T
    np.testing.assert_allclose(np.cov(change.T), covariance, rtol=0.05, atol=1e-7)
    assert np.abs(change.mean(axis=0)).max() < 5e-4
    batch = tf.constant(images(3), tf.float32)
    out = lighting(batch, tf.constant([[0.0] * 3, [0.5] * 3, [1 - 2**-24] * 3]), 0.1).numpy()
    assert np.isfinite(out).all() and out.min() >= 0 and out.max() <= 255
    np.testing.assert_allclose(out[1], batch[1], atol=1e-4)  # the median is no change


def test_an_image_does_not_depend_on_its_batch():
    batch = tf.constant(images(13), tf.float32)
    draws = tf.constant(np.random.default_rng(0).random((13, 4), np.float32))
    jittered, lit = jitter(batch, draws, (0.4, 0.4, 0.4)), lighting(batch, draws[:, :3], 0.1)
    for k in range(13):
        one = slice(k, k + 1)
        np.testing.assert_array_equal(
            jitter(batch[one], draws[one], (0.4, 0.4, 0.4)), jittered[one]
        )
        np.testing.assert_array_equal(lighting(batch[one], draws[one, :3], 0.1), lit[one])
