"""`larq-bvit convert`."""

from importlib import import_module

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from larq_bvit import layers, zoo
from larq_bvit.convert.verification.compare import Agreement
from larq_bvit.runtime.lce_check import DelegateCheck
from tests.cli.conftest import SMALL
from tests.delegate import needs_delegate

pytest.importorskip("larq_compute_engine")
from larq_bvit import convert  # noqa: E402
from larq_bvit.convert.tflite import compact as compact_module  # noqa: E402
from larq_bvit.convert.tflite import pack as pack_module  # noqa: E402

pytestmark = pytest.mark.usefixtures("few_nano")


def test_file_equals_the_model(run_json, nano, nano_weights, tmp_path):
    output = tmp_path / "nano.tflite"
    shown = run_json("convert", "binaryvit_nano", "-o", output, "--weights", nano_weights, *SMALL)
    assert shown["bytes"] == output.stat().st_size and not shown["random_weights"]
    assert shown["float_bytes"] == 4 * nano.count_params()
    assert shown["binary_layers"] == sum("QuantConv2D" in str(type(x)) for x in nano.layers)
    images = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    got = convert.Interpreter(output.read_bytes()).predict(images)
    np.testing.assert_allclose(got, nano(images, training=False).numpy(), atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["nano.tflite"]
    assert shown["verification"]["holds"] and shown["target"]["name"] == "arm"
    assert shown["census"]["size"] == shown["bytes"]
    assert shown["census"] == run_json("inspect", output)


def test_a_model_means_its_published_weights(run_json, nano, pretrained, tmp_path):
    output = tmp_path / "nano.tflite"
    shown = run_json("convert", "binaryvit_nano", "-o", output)
    assert shown["weights"] == "binaryvit_nano_animals" and not shown["random_weights"]
    images = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    got = convert.Interpreter(output.read_bytes()).predict(images)
    np.testing.assert_allclose(got, nano(images, training=False).numpy(), atol=1e-5)
    assert convert.read_metadata(output.read_bytes()).labels == pretrained
    assert run_json("verify", "binaryvit_nano", output)["holds"]
    assert not shown["random_classifier"]


def test_other_classes_than_the_weights_have(run, run_json, pretrained, tmp_path):
    arguments = ["convert", "binaryvit_nano", "-o", tmp_path / "x.tflite", "--no-verify"]
    shown = run_json(*arguments, "--classes", 3)
    assert shown["random_classifier"] and not shown["random_weights"]
    note = "note: the weights have no 3 classes, so the classifier is random (seed 0)"
    assert note in run(*arguments, "--classes", 3).stdout
    assert "note:" not in run(*arguments, "--classes", 10).stdout


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    """A saved model of three layers, and the model."""
    x = tf.keras.Input((8, 8, 3))
    y = layers.binary_conv(8, 3)(tf.keras.layers.Conv2D(32, 3)(x))
    y = tf.keras.layers.Flatten()(y)
    model = tf.keras.Model(x, tf.keras.layers.Dense(3, activation="softmax")(y), name="own")
    path = tmp_path_factory.mktemp("model") / "own.keras"
    model.save(path)
    return path, model


def test_a_saved_model_that_normalises_pixels_itself(run, run_json, fails, tmp_path):
    x = tf.keras.Input((8, 8, 3))
    y = tf.keras.layers.Conv2D(32, 3)(tf.keras.layers.Rescaling(1 / 127.5, -1.0)(x))
    y = tf.keras.layers.Flatten()(layers.binary_conv(8, 3)(y))
    model = tf.keras.Model(x, tf.keras.layers.Dense(3, activation="softmax")(y), name="own")
    path, output = tmp_path / "own.keras", tmp_path / "own.tflite"
    model.save(path)
    assert "--raw-pixels" in fails("convert", path, "-o", output)[0]
    shown = run_json("convert", path, "-o", output, "--raw-pixels", "--input-type", "uint8")
    assert shown["verification"]["holds"]
    pixels = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), np.uint8)
    got = convert.Interpreter(output.read_bytes()).predict(pixels)
    np.testing.assert_allclose(got, model(pixels.astype("float32")), atol=1e-5)
    assert run("verify", path, output, "--raw-pixels").exit_code == 0


