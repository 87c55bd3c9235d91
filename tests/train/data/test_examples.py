"""Corrupt images: what takes their place, who hears of it, and when it is enough."""

import logging

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train import Augmentation
from larq_bvit.train.data.corrupt import CorruptImages
from larq_bvit.train.data.decode import train_decoder
from larq_bvit.train.data.examples import decoder, readable
from larq_bvit.train.data.source import fetcher
from tests.train.data.common import Memory, encode, pixels

SIZE = (18, 24)
BAD = {2: b"no image", 3: encode(pixels(seed=3))[:150], 7: b""}


def make(limit, candidates, memory=10**9):
    images = [BAD.get(k, encode(pixels(seed=k), "png")) for k in range(8)]
    source = Memory(images)
    corrupt = CorruptImages(source, limit)
    decode = decoder(
        fetcher(source, memory),
        train_decoder(SIZE, Augmentation(crop="padded", padding=0)),
        corrupt,
        size=SIZE,
        width=22,
        examples=8,
        candidates=candidates,
    )
    return tf.function(decode), corrupt


def run(decode, indices):
    draws = np.arange(len(indices) * 22, dtype=np.float32).reshape(-1, 22)
    images, labels, same = decode(tf.constant(indices, tf.int64), tf.constant(draws))
    np.testing.assert_array_equal(same, draws)
    return images.numpy(), labels.numpy()


@pytest.mark.parametrize("memory", [0, 10**9], ids=["streamed", "in memory"])
def test_the_next_readable_image_takes_the_place(memory, caplog):
    decode, corrupt = make(limit=3, candidates=4, memory=memory)
    images, labels = run(decode, [0, 4])
    assert not corrupt.names and labels.tolist() == [0, 1]
    with caplog.at_level(logging.WARNING):
        images, labels = run(decode, [1, 2, 3, 7, 2])
    stands_in = [1, 4, 4, 0, 4]
    np.testing.assert_array_equal(images, [pixels(seed=k) for k in stands_in])
    assert labels.tolist() == [k % 3 for k in stands_in]
    assert len(caplog.records) == len(corrupt.names) == 3
    assert all("skipping a corrupt image: image" in record.message for record in caplog.records)
    assert "image 7 (empty or unreadable)" in corrupt.names
    assert any("image 2 (Unknown image file format" in name for name in corrupt.names)


def test_alone_or_together_is_the_same():
    decode, _ = make(limit=3, candidates=4)
    images, labels = run(decode, [5, 2, 1, 3])
    for k, index in enumerate([5, 2, 1, 3]):
        alone, label = run(decode, [index])
        np.testing.assert_array_equal(alone[0], images[k])
        assert label[0] == labels[k]


def test_too_many_stop_with_their_names():
    decode, corrupt = make(limit=1, candidates=2)
    run(decode, [2 + 5, 0])  # one is allowed
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        run(decode, [2, 0])
    message = str(error.value)
    assert "expected at most max_corrupt=1 corrupt images; got 2: image 7 (empty" in message
    assert "image 2 (" in message and len(corrupt.names) in (2, 3)


def test_without_substitutes_it_is_left_out():
    decode, corrupt = make(limit=3, candidates=1)
    images, labels = run(decode, [1, 2, 3, 4])
    assert labels.tolist() == [1, -1, -1, 1] and (images[1:3] == 0).all()
    kept, labels, rows = readable(images, labels, np.zeros((4, 0)))
    np.testing.assert_array_equal(kept, [pixels(seed=1), pixels(seed=4)])
    assert labels.numpy().tolist() == [1, 1] and rows.shape == (2, 0)
    assert len(corrupt.names) == 2
