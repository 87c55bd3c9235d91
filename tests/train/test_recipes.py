"""Recipes by name, from files, and back; that those at the root are what they say."""

import re
import subprocess
import sys

import pytest

from larq_bvit import zoo
from larq_bvit.artifacts import artifacts
from larq_bvit.presets import presets
from larq_bvit.train.model_variant import model_variant
from larq_bvit.train.recipe import DistillationConfig, ModelConfig, OptimizerConfig
from larq_bvit.train.recipes import (
    find_recipe,
    list_recipes,
    load_recipe,
    recipe_comments,
    recipe_text,
)
from larq_bvit.zoo.registry import MODELS

NAMES = [path.stem for path in artifacts("train", ".toml")]
MINIMAL = """
description = "mine"
epochs = 3
model.name = "binaryvit_nano"
data = {dataset = "cifar10", size = [32, 32], batch_size = 8}
"""


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL)
    return path


def test_listed():
    listed = list_recipes()
    assert [recipe.name for recipe in listed] == NAMES
    assert len({recipe.description for recipe in listed}) == len(NAMES) >= 20
    assert all(load_recipe(recipe.name) == recipe for recipe in listed)


@pytest.mark.parametrize("name", NAMES)
def test_comments(name):
    comments = recipe_comments(find_recipe(name))
    assert f"\n# Command:        larq-bvit train {name} --out runs/{name}\n" in comments
    assert "\n# Expected time:  " in comments and "\n# Result:         " in comments


@pytest.mark.parametrize("name", NAMES)
def test_names_exist(name):
    recipe = load_recipe(name)
    assert recipe.model.name in zoo.list_models()
    model_variant(recipe.model.name, recipe.model.variant)  # its plan, as it stands
    architecture, variant = MODELS[recipe.model.name]
    stride = architecture.variants[variant].stride
    assert all(side % stride == 0 for side in recipe.data.size)
    comments = recipe_comments(find_recipe(name))
    needed = [recipe.model.weights] if recipe.model.weights else []
    guides = recipe.distillation.teachers if recipe.distillation else ()
    taught = {guide.weights: guide.teacher for guide in guides}
    assert set(taught.values()) <= set(zoo.list_models())
    needed += taught
    for path in needed:  # another recipe's, the package's, or an imported checkpoint's
        first = re.fullmatch(r"runs/(\w+)/best.h5", path)
        if path in zoo.list_presets():
            assert presets()[path].model == taught[path]
        elif first:
            assert first[1] in NAMES and re.search(rf" at runs/{first[1]}[,.]\n", comments)
        else:
            command = re.search(r"larq-bvit import-torch (\w+) \S+ -o (\S+)", comments)
            assert command.groups() == (taught[path], path)


@pytest.mark.parametrize("name", NAMES)
def test_text_reads_back(name, tmp_path):
    recipe = load_recipe(name)
    (tmp_path / "recipe.toml").write_text(recipe_text(recipe))
    again = load_recipe(tmp_path / "recipe.toml")
    assert again == recipe and again.name == name
    assert recipe_text(again) == recipe_text(recipe) == (tmp_path / "recipe.toml").read_text()


def test_published_binaryvit():
    recipe = load_recipe("binaryvit_imagenet")
    assert (recipe.epochs, recipe.data.batch_size, recipe.data.size) == (300, 512, (224, 224))
    assert recipe.optimizer == OptimizerConfig(
        name="adamw", learning_rate=5e-4, reference_batch=512, weight_decay=0.0
    )
    schedule = recipe.schedule
    assert (schedule.name, schedule.warmup_epochs, schedule.last) == ("cosine", 0.0, 1e-5)
    assert recipe.distillation == DistillationConfig(
        teacher="deit_small", weights="deit_small.h5", soft=1.0, hard=0.0
    )


