"""The checkpoints of a run: the same for `fit` and for a job of JAX that is collected."""

from __future__ import annotations

import tensorflow as tf

from larq_bvit.train.checkpoint import Checkpoints
from larq_bvit.train.flips import Flips
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import recipe_text
from larq_bvit.train.run_data import RunData
from larq_bvit.train.run_folder import RunFolder


def run_checkpoints(
    run: RunFolder,
    recipe: Recipe,
    learner: tf.keras.Model,
    flips: Flips,
    data: RunData,
    *,
    chief: bool = True,
) -> Checkpoints:
    """Those of a run in its folder.

    Arguments:
        learner: a compiled model, or the distiller around one.
        flips: of the learner; its signs go along.
        chief: whether this worker writes them.
    """
    return Checkpoints(
        run.checkpoints,
        learner,
        recipe=recipe_text(recipe),
        steps_per_epoch=data.steps_per_epoch,
        keep=recipe.keep,
        extra={"signs": flips.signs},
        chief=chief,
        data=data,
    )
