"""Weight files of both kinds: what comes back, what is refused, nothing by halves."""

import logging
import os
import stat
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path

import h5py
import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import _whole, zoo
from larq_bvit.zoo import (
    BinaryViT,
    BiRealNet,
    DeiT,
    ReActDeiT,
    ReActNet,
    WeightsMetadata,
    load_weights,
    read_metadata,
    save_weights,
)
from larq_bvit.zoo.macs import one_bit
from larq_bvit.zoo.matching import resample_position
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.packed import Preprocessing
from larq_bvit.zoo.weights import read_weights
from tests.layers.common import policy
from tests.zoo import common, test_birealnet, test_deit, test_reactdeit, test_reactnet
from tests.zoo.packed.rewriting import content
from tests.zoo.test_binaryvit import TINY

KINDS = ("h5", "safetensors")
ASSETS = files("larq_bvit") / "assets"


def build(size=(32, 64), variant=TINY, classes=5, **arguments):
    return BinaryViT(variant, input_shape=(*size, 3), num_classes=classes, **arguments)


@pytest.fixture(scope="module")
def model():
    """With signs times scale for kernels, so that all kinds of files hold the same."""
    model = common.randomise(build())
    for weight in model.weights:
        if one_bit(weight):
            weight.assign(weight.quantizer(tf.convert_to_tensor(weight.latent_variable)))
    return model


@pytest.fixture(scope="module", params=KINDS)
def whole(model, tmp_path_factory, request):
    """A weight file that is in order."""
    return save_weights(model, tmp_path_factory.mktemp("weights") / f"whole.{request.param}")


@pytest.fixture
def refused(model):
    """Loads a file into the model, which must refuse and stay as it was; returns the message."""

    def load(path, model=model, **options):
        before = model.get_weights()
        with pytest.raises(ValueError) as error:
            load_weights(model, path, **options)
        assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
        return str(error.value)

    return load


def photos(model):
    """A cat and its mirror image, normalised."""
    _, height, width, _ = model.input_shape
    image = zoo.preprocess_input(zoo.load_image(ASSETS / "cat.jpg", (height, width)))
    return np.stack([image, image[:, ::-1]]).astype(model.input.dtype.as_numpy_dtype)


def same_predictions(model, other):
    expected, got = (m(photos(model), training=False).numpy() for m in (model, other))
    assert expected.tobytes() == got.tobytes()
    assert len(set(expected.astype("float32").ravel())) > 2


FAMILIES = {
    "binaryvit": (BinaryViT, TINY),
    "reactdeit": (ReActDeiT, test_reactdeit.TINY),
    "deit": (DeiT, test_deit.TINY),
    "reactnet_a": (ReActNet, test_reactnet.TINY),
    # 3x3 kernels: a fan in that is no power of 2
    "reactnet_18": (ReActNet, test_reactnet.RESNET),
    "birealnet": (BiRealNet, test_birealnet.BASIC),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_packed_model_predicts_the_same_bits(family, tmp_path):
    def make():
        architecture, variant = FAMILIES[family]
        options = {"num_classes": 5, "classifier_activation": None}
        return architecture(variant, input_shape=(32, 32, 3), **options)

    model, other = common.randomise(make()), make()
    path = save_weights(model, tmp_path / "x.safetensors")
    binary = {name for name, weight in named_weights(model).items() if one_bit(weight)}
    assert content(path)[0]["kernels"].keys() == binary and bool(binary) == (family != "deit")
    load_weights(other, path)
    same_predictions(model, other)
    again = save_weights(other, tmp_path / "again.safetensors")
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["mixed_bfloat16", "mixed_float16"])
def test_a_packed_model_of_mixed_precision_predicts_the_same_bits(name, tmp_path):
    with policy(name):
        model, other = common.randomise(build()), build()
    load_weights(other, save_weights(model, tmp_path / "x.safetensors"))
    same_predictions(model, other)


