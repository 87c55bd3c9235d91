"""The order of things, and what is left out where it is switched off."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train import Augmentation
from larq_bvit.train.data import draws
from larq_bvit.train.data.augment import augment_batch, flip, image_augmenter, normalise
from larq_bvit.train.data.rand_augment import rand_augment
from larq_bvit.zoo import preprocess_input
from tests.train.data.common import encode, pixels

PLAIN = Augmentation(crop="padded", padding=0, flip=0)


def numbers(count, operations=0, seed=0):
    width = sum(draws.widths(operations).values())
    return tf.constant(np.random.default_rng(seed).random((count, width), np.float32))


@pytest.mark.parametrize("dtype", [tf.uint8, tf.float32])
def test_normalise_is_preprocess_input(dtype):
    x = tf.constant(np.random.default_rng(0).integers(0, 256, (3, 5, 7, 3)), dtype)
    np.testing.assert_array_equal(normalise(x), preprocess_input(x))


def test_flip_mirrors_where_the_number_is_below_the_probability():
    images = tf.constant(np.stack([pixels(seed=k) for k in range(4)]))
    got = flip(images, tf.constant([[0.0], [0.49], [0.5], [0.9]]), 0.5).numpy()
    np.testing.assert_array_equal(got[:2], images.numpy()[:2, :, ::-1])
    np.testing.assert_array_equal(got[2:], images.numpy()[2:])


def test_rand_augment_comes_after_the_crop():
    encoded = tf.constant([encode(pixels(seed=k), "png") for k in range(5)])
    row = numbers(5, operations=2)
    got = image_augmenter((18, 24), Augmentation(crop="padded", padding=0, rand_augment=2))
    own = draws.split(row, 2)["rand_augment"]
    expected = [rand_augment(tf.constant(pixels(seed=k)), own[k], 2, 9) for k in range(5)]
    np.testing.assert_array_equal(got(encoded, row), expected)


def test_without_augmentation_only_normalised():
    images, labels = tf.constant(np.stack([pixels(seed=k) for k in range(4)])), tf.eye(4)
    out, same = augment_batch(images, labels, numbers(4), PLAIN)
    np.testing.assert_array_equal(out, preprocess_input(images))
    np.testing.assert_array_equal(same, labels)


@pytest.mark.parametrize(
    "setting",
    [{"flip": 1}, {"jitter": (0.4, 0, 0)}, {"lighting": 0.1}, {"erasing": 1.0}, {"mixup": 1.0}],
    ids=str,
)
def test_each_setting_changes_images_but_labels_only_if_they_mix(setting):
    images, labels = tf.constant(np.stack([pixels(seed=k) for k in range(4)])), tf.eye(4)
    augmentation = Augmentation(**{"crop": "centre", "flip": 0, **setting})
    out, soft = (t.numpy() for t in augment_batch(images, labels, numbers(4), augmentation))
    assert (out != preprocess_input(images).numpy()).any(axis=(1, 2, 3)).all()
    assert ((soft != labels.numpy()).any()) == augmentation.mixes
    np.testing.assert_allclose(soft.sum(axis=1), 1, atol=1e-6)


def test_names_share_all_numbers():
    row = np.arange(sum(draws.widths(3).values()))
    parts = draws.split(row, 3)
    assert np.concatenate(list(parts.values())).tolist() == row.tolist()
    assert {name: len(part) for name, part in parts.items()} == draws.widths(3)
    fewer = draws.split(row, 0)  # operations more or less leave the others' numbers
    assert all((fewer[name] == parts[name]).all() for name in fewer if name != "rand_augment")
