"""`larq-bvit finetune`."""

import pytest

from larq_bvit.cli import finetune
from larq_bvit.train.recipes import load_recipe
from tests.presets import publish


@pytest.fixture
def asked(empty_package, monkeypatch):
    """The arguments of the training that is asked for, with a recipe instead of its changes."""
    publish(empty_package, "binaryvit_nano_cifar10", default=True, input_shape=[32, 64, 3])
    publish(empty_package, "binaryvit_nano_cats", dataset="cats")
    found = []
    monkeypatch.setattr(finetune, "train", lambda **arguments: found.append(arguments))
    return found


def test_of_a_model(run, asked, monkeypatch):
    result = run("finetune", "binaryvit_nano", "folder:dogs", "--set", "epochs=3")
    assert result.exit_code == 0, result.stderr
    (arguments,) = asked
    assert arguments["recipe"] == "finetune" and arguments["data"] == "folder:dogs"
    assert str(arguments["out"]) == "runs/binaryvit_nano_cifar10_finetuned"
    monkeypatch.undo()  # the recipes of this checkout
    recipe = load_recipe(arguments["recipe"], arguments["changes"])
    assert recipe.model.name == "binaryvit_nano"
    assert recipe.model.pretrained == "binaryvit_nano_cifar10"
    assert recipe.data.size == (32, 64) and recipe.epochs == 3


def test_of_weights_at_another_size(run, asked):
    assert run("finetune", "binaryvit_nano_cats", "cifar10", "--input-size", 96).exit_code == 0
    changes = asked[0]["changes"]
    assert "model.pretrained=binaryvit_nano_cats" in changes and "data.size=[96,96]" in changes


def test_no_weights(fails, asked):
    assert "no pretrained weights of 'reactnet_a'" in fails("finetune", "reactnet_a", "cifar10")[0]
    assert not asked
