"""A run of seconds by a recipe, in a folder, with a teacher, averages and every callback."""

import os
import signal
from pathlib import Path

import numpy as np
import tensorflow as tf

from larq_bvit.train import fitting
from larq_bvit.train.build import build_model
from larq_bvit.train.interruption import InterruptedRun
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_history import load_history
from larq_bvit.zoo.weights import read_weights
from tests.train.data.common import write_image
from tests.train.models import small
from tests.train.tiny_models import CLASSES, SIZE

EPOCHS, STEPS, BATCH = 2, 3, 4


def small_recipe(folder: Path, *changes: str) -> Recipe:
    """One block of ReActNet, on images written to `folder`; its teacher is given by `run`."""
    for split, count in (("train", STEPS * BATCH), ("val", 3)):
        for i in range(count):
            write_image(folder / "images" / split / f"class{i % CLASSES}" / f"{i}.jpg", seed=i)
    plan = [f"epochs={EPOCHS}", f"data.batch_size={BATCH}", "model.variant.widths=[8,16]"]
    plan += [f"data.dataset=folder:{folder / 'images'}", "optimizer.ema=0.5", "deterministic=true"]
    plan += ["distillation.teacher=deit_small", "distillation.weights=none"]
    return load_recipe("reactnet_cifar10", [*plan, "distillation.hard=0.5", *changes])


class StopAfter(tf.keras.callbacks.Callback):
    """Sends SIGTERM to this process after so many steps, as a scheduler would."""

    def __init__(self, steps: int):
        super().__init__()
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if self.steps == 0:
            os.kill(os.getpid(), signal.SIGTERM)


def fit(recipe: Recipe, out: Path, monkeypatch, callbacks=()) -> RunFolder:
    """Trains to the end, from the run's newest checkpoint if there is one."""
    monkeypatch.setattr(fitting, "load_teacher", lambda *_: small(size=SIZE))
    text = recipe_text(recipe)
    run = RunFolder.open(out) if out.is_dir() else RunFolder.create(out, text)
    fitting.fit(build_model(recipe, CLASSES), recipe, run=run, callbacks=callbacks)
    losses = load_history(run.history).columns["loss"]
    assert len(losses) == recipe.epochs and np.isfinite(losses).all()
    assert all(np.isfinite(array).all() for array in read_weights(run.weights).values())
    return run


def fit_with_a_stop(recipe: Recipe, out: Path, monkeypatch) -> RunFolder:
    """The same, but stopped in the middle and resumed by a new model."""
    try:
        fit(recipe, out, monkeypatch, [StopAfter(STEPS + 1)])
    except InterruptedRun:
        return fit(recipe, out, monkeypatch)
    raise AssertionError("the run was not stopped")
