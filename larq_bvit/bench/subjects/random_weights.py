"""Random weights that are as hard to store and to compute with as trained ones."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from larq_bvit.convert.verification.samples import sample_images
from larq_bvit.zoo import preprocess_input

_BATCH = 8
_CLIP = 0.02  # a probability that attention over a few dozen keys passes for some of them


def as_after_training(model: tf.keras.Model, seed: int = 0) -> tf.keras.Model:
    """Moves every weight from where it starts, and returns the model.

    New models have vectors of zeros and ones, of which a .tflite keeps one copy, and the CNNs'
    kernels start with positive numbers only: as bits they are one number repeated. Here no two
    constants are equal, and a kernel's signs are mixed. Batch norms hold the statistics of a
    photograph's parts, so that outputs depend on the image.
    """
    _move(model, seed)
    _fit_norms(model)
    return model


def _move(model: tf.keras.Model, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        values, name = weight.numpy(), weight.name.split("/")[-1]
        if name.startswith("clip"):
            values = np.array(_CLIP * (0.5 + rng.uniform()))
        elif "kernel" in name:
            values = values - values.mean()
        else:
            values = values + 0.1 * rng.standard_normal(values.shape)
        weight.assign(values.astype(weight.dtype.as_numpy_dtype))


def _fit_norms(model: tf.keras.Model) -> None:
    """One batch in training mode, of which the norms keep the statistics."""
    norms = [x for x in model.layers if isinstance(x, tf.keras.layers.BatchNormalization)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    model(preprocess_input(sample_images(_BATCH, *model.input_shape[1:])), training=True)
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
