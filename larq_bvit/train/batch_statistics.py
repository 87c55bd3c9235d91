"""Batch normalisation's statistics, measured for weights that change no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

_Moments = tuple[tf.Tensor, tf.Tensor, tf.Tensor]  # of a call: values by channel, mean, variance


def precise_bn(model: tf.keras.Model, images: Iterable[Any]) -> int:
    """Replaces the moving averages of batch normalisation by the means over images, in place.

        data = load_data(replace(config, augmentation=Augmentation(crop="centre", flip=0)))
        precise_bn(model, (images for images, _ in data.train().take(80)))

    Moving averages are of weights that were still changing and of images as they were augmented;
    binary activations, whose thresholds they move, feel both. Every layer normalises by its
    statistics of the batch that passes, and all else computes as in inference. Layers that are
    frozen (`trainable` is false) keep theirs.

    References: PreciseBN (Wu and Johnson 2021, arXiv 2105.07576, Sec. 3), by which 1,000 to 10,000
    images are enough; FixRes (Touvron et al. 2019, arXiv 1906.06423, Sec. 3) for what images are.

    Arguments:
        model: with batch normalisation of the last axis.
        images: batches (B, H, W, C) of training images in random order, cropped and normalised as
            in evaluation. Large ones: the statistics are means over the batches' own. Of one size,
            but for the last: every size is traced.

    Returns:
        How many images there were.

    Raises:
        ValueError: there are no such layers, or no images, or statistics that are no numbers. The
            model is as before.
    """
    layers = measurable(model)
    tallies = [_Tally() for _ in layers]
    measure, seen = _measurement(model, layers), 0
    for batch in images:
        for tally, calls in zip(tallies, measure(batch), strict=True):
            for count, mean, variance in calls:
                tally.add(int(count), mean.numpy(), variance.numpy())
        seen += len(batch)
    if not seen:
        raise ValueError("expected images to measure batch normalisation by; got none")
    found = [tally.result() for tally in tallies]
    for layer, statistics in zip(layers, found, strict=True):
        if not np.isfinite(statistics).all():
            raise ValueError(f"{layer.name} of {model.name} has statistics that are no numbers")
    for layer, (mean, variance) in zip(layers, found, strict=True):
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(variance)
    return seen


def measurable(model: tf.keras.Model) -> list[tf.keras.layers.BatchNormalization]:
    """The layers that `precise_bn` is about.

    Raises:
        ValueError: there are none.
    """
    layers = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, tf.keras.layers.BatchNormalization) and layer.trainable
    ]
    if not layers:
        raise ValueError(
            f"precise_bn: expected batch normalisation that is not frozen; {model.name} has none"
        )
    return layers


@dataclass
class _Tally:
    """Sums over what has passed a layer, in float64: of values and of squares, by channel."""

    count: int = 0
    values: Any = 0.0
    squares: Any = 0.0

    def add(self, count: int, mean: np.ndarray, variance: np.ndarray) -> None:
        mean, variance = mean.astype("float64"), variance.astype("float64")
        self.count += count
        self.values += count * mean
        self.squares += count * (variance + mean**2)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of all; NaN where nothing has passed."""
        mean = self.values / (self.count or np.nan)
        return mean, np.maximum(self.squares / (self.count or np.nan) - mean**2, 0)


def _measurement(
    model: tf.keras.Model, layers: list[tf.keras.layers.BatchNormalization]
) -> Callable[[Any], list[list[_Moments]]]:
    """A function of a batch of images: what every layer saw in each of its calls."""

    @tf.function
    def measure(batch: tf.Tensor) -> list[list[_Moments]]:
        calls: list[list[_Moments]] = [[] for _ in layers]
        with _measuring(layers, calls):  # while it is traced
            model(batch, training=False)
        return calls

    return measure


@contextmanager
def _measuring(
    layers: list[tf.keras.layers.BatchNormalization], calls: list[list[_Moments]]
) -> Iterator[None]:
    """While open, layers normalise by their batch's own statistics, and note them."""
    for layer, noted in zip(layers, calls, strict=True):
        # an attribute of Python's: Keras would track it
        object.__setattr__(layer, "call", _by_batch(layer, noted))
    try:
        yield
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")


def _by_batch(layer: tf.keras.layers.BatchNormalization, noted: list[_Moments]) -> Any:
    def call(inputs: tf.Tensor, mask: Any = None, training: Any = None) -> tf.Tensor:
        last = inputs.shape.rank - 1
        if list(layer.axis) != [last]:
            raise ValueError(
                f"expected {layer.name} to normalise the last axis, {last}; got {layer.axis}"
            )
        wide = tf.cast(inputs, layer.moving_mean.dtype)
        mean, variance = tf.nn.moments(wide, list(range(last)))
        noted.append((tf.size(wide) // inputs.shape[-1], mean, variance))
        normal = tf.nn.batch_normalization(
            wide, mean, variance, layer.beta, layer.gamma, layer.epsilon
        )
        return tf.cast(normal, inputs.dtype)

    return call
