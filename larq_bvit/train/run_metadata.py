"""What a run's folder says of the weights in it, as packed files say of theirs."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from larq_bvit.train.model_variant import model_variant
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_evaluation import load_evaluation
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.zoo.packed import WeightsMetadata


def run_recipe(weights: Path) -> Recipe | None:
    """By which a file in the folder of `train` came about; None of one that lies elsewhere.

    Raises:
        ValueError: the run's recipe is damaged.
    """
    path = RunFolder(weights.parent).recipe
    return load_recipe(path) if path.is_file() else None


def run_metadata(weights: Path) -> WeightsMetadata | None:
    """Of a file in the folder of `train`; None of one that lies elsewhere.

    The classes are known from its first checkpoint on.

    Raises:
        ValueError: the run's recipe or evaluation is damaged.
    """
    recipe = run_recipe(weights)
    if recipe is None:
        return None
    architecture, variant = model_variant(recipe.model.name, recipe.model.variant)
    named = isinstance(variant, str)
    classes = _classes(RunFolder(weights.parent))
    return WeightsMetadata(
        model=recipe.model.name if named else architecture.name,
        variant=None if named else asdict(variant),
        input_shape=(*recipe.data.size, 3),
        num_classes=None if classes is None else len(classes),
        class_names=classes,
    )


def _classes(run: RunFolder) -> tuple[str, ...] | None:
    evaluation = load_evaluation(run.evaluation)
    if evaluation is not None:
        return evaluation.classes
    for state in sorted(run.checkpoints.glob("epoch*/state.json"), reverse=True):
        with suppress(OSError, ValueError, KeyError, TypeError):  # damaged, or of an older release
            return tuple(json.loads(state.read_text(encoding="utf-8"))["data"]["classes"])
    return None