@pytest.mark.parametrize(("model", "batch", "rate"), [("a", 256, 1.25e-3), ("18", 512, 2.5e-3)])
def test_reactnet_has_two_steps(model, batch, rate):
    first, second = (load_recipe(f"reactnet_{model}_imagenet_step{n}") for n in (1, 2))
    assert (first.model.binary, second.model.binary) == ("activations", "all")
    assert (first.optimizer.weight_decay, second.optimizer.weight_decay) == (1e-5, 0.0)
    for recipe in (first, second):
        assert (recipe.data.batch_size, recipe.optimizer.learning_rate) == (batch, rate)
        assert (recipe.epochs, recipe.schedule.name) == (128, "linear")
        assert recipe.data.augmentation.lighting == 0.1


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("no_affine", {"options": {"affine": False}}),
        ("no_pooling", {"options": {"pooling_branches": False}}),
        ("no_affine_no_pooling", {"options": {"affine": False, "pooling_branches": False}}),
        ("float", {"binary": "nothing"}),
    ],
)
def test_twins_of_nano_differ_in_the_model_alone(name, changes):
    nano = load_recipe("binaryvit_nano_cifar10")
    twin = load_recipe(f"binaryvit_nano_{name}_cifar10")
    assert twin.model == ModelConfig(name="binaryvit_nano", **changes)
    for field in ("data", "optimizer", "schedule", "epochs", "label_smoothing", "seed"):
        assert getattr(twin, field) == getattr(nano, field)


def test_from_files(mine, tmp_path, monkeypatch):
    recipe = load_recipe(mine)
    assert recipe.name == "mine" and recipe.data.size == (32, 32)
    monkeypatch.chdir(tmp_path)
    assert load_recipe("mine.toml") == load_recipe("./mine.toml") == recipe
    assert load_recipe(recipe) is recipe


def test_overrides(mine):
    changes = ["epochs=9", "data.size=[64, 64]", "optimizer.name=sgd", "optimizer.ema=1"]
    for source in (mine, load_recipe(mine)):
        recipe = load_recipe(source, changes)
        assert (recipe.epochs, recipe.data.size) == (9, (64, 64))
        assert recipe.optimizer == OptimizerConfig(name="sgd", ema=1.0)
    assert load_recipe("binaryvit_imagenet", ["distillation="]).distillation is None


def test_extends(mine, tmp_path):
    (tmp_path / "other.toml").write_text(
        'extends = "mine.toml"\ndata.batch_size = 4\nmodel.options.drop_path = 0.1'
    )
    other, base = load_recipe(tmp_path / "other.toml"), load_recipe(mine)
    assert (other.name, other.description, other.data.dataset) == ("other", "mine", "cifar10")
    assert (other.data.batch_size, base.data.batch_size) == (4, 8)
    assert other.model == ModelConfig(name="binaryvit_nano", options={"drop_path": 0.1})
    assert "extends" not in recipe_text(other)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('extends = "mine.toml"', "extends 'mine.toml', which extends this one"),
        ('extends = "nope.toml"', "extends: no recipe file at .*nope.toml"),
        ('extends = "binaryvit_imagnet"', "extends: unknown recipe .* 'binaryvit_imagenet'"),
        ("extends = 3", "expected extends to be the name of a recipe; got 3"),
        (MINIMAL.replace("epochs", "epoch"), "unknown field 'epoch'; did you mean 'epochs'"),
        (MINIMAL.replace("3", '"3"', 1), "expected epochs to be an integer; got '3'"),
        (MINIMAL.replace("8", "0"), "data: expected batch_size .* at least 1; got 0"),
        (f"{MINIMAL}[data.augmentation]", "is not a TOML file"),
        ("epochs = 3", "expected the field 'description'; it is missing"),
    ],
)
def test_bad_file(mine, content, message):
    mine.write_text(content)
    with pytest.raises(ValueError, match=message) as error:
        load_recipe(mine)
    assert str(error.value).startswith(str(mine))


def test_a_circle_of_two(mine, tmp_path):
    mine.write_text('extends = "other.toml"')
    (tmp_path / "other.toml").write_text('extends = "mine.toml"')
    with pytest.raises(ValueError, match="other.toml: extends 'mine.toml', which extends this"):
        load_recipe(mine)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("binaryvit_imagnet", "unknown recipe 'binaryvit_imagnet'; did you mean 'binaryvit_imag"),
        ("nope.toml", "no recipe file at nope.toml$"),
        ("x/binaryvit_imagenet.toml", "did you mean the recipe 'binaryvit_imagenet'"),
    ],
)
def test_unknown_name(name, message):
    with pytest.raises(ValueError, match=message):
        load_recipe(name)


def test_needs_no_tensorflow():
    code = (
        "import sys; sys.modules.update(tensorflow=None, tf_keras=None, larq=None, numpy=None); "
        "from larq_bvit.train import recipes; "
        "recipe = recipes.load_recipe('reactnet_cifar10', ['epochs=4']); "
        "recipes.recipe_text(recipe); print(recipe.epochs)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "4", result.stderr
