"""Weight files: what comes back, what is refused, and that nothing is done by halves."""

import logging
import os
import stat
from dataclasses import replace

import h5py
import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.zoo import BinaryViT, BiRealNet, load_weights, save_weights
from larq_bvit.zoo.weights import named_weights, read_weights, resample_position
from tests.layers.common import close
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
    # Keras splits the list of 1,000 names of 100 letters over two attributes
    def build():
        x = tf.keras.Input((3,))
        named = [layers.ReLU(name=f"{i:0100}")(x) for i in range(1000)]
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


@pytest.mark.parametrize("size", [(64, 64), (96, 32), (32, 160)])
def test_another_size_resamples_positions(size, whole, model, caplog):
    other = build(size)
    with caplog.at_level(logging.INFO):
        load_weights(other, whole)
    grid = size[0] // 8, size[1] // 8
    assert f"position embeddings resampled from (4, 8) to {grid}" in caplog.messages
    before, after = named_weights(model), named_weights(other)
    for name in before:
        value = before[name].numpy()
        if name.endswith("position/position"):
            value = resample_position(value, tuple(after[name].shape))
        np.testing.assert_array_equal(after[name].numpy(), value)


def test_resampling_keeps_what_is_linear():
    # bicubic interpolation at half pixels; away from the border, where it repeats pixels
    rows, columns = np.meshgrid(np.arange(8.0), np.arange(12.0), indexing="ij")
    position = np.stack([np.full((8, 12), 2.5), rows, rows - 3 * columns], -1)
    resampled = resample_position(position, (16, 24, 3))
    assert resampled.dtype == np.float64
    rows, columns = np.meshgrid(np.arange(16) / 2 - 0.25, np.arange(24) / 2 - 0.25, indexing="ij")
    expected = np.stack([np.full((16, 24), 2.5), rows, rows - 3 * columns], -1)
    inside = slice(4, -4)
    close(resampled[inside, inside], expected[inside, inside], rtol=1e-5, atol=1e-5)
    assert resample_position(position, (8, 12, 3)) is position
    with pytest.raises(ValueError, match=r"\(8, 12, 3\) do not fit \(8, 12, 4\)"):
        resample_position(position, (8, 12, 4))


@pytest.mark.parametrize(
    ("other", "lines"),
    [
        (
            lambda: build(classes=7),
            [
                "classifier/kernel: expected floats (32, 5), got float32 (32, 7)",
                "classifier/bias: expected floats (5,), got float32 (7,)",
            ],
        ),
        (
            lambda: BinaryViT(TINY, input_shape=(32, 64, 1), num_classes=5),
            ["stem/projection/kernel: expected floats (8, 8, 3, 16), got float32 (8, 8, 1, 16)"],
        ),
        (
            lambda: build(variant=replace(TINY, dims=(16, 64))),
            ["stage2/downsample/position/position: expected floats (2, 4, 32), got float32 (2, 4"],
        ),
        (
            lambda: build(variant=replace(TINY, depths=(2, 1), reductions=(1, 1))),
            ["missing (9): stage1/block1/attention/reduce/", "unexpected (", "stage1/block2/"],
        ),
        (lambda: build(features_only=True), ["missing (2): classifier/bias, classifier/kernel"]),
        (
            lambda: BiRealNet("18", input_shape=(32, 32, 3)),
            ["this is no weight file of 'binaryvit':", " and ", " more\n"],
        ),
    ],
    ids=["classes", "channels", "widths", "depths", "features", "model"],
)
def test_refuses_weights_of_another_model(other, lines, refused, tmp_path):
    message = refused(save_weights(other(), tmp_path / "x.h5"))
    assert all(line in message for line in lines), message


def change(whole, path, edit):
    """A copy of the file, edited."""
    path.write_bytes(whole.read_bytes())
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def bias_of(value):
    def edit(file):
        del file["classifier/classifier/bias:0"]
        if value is not None:
            file["classifier/classifier/bias:0"] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (bias_of(np.arange(5)), "classifier/bias: expected floats (5,), got int64 (5,)"),
        (bias_of(np.array([b"x"] * 5)), "classifier/bias: expected floats (5,), got |S1 (5,)"),
        (bias_of(2.0), "classifier/bias: expected floats (5,), got float64 ()"),
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


def test_save_replaces_the_file_whole_or_not_at_all(model, whole, tmp_path, monkeypatch):
    path = tmp_path / "x.h5"
    path.write_text("before")

    create_dataset = h5py.Group.create_dataset

    def half(self, name, **options):
        if name.startswith("stage2"):
            raise OSError("disk is full")
        return create_dataset(self, name, **options)

    with monkeypatch.context() as patch:
        patch.setattr(h5py.Group, "create_dataset", half)
        with pytest.raises(OSError, match="disk is full"):
            save_weights(model, path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["x.h5"]
    assert save_weights(model, str(path)) == path
    assert os.listdir(tmp_path) == ["x.h5"]
    assert list(read_weights(path)) == list(read_weights(whole))


def test_others_may_read_the_file(model, tmp_path):
    before = os.umask(0o022)
    try:
        path = save_weights(model, tmp_path / "x.h5")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.hdf", "must end in .h5; got x.hdf"),
        ("x", "must end in .h5; got x"),
        ("no/x.h5", "no folder .*no to write x.h5 to"),
    ],
)
def test_refuses_to_save(name, message, model, tmp_path):
    with pytest.raises(ValueError, match=message):
        save_weights(model, tmp_path / name)
    assert os.listdir(tmp_path) == []


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
