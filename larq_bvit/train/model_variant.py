"""Which variant of an architecture a recipe asks for."""

from __future__ import annotations

from typing import Any

from larq_bvit._toml import from_table, unknown
from larq_bvit.train.recipe import ModelConfig
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.registry import MODELS


def model_variant(config: ModelConfig) -> tuple[Architecture, Any]:
    """The architecture, and the variant: its name, or the fields that the recipe has changed.

    Raises:
        ValueError: no such model or field (with the nearest), or a value that does not fit.
    """
    if config.name not in MODELS:
        raise unknown("model", config.name, sorted(MODELS))
    architecture, name = MODELS[config.name]
    if not config.variant:
        return architecture, name
    plan = architecture.variants[name]
    return architecture, from_table(type(plan), {**vars(plan), **config.variant}, "model.variant")
