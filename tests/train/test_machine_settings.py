"""What of a recipe may differ on another machine."""

import pytest

from larq_bvit.train.machine_settings import check_same_training, moved, without_machine_settings
from larq_bvit.train.recipes import load_recipe, recipe_text

CHANGES = [
    "data.dataset=folder:/elsewhere/cats:train",
    "data.evaluation=folder:/elsewhere/cats:test",
    "data.data_dir=/elsewhere",
    "data.manual_dir=/elsewhere",
    "data.memory=9",
    "data.parallel=9",
    "model.weights=/elsewhere/best.h5",
    "distillation.weights=/elsewhere/teacher.h5",
    "distillation.second.weights=/elsewhere/second.h5",
]


@pytest.fixture(scope="module")
def recipe():
    """With everything that `CHANGES` are about."""
    changes = ["data.dataset=folder:cats:train", "data.evaluation=folder:cats:test"]
    changes += ["model.weights=best.h5", "distillation.weights=teacher.h5"]
    changes += ["distillation.teacher=reactnet_18", "distillation.second.teacher=reactnet_18"]
    changes += ["distillation.second.weights=second.h5"]
    return load_recipe("binaryvit_nano_cifar10", changes)


@pytest.mark.parametrize("change", CHANGES)
def test_a_setting_of_the_machine(recipe, change):
    here = moved(recipe, [change])
    assert here == load_recipe(recipe, [change]) != recipe
    check_same_training(recipe_text(recipe), recipe_text(here), "here")


def test_a_start_from_a_smaller_variant():
    recipe = load_recipe("binaryvit_nano_cifar10", ["model.grown_from=small.safetensors"])
    assert moved(recipe, ["model.grown_from=/elsewhere/small.safetensors"]) != recipe


def test_all_at_once_and_nothing(recipe):
    here = moved(recipe, CHANGES)
    assert "elsewhere" not in recipe_text(without_machine_settings(here))
    assert moved(recipe, []) == recipe


@pytest.mark.parametrize(
    "change, line",
    [
        ("epochs=9", "+epochs = 9"),
        ("optimizer.learning_rate=9", "+learning_rate = 9.0"),
        ("data.dataset=folder:cats:all", '+dataset = "folder:PATH:all"'),
        ("data.dataset=folder:cats", '+dataset = "folder:PATH"'),
        ("data.dataset=cifar10", '+dataset = "cifar10"'),
        ("data.evaluation=", '-evaluation = "folder:PATH:test"'),
        ("model.weights=", '-weights = "FILE"'),
        ("distillation.second=", "-[distillation.second]"),
    ],
)
def test_what_decides_a_run_is_none(recipe, change, line):
    with pytest.raises(ValueError) as error:
        moved(recipe, [*CHANGES[2:6], change])
    told = str(error.value).split("\n  ")
    assert "data.data_dir" in told[0] and line in told[1:]
    assert not any("memory" in line or "elsewhere" in line for line in told[1:])
    with pytest.raises(ValueError, match="here was made with another recipe"):
        check_same_training(recipe_text(recipe), recipe_text(load_recipe(recipe, [change])), "here")


def test_a_recipe_of_fields_that_are_gone_is_told_as_it_stands(recipe):
    text = recipe_text(recipe)
    with pytest.raises(ValueError, match=r"\n  -gone = 1$"):
        check_same_training("gone = 1\n" + text, text, "here")
