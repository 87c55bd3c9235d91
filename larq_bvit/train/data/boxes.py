"""Random boxes: the part that a crop keeps, that erasing fills, that CutMix exchanges."""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf

_ATTEMPTS = 10


class Box(NamedTuple):
    """int32 tensors of one shape, in pixels."""

    top: tf.Tensor
    left: tf.Tensor
    height: tf.Tensor
    width: tf.Tensor

    def mask(self, height: int, width: int) -> tf.Tensor:
        """Boxes of shape (B,) -> bool (B, height, width, 1), true inside."""
        top, left, tall, wide = (side[:, None] for side in self)
        y, x = tf.range(height)[None], tf.range(width)[None]
        rows, columns = (y >= top) & (y < top + tall), (x >= left) & (x < left + wide)
        return (rows[:, :, None] & columns[:, None, :])[..., None]


def random_box(
    size: tuple[tf.Tensor | int, tf.Tensor | int],
    draws: tf.Tensor,
    *,
    scale: tuple[float, float],
    ratio: tuple[float, float],
) -> tuple[Box, tf.Tensor]:
    """The first of ten random boxes that fits, as torchvision's `RandomResizedCrop` draws it.

    Its area is uniform in `scale` (shares of the image), the logarithm of width / height in
    `ratio`, its place in all that are possible.

    Arguments:
        size: (height, width) in pixels, of all images or of each: numbers or (...).
        draws: (..., 22) uniform random numbers.

    Returns:
        The box and whether any did fit, each of shape (...). A box that does not fit is of no
        use.
    """
    height, width = (tf.cast(side, tf.float32)[..., None] for side in size)
    areas, ratios, place = tf.split(draws, [_ATTEMPTS, _ATTEMPTS, 2], axis=-1)
    area = height * width * between(areas, *scale)
    # In float64: in float32 exp() of a number depends on its place in the tensor, by a rounding.
    logarithm = between(tf.cast(ratios, tf.float64), *(math.log(side) for side in ratio))
    aspect = tf.cast(tf.exp(logarithm), tf.float32)
    wide, tall = tf.round(tf.sqrt(area * aspect)), tf.round(tf.sqrt(area / aspect))
    fits = (wide >= 1) & (wide <= width) & (tall >= 1) & (tall <= height)
    first = tf.argmax(tf.cast(fits, tf.int32), axis=-1)
    tall, wide = (tf.gather(sides, first, batch_dims=first.shape.rank) for sides in (tall, wide))
    top = whole(place[..., 0], tf.maximum(height[..., 0] - tall, 0))
    left = whole(place[..., 1], tf.maximum(width[..., 0] - wide, 0))
    box = Box(*(tf.cast(side, tf.int32) for side in (top, left, tall, wide)))
    return box, tf.reduce_any(fits, axis=-1)


def central_box(size: tuple[tf.Tensor, tf.Tensor], ratio: tuple[float, float]) -> Box:
    """The largest box in the middle with width / height in `ratio`; torchvision's fall-back."""
    height, width = (tf.cast(side, tf.float32) for side in size)
    low, high = ratio
    tall = tf.minimum(height, tf.maximum(1.0, tf.round(width / low)))
    wide = tf.minimum(width, tf.maximum(1.0, tf.round(height * high)))
    sides = (height - tall) // 2, (width - wide) // 2, tall, wide
    return Box(*(tf.cast(side, tf.int32) for side in sides))


def crop_boxes(
    sides: tf.Tensor,
    draws: tf.Tensor,
    *,
    scale: tuple[float, float],
    ratio: tuple[float, float],
) -> tf.Tensor:
    """What a random resized crop keeps of each image: `random_box`, or where none fits the middle.

    Arguments:
        sides: int32 (N, 2), height and width of each image.
        draws: (N, 22) uniform random numbers.

    Returns:
        int32 (N, 4): top, left, height and width.
    """
    size = sides[:, 0], sides[:, 1]
    box, fits = random_box(size, draws, scale=scale, ratio=ratio)
    return tf.where(fits[:, None], tf.stack(box, 1), tf.stack(central_box(size, ratio), 1))


def crop_places(draws: tf.Tensor, padding: int) -> tf.Tensor:
    """Where a padded crop begins: draws (N, 22) -> int32 (N, 2), top and left, 0 to 2 padding."""
    return tf.cast(whole(draws[:, :2], 2.0 * padding), tf.int32)


def between(draws: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Uniform in [0, 1) -> uniform in [low, high)."""
    return low + draws * (high - low)


def whole(draws: tf.Tensor, largest: tf.Tensor | float) -> tf.Tensor:
    """Uniform in [0, 1) -> the whole numbers 0 to `largest`, equally likely; as floats."""
    return tf.minimum(tf.floor(draws * (largest + 1)), largest)  # the product may round up
