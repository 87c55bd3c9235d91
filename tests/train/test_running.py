"""A whole run, and one that was stopped and resumed."""

import os
import shutil
import signal

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.train import running
from larq_bvit.train.build import build_model
from larq_bvit.train.callbacks import read_history
from larq_bvit.train.fitting import fit
from larq_bvit.train.interruption import InterruptedRun
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_cost import load_cost
from larq_bvit.train.run_evaluation import load_evaluation
from larq_bvit.train.run_history import load_history
from larq_bvit.train.run_lock import alone
from larq_bvit.train.run_machines import load_machines, machine_of
from larq_bvit.zoo.weights import read_weights
from tests.train.data.common import write_folders, write_image

STOP_AFTER = 5  # steps, in the middle of the second epoch


class Stop(tf.keras.callbacks.Callback):
    """Sends SIGTERM to this process, as a scheduler would."""

    def __init__(self):
        super().__init__()
        self.steps = 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        if self.steps == STOP_AFTER:
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    root = write_folders(tmp_path_factory.mktemp("images"), 3, train=12, val=6)
    changes = ["epochs=3", "data.batch_size=4", f"data.dataset=folder:{root}", "optimizer.ema=0.5"]
    changes += ["model.variant.widths=[8,16,16]", "deterministic=true"]
    return load_recipe("reactnet_cifar10", changes)


@pytest.fixture(scope="module")
def short(recipe, tmp_path_factory):
    """A recipe of one epoch, and its run."""
    once = load_recipe(recipe, ["epochs=1", "optimizer.ema=0"])
    folder = tmp_path_factory.mktemp("short") / "run"
    running.train(once, folder)
    return once, folder


def test_a_run_that_was_stopped_ends_as_one_that_was_not(recipe, tmp_path, monkeypatch):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    evaluation = running.train(recipe, whole)
    assert evaluation.top_1.total == 6 and len(evaluation.classes) == 3

    with monkeypatch.context() as patch, pytest.raises(InterruptedRun) as stop:
        patch.setattr(running, "fit", lambda *a, **k: fit(*a, **k, callbacks=[Stop()]))
        running.train(recipe, stopped)
    assert stop.value.exit_code == 0
    assert len(load_history(stopped / "history.csv")) == 1
    assert not (stopped / "evaluation.json").exists()
    monkeypatch.setattr("larq_bvit.train.fitting.machine_of", lambda strategy: "another")
    again = running.resume(stopped)
    assert again.top_1 == evaluation.top_1
    here = machine_of(tf.distribute.get_strategy())
    assert load_machines(whole / "machines.csv") == [here]
    assert load_machines(stopped / "machines.csv") == [here, "another"]
    assert read_history(stopped / "machines.csv")[1]["epoch"] == "2"
    running.resume(whole)  # trains nothing
    assert load_machines(whole / "machines.csv") == [here]
    for folder in (whole, stopped):
        stored = load_evaluation(folder / "evaluation.json")
        assert stored.top_1 == evaluation.top_1 and stored.top_5 is None
        # blocks from 8 to 16 channels, in two 1x1 convolutions, and from 16 to 16
        weights = (9 * 8 + 2 * 8) * 8 + (9 * 16 + 16) * 16
        assert load_cost(folder / "cost.json").binary_parameters == weights

    for name in ("weights.h5", "best.h5"):
        one, two = (read_weights(run / name) for run in (whole, stopped))
        assert one.keys() == two.keys()
        for path in one:
            np.testing.assert_array_equal(one[path], two[path], err_msg=path)
    assert len(load_history(stopped / "history.csv")) == 3


