"""Which variant of an architecture a recipe asks for."""

from __future__ import annotations

from typing import Any

from larq_bvit._toml import from_table, unknown
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.registry import MODELS


def model_variant(
    model: str, changes: dict[str, Any], where: str = "model.variant"
) -> tuple[Architecture, Any]:
    """The architecture, and the variant: its name, or its plan where the recipe changes fields.

    Arguments:
        model: one of `zoo.list_models()`.
        changes: fields of its plan, such as {"depths": [1, 1, 2, 1]}.
        where: what errors call them.

    Raises:
        ValueError: no such model or field (with the nearest), or a value that does not fit.
    """
    if model not in MODELS:
        raise unknown("model", model, sorted(MODELS))
    architecture, name = MODELS[model]
    if not changes:
        return architecture, name
    plan = architecture.variants[name]
    return architecture, from_table(type(plan), {**vars(plan), **changes}, where)
