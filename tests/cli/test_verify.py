"""`larq-bvit verify`."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from larq_bvit import layers, zoo
from tests.delegate import needs_delegate

pytest.importorskip("larq_compute_engine")
from larq_bvit import convert  # noqa: E402

pytestmark = pytest.mark.usefixtures("few_nano")


def own(seed: int) -> tf.keras.Model:
    tf.keras.utils.set_random_seed(seed)
    x = tf.keras.Input((8, 8, 3))
    y = layers.binary_conv(8, 3)(tf.keras.layers.Conv2D(32, 3)(x))
    y = tf.keras.layers.Flatten()(y)
    return tf.keras.Model(x, tf.keras.layers.Dense(3)(y), name="own")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A saved model, its .tflite and that of a model with other weights."""
    folder = tmp_path_factory.mktemp("verify")
    own(0).save(folder / "own.keras")
    (folder / "own.tflite").write_bytes(convert.to_tflite(own(0)))
    (folder / "other.tflite").write_bytes(convert.to_tflite(own(1)))
    return folder


def test_the_same(run, run_json, files):
    result = run("verify", files / "own.keras", files / "own.tflite")
    assert result.exit_code == 0, result.stderr
    assert "LCE reference" in result.stdout and result.stdout.endswith("the same\n")
    shown = run_json("verify", files / "own.keras", files / "own.tflite")
    assert shown["holds"] and set(shown["kernels"]) == {"default", "reference", "indirect"}


def test_another_model(run, files):
    result = run("verify", files / "own.keras", files / "other.tflite")
    assert result.exit_code == 1
    assert "they differ (tolerance: 0.001)" in result.stdout


@pytest.mark.parametrize(
    ("seed", "said"), [(0, "what rounding changes"), (1, "more than rounding tells it")]
)
def test_a_file_whose_constants_are_rounded(run, files, seed, said):
    rounded = convert.to_tflite(own(seed), float_storage="float16", verify=False)
    (files / "rounded.tflite").write_bytes(rounded)
    result = run("verify", files / "own.keras", files / "rounded.tflite")
    assert result.exit_code == seed and said in result.stdout


def test_images_of_the_user(run_json, fails, files, tmp_path):
    image = tmp_path / "image.png"
    Image.fromarray(np.full((20, 30, 3), 200, np.uint8)).save(image)
    arguments = ["verify", files / "own.keras", files / "own.tflite", "--image"]
    assert run_json(*arguments, image)["images"] == 1
    assert "cannot read image" in fails(*arguments, files / "own.keras")[0]


def test_a_model_of_the_zoo_gets_size_and_classes_of_the_file(run_json, nano, nano_weights, files):
    file = files / "nano.tflite"
    file.write_bytes(convert.to_tflite(nano, include_preprocessing=True))
    shown = run_json("verify", "binaryvit_nano", file, "--weights", nano_weights)
    sums = {layer.name for layer in nano.layers if isinstance(layer, tf.keras.layers.Add)}
    assert shown["holds"] and shown["layers"].keys() == sums | {nano.layers[-1].name}


@needs_delegate
def test_the_delegate_too(run, run_json, files):
    shown = run_json("verify", files / "own.keras", files / "own.tflite", "--delegate")
    assert set(shown["delegate"]) == {"exact", "fused"}
    for comparison in shown["delegate"].values():
        assert comparison["agreement"]["relative"] < 1e-5 and comparison["edges"] == []
    result = run("verify", files / "own.keras", files / "own.tflite", "--delegate")
    assert result.exit_code == 0 and "delegate fused to LCE: largest difference" in result.stdout


def test_not_a_tflite(fails, files):
    assert "expected a .tflite" in fails("verify", files / "own.keras", files / "own.keras")[0]


def test_the_normalization_that_weights_tell(run, run_json, nano, tmp_path):
    given = zoo.WeightsMetadata(preprocessing={"mean": [0.5] * 3, "std": [0.25] * 3})
    weights = zoo.save_weights(nano, tmp_path / "x.safetensors", metadata=given)
    run_json("convert", weights, "-o", tmp_path / "x.tflite", "--preprocessing")
    result = run("verify", weights, tmp_path / "x.tflite")
    assert result.exit_code == 0, result.stdout


def test_a_file_of_other_outputs(fails, files, tmp_path):
    tf.keras.utils.set_random_seed(0)
    x = tf.keras.Input((8, 8, 3))
    y = tf.keras.layers.Dense(10)(tf.keras.layers.Flatten()(x))
    (tmp_path / "ten.tflite").write_bytes(convert.to_tflite(tf.keras.Model(x, y)))
    message = " ".join(fails("verify", files / "own.keras", tmp_path / "ten.tflite"))
    assert "expected a .tflite of 'own', with outputs [(3,)]; got [(10,)]" in message
