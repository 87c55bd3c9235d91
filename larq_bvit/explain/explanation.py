"""All that a picture of one image shows."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from larq_bvit.explain.attention_masks import AttentionMask, attention_masks
from larq_bvit.explain.binary_attention import stage_depths
from larq_bvit.explain.pyramid import pyramid
from larq_bvit.zoo.images import decode_predictions, imagenet_classes, preprocess_input
from larq_bvit.zoo.model_facts import check_usual_images

_TOP, _ROUNDING = 5, 1e-2


@dataclass(frozen=True)
class Explanation:
    """What a model makes of an image.

    `pixels` uint8 (H, W, 3) as the model sees them before normalisation; `at` (x, y) the pixel
    whose queries are of interest, from the top left corner; `ranking` (wnid, name, probability),
    best first; `masks`, `maps` and `depths` (number of blocks) have an entry per stage.
    """

    pixels: np.ndarray
    at: tuple[int, int]
    ranking: list[tuple[str, str, float]]
    masks: list[AttentionMask]
    maps: list[np.ndarray]
    depths: list[int]


def explain_image(
    model: tf.keras.Model,
    pixels: np.ndarray,
    *,
    at: tuple[int, int] | None = None,
    block: int | None = None,
    class_names: Sequence[str] | None = None,
) -> Explanation:
    """Runs an image through a model and keeps what it attends to.

    Arguments:
        model: a BinaryViT or ReActDeiT of the zoo with a classifier and softmax.
        pixels: uint8 (H, W, 3) of the model's size, see `load_image`.
        at: (x, y) in pixels; the centre without it.
        block: which one of every stage, from 1; without it, and where a stage has fewer, its last.
        class_names: in the model's order; by default its own `class_names`, else ImageNet's.

    Raises:
        ValueError: the model has no binary attention, or what is given does not fit it.
    """
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 3:
        got = getattr(pixels, "dtype", type(pixels).__name__), getattr(pixels, "shape", "")
        raise ValueError(f"expected pixels uint8 (H, W, 3), see zoo.load_image; got {got}")
    height, width = pixels.shape[:2]
    at = check_point((width // 2, height // 2) if at is None else at, (height, width))
    depths = stage_depths(model)
    if block is not None and not 1 <= block <= max(depths):
        raise ValueError(
            f"expected a block from 1 to {max(depths)}, the stages of {model.name!r} have "
            f"{', '.join(map(str, depths))}; got {block}"
        )
    check_usual_images(model)
    image = preprocess_input(pixels)
    masks = {(mask.stage, mask.block): mask for mask in attention_masks(model, image)}
    return Explanation(
        pixels=pixels,
        at=at,
        ranking=_ranking(model, image, class_names),
        masks=[masks[s, min(block or depth, depth)] for s, depth in enumerate(depths, start=1)],
        maps=pyramid(model, image),
        depths=depths,
    )


def _ranking(
    model: tf.keras.Model, image: np.ndarray, class_names: Sequence[str] | None
) -> list[tuple[str, str, float]]:
    scores = model(image[None], training=False)
    if isinstance(scores, list) or len(scores.shape) != 2:
        raise ValueError(f"expected a model with a classifier; {model.name!r} has none")
    probabilities = scores.numpy()
    # so that NaN fails, too
    if not (probabilities.min() >= 0 and abs(probabilities.sum() - 1) <= _ROUNDING):
        raise ValueError(
            f"expected a model that ends in a softmax; outputs of {model.name!r} are from "
            f"{probabilities.min():g} to {probabilities.max():g}"
        )
    names = getattr(model, "class_names", None) if class_names is None else class_names
    known = len(imagenet_classes() if names is None else names)
    if known != probabilities.shape[1]:
        raise ValueError(
            f"expected class_names of the {probabilities.shape[1]} classes of {model.name!r}; got "
            f"{'none' if names is None else known}"
        )
    return decode_predictions(probabilities, _TOP, names)[0]


def check_point(at: Sequence[int], size: tuple[int, int]) -> tuple[int, int]:
    """`at` (x, y); a ValueError where it is not a pixel of an image of `size` (H, W)."""
    height, width = size
    try:
        x, y = map(operator.index, at)
    except (TypeError, ValueError):
        raise ValueError(f"expected a point (x, y) of integers; got {at!r}") from None
    if not (0 <= x < width and 0 <= y < height):
        raise ValueError(
            f"expected a point inside the image, X from 0 to {width - 1} and Y from 0 to "
            f"{height - 1}; got {x},{y}"
        )
    return x, y
