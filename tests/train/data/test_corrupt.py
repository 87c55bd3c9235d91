"""The list of corrupt images."""

import logging

import pytest

from larq_bvit.train.data.corrupt import CorruptImages
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
