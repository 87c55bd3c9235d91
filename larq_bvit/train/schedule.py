"""The learning rate over time, as a Keras schedule."""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf

from larq_bvit.train.recipe import Recipe


@tf.keras.utils.register_keras_serializable("larq_bvit")
class Schedule(tf.keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up from 0 to `highest`, then a curve to `last`.

    With p from 0 at the end of the warm-up to 1 at the end of the run, and `last` from then on:

        "cosine": last + (highest - last) * (1 + cos(pi * p)) / 2
        "linear": highest + (last - highest) * p
        "constant": highest

    The published recipes change it from epoch to epoch, this one from step to step.

    Arguments:
        name: one of these.
        highest, last: learning rates.
        warmup_steps, steps: of the warm-up, and of all the run.
    """

    def __init__(
        self, name: str, *, highest: float, last: float = 0.0, warmup_steps: int = 0, steps: int
    ):
        self.name, self.highest, self.last = name, highest, last
        self.warmup_steps, self.steps = warmup_steps, steps

    def __call__(self, step: Any) -> tf.Tensor:
        step = tf.cast(step, tf.float64)  # float32 would round the cosine near the end
        done = (step - self.warmup_steps) / max(self.steps - self.warmup_steps, 1)
        done = tf.clip_by_value(done, 0.0, 1.0)
        if self.name == "cosine":
            rate = self.last + (self.highest - self.last) * (1 + tf.cos(math.pi * done)) / 2
        elif self.name == "linear":
            rate = self.highest + (self.last - self.highest) * done
        else:
            rate = tf.constant(self.highest, tf.float64)
        if self.warmup_steps:
            rising = self.highest * step / self.warmup_steps
            rate = tf.where(step < self.warmup_steps, rising, rate)
        return tf.cast(rate, tf.float32)

    def get_config(self) -> dict[str, Any]:
        names = ("name", "highest", "last", "warmup_steps", "steps")
        return {name: getattr(self, name) for name in names}


def make_schedule(recipe: Recipe, steps_per_epoch: int) -> Schedule:
    """The schedule of a recipe, learning rates scaled to its batch size."""
    reference = recipe.optimizer.reference_batch
    scale = recipe.data.batch_size / reference if reference else 1.0
    return Schedule(
        recipe.schedule.name,
        highest=recipe.optimizer.learning_rate * scale,
        last=recipe.schedule.last * scale,
        warmup_steps=round(recipe.schedule.warmup_epochs * steps_per_epoch),
        steps=recipe.epochs * steps_per_epoch,
    )
