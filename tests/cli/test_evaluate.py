"""`larq-bvit evaluate`."""

import os
from importlib import import_module
from types import SimpleNamespace

import pytest
import tensorflow as tf
from PIL import Image

from larq_bvit import zoo
from larq_bvit.cli import evaluate
from larq_bvit.train import evaluation_data as evaluation_data_module
from larq_bvit.train.data.folder import folder_source
from tests.train.data.common import write_image
from tests.train.models import small
from tests.train.run_folders import write_run

pytestmark = pytest.mark.usefixtures("few_nano")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A saved model of 3 classes at 8x8, and 3 folders of 4 images to evaluate it on."""
    folder = tmp_path_factory.mktemp("evaluate")
    small(activation="softmax").save(folder / "own.keras")
    for label in range(3):
        for k in range(4):
            write_image(folder / "images" / "val" / f"n{label}" / f"{k}.png", seed=10 * label + k)
    return folder


def data(files):
    return f"folder:{files}/images/val:all"


def test_a_saved_model(run, run_json, files):
    shown = run_json("evaluate", files / "own.keras", data(files))
    assert shown["images"] == 12 and shown["corrupt"] == []
    right = sum(round(c["images"] * c["accuracy"]) for c in shown["classes"])
    assert shown["top_1"]["count"] == right
    result = run("evaluate", files / "own.keras", data(files), "--limit", 6)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["images", "6"] and lines[1].startswith("top-1")
    assert "random" not in result.stdout


def test_the_same_of_its_tflite(run_json, files):
    convert = pytest.importorskip("larq_bvit.convert")
    pytest.importorskip("larq_compute_engine")
    model = small(activation="softmax")
    (files / "own.tflite").write_bytes(convert.to_tflite(model, include_preprocessing=True))
    of_keras = run_json("evaluate", files / "own.keras", data(files))
    of_tflite = run_json("evaluate", files / "own.tflite", data(files))
    assert of_tflite["cross_entropy"] == pytest.approx(of_keras["cross_entropy"], abs=1e-4)
    assert of_tflite["top_1"] == of_keras["top_1"]


def test_two_together(run, run_json, fails, files, no_weights):
    """A model with itself is itself; see tests/train/test_classifier.py for another one."""
    own, named = files / "own.keras", ["reactnet_18", "--input-size", 32]
    alone = run_json("evaluate", own, data(files))
    same = run_json("evaluate", own, data(files), "--with", own)
    assert same.pop("with") == str(own)
    assert same.pop("cross_entropy") == pytest.approx(alone.pop("cross_entropy"))
    assert same.pop("calibration_error") == pytest.approx(alone.pop("calibration_error"))
    assert same == alone
    result = run("evaluate", *named, data(files), "--with", "reactnet_18")
    assert result.exit_code == 0 and "random" in result.stdout, result.stderr
    assert "32x32 and 8x8" in fails("evaluate", *named, data(files), "--with", own)[-1]
    assert "unknown model" in fails("evaluate", own, data(files), "--with", "other")[-1]
    assert "no model at" in fails("evaluate", own, data(files), "--with", "other.keras")[-1]


def test_a_model_without_weights_and_a_picture(run, files, no_weights):
    pytest.importorskip("matplotlib")
    picture = files / "confusion.png"
    result = run(
        *("evaluate", "binaryvit_nano", data(files), "--input-size", "32", "--seed", "3"),
        *("--confusion", picture),
    )
    assert result.exit_code == 0, result.stderr
    note = result.stdout.splitlines()[-1]
    assert "weights were given, so they are random (seed 3)" in note
    assert min(Image.open(picture).size) > 500


def test_a_packed_file(run_json, fails, files, tmp_path):
    for classes in (3, 4):
        model = zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=classes)
        zoo.save_weights(model, tmp_path / f"{classes}.safetensors")
    file = tmp_path / "3.safetensors"
    shown = run_json("evaluate", file, data(files))
    by_name = run_json("evaluate", "binaryvit_nano", data(files), "--weights", file)
    assert shown["images"] == 12
    assert {**by_name, "model": str(file)} == shown
    (line,) = fails("evaluate", tmp_path / "4.safetensors", data(files))
    assert line == "the model has 4 classes, the data 3: n0, n1, n2"


def test_a_model_means_its_published_weights(run, run_json, nano_weights, pretrained, tmp_path):
    for label, name in enumerate(pretrained):
        write_image(tmp_path / "images" / name / "0.png", seed=label)
    arguments = ["evaluate", "binaryvit_nano", f"folder:{tmp_path}/images:all"]
    shown = run_json(*arguments)
    assert shown["weights"] == "binaryvit_nano_animals" and shown["images"] == 10
    own = run_json(*arguments, "--weights", nano_weights, "--input-size", "32")
    assert own["weights"] == str(nano_weights)
    assert own["cross_entropy"] == pytest.approx(shown["cross_entropy"], rel=1e-6)
    assert "random" not in run(*arguments).stdout


def test_corrupt_images(run, fails, files, tmp_path):
    for name in ("a/0.png", "a/1.png", "b/0.png", "c/0.png"):
        write_image(tmp_path / name)
    (tmp_path / "a" / "1.png").write_bytes(b"no image")
    arguments = ["evaluate", files / "own.keras", f"folder:{tmp_path}:all"]
    (line,) = fails(*arguments)
    assert "max_corrupt=0 corrupt images; got 1: " in line and "1.png" in line
    result = run(*arguments, "--max-corrupt", 1)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.split()[:2] == ["images", "3,"] and "corrupt: " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["own.keras", "folder:{files}/nowhere"], "there is none at"),
        (["own.keras", "nonsense"], "nonsense"),
        (["missing.keras", "{data}"], "no model at"),
        (["missing.tflite", "{data}"], "no model at"),
        (["own.keras", "{data}", "--weights", "x.h5"], "--weights can't change it"),
        (["own.keras", "{data}", "--input-size", "8"], "--input-size can't change it"),
        (["binaryvit_nano", "{data}", "--weights", "x.h5"], "no weight file at x.h5"),
        (["binaryvit_nan", "{data}"], "did you mean 'binaryvit_nano'"),
        (["own.keras", "{data}", "--confusion", "x.jpg"], "must end in .png"),
    ],
)
def test_errors(fails, files, monkeypatch, arguments, message):
    monkeypatch.chdir(files)
    arguments = [text.format(files=files, data=data(files)) for text in arguments]
    assert message in " ".join(fails("evaluate", *arguments))


def test_what_is_said_while_data_are_opened(fails, files, monkeypatch, capfd):
    def opened(*_):
        os.write(2, b"downloading\n")  # as a progress bar does
        raise ValueError("no more")

    monkeypatch.setattr(evaluation_data_module, "evaluation_data", opened)
    assert fails("evaluate", files / "own.keras", "cifar10") == ["no more"]
    assert capfd.readouterr().err.endswith("downloading\n")


def test_other_classes(fails, files):
    small(classes=4).save(files / "four.keras")
    (line,) = fails("evaluate", files / "four.keras", data(files))
    assert line == "the model has 4 classes, the data 3: n0, n1, n2"


@pytest.mark.parametrize(("cores", "threads"), [(3, 3), (128, 64)])  # the most it takes
def test_threads_are_those_that_the_delegate_takes(cores, threads, monkeypatch):
    asked = []

    def open_tflite(path, runtime, threads):
        asked.append(threads)
        return SimpleNamespace(classifier=None)

    monkeypatch.setattr(evaluate, "open_tflite", open_tflite)
    module = import_module("larq_bvit.bench.machine")  # whose name a function has taken
    monkeypatch.setattr(module, "cores", lambda: cores)
    evaluate._of_file("x.tflite", None)
    assert asked == [threads]


def test_a_model_that_normalises_pixels_itself_is_refused(fails, files, tmp_path):
    image = tf.keras.Input((8, 8, 3))
    x = tf.keras.layers.Rescaling(1 / 127.5, -1)(image)
    tf.keras.Model(image, small(activation="softmax")(x)).save(tmp_path / "own.keras")
    message = " ".join(fails("evaluate", tmp_path / "own.keras", data(files)))
    assert "own.keras begins with a scale or a shift" in message and "--raw-pixels" in message


def test_the_picture_is_there_before_anything_is_printed(run, files, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")

    def fail(_):
        raise OSError("the terminal has gone")

    monkeypatch.setattr(import_module("larq_bvit.cli.evaluate"), "_print", fail)
    picture = tmp_path / "confusion.png"
    result = run("evaluate", files / "own.keras", data(files), "--confusion", picture)
    assert result.exit_code == 2 and "the terminal has gone" in result.stderr
    assert min(Image.open(picture).size) > 500


def test_what_a_run_kept_from_training_is_what_is_evaluated(run_json, tmp_path):
    """A hash below the share decides; a larger share would hold images that were trained on."""
    for number in range(40):
        for name in ("cat", "dog"):
            write_image(tmp_path / "images" / name / f"{number}.jpg")
    data = f"folder:{tmp_path}/images"
    run = write_run(tmp_path / "run", ["data.holdout=0.05", "data.size=[32,32]"])
    zoo.save_weights(
        zoo.create("binaryvit_nano", input_shape=(32, 32, 3), num_classes=2), run / "best.h5"
    )
    kept = {h: len(folder_source(str(tmp_path / "images"), "evaluation", h)) for h in (0.05, 0.1)}
    assert kept[0.05] < kept[0.1]
    assert run_json("evaluate", run, data)["images"] == kept[0.05]
    assert run_json("evaluate", run, data, "--holdout", 0.1)["images"] == kept[0.1]
