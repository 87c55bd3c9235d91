"""A source: encoded images and labels by number. Everything else is built on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import tensorflow as tf

# (indices int64 (N,)) -> (encoded images (N,), labels int32 (N,))
Fetch = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


class Source(Protocol):
    """One split of a data set, with random access."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names, in the order of the labels."""

    @property
    def nbytes(self) -> int:
        """Of all encoded images, roughly."""

    def __len__(self) -> int:
        """How many examples."""

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        """The encoded image and its label; no bytes where it cannot be read."""

    def name(self, index: int) -> str:
        """What a person would look for: a file, or a place in a data set."""


def fetcher(source: Source, memory: int) -> Fetch:
    """Reads a source from TensorFlow: from a copy in memory where it takes at most so many bytes.

    The copy costs one pass at the start; then Python has no part in reading.
    """
    if source.nbytes <= memory:
        images, labels = zip(*map(source.__getitem__, range(len(source))), strict=True)
        kept, numbers = tf.constant(images), tf.constant(labels, tf.int32)
        return lambda indices: (tf.gather(kept, indices), tf.gather(numbers, indices))

    def read(indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        images, labels = zip(*(source[int(index)] for index in indices), strict=True)
        return np.array(images, object), np.array(labels, np.int32)

    def fetch(indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images, labels = tf.numpy_function(read, [indices], [tf.string, tf.int32])
        return tf.ensure_shape(images, indices.shape), tf.ensure_shape(labels, indices.shape)

    return fetch
