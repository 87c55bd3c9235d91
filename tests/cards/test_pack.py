"""From a run to weights that ship."""

import hashlib
import json
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from larq_bvit import zoo
from larq_bvit._toml import read_toml
from larq_bvit.cards import pack
from larq_bvit.cards.card import DELEGATE, LCE, card_page, read_card
from larq_bvit.cards.data_sets import DATA_SETS, UNKNOWN
from larq_bvit.train.build import build_model
from larq_bvit.train.evaluate_model import evaluate
from larq_bvit.train.fitting import open_data
from larq_bvit.train.origin import Origin, save_origin
from larq_bvit.train.recipes import load_recipe, recipe_text
from larq_bvit.train.run_evaluation import save_evaluation
from larq_bvit.train.run_folder import RunFolder
from tests.delegate import needs_delegate
from tests.train.data.common import write_image
from tests.train.run_folders import COLUMNS, write_run

pytest.importorskip("larq_compute_engine")
pytest.importorskip("matplotlib")
CLASSES = ("ant", "bee", "cat")
pack_module = sys.modules[pack.__module__]  # whose name the function has taken


@pytest.fixture(scope="module")
def finished(few_nano, tmp_path_factory):
    """A folder of images, and of a finished run of a model with few layers on them."""
    folder = tmp_path_factory.mktemp("finished")
    images = folder / "animals"
    for split, count in (("train", 6), ("val", 15)):
        for i in range(count):
            name = CLASSES[i % len(CLASSES)]
            write_image(images / split / name / f"{i}.jpg", (32, 32), seed=i)
    changes = [f"data.dataset=folder:{images}", "data.batch_size=2", "epochs=1", "seed=3"]
    changes.append("precise_bn=0")  # whatever the recipe says
    recipe = load_recipe("binaryvit_nano_cifar10", changes)
    run = RunFolder.create(folder / "run", recipe_text(recipe))
    run.history.write_text(f"{COLUMNS}1,3,60.5,10.0,1.0,0.5,1.0,0.5,0.75\n")
    model = build_model(recipe, len(CLASSES))
    model.get_layer("classifier").bias.assign(np.array([0.5, 0.0, -0.5], np.float32))
    zoo.save_weights(model, run.best)
    save_evaluation(run.evaluation, evaluate(model, open_data(recipe)))
    return folder


@pytest.fixture
def images(finished, tmp_path):
    """A copy of the images, to be damaged."""
    return shutil.copytree(finished / "animals", tmp_path / "animals")


@pytest.fixture
def run(finished, images, tmp_path):
    """A copy of the run, to be changed, on the copy of the images."""
    copy = RunFolder(shutil.copytree(finished / "run", tmp_path / "run"))
    recipe = load_recipe(copy.recipe, [f"data.dataset=folder:{images}"])
    copy.recipe.write_text(recipe_text(recipe))
    return copy


def test_everything_that_ships(run, tmp_path):
    steps = []
    save_origin(run.origin, Origin("0.0.9", "0123456789ab+changes"))
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
    page = (folder / "README.md").read_text()
    assert page == card_page(read_card(folder), by_name=False)
    assert "binaryvit_nano_animals/weights.safetensors" in page
    facts = json.loads((folder / "card.json").read_text())
    built = set() if needs_delegate.args[0] else {DELEGATE}
    assert facts["tflite"]["top_1"].keys() == {LCE, *built}
    assert facts["tflite"]["milliseconds"].keys() == {LCE, f"{LCE}, indirect", *built}
    assert (facts["version"], facts["commit"]) == ("0.0.9", "0123456789ab+changes")
    assert metadata.commit == facts["commit"] and facts["precise_bn"] == 0
    assert facts["data_license"] == UNKNOWN.license and metadata.license_weights == "Apache-2.0"
    assert "Few images." in (folder / "README.md").read_text()
    for text in (folder / "step1" / "recipe.toml", folder / "card.json", folder / "README.md"):
        assert str(tmp_path.parent) not in text.read_text()  # nor where `finished` is
    assert (folder / "step1" / "history.csv").read_bytes() == run.history.read_bytes()
    assert (folder / "step1" / "curves.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="binaryvit_nano_animals exists: give another name"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")


def test_the_file_tells_the_licences_of_all_data():
    facts = {"data_license": "theirs", "data_before": [("cats", "ask the cats"), ("dogs", "free")]}
    facts["data_of_teachers"] = [("owls", "ask at night")]
    expected = (
        "theirs; before, cats: ask the cats; before, dogs: free; of a teacher, owls: ask at night"
    )
    assert pack_module._data_license(facts) == expected


