"""The runs that led to weights, and their recipes without local paths."""

from dataclasses import replace

import pytest
import tensorflow as tf

from larq_bvit.cards.data_sets import DATA_SETS, UNKNOWN
from larq_bvit.cards.steps import (
    data_before,
    data_of_teachers,
    machines_of,
    origin_of,
    started_from,
    steps,
    teachers,
    without_paths,
)
from larq_bvit.train.data.config import DataConfig
from larq_bvit.train.origin import Origin, save_origin
from larq_bvit.train.recipe import DistillationConfig, ModelConfig, Recipe
from larq_bvit.train.recipes import load_recipe
from larq_bvit.train.run_folder import RunFolder
from larq_bvit.train.run_machines import note_machine
from larq_bvit.zoo import WeightsMetadata, save_weights
from tests.presets import publish
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


def test_the_code_of_all_steps(tmp_path):
    runs = [RunFolder(write_run(tmp_path / str(number))) for number in range(3)]
    for run in runs:
        run.origin.unlink(missing_ok=True)
    assert origin_of(runs) == Origin(None, None)
    for run, origin in zip(
        runs[::2], (Origin("0.1.0", "aaa"), Origin("0.1.0", "bbb")), strict=True
    ):
        save_origin(run.origin, origin)
    assert origin_of(runs) == Origin("0.1.0, unknown", "aaa, unknown, bbb")
    assert origin_of(runs[:1]) == Origin("0.1.0", "aaa")


def test_the_machines_of_all_steps(tmp_path):
    runs = [RunFolder(write_run(tmp_path / str(number))) for number in range(3)]
    assert machines_of(runs) == "a machine that was not noted"
    note_machine(runs[0].machines, 1, "a, with 2 cores")
    note_machine(runs[0].machines, 2, "b")
    note_machine(runs[2].machines, 1, "a, with 2 cores")
    assert machines_of(runs) == "a, with 2 cores; b; a machine that was not noted"
    assert machines_of(runs[::2]) == "a, with 2 cores; b"


def test_weights_of_the_zoo(empty_package, tmp_path):
    kernel = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    told = {"a": None, "b": "ask the cats"}
    for name, license_data in told.items():
        metadata = WeightsMetadata(license_data=license_data)
        file = save_weights(kernel, tmp_path / "x.safetensors", metadata=metadata)
        facts = {"dataset": f"cats_{name}", "default": name == "a"}
        publish(empty_package, name, file.read_bytes(), **facts)
    recipe = Recipe(
        name="mine",
        description="fine-tuning",
        epochs=1,
        model=ModelConfig(name="binaryvit_nano", pretrained="cats_b"),
        data=DataConfig(dataset="folder:images", size=(32, 32), batch_size=2),
    )
    expected = {"name": "b", "dataset": "cats_b", "data_license": "ask the cats"}
    assert started_from(recipe) == expected
    model = ModelConfig(name="binaryvit_tiny", grown_from="b")
    grown = replace(recipe, model=model)
    assert started_from(grown) == {**expected, "dataset": UNKNOWN.title}  # the file does not say
    metadata = WeightsMetadata(license_data="free", dataset="dogs")
    file = save_weights(kernel, tmp_path / "dogs.safetensors", metadata=metadata)
    grown = replace(recipe, model=replace(model, grown_from=str(file)))
    expected = {"name": "dogs.safetensors", "dataset": "dogs", "data_license": "free"}
    assert started_from(grown) == expected
    assert without_paths(grown).model.grown_from == "dogs.safetensors"
    other = replace(recipe, model=replace(recipe.model, pretrained="a"))
    assert started_from(other)["data_license"] == UNKNOWN.license
    assert started_from(replace(recipe, model=replace(recipe.model, pretrained=None))) is None


def test_data_of_other_steps():
    def recipe(data):
        return load_recipe("binaryvit_nano_cifar10", [f"data.dataset={data}"])

    start = {"name": "x", "dataset": "dogs", "data_license": "free"}
    cats, photos = recipe("folder:cats"), recipe("folder:photos")
    last = ("cats", UNKNOWN.license)
    assert data_before([cats, cats], None, last) == []
    assert data_before([cats], start, last) == [("dogs", "free")]
    assert data_before([cats], start, ("dogs", "free")) == []
    # a folder of one's own may have the name of a data set
    assert data_before([cats], start, ("dogs", UNKNOWN.license)) == [("dogs", "free")]
    imagenet = recipe("imagenet2012")
    expected = [
        ("dogs", "free"),
        ("imagenet2012", DATA_SETS["imagenet2012"].license),
        ("photos", UNKNOWN.license),
    ]
    assert data_before([imagenet, photos, photos, cats], start, last) == expected


