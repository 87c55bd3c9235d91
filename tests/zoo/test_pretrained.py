"""Published weights in models: all of them, and those that differ from the trained one."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.presets import presets
from larq_bvit.zoo.architecture import Architecture
from larq_bvit.zoo.binaryvit import BinaryViTVariant
from larq_bvit.zoo.matching import resample_position
from larq_bvit.zoo.named_weights import named_weights
from larq_bvit.zoo.packed.metadata import Preprocessing
from tests.layers.common import normal
from tests.presets import publish
from tests.zoo import common
from tests.zoo.file_server import file_server

NAME = "binaryvit_nano_cifar10"


# BinaryViT with a nano of two blocks, at strides 4 and 8
PLAN = BinaryViTVariant(
    dims=(8, 16), depths=(1, 1), heads=(1, 2), mlp_ratios=(2, 2), reductions=(2, 1)
)
Small = Architecture(
    "binaryvit", zoo.BinaryViT.body, {**zoo.BinaryViT.variants, "nano": PLAN}, default="small"
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The published weights."""
    model = common.randomise(Small("nano", input_shape=(32, 32, 3), num_classes=10))
    return zoo.save_weights(model, tmp_path_factory.mktemp("weights") / "weights.safetensors")


@pytest.fixture(scope="module")
def content(file):
    return file.read_bytes()


@pytest.fixture(scope="module")
def trained(file):
    """The model of the published weights."""
    return Small("nano", input_shape=(32, 32, 3), num_classes=10, weights=file)


@pytest.fixture
def published(empty_package, content):
    """One preset, default of nano and of BinaryViT."""
    publish(empty_package, NAME, content, default=True, architecture_default=True)
    return empty_package


def values(model, without="classifier"):
    """{path: array} of a model's weights, those of the classifier apart."""
    weights = named_weights(model).items()
    return {path: weight.numpy() for path, weight in weights if not path.startswith(without)}


def equal(model, other):
    """The weights below the classifier have the same names and values."""
    assert (a := values(model)).keys() == (b := values(other)).keys()
    for path, value in a.items():
        np.testing.assert_array_equal(value, b[path], err_msg=path)


@pytest.fixture(autouse=True)
def info(caplog):
    caplog.set_level("INFO", "larq_bvit")


