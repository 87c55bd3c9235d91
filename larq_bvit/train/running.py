"""A whole run: from a recipe to trained weights and a report, in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import tensorflow as tf

from larq_bvit.train.build import build_model, without_start
from larq_bvit.train.checkpoint import check_resumable, has_checkpoint
from larq_bvit.train.data.load import Data
from larq_bvit.train.disk import write_text
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.finishing import finish
from larq_bvit.train.fitting import fit, open_data
from larq_bvit.train.machine_settings import moved
from larq_bvit.train.randomness import seed_all
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_lock import alone
from larq_bvit.train.strategy import check_batch
from larq_bvit.train.workers import check_same, explain_lost_worker, is_chief, shard, together, wait
from larq_bvit.zoo.weights import load_weights


def train(
    recipe: Recipe,
    out: str | os.PathLike[str],
    strategy: tf.distribute.Strategy | None = None,
) -> Evaluation:
    """Trains a recipe's model from the beginning; the folder `out` gets all that comes of it.

    Arguments:
        recipe: the same for all workers.
        out: a folder that all workers see; the first of them makes it.
        strategy: of `make_strategy`; by default the current one.

    Returns:
        The evaluation of the best weights, `best.h5`, on all images, whatever the strategy.

    Raises:
        ValueError: `out` holds a run or something else, the recipe does not fit its data or the
            strategy, or workers differ.
        InterruptedRun, NotFiniteError: see `fit`.
        LostWorkerError: another worker has died; the last checkpoint stands.
    """
    strategy = strategy or tf.distribute.get_strategy()
    text = recipe_text(recipe)
    with explain_lost_worker(strategy), ExitStack() as held:
        data, model = _prepare(recipe, strategy)  # first: what does not fit leaves no folder behind
        with together(strategy):
            if is_chief(strategy):
                held.enter_context(alone(RunFolder.create(Path(out), text).path))
        with together(strategy):
            run = RunFolder.open(Path(out), text)
        return _run(recipe, data, model, run)


def resume(
    out: str | os.PathLike[str],
    strategy: tf.distribute.Strategy | None = None,
    changes: Sequence[str] = (),
) -> Evaluation:
    """Goes on with a run, as if it had not stopped; on other devices or workers, too.

    Arguments:
        changes: where files lie now, such as `data.data_dir=/data`; the run's recipe gets them. See
            `machine_settings`.

    Raises:
        ValueError: there is no run in `out`, or one without checkpoints, or another process trains
            it, or it does not fit the strategy, or its data have changed, or `changes` are of more
            than the machine's settings.
        InterruptedRun, NotFiniteError: see `fit`.
        LostWorkerError: another worker has died; the last checkpoint stands.
    """
    strategy = strategy or tf.distribute.get_strategy()
    with explain_lost_worker(strategy), ExitStack() as held:
        with together(strategy):
            run = RunFolder.open(Path(out))
            check_resumable(run)
            if is_chief(strategy):
                held.enter_context(alone(run.path))
            recipe = moved(load_recipe(run.recipe), changes)
        data, model = _prepare(recipe, strategy, started=has_checkpoint(run))
        if changes and is_chief(strategy):
            write_text(run.recipe, recipe_text(recipe))
        return _run(recipe, data, model, run)


def _prepare(
    recipe: Recipe, strategy: tf.distribute.Strategy, started: bool = False
) -> tuple[Data, tf.keras.Model]:
    seed_all(recipe.seed, recipe.deterministic)
    with together(strategy):
        check_batch(recipe.data.batch_size, strategy)
        data = open_data(recipe, strategy)
    images = data.train_examples, data.eval_examples, data.classes
    check_same(strategy, f"{recipe_text(recipe)} {images}", "recipe and data")
    with strategy.scope():
        return data, build_model(without_start(recipe) if started else recipe, data.classes)


def _run(recipe: Recipe, data: Data, model: tf.keras.Model, run: RunFolder) -> Evaluation:
    strategy = model.distribute_strategy
    fit(model, recipe, data=data, run=run)
    if strategy.num_replicas_in_sync > 1:  # evaluated on one device, and on all images
        model = build_model(without_start(recipe), len(data.classes))
        data = data if shard(strategy) == (0, 1) else open_data(recipe)
    wait(strategy)  # for the chief to have written them
    load_weights(model, run.best)
    return finish(model, recipe, data, run, write=is_chief(strategy))