@pytest.mark.parametrize("mean, std", [("0.5", "0.5"), ("0.4,0.5,0.6", "0.2,0.3,0.4")])
def test_a_normalization_that_is_not_imagenets(run, run_json, small_file, tmp_path, mean, std):
    (path, model), output = small_file, tmp_path / "own.tflite"
    given = ["--mean", mean, "--std", std]
    run_json("convert", path, "-o", output, "--preprocessing", *given)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), np.uint8)
    mean, std = (np.array([float(x) for x in text.split(",")]) for text in (mean, std))
    images = ((pixels / 255 - mean) / std).astype(np.float32)
    got = convert.Interpreter(output.read_bytes()).predict(pixels)
    np.testing.assert_allclose(got, model(images), atol=1e-5)
    assert run("verify", path, output, *given).exit_code == 0
    assert run("verify", path, output).exit_code == 1, "ImageNet's"


def test_the_normalization_that_weights_tell(run_json, nano, tmp_path):
    given = zoo.WeightsMetadata(preprocessing={"mean": [0.5] * 3, "std": [0.25] * 3})
    file = zoo.save_weights(nano, tmp_path / "x.safetensors", metadata=given)
    output = tmp_path / "x.tflite"
    run_json("convert", file, "-o", output)
    assert convert.read_metadata(output.read_bytes()).mean == (127.5,) * 3


def test_the_file_tells_an_app_the_normalization(run, run_json, small_file, tmp_path):
    path, output = small_file[0], tmp_path / "own.tflite"
    run_json("convert", path, "-o", output, "--mean", "0.5", "--std", "0.25")
    metadata = convert.read_metadata(output.read_bytes())
    assert metadata.mean == (127.5,) and metadata.std == (63.75,)
    assert run("verify", path, output).exit_code == 0


def test_a_saved_model_with_all_options(run_json, small_file, tmp_path):
    (path, model), output = small_file, tmp_path / "own.tflite"
    labels, image = tmp_path / "labels.txt", tmp_path / "grey.png"
    labels.write_text("a\nb\nc\n")
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
    Image.fromarray(pixels).save(image)
    shown = run_json(
        *("convert", path, "-o", output, "--target", "android", "--labels", labels),
        *("--image", image, "--image", image, "--batch-size", 2, "--output-type", "uint8"),
        *("--float-storage", "float32", "--input-type", "int8"),
    )
    assert shown["target"] == {
        "name": "android",
        "description": shown["target"]["description"],
        "runtime": "lce",
        "input_type": "int8",
        "output_type": "uint8",
        "include_preprocessing": True,
        "float_storage": "float32",
        "batch_size": 2,
    }
    assert shown["verification"]["images"] == 2 and not shown["random_weights"]
    tflite = output.read_bytes()
    assert convert.read_metadata(tflite).labels == ("a", "b", "c")
    photograph = zoo.load_image(image, (8, 8))
    got = convert.Interpreter(tflite).predict(np.stack([photograph] * 2).view(np.int8) ^ -128)
    expected = model(zoo.preprocess_input(photograph)[None])[0]
    np.testing.assert_allclose(got / 256, [expected] * 2, atol=0.51 / 256)


def test_text(run, small_file, tmp_path):
    output = tmp_path / "own.tflite"
    result = run("convert", small_file[0], "-o", output, "--float-storage", "float16")
    assert result.exit_code == 0, result.stderr
    assert f"wrote {output}: 0.01 MB" in result.stdout and "1 binary layers" in result.stdout
    assert "LCE indirect" in result.stdout and "what rounding changes" in result.stdout
    assert "random" not in result.stdout


