"""Checkpoints hold everything, are whole, and fit one recipe and one model."""

import json
from dataclasses import replace

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.checkpoint import Checkpoints
from larq_bvit.train.disk import DiskFullError
from larq_bvit.train.not_finite import NotFiniteError
from larq_bvit.train.progress import Progress
from larq_bvit.train.randomness import random_states
from larq_bvit.train.run_data import RunData
from tests.train.test_disk import small_disk  # noqa: F401
from tests.train.tiny_run import BATCH, RECIPE, STEPS, tiny_model, train_data


def checkpoints(path, model, recipe=RECIPE, **options):
    path.mkdir(exist_ok=True)
    return Checkpoints(path, model, recipe=recipe, steps_per_epoch=STEPS, **options)


def train(model, steps=3):
    model.fit(train_data(), steps_per_epoch=steps, verbose=0)
    return model


def everything(model):
    optimizer = model.optimizer
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    states = [*model.variables, *inner.variables, *random_states(model)]
    values = [variable.numpy() for variable in states]
    if inner is not optimizer:
        values += [optimizer.loss_scale.numpy(), optimizer.dynamic_counter.numpy()]
    return values


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_all_that_decides_comes_back(tmp_path, policy):
    tf.keras.mixed_precision.set_global_policy(policy)
    model = train(tiny_model())
    checkpoints(tmp_path, model).save(Progress(epoch=1, best=0.5, best_epoch=1))
    other = tiny_model(seed=1)
    progress = checkpoints(tmp_path, other).restore()
    assert progress == Progress(epoch=1, best=0.5, best_epoch=1)
    before, after = everything(model), everything(other)
    assert len(before) == len(after) > 30
    for expected, got in zip(before, after, strict=True):
        np.testing.assert_array_equal(got, expected)
    assert other.optimizer.iterations.numpy() == 3


def test_within_an_epoch_the_metrics_come_back(tmp_path):
    model = train(tiny_model())
    values = [v.numpy() for m in model.metrics for v in m.variables]
    progress = Progress(step=3, seconds=1.5, timed_steps=2)
    checkpoints(tmp_path, model).save(progress)
    resumed = checkpoints(tmp_path, tiny_model())
    resumed.restore(train_data().element_spec)
    np.testing.assert_array_equal(resumed.metric_values, values)
    assert resumed.metric_values[1] == 3 * BATCH and resumed.resumed == progress
    with pytest.raises(ValueError, match="expected the spec of a batch"):
        checkpoints(tmp_path, tiny_model()).restore()


def test_kernels_are_latent_even_after_larq_was_left_quantizing(tmp_path):
    model = tiny_model()
    latent = model.get_layer("binary").kernel.numpy()
    with lq.context.quantized_scope(True):
        checkpoints(tmp_path, model).save(Progress())
    other = tiny_model(seed=1)
    checkpoints(tmp_path, other).restore()
    np.testing.assert_array_equal(other.get_layer("binary").kernel.numpy(), latent)
    assert len(np.unique(np.abs(latent))) > 4


def test_what_else_is_named_is_held(tmp_path):
    average = [tf.Variable([1.0, 2.0]), tf.Variable(3)]
    checkpoints(tmp_path, tiny_model(), extra={"average": average}).save(Progress())
    other = [tf.Variable([0.0, 0.0]), tf.Variable(0)]
    checkpoints(tmp_path, tiny_model(), extra={"average": other}).restore()
    assert other[0].numpy().tolist() == [1.0, 2.0] and other[1].numpy() == 3


def test_a_wrapper_gives_its_students_weights_alone(tmp_path):
    class Wrapper(tf.keras.Model):
        def __init__(self, student):
            super().__init__()
            self.student, self.big = student, tf.keras.layers.Dense(7)
            self.big.build((1, 9))

        def call(self, x):
            return self.student(x)

    wrapper = Wrapper(tiny_model())
    wrapper.compile("sgd", "mse")
    checkpoints(tmp_path, wrapper).save(Progress())
    [name] = checkpoints(tmp_path, wrapper).names()
    reader = tf.train.load_checkpoint(str(tmp_path / name / "tensors"))
    weights = [k for k in reader.get_variable_to_shape_map() if k.startswith("weights")]
    assert len(weights) == len(wrapper.student.variables)


def test_the_newest_and_the_best_stay(tmp_path):
    held = checkpoints(tmp_path, tiny_model(), keep=2)
    best = {"best": 0.5, "best_epoch": 1}
    held.save(Progress(step=STEPS))
    held.save(Progress(epoch=1, **best))
    assert held.names() == ["epoch00001-step00000000"]  # the same weights as before
    for epoch in (1, 2):
        held.save(Progress(epoch=epoch, step=2, **best))
        held.save(Progress(epoch=epoch, step=STEPS, **best))
        held.save(Progress(epoch=epoch + 1, **best))
    assert held.names() == [
        "epoch00001-step00000000", "epoch00002-step00000002", "epoch00003-step00000000",
    ]  # fmt: skip
    (tmp_path / ".new-epoch00004-x").mkdir()
    held.save(Progress(epoch=4, best=0.7, best_epoch=4))
    assert held.names() == ["epoch00003-step00000000", "epoch00004-step00000000"]
    assert not list(tmp_path.glob(".*"))


def test_without_any_a_run_begins(tmp_path):
    assert checkpoints(tmp_path, tiny_model()).restore() == Progress()


