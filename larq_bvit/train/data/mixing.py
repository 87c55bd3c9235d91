"""MixUp (arXiv 1710.09412) and CutMix (arXiv 1905.04899) of neighbours in a batch.

The images 2k and 2k + 1 are partners, and mix with each other's complement. Batches come in
random order, so neighbours are as good as any pairs, and a batch can be split between workers.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from larq_bvit.train.data.boxes import Box, whole

_QUANTILES = 4096


def mix(
    images: tf.Tensor, labels: tf.Tensor, draws: tf.Tensor, *, mixup: float, cutmix: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """Either of the two for every pair, with probability 1/2 if both alphas are positive.

    MixUp: `share * image + (1 - share) * partner`. CutMix: a box of the area 1 - share, its
    centre anywhere, comes from the partner; the share is then that of the pixels which stay. Of
    labels always `share * label + (1 - share) * partner's`. The share has the distribution
    Beta(alpha, alpha).

    Arguments:
        images: float32 (B, H, W, 3) with even B.
        labels: float32 (B, classes).
        draws: (B, 4) uniform random numbers, of which a pair uses the first one's.
    """
    _, height, width, _ = images.shape
    which, share, *centre = tf.unstack(tf.repeat(draws[::2], 2, axis=0), axis=1)
    cuts = which < (0.5 if mixup and cutmix else float(cutmix > 0))
    share = tf.where(cuts, beta_quantile(share, cutmix or 1.0), beta_quantile(share, mixup or 1.0))
    mask = centred_box(share, centre, (height, width)).mask(height, width)
    stays = 1 - tf.reduce_mean(tf.cast(mask, tf.float32), axis=(1, 2, 3))
    share = tf.where(cuts, stays, share)
    cut = cuts[:, None, None, None]
    weights = tf.where(cut, tf.cast(~mask, tf.float32), share[:, None, None, None])
    return _blend(images, weights), _blend(labels, share[:, None])


def _blend(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    return weights * values + (1 - weights) * _partners(values)


def _partners(values: tf.Tensor) -> tf.Tensor:
    pairs = tf.reshape(values, (-1, 2, *values.shape[1:]))
    return tf.reshape(tf.reverse(pairs, [1]), (-1, *values.shape[1:]))


def centred_box(share: tf.Tensor, centre: list[tf.Tensor], size: tuple[int, int]) -> Box:
    """The box around a random pixel with 1 - share of the area, cut off at the borders.

    Arguments:
        share: (B,), 0 to 1.
        centre: two times (B,) uniform random numbers, for row and column.
    """
    starts, lengths = [], []
    for side, draw in zip(size, centre, strict=True):
        half = tf.floor(side * tf.sqrt(1 - share)) // 2
        middle = whole(draw, side - 1.0)
        start, end = tf.maximum(middle - half, 0.0), tf.minimum(middle + half, float(side))
        starts.append(tf.cast(start, tf.int32))
        lengths.append(tf.cast(end - start, tf.int32))
    return Box(*starts, *lengths)


def beta_quantile(draws: tf.Tensor, alpha: float) -> tf.Tensor:
    """Uniform in [0, 1) -> Beta(alpha, alpha), within 1/4096, by inverting its distribution."""
    with tf.init_scope():  # once, not in every batch
        a, grid = tf.constant(alpha, tf.float64), np.linspace(0, 1, _QUANTILES + 1)
        distribution = tf.math.betainc(a, a, grid)
    place = tf.searchsorted(distribution, tf.cast(draws, tf.float64), side="right")
    place = tf.clip_by_value(place, 1, _QUANTILES)
    low, high = tf.gather(distribution, place - 1), tf.gather(distribution, place)
    inside = (tf.cast(draws, tf.float64) - low) / tf.maximum(high - low, 1e-300)
    left = tf.cast(place - 1, tf.float64)
    return tf.cast((left + inside) / _QUANTILES, draws.dtype)
