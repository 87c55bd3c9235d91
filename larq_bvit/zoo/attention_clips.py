"""Clips of binary attention, for images of another size than they were learned on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from math import gcd, prod

import numpy as np
import tensorflow as tf

from larq_bvit.layers import QuantAttention

log = logging.getLogger(__name__)


def rescale_clips(
    values: dict[str, np.ndarray],
    stored: Mapping[str, np.ndarray],
    model: tf.keras.Model,
    reductions: tuple[int, ...] | None = None,
) -> None:
    """Multiplies every clip by the keys that it was learned with, over those that there are now.

    A key counts where its probability is above half the clip, and probabilities are shares: of
    four times as many keys, each has a quarter. Logged.

    Arguments:
        values: {path: array} of the weights, which fit the model; changed in place.
        stored: {path: array} of the weights as they were stored, with position embeddings (h, w, C)
            of the size that they were trained on.
        model: of the zoo.
        reductions: of the stages of the stored weights' variant; by default the model's.
    """
    if reductions is None:
        reductions = getattr(getattr(model, "variant", None), "reductions", None)
    changes: dict[str, None] = {}
    for layer in model.layers:
        path = f"{layer.name}/probability/clip"
        position = _position(layer.name, stored)
        if not isinstance(layer, QuantAttention) or path not in values or position is None:
            continue
        (_, *query, _), (_, *key, _) = layer.input_shape[:2]
        class_tokens = prod(query) - prod(values[position].shape[:2])
        ratios = _reduction(layer.name, reductions) or [
            q // k for q, k in zip(query, key, strict=True)
        ]
        sides = zip(stored[position].shape[:2], ratios, strict=True)
        before = prod(side // gcd(side, ratio) for side, ratio in sides) + class_tokens
        if before != prod(key):
            values[path] = (values[path] * (before / prod(key))).astype(values[path].dtype)
            changes[f"{before} to {prod(key)}"] = None
    if changes:
        log.info("attention's clips rescaled for other numbers of keys: %s", ", ".join(changes))


def _position(layer: str, stored: Mapping[str, np.ndarray]) -> str | None:
    """The path of the position embeddings of a layer's map."""
    stage = layer.partition("/")[0]
    paths = f"{stage}/downsample/position/position", "stem/position/position"
    return next((path for path in paths if path in stored), None)


def _reduction(layer: str, reductions: tuple[int, ...] | None) -> list[int] | None:
    """Of both sides of the map of keys, where the layer is in a stage with one."""
    stage = layer.partition("/")[0]
    if reductions is None or not stage.startswith("stage"):
        return None
    return 2 * [reductions[int(stage.removeprefix("stage")) - 1]]
