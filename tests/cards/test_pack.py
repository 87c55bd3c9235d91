"""From a run to weights that ship."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from larq_bvit import zoo
from larq_bvit._toml import read_toml
from larq_bvit.cards import pack
from larq_bvit.cards.card import card_page, read_card
from larq_bvit.train.build import build_model
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.fitting import open_data
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_evaluation import save_evaluation
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.zoo.registry import MODELS
from tests.train.data.common import write_image
from tests.train.few_layers import FEW_LAYERS
from tests.train.run_folders import COLUMNS

pytest.importorskip("larq_compute_engine")
pytest.importorskip("matplotlib")
CLASSES = ("ant", "bee", "cat")


@pytest.fixture
def images(tmp_path):
    for split, count in (("train", 6), ("val", 15)):
        for i in range(count):
            name = CLASSES[i % len(CLASSES)]
            write_image(tmp_path / "animals" / split / name / f"{i}.jpg", (32, 32), seed=i)
    return tmp_path / "animals"


@pytest.fixture
def run(tmp_path, images, monkeypatch):
    """The folder of a finished run of a model with few layers."""
    architecture, variant = MODELS["binaryvit_nano"]
    few = replace(architecture.variants[variant], **FEW_LAYERS["binaryvit_nano"])
    architecture = replace(architecture, variants={"nano": few}, default="nano")
    monkeypatch.setitem(MODELS, "binaryvit_nano", (architecture, "nano"))
    changes = [f"data.dataset=folder:{images}", "data.batch_size=2", "epochs=1", "seed=3"]
    recipe = load_recipe("binaryvit_nano_cifar10", changes)
    folder = RunFolder.create(tmp_path / "run", recipe_text(recipe))
    folder.history.write_text(f"{COLUMNS}1,3,60.5,10.0,1.0,0.5,1.0,0.5,0.75\n")
    model = build_model(recipe, len(CLASSES))
    model.get_layer("classifier").bias.assign(np.array([0.5, 0.0, -0.5], np.float32))
    zoo.save_weights(model, folder.best)
    save_evaluation(folder.evaluation, evaluate(model, open_data(recipe)))
    return folder


def test_everything_that_ships(run, tmp_path):
    steps = []
    options = {"notes": ["Few images."], "trained_on": "paper", "default": True}
    folder = pack(run.path, tmp_path / "zoo", **options, on_step=steps.append)
    assert folder == tmp_path / "zoo" / "binaryvit_nano_animals" and len(steps) == 3
    assert [path.name for path in (tmp_path / "zoo").iterdir()] == [folder.name]
    stored = json.loads((folder / "evaluation.json").read_text())
    measured = json.loads(run.evaluation.read_text())
    assert (stored["top_1"], stored["images"]) == (measured["top_1"], 15)
    weights = folder / "weights.safetensors"
    preset = read_toml(folder / "preset.toml")
    assert preset["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert preset["top_1"] == measured["top_1"]["value"]
    assert preset["default"] is True and "architecture_default" not in preset
    metadata = zoo.read_metadata(weights)
    assert metadata.class_names == CLASSES and metadata.seed == 3
    assert metadata.accuracy.top_1.count == measured["top_1"]["count"]
    assert (folder / "README.md").read_text() == card_page(read_card(folder))
    assert "Few images." in (folder / "README.md").read_text()
    for text in (folder / "step1" / "recipe.toml", folder / "card.json", folder / "README.md"):
        assert str(tmp_path) not in text.read_text()
    assert (folder / "step1" / "history.csv").read_bytes() == run.history.read_bytes()
    assert (folder / "step1" / "curves.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="binaryvit_nano_animals exists: remove it"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")


def test_figures_that_the_weights_do_not_have(run, tmp_path):
    measured = json.loads(run.evaluation.read_text())
    measured["top_1"]["count"] += 1
    run.evaluation.write_text(json.dumps(measured))
    with pytest.raises(ValueError, match="the packed weights recognise . images, those of the ru"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")
    assert not list((tmp_path / "zoo").iterdir())


def test_not_finished(run, tmp_path):
    run.evaluation.unlink()
    with pytest.raises(ValueError, match="expected a finished run; .* has no evaluation.json"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")
    assert not (tmp_path / "zoo").exists()


@pytest.mark.parametrize("change", ["model.binary=nothing", "model.variant.depths=[1,1,1,1]"])
def test_models_that_have_no_name(run, tmp_path, change):
    run.recipe.write_text(recipe_text(load_recipe(run.recipe, [change])))
    with pytest.raises(ValueError, match="expected a model of the zoo as it is"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")
