"""Latent weights to go on from where only their signs and scales are known."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from larq_bvit.layers import ScaledSign
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import latent_weights, named_weights

# Of the mean distance: a weight that is nearer to its channel's centre could be rounded over it.
_NEAREST = 0.05


def spread_latent(model: tf.keras.Model, seed: int = 0) -> int:
    """Draws how far latent weights are from changing their sign, where a packed file forgot it.

        model = zoo.create("binaryvit_nano", pretrained=True, num_classes=10)
        spread_latent(model)
        model.compile(...)

    Loaded from a packed file, all weights of a channel have the same magnitude, so far from 0 that
    a short training changes hardly any sign. Here their distances from the channel's centre are
    drawn from a half-normal distribution, which those of trained ones are close to (docs/log.md,
    29 November 2026). Signs and scales stay: the model computes the same, but for rounding.

    Kernels of `ScaledSign` that are scaled signs are changed, in place; others, such as trained
    latent weights, are left as they are.

    Arguments:
        model: of the zoo, or any other with Larq layers.
        seed: of the distances.

    Returns:
        How many kernels were changed.
    """
    rng, changed = np.random.default_rng(seed), 0
    for weight in named_weights(model).values():
        quantizer = getattr(weight, "quantizer", None)
        if not (one_bit(weight) and isinstance(quantizer, ScaledSign)):
            continue
        with latent_weights():
            kernel = weight.numpy()
            # `call`, since `__call__` computes in half precision where the model does
            if np.array_equal(quantizer.call(tf.convert_to_tensor(kernel)), kernel):
                weight.assign(_spread(kernel, quantizer.centred, rng))
                changed += 1
    return changed


def _spread(kernel: np.ndarray, centred: bool, rng: np.random.Generator) -> np.ndarray:
    """Distances from the centre, times random numbers of mean 1 on either side of it.

    So the mean, which `centred` kernels subtract, stays where it is; the scale is set again.
    """
    rows = kernel.reshape(-1, kernel.shape[-1]).astype("float64")
    centre = rows.mean(0) if centred else np.zeros(rows.shape[-1])
    distance = rows - centre
    times = np.abs(rng.standard_normal(rows.shape)) / np.sqrt(2 / np.pi)
    times = np.maximum(times, _NEAREST)
    for side in (distance > 0, distance < 0):
        mean = (times * side).sum(0) / np.maximum(side.sum(0), 1)
        times = np.where(side, times / np.where(mean > 0, mean, 1), times)
    spread = centre + distance * times
    scale, drawn = np.abs(rows).mean(0), np.abs(spread).mean(0)
    spread *= scale / np.where(drawn > 0, drawn, 1)
    return spread.reshape(kernel.shape).astype(kernel.dtype)
