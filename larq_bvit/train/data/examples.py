"""Decoded examples; in training, another one takes the place of one that cannot be decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.train.data.corrupt import CorruptImages
from larq_bvit.train.data.decode import Decoder
from larq_bvit.train.data.source import Fetch

# (indices int64 (N,), draws (N, width)) -> (images uint8 (N, H, W, 3), labels (N,), draws)
Decode = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]
_NONE = -1  # the label of an example without a readable image


def decoder(
    fetch: Fetch,
    decode: Decoder,
    corrupt: CorruptImages,
    *,
    size: tuple[int, int],
    width: int,
    examples: int,
    candidates: int,
) -> Decode:
    """Reads and decodes a few examples at once.

    A TensorFlow graph has no exceptions, but a data set can leave out the elements that fail. So
    all examples are one element here; where it fails, they are read one by one, each with its
    substitutes: the next ones in the source. Thus a batch depends on nothing but its indices.

    Arguments:
        fetch: of a source with so many `examples`.
        decode: makes images of `size` = (height, width).
        width: how many draws an image has.
        corrupt: hears of every failure.
        candidates: how many examples are tried, the wanted one among them; with none readable
            the image is black and the label -1.
    """
    image_spec = tf.TensorSpec((*size, 3), tf.uint8)
    nothing = tf.zeros(image_spec.shape, tf.uint8), _NONE, np.int64(_NONE)

    # Traced once, for the many calls of the one and the single ones of the other.
    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec((None,), tf.int64),
            tf.TensorSpec((None, width), tf.float32),
        ],
    )
    def together(indices: tf.Tensor, draws: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        encoded, labels = fetch(indices)
        return decode(encoded, draws), labels

    def one_by_one(indices: tf.Tensor, draws: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        signature = image_spec, tf.TensorSpec((), tf.int32)
        return tf.map_fn(lambda row: first(*row), (indices, draws), fn_output_signature=signature)

    def first(index: tf.Tensor, draws: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def attempt(offset: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            candidate = (index + offset) % examples
            image, label = together(candidate[None], draws[None])
            return image[0], label[0], candidate

        tried = tf.data.Dataset.range(candidates).map(attempt)
        image, label, used = _first(tried.ignore_errors(), tf.data.Dataset.from_tensors(nothing))
        with tf.control_dependencies([tf.numpy_function(report, [index, used], tf.int64)]):
            return tf.identity(image), label

    def report(index: np.int64, used: np.int64) -> np.int64:
        for candidate in range(index, index + candidates):
            if candidate % examples == used:
                break
            corrupt.add(candidate % examples)
        return used

    def decode_examples(indices: tf.Tensor, draws: tf.Tensor) -> Any:
        wanted = tf.data.Dataset.from_tensors((indices, draws))
        images, labels = _first(wanted.map(together).ignore_errors(), wanted.map(one_by_one))
        return images, labels, draws

    return decode_examples


def readable(images: tf.Tensor, labels: tf.Tensor, draws: tf.Tensor) -> Any:
    """Leaves out the examples without an image."""
    keep = labels != _NONE
    return tuple(tf.boolean_mask(values, keep) for values in (images, labels, draws))


def _first(wanted: tf.data.Dataset, otherwise: tf.data.Dataset) -> Any:
    """The only element of `wanted`, or else that of `otherwise`, which is not computed before."""
    return wanted.concatenate(otherwise).take(1).get_single_element()