def test_a_tflite_that_differs_is_not_written(fails, monkeypatch, small_file, tmp_path):
    """One bit of the kernel is turned."""
    right = pack_module.pack

    def wrong(model):
        code = next(i for i, c in enumerate(model.operatorCodes) if c.customCode == b"LceBconv2d")
        graph = model.subgraphs[0]
        conv = next(op for op in graph.operators if op.opcodeIndex == code)
        buffer = model.buffers[graph.tensors[conv.inputs[1]].buffer]
        buffer.data = np.bitwise_xor(buffer.data, 1)
        return right(model)

    monkeypatch.setattr(compact_module, "pack", wrong)
    lines = fails("convert", small_file[0], "-o", tmp_path / "x.tflite")
    assert lines[0] == "the .tflite differs from the model:"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["binaryvit_nano", "-o", "x.h5"], "must end in .tflite"),
        (["binaryvit_nano", "-o", "no/x.tflite"], "no such folder"),
        (["binaryvit_nan", "-o", "x.tflite"], "did you mean 'binaryvit_nano'"),
        (["missing.keras", "-o", "x.tflite"], "no model at missing.keras"),
        (["binaryvit_nano", "-o", "x.tflite", "--target", "amr", *SMALL], "did you mean 'arm'"),
        (["binaryvit_nano", "-o", "x.tflite", "--labels", "imagenet", *SMALL], "10 labels"),
        (["binaryvit_nano", "-o", "x.tflite", "--input-type", "int4", *SMALL], "input_type"),
        (["binaryvit_nano", "-o", "x.tflite", "--labels", "no.txt"], "No such file"),
        (["binaryvit_nano", "-o", "x.tflite", "--mean", "0.5"], "expected --mean with --std"),
        (["binaryvit_nano", "-o", "x.tflite", "--mean", "0,5;", "--std", "1"], "got '0,5;'"),
        (["binaryvit_nano", "-o", "x.tflite", "--mean", "127", "--std", "127"], "from 0 to 1"),
        (["binaryvit_nano", "-o", "x.tflite", "--raw-pixels", "--std", "1"], "got both"),
    ],
)
def test_bad_arguments(fails, monkeypatch, no_weights, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in fails("convert", *arguments)[0]
    assert not list(tmp_path.iterdir())


def test_options_of_a_saved_model(fails, small_file, tmp_path):
    options = ["--input-size", "32", "--logits"]
    line = fails("convert", small_file[0], "-o", tmp_path / "x.tflite", *options)[0]
    assert line.endswith("is a whole model: --input-size, --logits can't change it")


@needs_delegate
def test_for_the_delegate_it_is_compared_with_it(run, run_json, small_file, tmp_path):
    arguments = ["convert", small_file[0], "-o", tmp_path / "x.tflite"]
    shown = run_json(*arguments, "--target", "delegate")
    assert set(shown["delegate"]) == {"exact", "fused"}
    assert all(check["agreement"]["relative"] < 1e-5 for check in shown["delegate"].values())
    assert "delegate fused to LCE: largest" in run(*arguments, "--target", "delegate").stdout
    assert run_json(*arguments)["delegate"] is None
    assert run_json(*arguments, "--target", "delegate", "--no-verify")["delegate"] is None


def test_what_the_delegate_computes_otherwise_is_not_written(
    fails, small_file, tmp_path, monkeypatch
):
    wrong = DelegateCheck(Agreement(1.0, 1.0, 0.0, 0.0), [None])
    module = import_module("larq_bvit.cli.convert")
    monkeypatch.setattr(module, "need_delegate", lambda: None)
    monkeypatch.setattr(module, "check_delegate", lambda *_: {"fused": wrong})
    out = tmp_path / "x.tflite"
    lines = fails("convert", small_file[0], "-o", out, "--target", "delegate")
    assert "the delegate computes something else than LCE" in lines[0] and not out.exists()


def test_without_the_delegate_it_is_said(run, small_file, tmp_path, monkeypatch):
    def missing():
        raise ImportError("there is none")

    monkeypatch.setattr(import_module("larq_bvit.cli.convert"), "need_delegate", missing)
    result = run("convert", small_file[0], "-o", tmp_path / "x.tflite", "--target", "delegate")
    assert (
        result.exit_code == 0 and "not compared with the delegate: there is none" in result.stderr
    )