@pytest.fixture
def no_tflite(monkeypatch):
    """The .tflite is not made; what the test above has tested."""
    tflite = {"bytes": 1, "top_1": {}, "milliseconds": {}, "machine": "none"}
    monkeypatch.setattr(pack_module, "deployed", lambda *_: tflite)


def test_a_name_that_is_a_path(run, tmp_path):
    with pytest.raises(ValueError, match="expected name to be a name; got 'binaryvit_nano_a/b'"):
        pack(run.path, tmp_path / "zoo", name="a/b", trained_on="paper")


def test_names_licences_and_corrupt_images(run, images, tmp_path, no_tflite):
    corrupt = images / "val" / "ant" / "3.jpg"
    corrupt.write_bytes(b"no image")
    changes = ["data.max_corrupt=1", "optimizer.ema=0.5", f"data.evaluation=folder:{images}:val"]
    teacher = write_run(tmp_path / "teacher")
    changes.append(f'distillation={{teacher="deit_small", weights="{teacher}/best.h5"}}')
    run.recipe.write_text(recipe_text(load_recipe(run.recipe, changes)))
    run.origin.unlink()  # a run of an older version
    folder = pack(
        run.path,
        tmp_path / "zoo",
        name="binaryvit_nano_mine",
        dataset="cifar10",
        weights_license="MIT",
    )
    assert folder.name == "binaryvit_nano_mine"
    page = (folder / "README.md").read_text()
    assert "binaryvit_nano_mine/weights" in page and "- Weights: MIT." in page
    assert DATA_SETS["cifar10"].license in page and "| Unreadable images | 1, left out |" in page
    assert "larq_bvit unknown, commit unknown" in page and "a machine that was not noted" in page
    assert "32x32 pixels; trained on folder:animals, evaluated on folder:animals:val; its" in page
    name = load_recipe(teacher / "recipe.toml").name
    assert f"answers of `runs/{name}/best.h5` (deit_small), whose data are cifar10." in page
    assert read_toml(folder / "preset.toml")["dataset"] == "cifar10"
    metadata = zoo.read_metadata(folder / "weights.safetensors")
    assert (metadata.license_weights, metadata.commit) == ("MIT", None)
    assert json.loads((folder / "evaluation.json").read_text())["corrupt"] == 1
    for path in folder.rglob("*.*"):
        assert str(tmp_path.parent).encode() not in path.read_bytes()


def test_a_few_images_that_are_seen_otherwise(run, tmp_path, no_tflite, caplog):
    measured = json.loads(run.evaluation.read_text())
    before, measured["top_1"]["count"] = measured["top_1"]["count"], 14
    run.evaluation.write_text(json.dumps(measured))
    pack(run.path, tmp_path / "zoo", trained_on="paper")
    words = "the run's own evaluation was right in 14 of 15 images, this one in {} of 15"
    assert words.format(before) in caplog.messages


def test_weights_that_predict_otherwise(run, tmp_path, no_tflite, monkeypatch):
    def rounded(model, *arguments, **options):
        bias = model.get_layer("classifier").bias
        before = bias.numpy()
        bias.assign(np.nextafter(before, np.float32(9)))
        zoo.save_weights(model, *arguments, **options)
        bias.assign(before)

    standing_in = SimpleNamespace(**{**vars(zoo), "save_weights": rounded})
    monkeypatch.setattr(pack_module, "zoo", standing_in)
    with pytest.raises(ValueError, match="the packed weights to predict as the run's do; logits d"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")
    assert not list((tmp_path / "zoo").iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "my photos"}, "expected name to be a name; got 'binaryvit_nano_my photos'"),
        ({"dataset": "my photos", "name": "a"}, "expected dataset to be a name; got 'my photos'"),
        ({"architecture_default": True}, "expected default = true where architecture_default is"),
    ],
)
def test_refused_before_any_work(run, tmp_path, monkeypatch, options, message):
    monkeypatch.setattr(pack_module, "open_data", pytest.fail)
    with pytest.raises(ValueError, match=message):
        pack(run.path, tmp_path / "zoo", trained_on="paper", **options)
    assert not (tmp_path / "zoo").exists()


def test_not_finished(run, tmp_path):
    run.evaluation.unlink()
    with pytest.raises(ValueError, match="expected a finished run; .* has no evaluation.json"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")
    assert not (tmp_path / "zoo").exists()


@pytest.mark.parametrize(
    "change",
    ["model.binary=nothing", "model.variant.depths=[1,1,1,1]", "model.options.affine=false"],
)
def test_models_that_have_no_name(run, tmp_path, change):
    run.recipe.write_text(recipe_text(load_recipe(run.recipe, [change])))
    with pytest.raises(ValueError, match="expected a model of the zoo as it is"):
        pack(run.path, tmp_path / "zoo", trained_on="paper")
