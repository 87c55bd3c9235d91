"""Augmentation: which function does what, in `Augmentation`'s order."""

from __future__ import annotations

import tensorflow as tf

from larq_bvit.train.data import colour, draws
from larq_bvit.train.data.config import Augmentation
from larq_bvit.train.data.decode import Decoder, each, train_decoder
from larq_bvit.train.data.erasing import erase
from larq_bvit.train.data.mixing import mix
from larq_bvit.train.data.rand_augment import rand_augment
from larq_bvit.zoo.images import MEAN, STD


def image_augmenter(size: tuple[int, int], augmentation: Augmentation) -> Decoder:
    """What is done image by image: (encoded images, their draws) -> uint8 (N, H, W, 3)."""
    crop, operations = train_decoder(size, augmentation), augmentation.rand_augment

    def augmented(encoded: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
        own = draws.split(numbers, operations)
        images = crop(encoded, own["crop"])
        if not operations:
            return images
        return each(
            lambda image, row: rand_augment(image, row, operations, augmentation.magnitude),
            (images, own["rand_augment"]),
            size,
        )

    return augmented


def augment_batch(
    images: tf.Tensor, labels: tf.Tensor, numbers: tf.Tensor, augmentation: Augmentation
) -> tuple[tf.Tensor, tf.Tensor]:
    """What is done with all images at once.

    Arguments:
        images: uint8 (B, H, W, 3).
        labels: float32 (B, classes), one-hot.
        numbers: (B, width), the uniform random numbers of every image.

    Returns:
        float32 images, normalised by `zoo.preprocess_input`, and labels, soft where images
        were mixed.
    """
    own = draws.split(numbers, augmentation.rand_augment)
    pixels = tf.cast(flip(images, own["flip"], augmentation.flip), tf.float32)
    if any(augmentation.jitter):
        pixels = colour.jitter(pixels, own["jitter"], augmentation.jitter)
    if augmentation.lighting:
        pixels = colour.lighting(pixels, own["lighting"], augmentation.lighting)
    if augmentation.erasing:
        pixels = erase(pixels, own["erasing"], augmentation.erasing)
    if augmentation.mixes:
        shares = {"mixup": augmentation.mixup, "cutmix": augmentation.cutmix}
        pixels, labels = mix(pixels, labels, own["mixing"], **shares)
    return normalise(pixels), labels


def flip(images: tf.Tensor, draws: tf.Tensor, probability: float) -> tf.Tensor:
    """Mirrors some images, left to right; `draws` (B, 1) decide."""
    both = tf.stack([images, tf.reverse(images, [2])], axis=1)
    return tf.gather(both, tf.cast(draws[:, 0] < probability, tf.int32), batch_dims=1)


def normalise(images: tf.Tensor) -> tf.Tensor:
    """Exactly `zoo.preprocess_input` of (B, H, W, 3) to float32, an order of magnitude faster.

    Eigen is slow where the last axis, of only three channels, is broadcast; so rows are.
    """
    _, height, width, _ = images.shape
    rows = tf.reshape(tf.cast(images, tf.float32), (-1, height * width * 3))
    mean, std = (tf.tile(tf.constant(values), [height * width]) for values in (MEAN, STD))
    return tf.reshape((rows / 255.0 - mean) / std, (-1, height, width, 3))
