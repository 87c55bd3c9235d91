"""The runs that led to weights, and their recipes without local paths."""

import pytest

from larq_bvit.cards.steps import steps, without_paths
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_folder import RunFolder
from tests.train.run_folders import write_run


def test_one_run(tmp_path):
    run = RunFolder(write_run(tmp_path / "run"))
    assert [step.path for step in steps(run)] == [run.path]


def test_first_step_first(tmp_path):
    first = write_run(tmp_path / "first")
    second = write_run(tmp_path / "second", [f"model.weights={first / 'best.h5'}"])
    third = write_run(tmp_path / "third", [f"model.weights={second / 'weights.h5'}"])
    assert [step.path for step in steps(RunFolder(third))] == [first, second, third]


def test_weights_of_unknown_origin(tmp_path):
    run = write_run(tmp_path / "run", [f"model.weights={tmp_path / 'found.h5'}"])
    with pytest.raises(ValueError, match="no recipe.toml tells how it was trained"):
        steps(RunFolder(run))


def test_a_circle(tmp_path):
    run = write_run(tmp_path / "run", [f"model.weights={tmp_path / 'run' / 'best.h5'}"])
    with pytest.raises(ValueError, match="more than 10 runs"):
        steps(RunFolder(run))


def test_no_local_paths():
    changes = [
        "data.dataset=folder:/home/me/cats",
        "data.manual_dir=/home/me",
        "data.data_dir=/home/me",
        "model.weights=/home/me/runs/first/best.h5",
        'distillation={teacher="deit_small", weights="/home/me/teacher/best.h5"}',
    ]
    recipe = without_paths(load_recipe("binaryvit_nano_cifar10", changes))
    assert "home" not in str(recipe)
    assert recipe.data.dataset == "folder:cats"
    assert recipe.model.weights == "runs/first/best.h5"
    assert recipe.distillation.weights == "runs/teacher/best.h5"
    assert without_paths(load_recipe("finetune")) == load_recipe("finetune")
