"""The list of corrupt images."""

import logging

import pytest
import tensorflow as tf

from larq_bvit.train.data.corrupt import CorruptImages, explained
from tests.train.data.common import Memory, encode, pixels


def test_names_each_once_with_the_reason_until_there_are_too_many(caplog):
    source = Memory([b"", b"no image", encode(pixels())[:150], encode(pixels())])
    corrupt = CorruptImages(source, limit=3)
    with caplog.at_level(logging.WARNING):
        for index in (1, 0, 1, 2, 0):
            corrupt.add(index)
    assert [name.partition(" (")[0] for name in corrupt.names] == ["image 1", "image 0", "image 2"]
    assert "Unknown image file format" in corrupt.names[0]
    assert "empty or unreadable" in corrupt.names[1]
    assert not any("{{" in name or "[Op:" in name for name in corrupt.names)
    assert len(caplog.records) == 3
    with pytest.raises(ValueError, match="max_corrupt=3 corrupt images; got 4: image 1 .*image 3"):
        corrupt.add(3)


def test_what_a_pipeline_says_is_explained():
    none, many = (CorruptImages(Memory([b""]), limit=0) for _ in range(2))
    with pytest.raises(ValueError, match="got 1: image 0"):
        many.add(0)
    error = tf.errors.InvalidArgumentError(None, None, "{{function_node}}")
    with (
        pytest.raises(
            ValueError, match=r"^expected at most max_corrupt=0 .* got 1: image 0 .*\. So"
        ),
        explained({"train": none, "evaluation": many}, ". So"),
    ):
        raise error
    with pytest.raises(tf.errors.InvalidArgumentError), explained({"train": none}):
        raise error
