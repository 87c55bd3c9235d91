"""What every query of binary attention attends to."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from larq_bvit.explain.binary_attention import BinaryAttention, binary_attention
from larq_bvit.explain.layer_values import layer_values
from larq_bvit.layers import SplitToken


@dataclass(frozen=True)
class AttentionMask:
    """Where one layer's binary probabilities are its clip and not 0, for one image.

    `mask` (heads, queries_h, queries_w, keys_h, keys_w), bool, is about the places of the map:
    keys have a smaller one where the block reduces it. A model with a class token, which has no
    place, also has `from_token` (heads, keys_h, keys_w), where the token looks, and `to_token`
    (heads, queries_h, queries_w), which places look at the token. Stages and blocks count from 1.

    Where training has driven `clip` to 0 or below, the attention is off: every mask is empty.
    """

    stage: int
    block: int
    name: str
    clip: float
    mask: np.ndarray
    from_token: np.ndarray | None = None
    to_token: np.ndarray | None = None


def attention_masks(model: tf.keras.Model, image: np.ndarray) -> list[AttentionMask]:
    """The masks of all binary attention layers, first to last.

    The layers' own probabilities, in the model's own precision.

    Arguments:
        model: a BinaryViT or ReActDeiT of the zoo.
        image: (H, W, 3), normalised, see `preprocess_input`.

    Raises:
        ValueError: the model has no binary attention, or the image is not of its input's shape.
    """
    places = binary_attention(model)
    sides = layer_values(model, [side for one in places for side in one.layer.input[:2]], image)
    grid = next((layer.grid for layer in model.layers if isinstance(layer, SplitToken)), None)
    pairs = zip(sides[::2], sides[1::2], strict=True)
    return [_mask(place, q, k, grid) for place, (q, k) in zip(places, pairs, strict=True)]


def _mask(place: BinaryAttention, q: Any, k: Any, grid: tuple[int, ...] | None) -> AttentionMask:
    """`grid` (H, W) is that of the places behind the class token, if there is one."""
    bits = place.layer.probabilities(q, k).numpy()[0] != 0  # (heads, queries, keys)
    clip = float(place.layer.probability_quantizer.clip.numpy())
    where = place.stage, place.block, place.layer.name, clip
    if grid is None:
        return AttentionMask(*where, bits.reshape(-1, *q.shape[1:3], *k.shape[1:3]))
    return AttentionMask(
        *where,
        bits[:, 1:, 1:].reshape(-1, *grid, *grid),
        from_token=bits[:, 0, 1:].reshape(-1, *grid),
        to_token=bits[:, 1:, 0].reshape(-1, *grid),
    )