def test_whose_answers_it_learned_from(tmp_path):
    def recipe(weights):
        teacher = f'distillation={{teacher="deit_small", weights="{weights}", binary="nothing"}}'
        return load_recipe("binaryvit_nano_cifar10", [teacher])

    run = write_run(tmp_path / "owls", ["data.dataset=folder:/home/me/owls"])
    kernel = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    metadata = WeightsMetadata(license_data="free", dataset="dogs")
    packed = save_weights(kernel, tmp_path / "dogs.safetensors", metadata=metadata)
    files = run / "best.h5", packed, tmp_path / "found" / "best.h5"
    student = load_recipe("binaryvit_nano_cifar10")
    last = ("cifar10", DATA_SETS["cifar10"].license)
    found = teachers([student, *map(recipe, files), recipe(files[0])], last)
    assert {teacher["name"] for teacher in found} == {"deit_small, binary: nothing"}
    assert [tuple(teacher.values())[1:] for teacher in found] == [
        ("runs/binaryvit_nano_cifar10/best.h5", "owls", UNKNOWN.license),
        (f"runs/{tmp_path.name}/dogs.safetensors", "dogs", "free"),
        ("runs/found/best.h5", UNKNOWN.title, UNKNOWN.license),
    ]
    assert data_of_teachers(found, ("dogs", "free")) == [
        ("owls", UNKNOWN.license),
        (UNKNOWN.title, UNKNOWN.license),
    ]
    assert teachers([student], last) == []


def test_the_same_folder_is_the_same_data_by_whatever_name(tmp_path):
    """What the packer calls a folder holds for all that was trained on it."""

    theirs, ours = tmp_path / "birds" / "images", tmp_path / "pets" / "images"
    guide = write_run(tmp_path / "guide", [f"data.dataset=folder:{ours}"])
    stranger = write_run(tmp_path / "stranger", [f"data.dataset=folder:{theirs}"])
    last = ("oxford_pets", "free")

    def recipe(teacher):
        weights = teacher / "best.h5"
        taught = f'distillation={{teacher="deit_small", weights="{weights}"}}'
        return load_recipe(
            "binaryvit_nano_cifar10", [f"data.dataset=folder:{ours}/../images:train", taught]
        )

    assert [found["dataset"] for found in teachers([recipe(guide)], last)] == ["oxford_pets"]
    found = teachers([recipe(stranger)], ("images", UNKNOWN.license))
    assert data_of_teachers(found, ("images", UNKNOWN.license)) == [
        ("other images", UNKNOWN.license)
    ]
    step, end = load_recipe(RunFolder(stranger).recipe), recipe(guide)
    assert data_before([step, end], None, last) == [("images", UNKNOWN.license)]
    assert data_before([step, end], None, ("images", UNKNOWN.license)) == [
        ("other images", UNKNOWN.license)
    ]


def test_packed_weights_of_ones_own_are_a_start(tmp_path):
    kernel = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    (tmp_path / "mine").mkdir()
    metadata = WeightsMetadata(license_data="free", dataset="dogs")
    file = save_weights(kernel, tmp_path / "mine" / "weights.safetensors", metadata=metadata)
    run = RunFolder(write_run(tmp_path / "run", [f"model.weights={file}"]))
    assert [step.path for step in steps(run)] == [run.path]
    recipe = load_recipe(run.recipe)
    assert started_from(recipe) == {"name": "mine", "dataset": "dogs", "data_license": "free"}
    assert without_paths(recipe).model.weights == "mine"


def test_a_teacher_that_comes_with_the_package(tmp_path, empty_package):
    kernel = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    metadata = WeightsMetadata(license_data="free", dataset="dogs")
    packed = save_weights(kernel, tmp_path / "dogs.safetensors", metadata=metadata)
    publish(empty_package, "some_dogs", packed.read_bytes(), default=True)
    recipe = Recipe(
        name="mine",
        description="taught",
        epochs=1,
        model=ModelConfig(name="binaryvit_nano"),
        data=DataConfig(dataset="folder:images", size=(32, 32), batch_size=2),
        distillation=DistillationConfig(teacher="binaryvit_nano", weights="some_dogs"),
    )
    assert teachers([recipe], ("images", UNKNOWN.license)) == [
        {
            "name": "binaryvit_nano",
            "weights": "some_dogs",
            "dataset": "dogs",
            "data_license": "free",
        }
    ]
    assert without_paths(recipe).distillation == recipe.distillation
    both = replace(recipe, distillation=replace(recipe.distillation, second=recipe.distillation))
    assert teachers([both], ("images", UNKNOWN.license)) == teachers([recipe], ("images", ""))


def test_no_local_paths():
    changes = [
        "data.dataset=folder:/home/me/cats",
        "data.evaluation=folder:/home/me/other/cats:test",
        "data.manual_dir=/home/me",
        "data.data_dir=/home/me",
        "model.weights=/home/me/runs/first/best.h5",
        'distillation={teacher="deit_small", weights="/home/me/teacher/best.h5"}',
        'distillation.second={teacher="reactnet_18", weights="/home/me/other/best.h5"}',
    ]
    recipe = without_paths(load_recipe("binaryvit_nano_cifar10", changes))
    assert "home" not in str(recipe)
    assert (recipe.data.dataset, recipe.data.evaluation) == ("folder:cats", "folder:cats:test")
    assert recipe.model.weights == "runs/first/best.h5"
    assert recipe.distillation.weights == "runs/teacher/best.h5"
    assert recipe.distillation.second.weights == "runs/other/best.h5"
    assert without_paths(load_recipe("finetune")) == load_recipe("finetune")


def test_a_first_step_is_named_by_its_recipe(tmp_path):
    first = write_run(tmp_path / "try7")
    second = write_run(tmp_path / "second", [f"model.weights={first / 'best.h5'}"])
    recipe = without_paths(load_recipe(RunFolder(second).recipe))
    assert recipe.model.weights == "runs/binaryvit_nano_cifar10/best.h5"
