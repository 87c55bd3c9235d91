"""Metadata of a model: what it tells by itself, and what the caller knows."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass, replace
from typing import Any

import tensorflow as tf

from larq_bvit import __version__
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.packed.metadata import WeightsMetadata, plain


def variant_names() -> set[str]:
    """Names of the zoo's models: each means one network."""
    # imported here, since these models load their weights by functions of this package
    from larq_bvit.zoo.registry import MODELS

    return set(MODELS)


def describe(model: tf.keras.Model, given: WeightsMetadata | None) -> WeightsMetadata:
    """What is given, and what it leaves out as far as the model tells it.

    Raises:
        ValueError: the model differs from what is given, or has another number of classes than
            there are names.
    """
    given = WeightsMetadata() if given is None else given
    if not isinstance(given, WeightsMetadata):
        raise ValueError(f"expected metadata to be a WeightsMetadata; got {given!r}")
    named, variant = model.name in variant_names(), variant_of(model)
    told: dict[str, Any] = {
        "model": model.name if named or variant else None,
        "variant": None if named else variant,
        "input_shape": _input_shape(model),
        "num_classes": num_classes(model),
    }
    for name, value in told.items():
        stated = getattr(given, name)
        if None not in (value, stated) and value != stated:
            raise ValueError(f"the metadata's {name} is {stated!r}, the model's is {value!r}")
    told["class_names"] = getattr(model, "class_names", None) if told["num_classes"] else None
    told["preprocessing"] = getattr(model, "preprocessing", None)
    missing = {name: value for name, value in told.items() if getattr(given, name) is None}
    return replace(given, **missing, created_by=given.created_by or f"larq_bvit {__version__}")


def variant_of(model: tf.keras.Model) -> dict[str, Any] | None:
    """Fields of the variant that an architecture has built; None of other models, and of copies."""
    variant = getattr(model, "variant", None)
    if not is_dataclass(variant) or isinstance(variant, type):
        return None
    return plain(asdict(variant), "variant")


def num_classes(model: tf.keras.Model) -> int | None:
    """Width of the classifier; None without one."""
    kernel = named_weights(model).get("classifier/kernel")
    return None if kernel is None else int(kernel.shape[-1])


def _input_shape(model: tf.keras.Model) -> tuple[int, ...] | None:
    """(H, W, C), where the model has one input of fixed size."""
    shape: Any = getattr(model, "input_shape", None)
    known = isinstance(shape, tuple) and len(shape) == 4 and None not in shape[1:]
    return tuple(map(int, shape[1:])) if known else None
