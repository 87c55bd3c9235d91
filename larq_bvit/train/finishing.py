"""The end of a run: its best weights as they are kept, and how good they are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import tensorflow as tf

from larq_bvit.train.batch_statistics import precise_bn
from larq_bvit.train.binarity import copy_weights
from larq_bvit.train.build import build_model, without_start
from larq_bvit.train.data.config import Augmentation
from larq_bvit.train.data.corrupt import explained
from larq_bvit.train.data.load import Data
from larq_bvit.train.data.sources import open_sources
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.run_cost import save_cost
from larq_bvit.train.run_evaluation import save_evaluation
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.profile import profile
from larq_bvit.zoo.weights import save_weights

log = logging.getLogger(__name__)

_STILL = Augmentation(crop="centre", flip=0.0)
_MOST = 128  # images at a time, on one device: a step's may be those of many


def finish(
    model: tf.keras.Model, recipe: Recipe, data: Data, run: RunFolder, *, write: bool = True
) -> Evaluation:
    """Evaluates a run's best weights on all images, after `recipe.precise_bn`.

    That is in float32 where the training's precision is mixed: so they are packed and converted.

    Arguments:
        model: on one device, with the best weights.
        data: all of the recipe's, not a worker's part.
        run: gets its cost, its evaluation and, where they changed, its best weights.
        write: whether it does; of several workers one is enough.

    Raises:
        ValueError: as `precise_bn` and `evaluate`.
    """
    if recipe.precision.startswith("mixed"):
        mixed = model
        model = build_model(replace(without_start(recipe), precision="float32"), data.classes)
        copy_weights(named_weights(mixed), named_weights(model))
    if recipe.precise_bn:
        seen = precise_bn(model, _still_images(recipe))
        log.info("measured batch normalisation over %d training images", seen)
        if write:
            save_weights(model, run.best)
    evaluation = evaluate(model, data)
    if write:
        save_cost(run.cost, profile(model))
        save_evaluation(run.evaluation, evaluation)
    return evaluation


def precise_bn_images(recipe: Recipe, data: Data) -> int:
    """How many training images a recipe's `precise_bn` means: whole batches, each image once."""
    size = _batch_size(recipe)
    return min(-(-recipe.precise_bn // size), data.train_examples // size) * size


def _batch_size(recipe: Recipe) -> int:
    return min(recipe.data.batch_size, _MOST)


def _still_images(recipe: Recipe) -> Iterator[tf.Tensor]:
    """Batches of `precise_bn_images` training images, as evaluation would have them."""
    config = replace(recipe.data, seed=recipe.seed, shard=(0, 1), augmentation=_STILL)
    config = replace(config, batch_size=_batch_size(recipe))
    # opened as for training, but read once: from where they are
    data = Data(replace(config, memory=0), *open_sources(config))
    batches = precise_bn_images(recipe, data) // config.batch_size
    with explained(data.corrupt):
        for images, _ in islice(data.train(), batches):
            yield images