@pytest.mark.parametrize("name", ["mixed_bfloat16", "mixed_float16"])
def test_saving_in_mixed_precision_what_was_loaded(name, model, tmp_path):
    path = save_weights(model, tmp_path / "x.safetensors")
    with policy(name):
        other = build()
    load_weights(other, path)
    again = save_weights(other, tmp_path / "again.safetensors")
    assert again.read_bytes() == path.read_bytes()


def test_a_model_of_half_floats(tmp_path):
    with policy("bfloat16"):
        model, other = common.randomise(build()), build()
    load_weights(other, save_weights(model, tmp_path / "x.safetensors"))
    same_predictions(model, other)


@pytest.mark.parametrize("quantizer", ["ste_sign", "magnitude_aware_sign", "ste_heaviside", None])
def test_a_packed_model_of_other_quantizers_predicts_the_same_bits(quantizer, tmp_path):
    def make():
        x = tf.keras.Input((8, 12, 3))
        binary = lq.layers.QuantConv2D(
            5, 3, kernel_quantizer=quantizer, kernel_constraint="weight_clip", name="conv"
        )
        return tf.keras.Model(x, tf.keras.layers.GlobalMaxPooling2D()(binary(x)))

    model, other = common.randomise(make()), make()
    path = save_weights(model, tmp_path / "x.safetensors")
    load_weights(other, path)
    same_predictions(model, other)
    assert read_metadata(path).model is None  # Keras has numbered it


def test_a_packed_file_in_float64(model, tmp_path):
    path = save_weights(model, tmp_path / "x.safetensors")
    with policy("float64"):
        other = build()
    load_weights(other, path)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        assert b.dtype == np.float64
        np.testing.assert_array_equal(a, b)
    again = save_weights(other, tmp_path / "again.safetensors")
    assert again.read_bytes() == path.read_bytes()


def test_latent_weights_come_back(tmp_path):
    model, other = common.randomise(build()), build()
    load_weights(other, save_weights(model, tmp_path / "x.safetensors", latent=True))
    common.same(model, other)


def test_both_kinds_hold_the_same(whole, model):
    other = build()
    load_weights(other, whole)
    common.same(model, other)
    stored = read_weights(whole)
    for name, weight in named_weights(model).items():
        np.testing.assert_array_equal(stored[name], weight.numpy())


@pytest.mark.parametrize("name", ["x.h5", "x.safetensors", "x"])
def test_the_content_says_what_a_file_is(name, whole, model, tmp_path):
    path = tmp_path / name
    path.write_bytes(whole.read_bytes())
    other = build()
    load_weights(other, path)
    common.same(model, other)


def test_metadata(model, tmp_path):
    given = WeightsMetadata(dataset="cifar10", class_names=tuple("abcde"), created_by="a test")
    path = save_weights(model, tmp_path / "x.safetensors", metadata=given)
    read = read_metadata(path)
    told = {"model": "binaryvit", "variant": asdict(TINY), "input_shape": (32, 64, 3)}
    assert read == replace(given, **told, num_classes=5)
    again = save_weights(model, tmp_path / "again.safetensors", metadata=read)
    assert again.read_bytes() == path.read_bytes()


def test_hdf5_files_have_no_metadata(model, tmp_path):
    path = tmp_path / "x.h5"
    with pytest.raises(ValueError, match="an .h5 file holds no metadata: save a .safetensors"):
        save_weights(model, path, metadata=WeightsMetadata())
    with pytest.raises(ValueError, match="x.h5 is an HDF5 file, which holds no metadata"):
        read_metadata(save_weights(model, path))
    with pytest.raises(ValueError, match="no weight file at"):
        read_metadata(tmp_path / "y.safetensors")


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
        if not name.endswith("probability/clip"):  # see test_attention_clips.py
            np.testing.assert_array_equal(after[name].numpy(), value)


