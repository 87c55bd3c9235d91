"""`larq-bvit finetune`."""

from dataclasses import replace

import pytest

from larq_bvit import zoo
from larq_bvit.cli import finetune
from larq_bvit.train import DataConfig, Recipe
from larq_bvit.train.recipe import ModelConfig
from larq_bvit.train.recipes import load_recipe, recipe_text
from tests.presets import publish

pytestmark = pytest.mark.usefixtures("few_nano")


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
    assert 'model.pretrained = "binaryvit_nano_cats"' in changes
    assert "data.size=[96,96]" in changes


def test_names_come_before_folders(run, asked, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binaryvit_nano").mkdir()
    assert run("finetune", "binaryvit_nano", "cifar10").exit_code == 0
    assert 'model.pretrained = "binaryvit_nano_cifar10"' in asked[0]["changes"]


def test_of_packed_weights(run, asked, monkeypatch, tmp_path):
    model = zoo.create("binaryvit_nano", input_shape=(64, 32, 3), num_classes=3)
    path = zoo.save_weights(model, tmp_path / "mine.safetensors")
    result = run("finetune", path, "cifar10")
    assert result.exit_code == 0, result.stderr
    assert str(asked[0]["out"]) == "runs/mine_finetuned"
    monkeypatch.undo()
    config = load_recipe("finetune", asked[0]["changes"])
    expected = ModelConfig(name="binaryvit_nano", weights=str(path), new_classifier=True)
    assert config.model == expected and config.data.size == (64, 32)


def test_of_weights_of_another_normalization(fails, asked, nano, tmp_path):
    given = zoo.WeightsMetadata(preprocessing={"mean": [0.5] * 3, "std": [0.25] * 3})
    path = zoo.save_weights(nano, tmp_path / "mine.safetensors", metadata=given)
    assert "normalised as ImageNet's" in fails("finetune", path, "cifar10")[0]
    assert not asked


def test_of_a_run_with_a_variant_of_its_own(run, asked, fails, monkeypatch, tmp_path):
    folder = tmp_path / "my run"
    folder.mkdir()
    assert "has no recipe.toml" in fails("finetune", folder, "cifar10")[0]
    model = ModelConfig(
        name="binaryvit_nano",
        variant={"dims": [32, 64], "depths": [1, 1]},
        options={"drop_path": 0.1},
        weights="/gone.h5",
        binary="activations",
    )
    data = DataConfig(dataset="dogs", size=(96, 32), batch_size=8)
    own = Recipe(name="own", description="", epochs=1, model=model, data=data)
    (folder / "recipe.toml").write_text(recipe_text(own))
    assert "has no best.h5" in fails("finetune", folder, "cifar10")[0]
    (folder / "best.h5").touch()
    result = run("finetune", folder, "cifar10", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    monkeypatch.undo()
    recipe = load_recipe("finetune", asked[0]["changes"])
    weights = str(folder / "best.h5")
    assert recipe.data.size == (96, 32)
    assert recipe.model == replace(model, weights=weights, new_classifier=True)


def test_what_is_no_start(fails, asked, tmp_path):
    words = "unknown model, weights or run 'binaryvit_nnao'; did you mean 'binaryvit_nano'"
    assert words in fails("finetune", "binaryvit_nnao", "cifar10")[0]
    file = tmp_path / "best.h5"
    file.touch()
    message = " ".join(fails("finetune", file, "cifar10"))
    assert f"{file} does not say of which model" in message
    assert f"--set model.weights={file} --set model.pretrained=" in message
    assert not asked


def test_no_weights(fails, asked):
    assert "no pretrained weights of 'reactnet_a'" in fails("finetune", "reactnet_a", "cifar10")[0]
    assert not asked
