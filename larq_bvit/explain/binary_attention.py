"""Which models have binary attention, and where in them it is."""

import re
from dataclasses import dataclass

import tensorflow as tf

from larq_bvit.layers import BinaryProbability, QuantAttention
from larq_bvit.zoo import BinaryViT, ReActDeiT
from larq_bvit.zoo.registry import MODELS

_ARCHITECTURES = (BinaryViT, ReActDeiT)
_STAGE = re.compile(r"stage(\d+)/")
_NAME = re.compile(r"(?:stage(\d+)/)?block(\d+)/attention/attend")


@dataclass(frozen=True)
class BinaryAttention:
    """A layer and its place; stages and blocks count from 1."""

    stage: int
    block: int
    layer: QuantAttention

    @property
    def path(self) -> str:
        """The block's name, as in its layers' names: `stage1/block1`."""
        return self.layer.name.removesuffix("/attention/attend")


def explainable_models() -> list[str]:
    """Names of the zoo's models with binary attention, sorted."""
    return sorted(
        name for name, (architecture, _) in MODELS.items() if architecture in _ARCHITECTURES
    )


def binary_attention(model: tf.keras.Model) -> list[BinaryAttention]:
    """The binary attention layers of a model of the zoo, first to last.

    Raises:
        ValueError: it has none, or a stage has none.
    """
    found = []
    for layer in model.layers:
        if isinstance(layer, QuantAttention):
            place = _NAME.fullmatch(layer.name)
            if place and isinstance(layer.probability_quantizer, BinaryProbability):
                found.append(BinaryAttention(int(place[1] or 1), int(place[2]), layer))
    if not found:
        inner = [layer.name for layer in model.layers if isinstance(layer, tf.keras.Model)]
        hint = f"; give the model inside, {', '.join(inner)}" if inner else ""
        raise ValueError(no_binary_attention(model.name) + hint)
    numbers = [int(match[1]) for layer in model.layers if (match := _STAGE.match(layer.name))]
    if empty := sorted({*range(1, max(numbers, default=1) + 1)} - {one.stage for one in found}):
        raise ValueError(
            f"expected binary attention in every stage; {model.name!r} has none in "
            f"{', '.join(map(str, empty))}"
        )
    return sorted(found, key=lambda one: (one.stage, one.block))


def stage_depths(model: tf.keras.Model) -> list[int]:
    """How many blocks every stage has; raises as `binary_attention`."""
    stages = [one.stage for one in binary_attention(model)]
    return [stages.count(stage) for stage in range(1, stages[-1] + 1)]


def no_binary_attention(name: str) -> str:
    """The error's text for a model without any."""
    known = explainable_models()
    if name in known:
        return f"the attention of this {name!r} is in full precision; nothing in it is 0 or 1"
    return f"{name!r} has no binary attention; these have: {', '.join(known)}"
