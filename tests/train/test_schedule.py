"""The schedules against plain NumPy."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.recipe import ScheduleConfig
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.schedule import Schedule, make_schedule

HIGHEST, LAST, WARMUP, STEPS = 3e-3, 1e-5, 4, 20


def curve(name, step, warmup=WARMUP):
    """The learning rate of a step, as float32."""
    if step < warmup:
        return np.float32(HIGHEST * step / warmup)
    p = min((step - warmup) / (STEPS - warmup), 1.0)
    rates = {
        "cosine": LAST + (HIGHEST - LAST) * (1 + np.cos(np.pi * p)) / 2,
        "linear": HIGHEST + (LAST - HIGHEST) * p,
        "constant": HIGHEST,
    }
    return np.float32(rates[name])


@pytest.mark.parametrize("warmup", [0, WARMUP])
@pytest.mark.parametrize("name", ["cosine", "linear", "constant"])
def test_every_step(name, warmup):
    schedule = Schedule(name, highest=HIGHEST, last=LAST, warmup_steps=warmup, steps=STEPS)
    copy = tf.keras.optimizers.schedules.deserialize(
        tf.keras.optimizers.schedules.serialize(schedule)
    )
    in_a_graph = tf.function(copy)
    for step in [*range(STEPS + 1), STEPS + 1000]:
        expected = curve(name, step, warmup)
        for rate in (schedule(step), in_a_graph(tf.constant(step, tf.int64))):
            assert rate.dtype == tf.float32
            np.testing.assert_array_max_ulp(rate.numpy(), expected, maxulp=1)


def test_ends():
    schedule = Schedule("cosine", highest=HIGHEST, last=LAST, warmup_steps=WARMUP, steps=STEPS)
    rates = [float(schedule(step)) for step in (0, WARMUP, STEPS)]
    assert rates == pytest.approx([0, HIGHEST, LAST], rel=1e-6)


def test_a_run_that_only_warms_up():
    schedule = Schedule("linear", highest=HIGHEST, warmup_steps=STEPS, steps=STEPS)
    rates = [float(schedule(step)) for step in (STEPS // 2, STEPS, STEPS + 1)]
    assert rates == pytest.approx([HIGHEST / 2, HIGHEST, 0])


def test_of_a_recipe():
    recipe = load_recipe(
        "binaryvit_imagenet", ["data.batch_size=128", "schedule.warmup_epochs=0.4"]
    )
    schedule = make_schedule(recipe, steps_per_epoch=5)
    assert schedule.get_config() == {
        "name": "cosine",
        "highest": 5e-4 / 4,
        "last": 1e-5 / 4,
        "warmup_steps": 2,
        "steps": 1500,
    }
    free = replace(recipe, optimizer=replace(recipe.optimizer, reference_batch=None))
    assert make_schedule(free, 5).highest == 5e-4
    constant = replace(recipe, schedule=ScheduleConfig(name="constant"))
    assert float(make_schedule(constant, 5)(1400)) == pytest.approx(5e-4 / 4)
