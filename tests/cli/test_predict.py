"""`larq-bvit predict`."""

from importlib.resources import files

import numpy as np
import pytest

from larq_bvit import zoo
from larq_bvit.zoo.images import load_image, preprocess_input
from tests.presets import publish

CAT = files("larq_bvit") / "assets" / "cat.jpg"
NANO = ["--model", "binaryvit_nano", "--input-size", "32"]

pytestmark = pytest.mark.usefixtures("few_nano")


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(f"class {i}" for i in range(10)) + "\n\n")
    return path


def test_json_equals_the_model(run_json, nano, nano_weights, names):
    options = ["--weights", nano_weights, "--class-names", names, "--top", 3]
    shown = run_json("predict", CAT, CAT, *NANO, *options)
    assert not shown["random_weights"] and shown["weights"] == str(nano_weights)
    expected = nano(preprocess_input(load_image(CAT, (32, 32))[None]), training=False).numpy()[0]
    best = np.argsort(-expected)[:3]
    for image in shown["images"]:
        assert [one["name"] for one in image["classes"]] == [f"class {i}" for i in best]
        got = [one["probability"] for one in image["classes"]]
        np.testing.assert_allclose(got, expected[best], rtol=1e-4)


def test_published_weights(run, run_json, nano, names, empty_package, tmp_path):
    metadata = zoo.WeightsMetadata(class_names=tuple(names.read_text().split("\n")[:10]))
    file = zoo.save_weights(nano, tmp_path / "nano.safetensors", metadata=metadata)
    flags = {"default": True, "architecture_default": True}
    publish(empty_package, "binaryvit_nano_cifar10", file.read_bytes(), **flags)
    shown = run_json("predict", CAT)
    assert shown["weights"] == "binaryvit_nano_cifar10" and not shown["random_weights"]
    expected = nano(preprocess_input(load_image(CAT, (32, 32))[None]), training=False).numpy()[0]
    for image in shown["images"]:
        best = [int(one["name"].split()[1]) for one in image["classes"]]
        assert best == np.argsort(-expected)[:5].tolist()
    taken = "binaryvit_nano with the pretrained weights binaryvit_nano_cifar10: cifar10, 32x32 pix"
    first, second, *_ = run("predict", CAT, "--input-size", "64").stderr.splitlines()
    assert first.startswith(taken) and second.endswith("resampled from (8, 8) to (16, 16)")
    for name in ("binaryvit_nano", "binaryvit_nano_cifar10"):
        assert run_json("predict", CAT, "--model", name)["images"] == shown["images"]


def test_a_packed_file_alone(run_json, nano, tmp_path):
    metadata = zoo.WeightsMetadata(class_names=tuple(f"class {i}" for i in range(10)))
    file = zoo.save_weights(nano, tmp_path / "mine.safetensors", metadata=metadata)
    shown = run_json("predict", CAT, "--weights", file)
    assert (shown["model"], shown["weights"]) == ("binaryvit_nano", str(file))
    expected = nano(preprocess_input(load_image(CAT, (32, 32))[None]), training=False).numpy()[0]
    names = [one["name"] for one in shown["images"][0]["classes"]]
    assert names == [f"class {i}" for i in np.argsort(-expected)[:5]]
    assert run_json("predict", CAT, "--model", file)["images"] == shown["images"]


def test_text_says_that_weights_are_random(run, no_weights):
    first = run("predict", CAT, *NANO, "--seed", 3, "--top", 2)
    assert first.exit_code == 0, first.stderr
    lines = first.stdout.splitlines()
    assert lines[0] == str(CAT) and len(lines) == 4
    assert "random (seed 3) and the answers mean nothing" in lines[-1]
    assert run("predict", CAT, *NANO, "--seed", 3, "--top", 2).stdout == first.stdout


def test_weights_are_not_called_random(run, nano_weights, names):
    options = ["--weights", nano_weights, "--class-names", names]
    assert "random" not in run("predict", CAT, *NANO, *options).stdout


def test_bad_images_are_named_before_anything_is_predicted(fails, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(CAT.read_bytes()[:5000])
    (line,) = fails("predict", CAT, bad)
    assert line.startswith(f"cannot read image '{bad}'")
    missing = tmp_path / "missing.png"
    first, *others = fails("predict", bad, CAT, missing)
    assert first == "2 images can't be read:" and len(others) == 2
    assert str(bad) in others[0] and str(missing) in others[1]


def test_bad_weights(fails, tmp_path, nano_weights):
    bad = tmp_path / "bad.h5"
    assert fails("predict", CAT, *NANO, "--weights", bad) == [f"no weight file at {bad}"]
    bad.write_bytes(nano_weights.read_bytes()[:4000])
    (line,) = fails("predict", CAT, *NANO, "--weights", bad)
    assert line.startswith(f"{bad} is not a whole Keras HDF5 weight file")
    names = tmp_path / "names.txt"
    names.write_text("a\nb\nc\n")
    (line,) = fails("predict", CAT, *NANO, "--weights", nano_weights, "--class-names", names)
    assert line == f"the weights '{nano_weights}' have 10 classes; got 3 class names"


def test_weights_without_names_have_numbers(run_json, nano_weights):
    shown = run_json("predict", CAT, *NANO, "--weights", nano_weights, "--top", 10)
    names = {entry["name"] for entry in shown["images"][0]["classes"]}
    assert names == {str(number) for number in range(10)}


def test_empty_class_names(fails, names):
    names.write_text("\n \n")
    assert fails("predict", CAT, "--class-names", names) == [f"no class names in {names}"]


def test_broken_weights(fails, nano, empty_package, tmp_path):
    """NaN has no order: five classes would be shown all the same."""
    file = tmp_path / "nan.h5"
    kept = nano.get_layer("classifier").get_weights()
    nano.get_layer("classifier").set_weights([np.full_like(value, np.nan) for value in kept])
    zoo.save_weights(nano, file)
    nano.get_layer("classifier").set_weights(kept)
    (line,) = fails("predict", CAT, *NANO, "--weights", file)
    assert line == "expected numbers from the model; got NaN: its weights are broken"
