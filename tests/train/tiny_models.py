"""Every model of the zoo and every recipe at a size that tests can afford: as few blocks as go."""

from dataclasses import replace

import tensorflow as tf

from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe
from larq_bvit.zoo.registry import MODELS

SIZE, CLASSES = 32, 3
# fields of the variants; a ReActNet's blocks are all different
_FEW_BLOCKS = {
    "BinaryViTVariant": {"depths": (1, 1, 1, 1)},
    "ReActDeiTVariant": {"depth": 1},
    "DeiTVariant": {"depth": 1},
    "BiRealNetVariant": {"depths": (1, 1, 1, 1)},
    "ReActNetVariant": {},
}


def few_blocks(model: str) -> dict:
    """The fields of a model's variant that make it small."""
    architecture, name = MODELS[model]
    return _FEW_BLOCKS[type(architecture.variants[name]).__name__]


def tiny_model(model: str, **arguments) -> tf.keras.Model:
    """A model of the zoo with few blocks, giving logits."""
    architecture, name = MODELS[model]
    variant = replace(architecture.variants[name], **few_blocks(model))
    return architecture(
        variant,
        input_shape=(SIZE, SIZE, 3),
        num_classes=CLASSES,
        classifier_activation=None,
        **arguments,
    )


def tiny_recipe(name: str, *changes: str) -> Recipe:
    """A recipe of the package with few blocks and small images, from random weights."""
    fields = few_blocks(load_recipe(name).model.name).items()
    blocks = [f"model.variant.{f}={list(v) if isinstance(v, tuple) else v}" for f, v in fields]
    starts = [f"model.{field}=" for field in ("weights", "pretrained", "grown_from")]
    small = [f"data.size=[{SIZE}, {SIZE}]", *starts, *blocks]
    return load_recipe(name, [*small, *changes])
