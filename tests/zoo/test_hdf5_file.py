"""HDF5 weight files: what comes back, what is refused, and that damage is found."""

import h5py
import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.zoo import BinaryViT, BiRealNet, load_weights, save_weights
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.weights import read_weights
from tests.zoo import common
from tests.zoo.test_binaryvit import TINY

layers = tf.keras.layers


def build(size=(32, 64), variant=TINY, classes=5, **arguments):
    return BinaryViT(variant, input_shape=(*size, 3), num_classes=classes, **arguments)


@pytest.fixture(scope="module")
def model():
    return common.randomise(build())


@pytest.fixture(scope="module")
def whole(model, tmp_path_factory):
    """A weight file that is in order."""
    return save_weights(model, tmp_path_factory.mktemp("weights") / "whole.h5")


@pytest.fixture
def refused(model):
    """Loads a file into the model, which must refuse and stay as it was; returns the message."""

    def load(path):
        before = model.get_weights()
        with pytest.raises(ValueError) as error:
            load_weights(model, path)
        assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
        return str(error.value)

    return load


def test_file_holds_every_weight_by_name(model, whole):
    stored = read_weights(whole)
    assert list(stored) == list(named_weights(model))
    for name, weight in named_weights(model).items():
        np.testing.assert_array_equal(stored[name], weight.numpy())


def test_keras_reads_our_files_and_we_read_its(model, whole, tmp_path):
    other, third = build(), build()
    other.load_weights(str(whole))
    common.same(model, other)
    model.save_weights(str(tmp_path / "x.h5"))
    load_weights(third, tmp_path / "x.h5")
    common.same(model, third)
    with h5py.File(whole) as ours, h5py.File(tmp_path / "x.h5") as keras:
        assert set(ours.attrs) == set(keras.attrs)
        assert ours.attrs["keras_version"] == keras.attrs["keras_version"]
        names = [list(np.array(file.attrs["layer_names"], "S")) for file in (ours, keras)]
        assert names[0] == names[1]


def change(whole, path, edit):
    """A copy of the file, edited."""
    path.write_bytes(whole.read_bytes())
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def test_order_of_layers_does_not_matter(model, whole, tmp_path):
    def reverse(file):
        file.attrs["layer_names"] = file.attrs["layer_names"][::-1]

    other = build()
    load_weights(other, change(whole, tmp_path / "x.h5", reverse))
    common.same(model, other)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_whole_models_are_weight_files_too(tmp_path):
    model = common.randomise(BiRealNet("18", input_shape=(32, 32, 3)))
    model.save(str(tmp_path / "model.h5"))
    other = BiRealNet("18", input_shape=(32, 32, 3), weights=tmp_path / "model.h5")
    common.same(model, other)


def test_names_above_64_kilobytes(tmp_path):
    # Keras splits the list of 330 names of 200 letters over two attributes
    def build():
        x = tf.keras.Input((3,))
        named = [layers.ReLU(name=f"{i:0200}")(x) for i in range(330)]
        return tf.keras.Model(x, [layers.Dense(2, name="dense")(x), *named])

    model, other = build(), build()
    model.save_weights(str(tmp_path / "x.h5"))
    with h5py.File(tmp_path / "x.h5") as file:
        assert "layer_names" not in file.attrs and "layer_names1" in file.attrs
    load_weights(other, tmp_path / "x.h5")
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])
    third = build()
    load_weights(third, save_weights(model, tmp_path / "x.h5"))
    np.testing.assert_array_equal(model.get_weights()[0], third.get_weights()[0])


def bias_of(value, weight="bias"):
    def edit(file):
        del file[f"classifier/classifier/{weight}:0"]
        if value is not None:
            file[f"classifier/classifier/{weight}:0"] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (bias_of(np.arange(5)), "classifier/bias: expected floats (5,), got int64 (5,)"),
        (bias_of(np.array([b"x"] * 5)), "classifier/bias: expected floats (5,), got |S1 (5,)"),
        (bias_of(2.0), "classifier/bias: expected floats (5,), got float64 ()"),
        (bias_of("five"), "classifier/bias: expected floats (5,), got |S4 ()"),
        (bias_of("five", "kernel"), "classifier/kernel: expected floats (32, 5), got |S4 ()"),
        (bias_of(h5py.Empty("f")), "classifier/bias: expected floats (5,), got object ()"),
        (bias_of(h5py.Empty("f"), "kernel"), "expected floats (32, 5), got object ()"),
        (bias_of(None), "not a whole Keras HDF5 weight file: "),
        (lambda file: file["classifier"].attrs.clear(), "weight file: 'no attribute weight_names'"),
        (lambda file: file.attrs.clear(), "weight file: 'no attribute layer_names'"),
        (lambda file: file.attrs.create("layer_names", 3), "not a whole Keras HDF5 weight file"),
        (lambda file: file.clear(), "not a whole Keras HDF5 weight file"),
    ],
)
def test_refuses_files_that_lack_something(edit, message, whole, refused, tmp_path):
    assert message in refused(change(whole, tmp_path / "x.h5", edit))


@pytest.mark.parametrize("length", [0, 7, 100, 5_000, -1_000, -1])
def test_refuses_truncated_files(length, whole, refused, tmp_path):
    path = tmp_path / "x.h5"
    path.write_bytes(whole.read_bytes()[:length])
    assert f"{path} is not a whole Keras HDF5 weight file: " in refused(path)


def test_refuses_what_is_no_file_of_weights(refused, tmp_path):
    (tmp_path / "x.h5").write_text("version https://git-lfs.github.com/spec/v1\n" * 99)
    assert "not a whole Keras HDF5 weight file" in refused(tmp_path / "x.h5")
    assert refused(tmp_path / "y.h5") == f"no weight file at {tmp_path / 'y.h5'}"
    assert refused(tmp_path) == f"no weight file at {tmp_path}"


def test_damaged_files_are_refused(whole, model, tmp_path):
    """Damage is found wherever it matters, and then nothing is loaded."""
    data, path = whole.read_bytes(), tmp_path / "x.h5"
    before = model.get_weights()
    rng = np.random.default_rng(0)
    refusals = 0
    for start in rng.integers(0, len(data), 30):
        path.write_bytes(data[:start] + rng.bytes(64) + data[start + 64 :])
        try:
            load_weights(model, path)
        except ValueError:
            refusals += 1
        assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert refusals >= 25  # of 30; the others hit unused space


def test_saves_latent_weights_inside_a_quantized_scope(model, whole, tmp_path):
    with lq.context.quantized_scope(True):
        save_weights(model, tmp_path / "x.h5")
    latent, saved = read_weights(whole), read_weights(tmp_path / "x.h5")
    for name in latent:
        np.testing.assert_array_equal(latent[name], saved[name])


def test_loads_into_any_precision(whole):
    tf.keras.backend.set_floatx("float64")
    try:
        model = build()
    finally:
        tf.keras.backend.set_floatx("float32")
    load_weights(model, whole)
    stored = read_weights(whole)
    for name, weight in named_weights(model).items():
        assert weight.dtype == tf.float64
        np.testing.assert_array_equal(weight.numpy(), stored[name])


def test_the_other_layout_of_keras(refused, tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    path = tmp_path / "x.weights.h5"
    model.save_weights(str(path))
    assert "expected that of `.h5`: model.load_weights(...) reads it" in refused(path)
