"""The pipeline's crops of whole batches of uint8 images, by operators that XLA has.

Images of one stored size are cropped and resized by two matrix products, whose weights are those
of TensorFlow's `ScaleAndTranslate`, the operator of `data.decode`. Products are in float64: GPUs
round float32 products to 10 bits.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from larq_bvit.train.data.boxes import crop_boxes, crop_places
from larq_bvit.train.data.config import Augmentation
from larq_bvit.train.data.decode import evaluation_geometry, to_uint8


def train_crop(
    images: tf.Tensor,
    sides: tf.Tensor,
    draws: tf.Tensor,
    size: tuple[int, int],
    augmentation: Augmentation,
) -> tf.Tensor:
    """As `data.decode.train_decoder`, of images that are decoded already.

    Arguments:
        images: uint8 (B, H, W, 3); for a padded crop of `size`.
        sides: int32 (B, 2), height and width that boxes are drawn in: those of the original
            images, which may have been resized to H and W.
        draws: (B, 22) uniform random numbers.

    Returns:
        uint8 (B, height, width, 3).
    """
    if augmentation.crop == "centre":
        return evaluation_crop(images, size)
    if augmentation.crop == "padded":
        return _padded(images, crop_places(draws, augmentation.padding), augmentation.padding)
    ratio = augmentation.box_ratio(size)
    boxes = crop_boxes(sides, draws, scale=augmentation.scale, ratio=ratio)
    stored = tf.cast(images.shape[1:3], tf.float32) / tf.cast(sides, tf.float32)  # (B, 2)
    start, extent = (tf.cast(part, tf.float32) * stored for part in (boxes[:, :2], boxes[:, 2:]))
    rows, columns = (
        _weights(
            extent[:, axis],
            start[:, axis],
            source=images.shape[1 + axis],
            scale=size[axis] / extent[:, axis],
            shift=tf.zeros_like(extent[:, axis]),
            out=size[axis],
            kernel=_KERNELS[augmentation.interpolation],
        )
        for axis in (0, 1)
    )
    return to_uint8(_columns(_rows(tf.cast(images, tf.float64), rows), columns))


def evaluation_crop(images: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """As `data.decode.evaluation_image`: uint8 (B, H, W, 3) -> (B, height, width, 3)."""
    source = images.shape[1:3].as_list()
    covered, shifts = evaluation_geometry(tf.constant(source), size)
    rows, columns = (
        _weights(
            tf.constant([source[axis]], tf.float32),
            tf.zeros(1),
            source=source[axis],
            scale=tf.cast(covered[axis], tf.float32)[None] / source[axis],
            shift=shifts[axis][None],
            out=size[axis],
            kernel=_bicubic,
        )
        for axis in (0, 1)
    )
    between = to_uint8(_columns(tf.cast(images, tf.float64), columns))
    return to_uint8(_rows(tf.cast(between, tf.float64), rows))


def _rows(images: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """(B, H, W, 3), (B or 1, height, H) -> (B, height, W, 3)."""
    batch, height, width, _ = images.shape
    flat = weights @ tf.reshape(images, (batch, height, width * 3))
    return tf.reshape(flat, (batch, -1, width, 3))


def _columns(images: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """(B, H, W, 3), (B or 1, width, W) -> (B, H, width, 3)."""
    return tf.transpose(_rows(tf.transpose(images, (0, 2, 1, 3)), weights), (0, 2, 1, 3))


def _weights(
    extent: tf.Tensor,
    start: tf.Tensor,
    *,
    source: int,
    scale: tf.Tensor,
    shift: tf.Tensor,
    out: int,
    kernel: Any,
) -> tf.Tensor:
    """How much of each source pixel is in each pixel of the result, along one side.

    Arguments:
        extent, start: (B,), the part of the source that is there at all, in source pixels.
        source, out: number of pixels.
        scale, shift: (B,), of the part, and then of the result in pixels.

    Returns:
        float64 (B, out, source), each row adding up to 1.
    """
    inverse = 1 / scale
    # antialiased: a kernel spreads over as many source pixels as make one of the result
    spread = tf.maximum(inverse, 1.0)[:, None, None]
    middle = (tf.range(out, dtype=tf.float32) + 0.5) * inverse[:, None]
    middle -= (inverse * shift)[:, None]  # (B, out)
    pixel = tf.range(source, dtype=tf.float32) + 0.5 - start[:, None]  # (B, source)
    inside = (pixel >= 0) & (pixel < extent[:, None])
    weights = kernel(tf.abs(pixel[:, None] - middle[..., None]) * (1 / spread))
    weights = tf.where(inside[:, None], weights, 0.0)
    return tf.cast(weights / tf.reduce_sum(weights, axis=-1, keepdims=True), tf.float64)


def _triangle(x: tf.Tensor) -> tf.Tensor:
    return tf.maximum(1 - x, 0.0)


def _bicubic(x: tf.Tensor) -> tf.Tensor:
    """Keys 1981, a = -1/2."""
    near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return tf.where(x < 1, near, tf.where(x < 2, far, 0.0))


_KERNELS = {"bilinear": _triangle, "bicubic": _bicubic}


def _padded(images: tf.Tensor, places: tf.Tensor, padding: int) -> tf.Tensor:
    _, height, width, _ = images.shape
    border = [padding, padding]
    images = tf.pad(images, [[0, 0], border, border, [0, 0]])
    rows = tf.range(height) + places[:, :1]
    columns = tf.range(width) + places[:, 1:]
    images = tf.gather(images, rows, axis=1, batch_dims=1)
    return tf.gather(images, columns[:, None] + tf.zeros_like(rows)[..., None], batch_dims=2)