@pytest.mark.parametrize(
    "build",
    [
        lambda: Small("nano", pretrained=True),
        lambda: Small("nano", pretrained="cifar10"),
        lambda: Small("nano", pretrained=NAME),
        lambda: Small(pretrained=True),
        lambda: Small(pretrained="cifar10"),
        lambda: Small(pretrained=True, input_shape=[32, 32, 3], num_classes=10),
        lambda: Small(pretrained=True, drop_path=0.1),
    ],
)
def test_is_the_trained_model(published, trained, caplog, build):
    model = build()
    assert model.name == "binaryvit_nano"
    assert model.input_shape == (None, 32, 32, 3) and model.output_shape == (None, 10)
    assert common.paths(model) == common.paths(trained)
    for a, b in zip(model.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(common.predict(model), common.predict(trained))
    assert caplog.messages == [
        f"binaryvit_nano with the pretrained weights {NAME}: cifar10, 32x32 pixels, 10 classes, "
        "top-1 75.00%"
    ]


def test_other_classes(published, trained, caplog):
    model = Small("nano", pretrained=True, num_classes=7)
    equal(model, trained)
    assert model.output_shape == (None, 7) and model.count_params() < trained.count_params()
    kernel = model.get_layer("classifier").kernel.numpy()
    assert kernel.std() > 0 and len(np.unique(kernel)) > 100  # neither zeros nor signs
    assert caplog.messages[1:] == ["classifier is new: 10 classes in the weights, 7 in the model"]


def test_as_many_other_classes(empty_package, trained, tmp_path, caplog):
    names = tuple("abcdefghij")
    metadata = zoo.WeightsMetadata(model="binaryvit_nano", class_names=names)
    file = zoo.save_weights(trained, tmp_path / "weights.safetensors", metadata=metadata)
    publish(empty_package, NAME, file.read_bytes(), default=True)
    same = Small("nano", pretrained=True, class_names=list(names))
    np.testing.assert_array_equal(same.get_weights()[-1], trained.get_weights()[-1])
    assert len(caplog.messages) == 1
    other = Small("nano", pretrained=True, class_names=names[::-1])
    words = "classifier is new: 10 classes in the weights, 10 others in the model"
    assert caplog.messages[2:] == [words]
    equal(other, trained)
    assert (other.get_weights()[-1] != trained.get_weights()[-1]).any()
    assert Small("nano", pretrained=True, class_names=names[:7]).output_shape == (None, 7)


def test_names_of_the_classes(empty_package, trained, tmp_path):
    names = tuple(f"animal {i}" for i in range(10))
    metadata = zoo.WeightsMetadata(model="binaryvit_nano", class_names=names)
    file = zoo.save_weights(trained, tmp_path / "x.safetensors", metadata=metadata)
    publish(empty_package, NAME, file.read_bytes(), default=True)
    model = Small("nano", pretrained=True)
    assert model.class_names == names
    assert zoo.decode_predictions(np.eye(10), 1, model.class_names)[3][0][:2] == (names[3],) * 2
    assert Small("nano", pretrained=True, num_classes=3).class_names is None
    assert Small("nano", pretrained=True, class_names=["a", "b"]).class_names == ("a", "b")
    assert Small("nano", pretrained=True, include_top=False).class_names is None
    assert Small("nano", input_shape=(32, 32, 3)).class_names is None


def test_a_model_with_names_of_its_classes_is_saved(tmp_path):
    """They are an attribute that Keras does not follow."""
    variant = replace(PLAN, depths=(0, 0))
    model = Small(variant, input_shape=(32, 32, 3), class_names=["a", "b"])
    assert model.class_names == ("a", "b")
    model.save(tmp_path / "folder")


def test_a_packed_file_says_for_what_it_is(file):
    model = Small("nano", weights=file)
    assert (model.input_shape, model.output_shape) == ((None, 32, 32, 3), (None, 10))
    names = [f"animal {i}" for i in range(7)]
    other = Small("nano", weights=file, class_names=names)
    assert other.output_shape == (None, 7) and other.get_layer("classifier").kernel.numpy().any()
    with pytest.raises(ValueError, match="weights are of 10 classes, the model of 7"):
        Small("nano", weights=file, num_classes=7)


def test_a_packed_file_says_of_which_variant_it_is(file, trained, tmp_path):
    renamed = tmp_path / "weights"
    renamed.write_bytes(file.read_bytes())  # its content says what it is
    for path in (file, renamed):
        model = Small(weights=path)
        assert model.name == "binaryvit_nano" and model.variant == PLAN
        common.same(model, trained)
    own = common.randomise(Small(replace(PLAN, heads=(2, 2)), input_shape=(32, 32, 3)))
    again = Small(weights=zoo.save_weights(own, tmp_path / "own.safetensors"))
    assert again.variant == own.variant
    image = normal(1, 32, 32, 3)
    np.testing.assert_array_equal(again(image), own(image))


def test_other_size(published, trained, caplog):
    model = Small("nano", pretrained=True, input_shape=(64, 32, 3))
    assert model.input_shape == (None, 64, 32, 3)
    expected = values(trained, without="nothing")
    for path, value in values(model, without="nothing").items():
        expected[path] = (
            resample_position(expected[path], value.shape)
            if (path.endswith("position/position"))
            else expected[path]
        )
        if not path.endswith("probability/clip"):  # see test_attention_clips.py
            np.testing.assert_array_equal(value, expected[path], err_msg=path)
    for grid in ("(8, 8) to (16, 8)", "(4, 4) to (8, 4)"):
        assert f"position embeddings resampled from {grid}" in caplog.messages


def test_other_size_and_classes(published, trained, caplog):
    model = Small("nano", pretrained=True, input_shape=(64, 64, 3), num_classes=3)
    assert model.input_shape == (None, 64, 64, 3) and model.output_shape == (None, 3)
    path = "stage1/block1/mlp/up/linear/kernel"
    np.testing.assert_array_equal(values(model)[path], values(trained)[path])
    assert len(caplog.messages) == 5  # the weights, two positions, clips, the classifier


def test_features(published, trained, caplog):
    features = Small(pretrained=True, features_only=True)
    equal(features, trained)
    plain = Small("nano", input_shape=(32, 32, 3), features_only=True)
    plain.set_weights(features.get_weights())
    for a, b in zip(common.predict(features), common.predict(plain), strict=True):
        np.testing.assert_array_equal(a, b)
    average = Small(pretrained=True, include_top=False, pooling="avg")
    (vector,) = common.predict(average)
    np.testing.assert_array_equal(vector, common.predict(common.sub_model(trained, "avg_pool"))[0])
    assert caplog.messages[1] == "the classifier of the weights is skipped: the model has none"


def test_is_built_like_any_other_model(published):
    model = Small(pretrained=True, num_classes=7)
    plain = Small("nano", input_shape=(32, 32, 3), num_classes=7)
    plain.set_weights(model.get_weights())
    common.same(model, plain)
    assert re.sub(r"_\d+", "", model.to_json()) == re.sub(r"_\d+", "", plain.to_json())
    clone = tf.keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    common.same(model, clone)


def test_input_tensor(published, trained):
    pixels = tf.keras.Input((32, 32, 3), name="pixels")
    model = Small(pretrained=True, input_tensor=tf.keras.layers.Rescaling(2.0)(pixels))
    x = normal(2, 32, 32, 3).astype("float32")
    np.testing.assert_array_equal(model(x), trained(2 * x))


def test_layers_before_keep_their_weights(published, trained):
    grey = tf.keras.Input((32, 32, 1), name="grey")
    front = tf.keras.layers.Conv2D(3, 1, name="front")
    model = Small(pretrained=True, input_tensor=front(grey))
    assert len(model.weights) == len(trained.weights) + 2
    assert (model.variant, model.class_names) == (trained.variant, trained.class_names)
    x = normal(2, 32, 32, 1).astype("float32")
    np.testing.assert_array_equal(model(x), trained(front(x)))


def test_what_weights_say_of_images_is_not_of_those_of_layers_before(trained, tmp_path):
    told = zoo.WeightsMetadata(preprocessing=Preprocessing(mean=(0.5,) * 3, std=(0.5,) * 3))
    weights = zoo.save_weights(trained, tmp_path / "told.safetensors", metadata=told)
    image = tf.keras.Input((32, 32, 3))
    for source, expected in ((image, told.preprocessing), (tf.keras.layers.ReLU()(image), None)):
        model = Small("nano", num_classes=10, weights=weights, input_tensor=source)
        assert model.preprocessing == expected


def test_downloads(empty_package, content, trained, monkeypatch):
    folder = publish(empty_package, NAME, content, default=True)
    Path(folder / "weights.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=f"weights '{NAME}' are not published yet"):
        Small("nano", pretrained=True)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with file_server(content) as server:
        publish(empty_package, NAME, content, default=True, url=server.url)
        Path(folder / "weights.safetensors").unlink()
        models = [Small("nano", pretrained=True) for _ in range(2)]
    assert len(server.asked) == 1
    for model in models:
        equal(model, trained)


def test_without_options_that_change_the_layers(published):
    with pytest.raises(ValueError, match=r"unexpected \(\d+\): .*affine"):
        Small(pretrained=True, affine=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"variant": PLAN},
            "pretrained weights are of binaryvit's own variants (nano, small, small_fp_down, "
            "tiny); got BinaryViTVariant(",
        ),
        ({"variant": "nan"}, "unknown variant of binaryvit 'nan'; did you mean 'nano'"),
        ({"variant": "tiny"}, "no pretrained weights of 'binaryvit_tiny' yet; models with pre"),
        ({"weights": "x.h5"}, "either pretrained= or weights=; got both (pretrained=True, weig"),
        ({"input_shape": (32, 32, 1)}, f"{NAME!r} are for images of 3 channels; got 1"),
        ({"input_shape": (30, 32, 3)}, "must be multiples of 8; got 30x32"),
        ({"features_only": True, "pooling": "avg"}, "features_only has no pooling; got 'avg'"),
        ({"class_names": ["a"], "num_classes": 2}, "class_names as num_classes, 2; got 1"),
        ({"num_classes": 0}, "num_classes must be a positive integer; got 0"),
        ({"pretrained": "cifar100"}, "'cifar100'; did you mean 'cifar10'"),
        ({"pretrained": None}, "pretrained must be True, a data set or the name of a preset"),
    ],
)
def test_refuses(published, monkeypatch, arguments, message):
    monkeypatch.setattr("larq_bvit.zoo.architecture.weight_file", pytest.fail)  # before any work
    with pytest.raises(ValueError) as error:
        Small(**{"pretrained": True, **arguments})
    assert message in str(error.value)


def test_architecture_without_a_default_means_its_own(empty_package, content):
    publish(empty_package, NAME, content, default=True)
    with pytest.raises(ValueError, match="no pretrained weights of 'binaryvit_small' yet"):
        Small(pretrained=True)
    assert Small(pretrained=NAME).name == "binaryvit_nano"


def test_by_name(empty_package, tmp_path):
    """The zoo's own nano, and nothing that stands in for it."""
    arguments = {"input_shape": (64, 32, 3), "num_classes": 10}
    random = common.randomise(zoo.create("binaryvit_nano", **arguments))
    file = zoo.save_weights(random, tmp_path / "weights.safetensors")
    publish(empty_package, NAME, file.read_bytes(), default=True, input_shape=[64, 32, 3])
    model = zoo.create("binaryvit_nano", pretrained=True)
    common.same(model, zoo.create("binaryvit_nano", **arguments, weights=file))


def test_published_weights_load():
    """Every preset that comes with the package, in the model that it is of."""
    for name, preset in presets().items():
        if preset.url is None:
            model = zoo.create(preset.model, pretrained=name)
            assert model.input_shape[1:] == preset.input_shape
            assert model.output_shape == (None, preset.num_classes)
