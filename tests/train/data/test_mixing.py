"""MixUp and CutMix: pairs, shares, labels."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.data.mixing import beta_quantile, centred_box, mix

B, H, W, CLASSES = 200, 16, 20, 7


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (B, H, W, 3)).astype(np.float32)
    labels = np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, B)]
    return images, labels, rng.random((B, 4), np.float32)


def partners(values):
    return values.reshape(-1, 2, *values.shape[1:])[:, ::-1].reshape(values.shape)


def test_mixup_mixes_images_and_labels_by_the_same_share(batch):
    images, labels, draws = batch
    out, soft = (t.numpy() for t in mix(*map(tf.constant, batch), mixup=0.8, cutmix=0.0))
    share = beta_quantile(tf.constant(np.repeat(draws[::2, 1], 2)), 0.8).numpy()
    pixels = share[:, None, None, None]
    np.testing.assert_allclose(out, pixels * images + (1 - pixels) * partners(images), atol=1e-3)
    expected = share[:, None] * labels + (1 - share[:, None]) * partners(labels)
    np.testing.assert_allclose(soft, expected, atol=1e-6)
    assert 0.1 < (share < 0.5).mean() < 0.9


def test_cutmix_takes_a_box_from_the_partner_and_its_share(batch):
    images, labels, _ = batch
    out, soft = (t.numpy() for t in mix(*map(tf.constant, batch), mixup=0.0, cutmix=1.0))
    foreign = (out == partners(images)).all(axis=-1)
    assert ((out == images).all(axis=-1) ^ foreign).all()
    for mask in foreign[foreign.any(axis=(1, 2))]:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert mask.sum() == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    share = 1 - foreign.mean(axis=(1, 2))[:, None]
    np.testing.assert_allclose(soft, share * labels + (1 - share) * partners(labels), atol=1e-5)
    np.testing.assert_array_equal(foreign[::2], foreign[1::2])
    assert foreign.any(axis=(1, 2)).mean() > 0.8


def test_both_take_turns_and_either_alone_is_always_taken(batch):
    images, _, draws = batch
    out, _ = mix(*map(tf.constant, batch), mixup=0.8, cutmix=1.0)
    cut = np.repeat(draws[::2, 0] < 0.5, 2)
    mixup, _ = mix(*map(tf.constant, batch), mixup=0.8, cutmix=0.0)
    cutmix, _ = mix(*map(tf.constant, batch), mixup=0.0, cutmix=1.0)
    np.testing.assert_array_equal(out, np.where(cut[:, None, None, None], cutmix, mixup))


def test_workers_mix_their_own_part_alike(batch):
    whole = mix(*map(tf.constant, batch), mixup=0.2, cutmix=1.0)
    parts = [
        mix(*(tf.constant(values[k : k + 50]) for values in batch), mixup=0.2, cutmix=1.0)
        for k in range(0, B, 50)
    ]
    for one, others in zip(whole, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(others))


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.8, 1.0, 3.0])
def test_beta_quantile(alpha):
    draws = np.linspace(0, 1, 2001, dtype=np.float32)[:-1]
    share = beta_quantile(tf.constant(draws), alpha).numpy()
    assert share.dtype == np.float32 and share.min() >= 0 and share.max() <= 1
    assert (np.diff(share) >= -1e-6).all()
    np.testing.assert_allclose(share[1:], 1 - share[1:][::-1], atol=1 / 2000)
    sample = np.random.default_rng(0).beta(alpha, alpha, 200_000)
    np.testing.assert_allclose(
        np.quantile(sample, [0.1, 0.25, 0.5, 0.9]), share[[200, 500, 1000, 1800]], atol=0.01
    )


def test_centred_box_has_the_area_and_is_cut_at_the_border():
    share, middle = tf.constant([0.0, 0.75, 1.0, 0.75]), tf.constant([0.5, 0.5, 0.5, 0.999])
    box = centred_box(share, [middle, middle], (16, 20))
    sides = np.stack([side.numpy() for side in box], axis=1)
    assert sides.tolist() == [[0, 0, 16, 20], [4, 5, 8, 10], [8, 10, 0, 0], [11, 14, 5, 6]]
