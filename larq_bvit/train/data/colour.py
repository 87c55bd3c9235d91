"""Colour augmentations of whole batches: float32 (B, H, W, 3), values 0 to 255."""

from __future__ import annotations

import itertools

import tensorflow as tf

from larq_bvit.train.data.boxes import between

# Rec. 601, in which Pillow and torchvision compute grey.
GREY = (0.299, 0.587, 0.114)
# Principal components of the colours of ImageNet's training images, RGB in 0..1: standard
# deviations, and one direction per row.
_DEVIATIONS = (0.2175, 0.0188, 0.0045)
_DIRECTIONS = (
    (-0.5675, -0.5808, -0.5836),
    (0.7192, -0.0045, -0.6948),
    (0.4009, -0.8140, 0.4203),
)
_ORDERS = tuple(itertools.permutations(range(3)))


def jitter(images: tf.Tensor, draws: tf.Tensor, strength: tuple[float, float, float]) -> tf.Tensor:
    """Brightness, contrast and saturation, in an order of its own for every image.

    Each blends the image with another one, of factor f in 1 +- strength, and clips:
    `f * image + (1 - f) * other`. `other` is black for brightness, the mean grey for contrast,
    the greyscale image for saturation; all are `image * matrix + constant` per image.

    Arguments:
        draws: (B, 4) uniform random numbers: three factors, and the order.
    """
    _, height, width, _ = images.shape
    pixels = tf.reshape(images, (-1, height * width, 3))
    limits = (tf.constant(strength) * sign + 1 for sign in (-1, 1))
    factors = between(draws[:, :3], *limits)
    orders = tf.gather(_ORDERS, tf.cast(draws[:, 3] * len(_ORDERS), tf.int32))  # (B, 3)
    to_grey = tf.tile(tf.constant(GREY)[:, None], (1, 3))
    for which in tf.unstack(orders, axis=1):
        factor = tf.gather(factors, which, batch_dims=1)[:, None, None]
        contrast, saturation = (tf.cast(which == k, tf.float32)[:, None, None] for k in (1, 2))
        matrix = factor * tf.eye(3) + (1 - factor) * saturation * to_grey
        mean = tf.reduce_mean(pixels, axis=1, keepdims=True) @ to_grey[:, :1]  # (B, 1, 1)
        pixels = tf.clip_by_value(pixels @ matrix + (1 - factor) * contrast * mean, 0.0, 255.0)
    return tf.reshape(pixels, (-1, height, width, 3))


def lighting(images: tf.Tensor, draws: tf.Tensor, deviation: float) -> tf.Tensor:
    """Adds one colour per image, normal along ImageNet's principal components, and clips.

    Arguments:
        draws: (B, 3) uniform random numbers.
        deviation: of the normal distribution, in units of each component's own.
    """
    # In float64: in float32 the result depends on the image's place in the batch, by a rounding.
    draws = tf.maximum(tf.cast(draws, tf.float64), 2.0**-25)  # of 0 it is infinite
    normal = deviation * tf.math.ndtri(draws) * tf.constant(_DEVIATIONS, tf.float64)
    colour = normal @ tf.constant(_DIRECTIONS, tf.float64) * 255
    colour = tf.cast(colour, images.dtype)[:, None, None, :]
    return tf.clip_by_value(images + colour, 0.0, 255.0)
