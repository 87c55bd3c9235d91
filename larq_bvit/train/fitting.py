"""Keras' `fit`, as a recipe wants it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

import tensorflow as tf

from larq_bvit.train.average import EvaluateAverage, averaged
from larq_bvit.train.callbacks import (
    Checkpointing,
    History,
    ProgressDisplay,
    Resume,
    StopOnNotFinite,
    TensorBoard,
)
from larq_bvit.train.checkpoint import Checkpoints
from larq_bvit.train.data.load import Data, load_data
from larq_bvit.train.distiller import Distiller
from larq_bvit.train.flips import Flips
from larq_bvit.train.interruption import Interruption
from larq_bvit.train.optimizer import make_optimizer
from larq_bvit.train.progress import Progress
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import recipe_text
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.teacher import load_teacher


def compile_model(model: tf.keras.Model, recipe: Recipe, steps_per_epoch: int) -> tf.keras.Model:
    """Compiles a model of logits as its recipe says; gives what is to be fitted.

    That is the model itself, or with a teacher a `Distiller` around it.
    """
    loss = tf.keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=recipe.label_smoothing
    )
    metrics = [
        tf.keras.metrics.CategoricalAccuracy("accuracy"),
        tf.keras.metrics.TopKCategoricalAccuracy(min(5, model.output_shape[-1]), "top_5"),
    ]
    learner = model
    if recipe.distillation is not None:
        config = recipe.distillation
        learner = Distiller(
            model,
            load_teacher(config, model),
            soft=config.soft,
            hard=config.hard,
            temperature=config.temperature,
            features=config.features,
        )
    optimizer = make_optimizer(recipe, steps_per_epoch)
    learner.compile(optimizer, loss=loss, metrics=metrics, jit_compile=recipe.jit)
    return learner


def fit(
    model: tf.keras.Model,
    recipe: Recipe,
    *,
    data: Data | None = None,
    run: RunFolder | None = None,
    callbacks: Sequence[tf.keras.callbacks.Callback] = (),
) -> tf.keras.callbacks.History:
    """Trains a model by Keras' `fit`, to the end of its recipe.

        recipe = load_recipe("binaryvit_nano_cifar10", ["epochs=1"])
        model = build_model(recipe, classes=10)
        fit(model, recipe)

    In a run's folder it goes on from the newest checkpoint, with the same batches, optimizer and
    averages as if it had not stopped. With `recipe.optimizer.ema` the model has its averaged
    weights in the end.

    Arguments:
        model: a functional model of logits, such as `build_model` gives.
        recipe: how; what it says of the model is not looked at.
        data: the recipe's data, if they are open already.
        run: folder to keep checkpoints, history and weights in; nothing is kept without it.
        callbacks: more of them.

    Returns:
        Keras' history of the epochs that this call has trained.

    Raises:
        ValueError: the data, the teacher or the run's folder do not fit.
        InterruptedRun: a signal has stopped it; what is done is saved.
        NotFiniteError: the loss or a weight is no number; the last good checkpoint stands.
    """
    data = data or open_data(recipe)
    if len(data.classes) != model.output_shape[-1]:
        raise ValueError(
            f"expected a model of {len(data.classes)} classes, as {recipe.data.dataset!r} has; "
            f"{model.name!r} has {model.output_shape[-1]}"
        )
    learner = compile_model(model, recipe, data.steps_per_epoch)
    flips = Flips(learner, run.tensorboard / "layers" if run else None)
    watching = [StopOnNotFinite(data.train), flips, *callbacks]
    if recipe.optimizer.ema:
        watching.append(EvaluateAverage())
    if run is None:
        return _fit(learner, recipe, data, Progress(), watching)
    checkpoints = Checkpoints(
        run.checkpoints,
        learner,
        recipe=recipe_text(recipe),
        steps_per_epoch=data.steps_per_epoch,
        keep=recipe.keep,
        extra={"signs": flips.signs},
    )
    progress = checkpoints.restore(data.train().element_spec)
    with Interruption() as interruption, closing(_display(recipe, data, progress)) as display:
        first = Resume(progress, checkpoints.metric_values, data.steps_per_epoch)
        last = _keeping(run, checkpoints, recipe, learner, interruption)
        return _fit(learner, recipe, data, progress, [first, *watching, display, *last])


def open_data(recipe: Recipe) -> Data:
    """A recipe's data, in the order that its seed gives."""
    return load_data(replace(recipe.data, seed=recipe.seed))


def _display(recipe: Recipe, data: Data, progress: Progress) -> ProgressDisplay:
    return ProgressDisplay(
        progress,
        epochs=recipe.epochs,
        steps_per_epoch=data.steps_per_epoch,
        batch_size=recipe.data.batch_size,
    )


def _keeping(
    run: RunFolder,
    checkpoints: Checkpoints,
    recipe: Recipe,
    learner: tf.keras.Model,
    interruption: Interruption,
) -> list[tf.keras.callbacks.Callback]:
    """What writes to the run's folder, checkpoints last."""
    return [
        History(
            run.history,
            checkpoints.resumed,
            steps_per_epoch=checkpoints.steps_per_epoch,
            batch_size=recipe.data.batch_size,
        ),
        TensorBoard(run.tensorboard),
        Checkpointing(
            run,
            checkpoints,
            every=recipe.checkpoint_steps,
            interruption=interruption,
            kept_weights=partial(averaged, learner),
        ),
    ]


def _fit(
    learner: tf.keras.Model,
    recipe: Recipe,
    data: Data,
    progress: Progress,
    callbacks: list[tf.keras.callbacks.Callback],
) -> tf.keras.callbacks.History:
    return learner.fit(
        data.train(step=progress.step, epoch=progress.epoch),
        epochs=recipe.epochs,
        steps_per_epoch=data.steps_per_epoch,
        validation_data=data.evaluation(),
        callbacks=callbacks,
        verbose=0,
    )
