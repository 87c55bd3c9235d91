"""Random erasing: a box of the mean colour, or nothing."""

import numpy as np
import tensorflow as tf

from larq_bvit.train.data.erasing import erase
from larq_bvit.zoo.images import preprocess_input


def test_a_box_becomes_zero_after_normalisation():
    rng = np.random.default_rng(0)
    images = tf.constant(rng.uniform(200, 255, (400, 20, 30, 3)), tf.float32)
    draws = tf.constant(rng.random((400, 23), np.float32))
    out = erase(images, draws, 0.25).numpy()
    changed = (out != images.numpy()).any(axis=-1)
    erased = changed.any(axis=(1, 2))
    assert (erased <= (draws[:, 0].numpy() < 0.25)).all() and 60 < erased.sum() < 140
    for image, mask in zip(out[erased], changed[erased], strict=True):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert box.all() and mask.sum() == box.size  # one rectangle
        assert 0.01 < box.size / mask.size < 0.36  # sides are whole pixels
        np.testing.assert_allclose(preprocess_input(image)[mask], 0, atol=1e-6)
    np.testing.assert_array_equal(erase(images, draws, 0.0), images)
