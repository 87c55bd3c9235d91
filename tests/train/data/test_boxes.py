"""Random boxes: torchvision's loop, written out in Python, finds the same ones."""

import math

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.data.boxes import Box, central_box, random_box, whole

SCALE, RATIO = (0.08, 1.0), (3 / 4, 4 / 3)


def loop(height, width, draws):
    """One attempt after another, as in `RandomResizedCrop.get_params`."""
    for k in range(10):
        area = height * width * (SCALE[0] + draws[k] * (SCALE[1] - SCALE[0]))
        low, high = map(math.log, RATIO)
        ratio = math.exp(low + draws[10 + k] * (high - low))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            return int(draws[20] * (height - h + 1)), int(draws[21] * (width - w + 1)), h, w
    ratio = width / height
    w, h = width, height
    if ratio < RATIO[0]:
        h = round(w / RATIO[0])
    elif ratio > RATIO[1]:
        w = round(h * RATIO[1])
    return (height - h) // 2, (width - w) // 2, h, w


def test_as_torchvision():
    rng = np.random.default_rng(0)
    sizes = np.array([(64, 64), (500, 375), (13, 90), (90, 13), (1, 1), (2, 400)] * 50, np.int32)
    draws = rng.random((len(sizes), 22), np.float32)
    box, fits = random_box((sizes[:, 0], sizes[:, 1]), draws, scale=SCALE, ratio=RATIO)
    middle = central_box((sizes[:, 0], sizes[:, 1]), RATIO)
    got = np.where(fits[:, None], np.stack(box, 1), np.stack(middle, 1))
    expected = [loop(*size, row) for size, row in zip(sizes.tolist(), draws.tolist(), strict=True)]
    # float32 may round a side or a place to its neighbour
    differ = (got != expected).any(axis=1)
    assert differ.mean() < 0.02 and np.abs(got - expected).max() <= 1
    assert 0.3 < fits.numpy().mean() < 1  # both ways were taken


def test_alone_or_together_is_the_same_box():
    draws = np.random.default_rng(1).random((300, 22), np.float32)
    together, _ = random_box((400, 300), draws, scale=(0.1, 0.5), ratio=(0.5, 2.0))
    for k, row in enumerate(draws):
        alone, fits = random_box((400, 300), row, scale=(0.1, 0.5), ratio=(0.5, 2.0))
        assert fits.shape == () and [int(side) for side in alone] == [int(b[k]) for b in together]


def test_mask():
    mask = Box(*(np.array(side) for side in ([0, 2], [1, 0], [3, 0], [2, 4]))).mask(4, 5)
    expected = np.zeros((2, 4, 5, 1), bool)
    expected[0, 0:3, 1:3] = True
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize("largest", [0.0, 1.0, 8.0, 256.0])
def test_whole_numbers_reach_both_ends_and_no_further(largest):
    draws = tf.constant([0.0, np.nextafter(np.float32(1), np.float32(0))])
    np.testing.assert_array_equal(whole(draws, largest), [0, largest])
    even = (np.arange(9000, dtype=np.float32) + 0.5) / 9000
    counts = np.unique(whole(tf.constant(even), 8.0), return_counts=True)[1]
    assert counts.tolist() == [1000] * 9