def test_a_new_classifier(whole, model, caplog):
    other = build((64, 64), classes=7)
    head = other.get_layer("classifier").get_weights()
    with caplog.at_level(logging.INFO):
        load_weights(other, whole, new_classifier=True)
    assert "classifier is new: 5 classes in the weights, 7 in the model" in caplog.messages
    assert "position embeddings resampled from (4, 8) to (8, 8)" in caplog.messages
    for a, b in zip(head, other.get_layer("classifier").get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    before, after = named_weights(model), named_weights(other)
    for name in before.keys() - {"classifier/kernel", "classifier/bias"}:
        if before[name].shape == after[name].shape and not name.endswith("probability/clip"):
            np.testing.assert_array_equal(before[name].numpy(), after[name].numpy())


def test_class_names(model, tmp_path):
    """They go with the weights, and others than the file's need a new classifier."""
    names = np.array(list("abcde"))
    named, other = build(), build()
    load_weights(named, save_weights(model, tmp_path / "x.h5"), class_names=names)
    assert named.class_names == tuple("abcde")
    path = save_weights(named, tmp_path / "x.safetensors")
    assert read_metadata(path).class_names == tuple("abcde")
    load_weights(other, path, class_names=names)
    assert other.class_names == tuple("abcde")
    with pytest.raises(ValueError, match="of 5 other classes than the model's: expected new_class"):
        load_weights(other, path, class_names=names[::-1])
    given = WeightsMetadata(class_names=tuple("vwxyz"))
    assert read_metadata(save_weights(named, path, metadata=given)).class_names == tuple("vwxyz")


def test_preprocessing(model, tmp_path):
    """It goes with the weights, but not with those that a training starts from."""
    assert model.preprocessing is None
    given = Preprocessing(mean=(0.5,) * 3, std=(0.25,) * 3)
    metadata = WeightsMetadata(preprocessing=given)
    path = save_weights(model, tmp_path / "x.safetensors", metadata=metadata)
    other, start = build(), build()
    load_weights(other, path)
    load_weights(start, path, as_start=True)
    assert other.preprocessing == given and start.preprocessing is None
    assert BinaryViT(TINY, weights=path).preprocessing == given
    again = save_weights(other, tmp_path / "again.safetensors")
    assert read_metadata(again).preprocessing == given
    load_weights(other, save_weights(model, tmp_path / "x.h5"))
    assert other.preprocessing is None


def test_models_without_a_top(whole, model, tmp_path, caplog):
    features = build(include_top=False, pooling="avg")
    with caplog.at_level(logging.INFO):
        load_weights(features, whole)
    assert caplog.messages == ["the classifier of the weights is skipped: the model has none"]
    weights = named_weights(features)
    for name, weight in named_weights(model).items():
        if not name.startswith("classifier/"):
            np.testing.assert_array_equal(weight.numpy(), weights[name].numpy())
    path = save_weights(features, tmp_path / f"x{whole.suffix}")
    assert read_weights(path).keys() == weights.keys()
    other = build()
    load_weights(other, path, new_classifier=True)
    np.testing.assert_array_equal(weights["stem/projection/kernel"], other.get_weights()[0])


@pytest.mark.parametrize("kind", KINDS)
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
def test_refuses_weights_of_another_model(other, lines, kind, refused, tmp_path):
    message = refused(save_weights(other(), tmp_path / f"x.{kind}"))
    assert all(line in message for line in lines), message


def named(model, name):
    return tf.keras.Model(model.input, model.output, name=name)


def test_says_first_whose_weights_they_are(model, refused, tmp_path):
    other = named(build(variant=replace(TINY, heads=(2, 2), dims=(16, 64))), "binaryvit_nano")
    packed = save_weights(other, tmp_path / "x.safetensors")
    assert read_metadata(packed).model == "binaryvit_nano"
    # a variant of one's own has no name, and may be the same as a named one
    words = f"{packed}: weights of 'binaryvit_nano', the model is 'binaryvit'; mis-shaped:"
    assert refused(packed).startswith(words)


def test_refuses_another_variant_of_the_same_shapes(model, refused, tmp_path):
    path = save_weights(named(model, "binaryvit_tiny"), tmp_path / "x.safetensors")
    message = refused(path, named(model, "binaryvit_nano"))
    assert message == f"{path}: weights of 'binaryvit_tiny', the model is 'binaryvit_nano'"


def test_a_model_of_your_own_may_have_any_name(model, tmp_path):
    path = save_weights(named(model, "binaryvit_tiny"), tmp_path / "x.safetensors")
    load_weights(named(model, "mine"), path)


def test_save_replaces_the_file_whole_or_not_at_all(model, tmp_path, monkeypatch):
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
    assert list(read_weights(path)) == list(named_weights(model))


def test_packed_files_too_are_replaced_whole_or_not_at_all(model, tmp_path, monkeypatch):
    path = tmp_path / "x.safetensors"
    path.write_text("before")

    def half(self, data):
        with self.open("wb") as file:
            file.write(data[:1000])
        raise OSError("disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        with pytest.raises(OSError, match="disk is full"):
            save_weights(model, path)
    assert path.read_text() == "before" and os.listdir(tmp_path) == ["x.safetensors"]
    assert save_weights(model, str(path)) == path
    assert os.listdir(tmp_path) == ["x.safetensors"]


@pytest.mark.parametrize("kind", KINDS)
def test_is_on_the_disk_before_it_has_its_name(kind, model, tmp_path, monkeypatch):
    path, done, replace_ = tmp_path / f"x.{kind}", [], os.replace
    monkeypatch.setattr(
        _whole, "sync", lambda file: done.append(file.is_file() and file.read_bytes())
    )
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("named"), replace_(a, b)))
    save_weights(model, path)
    assert done == [path.read_bytes(), "named", False]  # the folder's list in the end


