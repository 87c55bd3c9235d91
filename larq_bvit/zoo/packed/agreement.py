"""Whether packed weights are a model's: what names and shapes of weights don't tell."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import tensorflow as tf

from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.packed.describe import variant_names, variant_of
from larq_bvit.zoo.packed.metadata import WeightsMetadata
from larq_bvit.zoo.packed.read import PackedFile

_SHOWN = 3  # kernels


def name_of_another(metadata: WeightsMetadata, model: tf.keras.Model) -> str:
    """What an error begins with where the weights are another model's; else nothing.

    Raises:
        ValueError: both are variants of the zoo, which may differ where their shapes agree.
    """
    stored, name = metadata.model, model.name
    if stored in (None, name):
        return ""
    words = f"weights of {stored!r}, the model is {name!r}"
    if {stored, name} <= variant_names():
        raise ValueError(words)
    return f"{words}; "


def contradictions(packed: PackedFile, model: tf.keras.Model) -> str:
    """How a model of these names and shapes would compute something else; else nothing."""
    found = []
    stored, own = stored_variant(packed.metadata, model), variant_of(model)
    if stored is not None and own is not None:
        found += [
            f"{field} {stored[field]} in the weights, {own[field]} in the model"
            for field in own
            if field in stored and stored[field] != own[field]
        ]
    weights = named_weights(model)
    here = {path for path, weight in weights.items() if one_bit(weight)}
    there = packed.binary & weights.keys()
    for words, paths in (("the weights", there - here), ("the model", here - there)):
        if paths:
            names = ", ".join(sorted(paths)[:_SHOWN]) + (", ..." if len(paths) > _SHOWN else "")
            found.append(f"{len(paths)} kernels of one bit in {words} alone: {names}")
    return "; ".join(found)


def stored_variant(metadata: WeightsMetadata, model: tf.keras.Model) -> dict[str, Any] | None:
    """Fields of the stored variant, where the model is another one of its architecture."""
    from larq_bvit.zoo.registry import MODELS  # as in `variant_names`

    stored = metadata.model
    if stored is None or stored.partition("_")[0] != model.name.partition("_")[0]:
        return None
    if metadata.variant is None and stored in MODELS and stored != model.name:
        architecture, variant = MODELS[stored]
        return asdict(architecture.variants[variant])
    return metadata.variant
