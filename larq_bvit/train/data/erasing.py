"""Random erasing (Zhong et al. 2017, arXiv 1708.04896), of whole batches."""

from __future__ import annotations

import tensorflow as tf

from larq_bvit.train.data.boxes import random_box
from larq_bvit.zoo.images import MEAN

# The paper's: share of the area, and side by side.
_SCALE = (0.02, 0.33)
_RATIO = (0.3, 1 / 0.3)


def erase(images: tf.Tensor, draws: tf.Tensor, probability: float) -> tf.Tensor:
    """Replaces a random box by ImageNet's mean colour, which is 0 after normalisation.

    Arguments:
        images: float32 (B, H, W, 3), values 0 to 255.
        draws: (B, 1 + 22) uniform random numbers: whether, and where.
    """
    _, height, width, _ = images.shape
    box, fits = random_box((height, width), draws[:, 1:], scale=_SCALE, ratio=_RATIO)
    erased = fits & (draws[:, 0] < probability)
    mask = box.mask(height, width) & erased[:, None, None, None]
    return tf.where(mask, tf.constant(MEAN) * 255, images)