def test_a_run_that_another_process_trains_or_whose_data_have_changed(recipe, tmp_path):
    images = shutil.copytree(recipe.data.dataset.removeprefix("folder:"), tmp_path / "images")
    changes = ["epochs=1", "optimizer.ema=0", f"data.dataset=folder:{images}"]
    running.train(load_recipe(recipe, changes), tmp_path / "run")
    for split in ("train", "val"):
        (images / split / "class0").rename(images / split / "renamed")
    with (
        alone(tmp_path / "run"),
        pytest.raises(ValueError, match="another process trains the run"),
    ):
        running.resume(tmp_path / "run")
    with pytest.raises(ValueError, match=r"other data.*\n.*\n  -class0\n  \+renamed$"):
        running.resume(tmp_path / "run")
    for split in ("train", "val"):
        (images / split / "renamed").rename(images / split / "class0")
    for k in range(4):
        write_image(images / "train" / "class0" / f"more{k}.jpg")
    with pytest.raises(ValueError, match="steps_per_epoch: 3 there, 4 here$"):
        running.resume(tmp_path / "run")


def test_going_on_where_the_start_is_gone(short, tmp_path):
    recipe, run = short
    weights = shutil.copytree(run, tmp_path / "first") / "best.h5"
    running.train(load_recipe(recipe, [f"model.weights={weights}"]), tmp_path / "second")
    evaluation = tmp_path / "second" / "evaluation.json"
    expected = evaluation.read_text()
    weights.unlink()
    evaluation.unlink()
    running.resume(tmp_path / "second")
    assert evaluation.read_text() == expected


def test_going_on_where_the_images_lie_elsewhere(recipe, tmp_path, monkeypatch):
    images = shutil.copytree(recipe.data.dataset.removeprefix("folder:"), tmp_path / "images")
    expected = running.train(load_recipe(recipe, ["epochs=2"]), tmp_path / "whole")
    changes = ["epochs=2", f"data.dataset=folder:{images}"]
    with monkeypatch.context() as patch, pytest.raises(InterruptedRun):
        patch.setattr(running, "fit", lambda *a, **k: fit(*a, **k, callbacks=[Stop()]))
        running.train(load_recipe(recipe, changes), tmp_path / "run")
    run = (tmp_path / "run").rename(tmp_path / "moved")
    elsewhere = [f"data.dataset=folder:{images.rename(tmp_path / 'elsewhere')}"]
    stored = (run / "recipe.toml").read_text()
    with pytest.raises(ValueError, match="images"):
        running.resume(run)
    with pytest.raises(ValueError, match="nowhere"):
        running.resume(run, changes=["data.dataset=folder:nowhere"])
    assert (run / "recipe.toml").read_text() == stored
    assert running.resume(run, changes=elsewhere).as_dict() == expected.as_dict()
    assert load_recipe(run / "recipe.toml") == load_recipe(recipe, ["epochs=2", *elsewhere])
    running.resume(run)  # it knows by now


def test_another_teacher_is_no_way_to_go_on(short, tmp_path):
    """Whose file a run of its own has written anew."""
    recipe, run = short
    teacher = shutil.copytree(run, tmp_path / "teacher")
    changes = [f"distillation.teacher={recipe.model.name}"]
    changes += [f"distillation.weights={teacher}/best.h5"]
    changes += ["distillation.variant.widths=[8,16,16]"]
    running.train(load_recipe(recipe, changes), tmp_path / "run")
    running.resume(tmp_path / "run")
    model = build_model(recipe, 3)
    zoo.save_weights(model, teacher / "best.h5")
    with pytest.raises(ValueError, match="another teacher; put them back(.|\n)*\n  teacher: "):
        running.resume(tmp_path / "run")


def test_weights_are_those_of_the_zoo(short):
    _, run = short
    model = zoo.ReActNet(
        zoo.ReActNetVariant(widths=(8, 16, 16)),
        input_shape=(32, 32, 3),
        num_classes=3,
        weights=run / "weights.h5",
    )
    assert np.isfinite(model(np.zeros((1, 32, 32, 3), np.float32))).all()


def test_a_folder_that_is_taken(recipe, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="new or empty folder"):
        running.train(recipe, tmp_path)
    with pytest.raises(ValueError, match="expected a run to resume"):
        running.resume(tmp_path / "none")
