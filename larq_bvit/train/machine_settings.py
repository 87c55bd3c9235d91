"""What of a recipe is of the machine alone: where files lie, and how much it holds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.data.spec import parse_folder
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, parse_recipe, recipe_text
from larq_bvit.train.run_folder import changed_lines, check_recipe

SETTINGS = (
    "data.dataset (another folder:PATH)",
    "data.evaluation (likewise)",
    "data.data_dir",
    "data.manual_dir",
    "data.memory",
    "data.parallel",
    "model.weights",
    "model.grown_from",
    "distillation.weights",
    "distillation.second.weights",
)
_FILE = "FILE"


def moved(recipe: Recipe, changes: Sequence[str]) -> Recipe:
    """A run's recipe as another machine has it.

    Arguments:
        changes: `key=value` of `SETTINGS`; see `load_recipe`.

    Raises:
        ValueError: they are no changes of a recipe, or of more than the machine's settings; lists
            the lines.
    """
    here = load_recipe(recipe, changes)
    changed = changed_lines(
        *(recipe_text(without_machine_settings(other)) for other in (recipe, here))
    )
    if changed:
        raise ValueError(
            f"a run goes on as it was begun, but for {', '.join(SETTINGS)}; got\n  "
            + "\n  ".join(changed)
        )
    return here


def check_same_training(stored: str, given: str, where: str) -> None:
    """`check_recipe`, for which the machine's settings count as the same."""
    with suppress(ValueError):  # of a release whose fields are gone: shown as they stand
        stored, given = (
            recipe_text(without_machine_settings(parse_recipe(text))) for text in (stored, given)
        )
    check_recipe(stored, given, where)


def without_machine_settings(recipe: Recipe) -> Recipe:
    """A recipe that says of files only that there are some."""
    data, model, teacher = recipe.data, recipe.model, recipe.distillation
    data = replace(
        data,
        dataset=_no_path(data.dataset),
        evaluation=data.evaluation and _no_path(data.evaluation),
        data_dir=None,
        manual_dir=None,
        memory=DataConfig.memory,
        parallel=None,
    )
    model = replace(model, weights=model.weights and _FILE, grown_from=model.grown_from and _FILE)
    if teacher is not None:
        second = teacher.second and replace(teacher.second, weights=_FILE)
        teacher = replace(teacher, weights=_FILE, second=second)
    return replace(recipe, data=data, model=model, distillation=teacher)


def _no_path(data: str) -> str:
    """`folder:PATH:test` of `folder:/home/me/cats:test`."""
    folder = parse_folder(data)
    if folder is None:
        return data
    return "folder:PATH" if folder.split is None else f"folder:PATH:{folder.split}"