def test_another_recipe_is_an_error_and_changes_nothing(tmp_path):
    checkpoints(tmp_path, tiny_model()).save(Progress(epoch=1))
    model = tiny_model(seed=1)
    other = checkpoints(tmp_path, model, recipe=RECIPE.replace("3", "9"))
    before = everything(model)
    with pytest.raises(ValueError, match="another recipe") as error:
        other.restore()
    assert "-epochs = 3" in str(error.value) and "+epochs = 9" in str(error.value)
    for expected, got in zip(before, everything(model), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_other_data_are_an_error_and_what_has_none_stored_goes_on(tmp_path):
    data = RunData(("cat", "dog", "ray"), 99, 9, STEPS)
    checkpoints(tmp_path, tiny_model(), data=data).save(Progress(epoch=1))
    model = tiny_model(seed=1)
    other = checkpoints(tmp_path, model, data=replace(data, classes=("cat", "dog", "wolf")))
    before = everything(model)
    with pytest.raises(ValueError, match="^checkpoint .* other data.*\n.*\n  -ray\n  \\+wolf$"):
        other.restore()
    for expected, got in zip(before, everything(model), strict=True):
        np.testing.assert_array_equal(got, expected)
    assert checkpoints(tmp_path, model, data=data).restore() == Progress(epoch=1)
    [file] = tmp_path.glob("*/state.json")
    older = {key: value for key, value in json.loads(file.read_text()).items() if key != "data"}
    file.write_text(json.dumps(older))
    assert checkpoints(tmp_path, model, data=data).restore() == Progress(epoch=1)


def test_another_model_is_an_error_and_changes_nothing(tmp_path):
    checkpoints(tmp_path, tiny_model()).save(Progress(epoch=1))
    model = tiny_model(width=5)
    other = checkpoints(tmp_path, model)
    before = everything(model)
    with pytest.raises(ValueError, match="another model") as error:
        other.restore()
    assert "stem/kernel:0 [3, 3, 3, 4] there, stem/kernel:0 [3, 3, 3, 5] here" in str(error.value)
    for expected, got in zip(before, everything(model), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_another_optimizer_is_an_error(tmp_path):
    checkpoints(tmp_path, tiny_model()).save(Progress(epoch=1))
    with pytest.raises(ValueError, match="does not fit the optimizer"):
        checkpoints(tmp_path, tiny_model(optimizer=tf.keras.optimizers.SGD(0.1))).restore()


@pytest.mark.parametrize("file", ["tensors.data-00000-of-00001", "tensors.index", "state.json"])
@pytest.mark.parametrize("how", ["cut", "gone", "flipped"])
def test_a_damaged_checkpoint_is_passed_over(tmp_path, caplog, file, how):
    model = tiny_model()
    held = checkpoints(tmp_path, model)
    held.save(Progress(epoch=1))
    held.save(Progress(epoch=2))
    path = tmp_path / "epoch00002-step00000000" / file
    content = bytearray(path.read_bytes())
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[5] ^= 0xFF
        path.write_bytes(content)
    assert checkpoints(tmp_path, model).restore() == Progress(epoch=1)
    assert "epoch00002-step00000000 is damaged" in caplog.text
    assert (tmp_path / "damaged-epoch00002-step00000000").is_dir()


def test_with_all_damaged_a_run_does_not_begin_anew(tmp_path):
    checkpoints(tmp_path, tiny_model()).save(Progress(epoch=1))
    (tmp_path / "epoch00001-step00000000" / "state.json").unlink()
    with pytest.raises(ValueError, match="all checkpoints in .* are damaged"):
        checkpoints(tmp_path, tiny_model()).restore()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_never_written(tmp_path, bad):
    model = tiny_model()
    held = checkpoints(tmp_path, model)
    held.save(Progress(epoch=1))
    gamma = model.get_layer("norm").gamma
    gamma.assign([1.0, bad, 1.0, 1.0])
    with pytest.raises(NotFiniteError, match="'norm/gamma'") as error:
        held.save(Progress(epoch=2))
    assert error.value.layer == "norm" and held.names() == ["epoch00001-step00000000"]
    gamma.assign([1.0] * 4)
    model.optimizer.variables[3].assign_add(tf.fill(model.optimizer.variables[3].shape, bad))
    with pytest.raises(NotFiniteError, match="the optimizer's"):
        held.save(Progress(epoch=2))


def test_a_full_disk_leaves_the_last_checkpoint(small_disk):  # noqa: F811
    model = tiny_model()
    held = checkpoints(small_disk / "checkpoints", model)
    held.save(Progress(epoch=1))
    (small_disk / "other").write_bytes(b"x" * 150_000)
    with pytest.raises(DiskFullError, match="cannot write a checkpoint; free some space"):
        for epoch in range(2, 9):
            (small_disk / f"more{epoch}").write_bytes(b"x" * 8_000)
            held.save(Progress(epoch=epoch))
    last = max(held.names())
    assert not list(small_disk.glob("checkpoints/.*"))
    assert checkpoints(small_disk / "checkpoints", tiny_model()).restore().name == last


def test_only_the_chief_writes(tmp_path):
    held = checkpoints(tmp_path, tiny_model(), chief=False)
    held.save(Progress(epoch=1))
    assert not list(tmp_path.iterdir())
