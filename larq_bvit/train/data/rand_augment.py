"""RandAugment (Cubuk et al. 2020, arXiv 1909.13719): operations on one uint8 image (H, W, 3).

The operations, their strengths and Pillow's arithmetic are those of torchvision's RandAugment.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from larq_bvit.train.data.colour import GREY
from larq_bvit.train.data.decode import to_uint8

_MAGNITUDES = 30.0  # the strongest
# (image, strength 0 to 1, +1 or -1) -> image
Operation = Callable[[tf.Tensor, float, tf.Tensor], tf.Tensor]


def rand_augment(
    image: tf.Tensor, draws: tf.Tensor, operations: int, magnitude: float
) -> tf.Tensor:
    """Applies so many of `OPERATIONS`, each as likely as the others.

    Arguments:
        image: uint8 (H, W, 3), H and W known.
        draws: (2 * operations,) uniform random numbers: which, and its sign, for each.
        magnitude: 0 to 30.
    """
    strength = magnitude / _MAGNITUDES
    for k in range(operations):
        which = tf.cast(draws[2 * k] * len(OPERATIONS), tf.int32)
        sign = tf.where(draws[2 * k + 1] < 0.5, -1.0, 1.0)
        branches = [_branch(operation, image, strength, sign) for operation in OPERATIONS]
        image = tf.ensure_shape(tf.switch_case(which, branches), image.shape)
    return image


def _branch(
    operation: Operation, image: tf.Tensor, strength: float, sign: tf.Tensor
) -> Callable[[], tf.Tensor]:
    return lambda: operation(image, strength, sign)


def identity(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    return image


def shear_x(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    return _affine(image, [1.0, 0.3 * strength * sign, 0.0, 0.0, 1.0, 0.0])


def shear_y(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    return _affine(image, [1.0, 0.0, 0.0, 0.3 * strength * sign, 1.0, 0.0])


def translate_x(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    shift = tf.floor(150 / 331 * image.shape[1] * strength) * sign
    return _affine(image, [1.0, 0.0, shift, 0.0, 1.0, 0.0])


def translate_y(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    shift = tf.floor(150 / 331 * image.shape[0] * strength) * sign
    return _affine(image, [1.0, 0.0, 0.0, 0.0, 1.0, shift])


def rotate(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    """By up to 30 degrees around the middle."""
    angle = sign * strength * (3.141592653589793 / 6)
    cos, sin = tf.cos(angle), tf.sin(angle)
    y, x = image.shape[0] / 2, image.shape[1] / 2
    return _affine(image, [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y])


def brightness(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    return _blend(image, 0.0, strength * sign)


def colour(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    return _blend(image, _grey(image), strength * sign)


def contrast(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    return _blend(image, tf.round(tf.reduce_mean(tf.round(_grey(image)))), strength * sign)


def sharpness(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    """Blends with a smoothed image; the border has no neighbours, and stays."""
    if min(image.shape[:2]) < 3:
        return image
    pixels = tf.cast(image, tf.float32)
    kernel = tf.constant([1.0, 1, 1, 1, 5, 1, 1, 1, 1], shape=(3, 3, 1, 1)) / 13
    smooth = tf.nn.depthwise_conv2d(
        pixels[None], tf.tile(kernel, (1, 1, 3, 1)), (1, 1, 1, 1), "VALID"
    )[0]
    ring = [[1, 1], [1, 1], [0, 0]]
    inside = tf.pad(tf.ones_like(smooth, tf.bool), ring)
    return _blend(image, tf.where(inside, tf.pad(smooth, ring), pixels), strength * sign)


def posterize(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    """Keeps the 8 to 4 highest bits."""
    dropped = round(4 * strength)
    return tf.bitwise.bitwise_and(image, tf.constant(0xFF >> dropped << dropped, tf.uint8))


def solarize(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    """Inverts what is at least as bright as the threshold, 255 to 0."""
    bright = tf.cast(image, tf.float32) >= 255 * (1 - strength)
    return tf.where(bright, 255 - image, image)


def auto_contrast(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    """Stretches every channel to the full range."""
    pixels = tf.cast(image, tf.float32)
    low = tf.reduce_min(pixels, axis=(0, 1))
    span = tf.reduce_max(pixels, axis=(0, 1)) - low
    stretched = tf.floor((pixels - low) * 255 / tf.maximum(span, 1.0) + 1e-3)
    return tf.where(span > 0, tf.cast(stretched, tf.uint8), image)


def equalize(image: tf.Tensor, strength: float, sign: tf.Tensor) -> tf.Tensor:
    """Makes the histogram of every channel even, as far as whole steps can."""
    codes = tf.cast(image, tf.int32) + 256 * tf.range(3)
    histogram = tf.reshape(tf.math.bincount(tf.reshape(codes, [-1]), None, 768, 768), (3, 256))
    used = tf.cast(histogram > 0, tf.int32)
    brightest = 255 - tf.argmax(used[:, ::-1], axis=1, output_type=tf.int32)
    pixels = tf.reduce_sum(histogram, axis=1) - tf.gather(histogram, brightest, batch_dims=1)
    step = (pixels // 255)[:, None]
    table = (step // 2 + tf.cumsum(histogram, axis=1, exclusive=True)) // tf.maximum(step, 1)
    table = tf.where(step > 0, tf.minimum(table, 255), tf.range(256))
    return tf.cast(tf.gather(tf.reshape(table, [-1]), codes), tf.uint8)


OPERATIONS: tuple[Operation, ...] = (
    identity,
    shear_x,
    shear_y,
    translate_x,
    translate_y,
    rotate,
    brightness,
    colour,
    contrast,
    sharpness,
    posterize,
    solarize,
    auto_contrast,
    equalize,
)


def _affine(image: tf.Tensor, matrix: list[tf.Tensor | float]) -> tf.Tensor:
    """Nearest neighbours, black outside: output (x, y) comes from (a x + b y + c, d x + e y + f).

    In the coordinates of Pillow, where the first pixel's middle is (0.5, 0.5).
    """
    a, b, c, d, e, f = matrix
    # TensorFlow counts from the first pixel's middle.
    moved = [a, b, c + (a + b - 1) / 2, d, e, f + (d + e - 1) / 2, 0.0, 0.0]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=image[None],
        transforms=tf.stack(moved)[None],
        output_shape=image.shape[:2],
        fill_value=0.0,
        interpolation="NEAREST",
        fill_mode="CONSTANT",
    )[0]


def _blend(image: tf.Tensor, other: tf.Tensor | float, change: tf.Tensor) -> tf.Tensor:
    """`factor * image + (1 - factor) * other` with a factor of 1 +- up to 0.9."""
    factor = 1 + 0.9 * change
    return to_uint8(factor * tf.cast(image, tf.float32) + (1 - factor) * other)


def _grey(image: tf.Tensor) -> tf.Tensor:
    return tf.tensordot(tf.cast(image, tf.float32), GREY, 1)[..., None]
