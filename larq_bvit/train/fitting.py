"""Keras' `fit`, as a recipe wants it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

import tensorflow as tf
from rich.console import Console

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
from larq_bvit.train.data.corrupt import explained
from larq_bvit.train.data.distribute import evaluation_batches, train_batches
from larq_bvit.train.data.load import Data, load_data
from larq_bvit.train.distiller import Distiller
from larq_bvit.train.flips import Flips
from larq_bvit.train.interruption import Interruption
from larq_bvit.train.metric_state import build_metrics
from larq_bvit.train.optimizer import make_optimizer
from larq_bvit.train.progress import Progress
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.run_checkpoints import run_checkpoints
from larq_bvit.train.run_data import RunData
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_machines import machine_of, note_machine
from larq_bvit.train.strategy import check_batch
from larq_bvit.train.teacher import load_teacher, teacher_digest
from larq_bvit.train.workers import check_same, is_chief, shard

log = logging.getLogger(__name__)

_REPLACE = ". With readable ones in their places a run can be resumed"
_FEW = 80  # steps; nano fine-tunes to 48% on 300 images of CIFAR-10 in so many, to 43% in 16


def compile_model(
    model: tf.keras.Model,
    recipe: Recipe,
    steps_per_epoch: int,
    classes: Sequence[str] | None = None,
) -> tf.keras.Model:
    """Compiles a model of logits as its recipe says; gives what is to be fitted.

    That is the model itself, or with a teacher a `Distiller` around it. Must be called under the
    strategy that the model was built under.

    Arguments:
        classes: names of the data's, which the teacher must be of as far as is known.

    Raises:
        ValueError: see `load_teacher`.
    """
    several = tf.distribute.get_strategy().num_replicas_in_sync > 1
    if several and recipe.jit:
        log.warning("the train step of several replicas is not compiled with XLA")
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
            load_teacher(config, model, classes),
            soft=config.soft,
            hard=config.hard,
            temperature=config.temperature,
            features=config.features,
        )
    optimizer = make_optimizer(recipe, steps_per_epoch)
    learner.compile(optimizer, loss=loss, metrics=metrics, jit_compile=recipe.jit and not several)
    # metrics are of all replicas already, and Keras would add up those of all workers
    learner.distribute_reduction_method = "first"
    # variables that are made while Keras traces the train step would have it traced twice
    optimizer.build(learner.trainable_variables)
    example = [tf.TensorSpec(side, tf.float32) for side in (model.input_shape, model.output_shape)]
    build_metrics(learner, tuple(example))
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
    weights in the end. What a recipe says of `precise_bn` is done by `larq-bvit train`, after this:
    see `precise_bn`.

    A model that was built under a strategy (`make_strategy`) is trained by all its replicas, and
    `recipe.data.batch_size` is of all of them together. Of several workers the first one writes.

    Arguments:
        model: a functional model of logits, such as `build_model` gives.
        recipe: how; what it says of the model is not looked at.
        data: the recipe's data, if they are open already; this worker's part of them.
        run: folder to keep checkpoints, history and weights in; nothing is kept without it. All
            workers must see the same one.
        callbacks: more of them.

    Returns:
        Keras' history of the epochs that this call has trained.

    Raises:
        ValueError: the data, the teacher or the run's folder do not fit, or replicas and workers
            do not fit the batch or each other, or more images than `max_corrupt` cannot be read.
        InterruptedRun: a signal has stopped it; what is done is saved.
        NotFiniteError: the loss or a weight is no number; the last good checkpoint stands.
    """
    strategy = model.distribute_strategy
    check_batch(recipe.data.batch_size, strategy)
    data = data or open_data(recipe, strategy)
    if data.config.shard != shard(strategy):
        raise ValueError(
            f"expected data of shard {shard(strategy)}, this worker's; got {data.config.shard}"
        )
    if len(data.classes) != model.output_shape[-1]:
        raise ValueError(
            f"expected a model of {len(data.classes)} classes, as {recipe.data.dataset!r} has; "
            f"{model.name!r} has {model.output_shape[-1]}"
        )
    with strategy.scope():
        learner = compile_model(model, recipe, data.steps_per_epoch, data.classes)
    chief = is_chief(strategy)
    flips = Flips(learner, run.tensorboard / "layers" if run and chief else None)
    watching = [StopOnNotFinite(data.train), flips, *callbacks]
    if recipe.optimizer.ema:
        watching.append(EvaluateAverage())
    if run is None:
        return _fit(learner, recipe, data, Progress(), watching)
    examples = data.train_examples, data.eval_examples
    teacher = teacher_digest(recipe.distillation)
    known = RunData(data.classes, *examples, data.steps_per_epoch, teacher)
    checkpoints = run_checkpoints(run, recipe, learner, flips, known, chief=chief)
    progress = checkpoints.restore(data.train().element_spec)
    check_same(strategy, progress.name, "newest checkpoint in a folder that they share")
    if chief and progress == Progress():
        warn_of_few_steps(recipe.epochs, data.train_examples, data.steps_per_epoch)
    if chief and progress.epoch < recipe.epochs:
        note_machine(run.machines, progress.epoch + 1, machine_of(strategy))
    display = _display(recipe, data, progress, chief)
    with Interruption() as interruption, closing(display):
        first = Resume(progress, checkpoints.metric_values, data.steps_per_epoch)
        last = _keeping(run, checkpoints, recipe, learner, interruption)
        return _fit(learner, recipe, data, progress, [first, *watching, display, *last])


def open_data(recipe: Recipe, strategy: tf.distribute.Strategy | None = None) -> Data:
    """A recipe's data, in the order that its seed gives; of several workers this one's part."""
    part = recipe.data.shard if strategy is None else shard(strategy)
    return load_data(replace(recipe.data, seed=recipe.seed, shard=part))


def warn_of_few_steps(epochs: int, images: int, steps_per_epoch: int) -> None:
    """Of a small data set: epochs that are many for a large one are few steps."""
    steps = epochs * steps_per_epoch
    if steps < _FEW:
        words = "%d epochs of %d images are %d steps; more may train better: epochs=%d"
        log.warning(words, epochs, images, steps, -(-_FEW // steps_per_epoch))


def _display(recipe: Recipe, data: Data, progress: Progress, chief: bool) -> ProgressDisplay:
    return ProgressDisplay(
        progress,
        epochs=recipe.epochs,
        steps_per_epoch=data.steps_per_epoch,
        batch_size=recipe.data.batch_size,
        console=None if chief else Console(quiet=True),
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
            chief=checkpoints.chief,
        ),
        TensorBoard(run.tensorboard, chief=checkpoints.chief),
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
    strategy = learner.distribute_strategy
    evaluation, evaluation_steps = evaluation_batches(data, strategy)
    with explained(data.corrupt, _REPLACE):
        return learner.fit(
            train_batches(data, strategy, step=progress.step, epoch=progress.epoch),
            epochs=recipe.epochs,
            steps_per_epoch=data.steps_per_epoch,
            validation_data=evaluation,
            validation_steps=evaluation_steps,
            callbacks=callbacks,
            verbose=0,
        )
