"""Reading from TensorFlow: the same from memory and streamed."""

import numpy as np
import tensorflow as tf

from larq_bvit.train.data.source import fetcher
from tests.train.data.common import Memory


class Counting(Memory):
    def __init__(self, images):
        super().__init__(images)
        self.reads = []

    def __getitem__(self, index):
        self.reads.append(index)
        return super().__getitem__(index)


def test_in_memory_up_to_the_limit_else_streamed():
    # bytes of all values: they are no text, and may end in zeros
    images = [b"\x00\xff", b"", b"\x80abc\x00", b"jpeg"]
    indices = tf.constant([2, 0, 0, 1], tf.int64)
    for memory, reads in ((11, [0, 1, 2, 3]), (10, [2, 0, 0, 1])):
        source = Counting(images)
        fetch = tf.function(fetcher(source, memory))
        encoded, labels = fetch(indices)
        assert encoded.numpy().tolist() == [images[k] for k in (2, 0, 0, 1)]
        assert labels.dtype == tf.int32 and labels.numpy().tolist() == [2, 0, 0, 1]
        assert source.reads == reads
        np.testing.assert_array_equal(fetch(indices)[1], labels)
        assert len(source.reads) == (4 if memory == 11 else 8)
