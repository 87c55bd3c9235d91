"""What a run computes, as functions of tensors: a training step, an evaluation, a look at signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from larq_bvit.train.data import draws as draw
from larq_bvit.train.data.augment import augment_batch, normalise
from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.flips import Flips, binary_kernels, starving
from larq_bvit.train.jax_backend.crop import evaluation_crop, train_crop
from larq_bvit.train.student import student_of
from larq_bvit.zoo.named_weights import latent_weights


@dataclass(frozen=True)
class Function:
    """A function of tensors, and what it takes and gives.

    Attributes:
        call: gives a tensor for each of `results`.
        arguments: specifications of its arguments, by name.
        results: names.
    """

    call: Callable[..., list[tf.Tensor]]
    arguments: dict[str, tf.TensorSpec]
    results: tuple[str, ...]


def train_function(
    learner: tf.keras.Model, config: DataConfig, stored: tuple[int, int], *, cropped: bool
) -> Function:
    """One step of `fit` from uint8 images: the pipeline's augmentation, then Keras' train step.

    It gives the metrics of the epoch so far.

    Arguments:
        learner: of `compile_model`.
        config: of the data.
        stored: (H, W) of the images that it gets.
        cropped: whether they are final crops, so that there is nothing to crop.
    """
    student = student_of(learner)
    classes, augmentation = student.output_shape[-1], config.augmentation
    names = tuple(metric.name for metric in learner.metrics)
    width = sum(draw.widths(augmentation.rand_augment).values())

    def call(images: Any, sides: Any, labels: Any, draws: Any) -> list[tf.Tensor]:
        if not cropped:
            numbers = draw.split(draws, augmentation.rand_augment)["crop"]
            images = train_crop(images, sides, numbers, config.size, augmentation)
        batch = augment_batch(images, tf.one_hot(labels, classes), draws, augmentation)
        logs = learner.train_step(batch)
        return [logs[name] for name in names]

    batch = config.batch_size
    arguments = {
        "images": tf.TensorSpec((batch, *stored, 3), tf.uint8),
        "sides": tf.TensorSpec((batch, 2), tf.int32),
        "labels": tf.TensorSpec((batch,), tf.int32),
        "draws": tf.TensorSpec((batch, width), tf.float32),
    }
    return Function(call, arguments, names)


def evaluation_function(
    learner: tf.keras.Model, config: DataConfig, stored: tuple[int, int], *, cropped: bool
) -> Function:
    """Sums over the valid images of a batch: how many, the loss, who is right, and in the top 5.

    The arguments are as those of `train_function`; the loss is the one that Keras' `evaluate`
    reports.
    """
    student = student_of(learner)
    classes = student.output_shape[-1]
    loss = learner.loss.call

    def call(images: Any, labels: Any, valid: Any) -> list[tf.Tensor]:
        if not cropped:
            images = evaluation_crop(images, config.size)
        target = tf.one_hot(labels, classes)
        logits = student(normalise(images), training=False)
        values = [
            tf.ones_like(labels, tf.float32),
            loss(tf.cast(target, logits.dtype), logits) + sum(student.losses),
            tf.keras.metrics.categorical_accuracy(target, logits),
            tf.keras.metrics.top_k_categorical_accuracy(
                target, tf.cast(logits, tf.float32), min(5, classes)
            ),
        ]
        # in float64: float32 cannot count beyond 16 million
        return [tf.reduce_sum(tf.where(valid, tf.cast(value, tf.float64), 0.0)) for value in values]

    batch = config.eval_batch_size or config.batch_size
    arguments = {
        "images": tf.TensorSpec((batch, *stored, 3), tf.uint8),
        "labels": tf.TensorSpec((batch,), tf.int32),
        "valid": tf.TensorSpec((batch,), tf.bool),
    }
    return Function(call, arguments, ("images", "loss", "accuracy", "top_5"))


def signs_function(learner: tf.keras.Model, flips: Flips) -> Function:
    """What the callback `Flips` adds to an epoch's logs; updates its signs.

    A model without 1-bit weights has no results.
    """
    kernels = list(binary_kernels(learner).values())

    def call() -> list[tf.Tensor]:
        flipped, dead, magnitude, size = [], [], [], 0
        with latent_weights():
            for kernel, signs in zip(kernels, flips.signs, strict=True):
                latent = tf.convert_to_tensor(kernel.read_value())
                now = _packed(kernel.quantizer(latent) > 0)
                changed = tf.bitwise.bitwise_xor(now, signs.read_value())
                flipped.append(_sum(tf.raw_ops.PopulationCount(x=changed)))
                dead.append(_sum(starving(kernel, latent)))
                magnitude.append(_sum(tf.abs(latent)))
                size += int(latent.shape.num_elements())
                signs.assign(now)
        return [tf.add_n(parts) / size for parts in (flipped, dead, magnitude)]

    if not kernels:
        return Function(list, {}, ())
    return Function(call, {}, ("flips", "dead", "magnitude"))


def _sum(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(values, tf.float64))


def _packed(bits: tf.Tensor) -> tf.Tensor:
    """As NumPy's `packbits` of the flat tensor."""
    flat = tf.cast(tf.reshape(bits, [-1]), tf.int32)
    bytes_ = tf.reshape(tf.pad(flat, [[0, -flat.shape[0] % 8]]), (-1, 8))
    return tf.cast(tf.reduce_sum(bytes_ * [128, 64, 32, 16, 8, 4, 2, 1], axis=1), tf.uint8)
