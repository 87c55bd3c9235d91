"""The runs that led to a run's weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_folder import RunFolder

_MOST = 10


def steps(run: RunFolder) -> list[RunFolder]:
    """A run, preceded by the one whose weights it started from, and so on; the first one first.

    Raises:
        ValueError: it started from a weight file that lies in no run's folder.
    """
    found = [run]
    while len(found) < _MOST:
        weights = load_recipe(found[0].recipe).model.weights
        if weights is None:
            return found
        before = RunFolder(Path(weights).expanduser().parent)
        if not before.recipe.is_file():
            raise ValueError(
                f"{found[0].path} started from {weights}, beside which no {before.recipe.name} "
                "tells how it was trained"
            )
        found.insert(0, before)
    raise ValueError(f"{run.path} starts from more than {_MOST} runs, one after another")


def without_paths(recipe: Recipe) -> Recipe:
    """A recipe that says nothing of the machine it ran on: of local paths only the last part."""
    data, model, teacher = recipe.data, recipe.model, recipe.distillation
    kind, _, path = data.dataset.partition(":")
    dataset = f"folder:{Path(path).name}" if kind == "folder" else data.dataset
    if model.weights is not None:
        model = replace(model, weights=_last(model.weights))
    if teacher is not None:
        teacher = replace(teacher, weights=_last(teacher.weights))
    data = replace(data, dataset=dataset, data_dir=None, manual_dir=None)
    return replace(recipe, data=data, model=model, distillation=teacher)


def _last(path: str) -> str:
    """`runs/nano_step1/best.h5` of whatever folder holds the runs."""
    return "/".join(("runs", *Path(path).parts[-2:]))
