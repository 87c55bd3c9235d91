"""Every model of the zoo by name."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

import tensorflow as tf

from larq_bvit._toml import unknown
from larq_bvit.presets import presets
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.binaryvit import BinaryViT
from larq_bvit.zoo.birealnet import BiRealNet
from larq_bvit.zoo.deit import DeiT
from larq_bvit.zoo.reactdeit import ReActDeiT
from larq_bvit.zoo.reactnet import ReActNet

ARCHITECTURES = (BinaryViT, ReActDeiT, DeiT, ReActNet, BiRealNet)


def register(architectures: Iterable[Architecture]) -> dict[str, tuple[Architecture, str]]:
    """{model name: (architecture, variant)}; raises ValueError when two models share a name."""
    models: dict[str, tuple[Architecture, str]] = {}
    for architecture in architectures:
        for variant in architecture.variants:
            name = architecture.variant_name(variant)
            if name in models:
                raise ValueError(f"two models are called {name!r}")
            models[name] = architecture, variant
    return models


MODELS = register(ARCHITECTURES)


def list_models(filter: str = "*", *, pretrained: bool = False) -> list[str]:
    """Names of the zoo's models that match a shell pattern such as `"reactnet*"`, sorted.

    Arguments:
        filter: shell pattern; without wildcards, a part of the name. Case does not matter.
        pretrained: only models with published weights.
    """
    names = {preset.model for preset in presets().values()} if pretrained else MODELS.keys()
    return _matching(filter, names & MODELS.keys())


def list_presets(filter: str = "*") -> list[str]:
    """Names of published weights that match a pattern, as in `list_models`, sorted.

    Each is a value of `pretrained`, for the model whose weights they are.
    """
    return _matching(filter, presets())


def _matching(filter: str, names: Iterable[str]) -> list[str]:
    pattern = (filter if any(c in filter for c in "*?[") else f"*{filter}*").lower()
    return sorted(name for name in names if fnmatchcase(name.lower(), pattern))


def create(name: str, **arguments: Any) -> tf.keras.Model:
    """Builds the model of that name: `create("binaryvit_tiny", input_shape=(64, 64, 3))`.

    Arguments:
        name: one of `list_models()`.
        arguments: those of `Architecture.__call__`, such as `input_shape`, `num_classes`,
            and `pretrained`.

    Raises:
        ValueError: unknown name (the nearest are given), or an argument that does not fit.
    """
    if name not in MODELS:
        raise unknown("model", name, sorted(MODELS))
    architecture, variant = MODELS[name]
    return architecture(variant, **arguments)