@pytest.mark.parametrize("kind", KINDS)
def test_others_may_read_the_file(kind, model, tmp_path):
    before = os.umask(0o022)
    try:
        path = save_weights(model, tmp_path / f"x.{kind}")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.hdf", "must end in .h5 or .safetensors; got x.hdf"),
        ("x", "must end in .h5 or .safetensors; got x"),
        ("folder.h5", "expected a file's name; .*folder.h5 is a folder"),
        ("no/x.h5", "no folder .*no to write x.h5 to"),
        ("no/x.safetensors", "no folder .*no to write x.safetensors to"),
    ],
)
def test_refuses_to_save(name, message, model, tmp_path):
    (tmp_path / "folder.h5").mkdir()
    with pytest.raises(ValueError, match=message):
        save_weights(model, tmp_path / name)
    assert os.listdir(tmp_path) == ["folder.h5"]


def test_refuses_names_that_repeat_within_a_model_in_a_model(tmp_path):
    """Keras' files would hold one of them."""

    def tower(name):
        x = tf.keras.Input((4,))
        return tf.keras.Model(x, tf.keras.layers.Dense(4, name="fc")(x), name=name)

    x = tf.keras.Input((4,))
    both = tf.keras.Model(x, tower("b")(tower("a")(x)), name="both")
    with pytest.raises(ValueError, match="weights of different names; got two of both/fc/kernel"):
        save_weights(tf.keras.Model(x, both(x)), tmp_path / "x.h5")
    assert not os.listdir(tmp_path)


def test_a_variant_of_numpys_integers(tmp_path):
    dims = tuple(8 * np.array([1, 2]))
    variant = zoo.BinaryViTVariant(
        dims, depths=(1, 1), heads=(1, 1), mlp_ratios=(2, 2), reductions=(1, 1)
    )
    model = common.randomise(BinaryViT(variant, input_shape=(32, 32, 3), num_classes=2))
    path = save_weights(model, tmp_path / "x.safetensors")
    again = BinaryViT(variant, input_shape=(32, 32, 3), num_classes=2, weights=path)
    np.testing.assert_array_equal(common.predict(again), common.predict(model))
