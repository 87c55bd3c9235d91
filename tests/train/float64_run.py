"""Runs of a tiny recipe in float64, in which few signs sit on an edge of rounding."""

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

import tensorflow as tf

from larq_bvit.train import build, running
from larq_bvit.train.evaluation import Evaluation
from larq_bvit.train.fitting import fit
from larq_bvit.train.recipe import Recipe
from larq_bvit.train.recipes import load_recipe, recipe_text
from tests.train.data.common import write_image

EPOCHS, BATCH, STEPS = 2, 4, 3
# 7 images for evaluation: in the end one of two workers has none left
IMAGES = {"train": STEPS * BATCH, "val": 7}


class Late(tf.keras.callbacks.Callback):
    """Something happens before the last step of the second epoch."""

    def __init__(self, happens):
        super().__init__()
        self.happens, self.epoch = happens, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == (1, 2):
            self.happens(self.model)


def send(number):
    """A signal to this process."""
    return Late(lambda _: os.kill(os.getpid(), number))


def spoil():
    """A weight becomes no number."""
    return Late(lambda model: model.layers[-2].bias.assign([float("nan")] * 3))


class SameLosses(tf.keras.callbacks.Callback):
    """What a step reports is of the epoch so far, so the last one reports the epoch's."""

    def on_train_batch_end(self, batch, logs=None):
        self.loss = logs["loss"]

    def on_epoch_end(self, epoch, logs=None):
        assert abs(logs["loss"] - self.loss) < 1e-12, (logs["loss"], self.loss)


def write_images(root: Path) -> Path:
    """Class folders."""
    for split, count in IMAGES.items():
        for i in range(count):
            write_image(root / split / f"class{i % 3}" / f"{i}.jpg", seed=i)
    return root


def tiny_recipe(images: Path, *changes: str) -> Recipe:
    """A ReActNet of two blocks, with averaged weights."""
    small = ["model.variant.widths=[8,16]", f"epochs={EPOCHS}", f"data.batch_size={BATCH}"]
    data = [f"data.dataset=folder:{images}", "data.size=[32,32]", "data.eval_batch_size=1"]
    return load_recipe("reactnet_cifar10", [*small, *data, "optimizer.ema=0.5", *changes])


@contextmanager
def float64():
    """While open, recipes build models of float64, which none of their precisions is."""
    # TensorFlow's `in_top_k` takes float32 alone
    top_k = partial(tf.keras.metrics.TopKCategoricalAccuracy, dtype="float32")
    floatx, scope = tf.keras.backend.floatx(), build.policy_scope
    tf.keras.backend.set_floatx("float64")
    try:
        with (
            mock.patch.object(build, "policy_scope", lambda _: scope("float64")),
            mock.patch.object(tf.keras.metrics, "TopKCategoricalAccuracy", top_k),
        ):
            yield
    finally:
        tf.keras.backend.set_floatx(floatx)


def write_recipe(folder: Path, recipe: Recipe) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.toml").write_text(recipe_text(recipe))


def train(folder: Path, strategy=None, callbacks=()) -> Evaluation:
    """Begins the run in `folder / "run"`, or goes on with it."""
    recipe, run = load_recipe(folder / "recipe.toml"), folder / "run"
    begun = (run / "recipe.toml").is_file()

    def with_callbacks(*arguments, **options):
        return fit(*arguments, **options, callbacks=callbacks)

    with float64(), mock.patch.object(running, "fit", with_callbacks):
        if begun:
            return running.resume(run, strategy)
        return running.train(recipe, run, strategy)
