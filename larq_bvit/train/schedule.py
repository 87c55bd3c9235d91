"""The learning rate over time, as a Keras schedule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import tensorflow as tf

from larq_bvit.train.recipe import Recipe

_NUMBERS: ContextVar[tf.Variable | None] = ContextVar("numbers", default=None)


@contextmanager
def numbers_from(variable: tf.Variable) -> Iterator[None]:
    """Schedules that are traced within read their numbers from a variable.

    Programs of runs that differ in their rates or epochs alone are then the same.

    Arguments:
        variable: float64 (4,), as `Schedule.numbers`.
    """
    token = _NUMBERS.set(variable)
    try:
        yield
    finally:
        _NUMBERS.reset(token)


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

    @property
    def numbers(self) -> tuple[float, float, float, float]:
        """All but the curve's name."""
        return self.highest, self.last, float(self.warmup_steps), float(self.steps)

    def __call__(self, step: Any) -> tf.Tensor:
        variable = _NUMBERS.get()
        numbers = tf.constant(self.numbers, tf.float64) if variable is None else variable.value()
        highest, last, warmup_steps, steps = tf.unstack(numbers)
        step = tf.cast(step, tf.float64)  # float32 would round the cosine near the end
        done = (step - warmup_steps) / tf.maximum(steps - warmup_steps, 1.0)
        done = tf.clip_by_value(done, 0.0, 1.0)
        if self.name == "cosine":
            rate = last + (highest - last) * (1 + tf.cos(math.pi * done)) / 2
        elif self.name == "linear":
            rate = highest + (last - highest) * done
        else:
            rate = highest
        rising = highest * step / tf.maximum(warmup_steps, 1.0)
        return tf.cast(tf.where(step < warmup_steps, rising, rate), tf.float32)

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
