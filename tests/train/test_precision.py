"""Mixed precision trains every kind of layer, and every model of the zoo.

Rounding flips signs that stand near their edge, so with one block the loss may move by `LOSS` and
the direction of the logits by `DIRECTION`; a deep random network is chaos, and only finite.
"""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train.build import build_model
from larq_bvit.train.fitting import compile_model
from larq_bvit.train.recipe import ModelConfig
from larq_bvit.train.recipes import load_recipe
from larq_bvit.zoo.weights import read_weights
from tests.layers.common import normal
from tests.long import long_test
from tests.train.few_layers import FEW_LAYERS, values
from tests.train.small_run import fit, fit_with_a_stop, small_recipe
from tests.train.tiny_models import CLASSES, SIZE

LOSS = {"mixed_bfloat16": 0.05, "mixed_float16": 0.02}  # relative
DIRECTION = {"mixed_bfloat16": 0.9, "mixed_float16": 0.98}  # cosine
BATCH, TRIES = 16, 16
long = long_test("minutes")
RECIPE = load_recipe(
    "reactnet_cifar10",
    [f"data.size=[{SIZE}, {SIZE}]", "schedule.name=constant", "schedule.warmup_epochs=0"],
)


def learner(name, precision, **variant):
    """A model of a recipe, compiled; float32's is the same but for its precision."""
    recipe = replace(RECIPE, model=ModelConfig(name=name, variant=variant), precision=precision)
    model = compile_model(build_model(recipe, CLASSES), recipe, steps_per_epoch=TRIES)
    model.run_eagerly = True  # tracing takes longer than all steps
    return model


def batch():
    images = normal(BATCH, SIZE, SIZE, 3).astype("float32")
    return images, tf.one_hot(np.arange(BATCH) % CLASSES, CLASSES)


def trains(model):
    """Steps until all gradients are finite: float16 begins with a loss scale that may be too high.

    Returns:
        The loss of the first step.
    """
    before, losses = values(model), []
    scaled = isinstance(model.optimizer, tf.keras.mixed_precision.LossScaleOptimizer)
    assert scaled == (model.dtype_policy.name == "mixed_float16")
    while not losses or scaled and not model.optimizer.dynamic_counter and len(losses) < TRIES:
        losses.append(model.train_on_batch(*batch())[0])
    assert np.isfinite(losses).all()
    after = values(model)
    assert {value.dtype for value in after.values()} == {np.dtype("float32")}
    assert all(np.isfinite(value).all() for value in after.values())
    assert np.mean([(after[path] != before[path]).any() for path in after]) > 0.9
    return losses[0]


@pytest.mark.parametrize("precision", LOSS)
@pytest.mark.parametrize("name", FEW_LAYERS)
def test_every_kind_of_layer(name, precision):
    plain, mixed = (learner(name, p, **FEW_LAYERS[name]) for p in ("float32", precision))
    logits, others = (model(batch()[0], training=True).numpy().ravel() for model in (plain, mixed))
    cosine = logits @ others / np.linalg.norm(logits) / np.linalg.norm(others)
    assert cosine > DIRECTION[precision]
    assert trains(mixed) == pytest.approx(trains(plain), rel=LOSS[precision])


def loss_scale(run):
    """Of the newest checkpoint; None without one."""
    *_, newest = sorted(run.checkpoints.iterdir())
    reader = tf.train.load_checkpoint(str(newest / "tensors"))
    found = [name for name in reader.get_variable_to_shape_map() if "current_loss_scale" in name]
    return reader.get_tensor(found[0]) if found else None


@pytest.mark.parametrize("precision", ["mixed_float16", pytest.param("mixed_bfloat16", marks=long)])
def test_a_run_that_was_stopped_ends_as_one_that_was_not(precision, tmp_path, monkeypatch):
    recipe = small_recipe(tmp_path, f"precision={precision}")
    runs = [
        way(recipe, tmp_path / name, monkeypatch)
        for name, way in (("whole", fit), ("stopped", fit_with_a_stop))
    ]
    one, two = (read_weights(run.weights) for run in runs)
    for path in one:
        np.testing.assert_array_equal(one[path], two[path], err_msg=path)
    scale, other = map(loss_scale, runs)
    assert scale == other
    # it begins at 32,768, and would do so again without the checkpoint's
    assert scale is None if precision == "mixed_bfloat16" else 1 <= scale < 2**15


@long
@pytest.mark.parametrize("precision", ["float32", *LOSS])
@pytest.mark.parametrize("name", zoo.list_models())
def test_every_model(name, precision):
    trains(learner(name, precision))
