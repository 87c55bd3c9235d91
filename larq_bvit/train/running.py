"""A whole run: from a recipe to trained weights and a report, in a folder."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf

from larq_bvit.train.build import build_model
from larq_bvit.train.data.load import Data
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.fitting import fit, open_data
from larq_bvit.train.randomness import seed_all
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.zoo.weights import load_weights


def train(recipe: Recipe, out: str | os.PathLike[str]) -> Evaluation:
    """Trains a recipe's model from the beginning; the folder `out` gets all that comes of it.

    Returns:
        The evaluation of the best weights, `best.h5`.

    Raises:
        ValueError: `out` holds a run or something else, or the recipe does not fit its data.
        InterruptedRun, NotFiniteError: see `fit`.
    """
    data, model = _prepare(recipe)  # first: what does not fit leaves no folder behind
    return _run(recipe, data, model, RunFolder.create(Path(out), recipe_text(recipe)))


def resume(out: str | os.PathLike[str]) -> Evaluation:
    """Goes on with a run, as if it had not stopped.

    Raises:
        ValueError: there is no run in `out`.
        InterruptedRun, NotFiniteError: see `fit`.
    """
    run = RunFolder.open(Path(out))
    recipe = load_recipe(run.recipe)
    return _run(recipe, *_prepare(recipe), run)


def _prepare(recipe: Recipe) -> tuple[Data, tf.keras.Model]:
    seed_all(recipe.seed, recipe.deterministic)
    data = open_data(recipe)
    return data, build_model(recipe, len(data.classes))


def _run(recipe: Recipe, data: Data, model: tf.keras.Model, run: RunFolder) -> Evaluation:
    fit(model, recipe, data=data, run=run)
    load_weights(model, run.best)
    return evaluate(model, data)
