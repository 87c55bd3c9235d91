"""What all models share, on an architecture of three layers."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import zoo
from larq_bvit.zoo.architecture import Architecture
from tests.layers.common import normal, policy

layers = tf.keras.layers


@dataclass(frozen=True)
class ToyVariant:
    width: int = 4
    stride: int = 4
    token: bool = False


def toy(image, variant, *, scale=1.0):
    """Two levels at half the stride and at the stride, and a vector where `token`."""
    x = layers.Conv2D(variant.width, 3, padding="same", name="conv")(image)
    fine = layers.AveragePooling2D(variant.stride // 2, name="fine")(x)
    coarse = layers.AveragePooling2D(2, name="coarse")(layers.Rescaling(scale)(fine))
    return [fine, coarse], layers.GlobalMaxPooling2D()(fine) if variant.token else None


VARIANTS = {"small": ToyVariant(), "token": ToyVariant(token=True), "wide": ToyVariant(width=8)}
Toy = Architecture("toy", toy, VARIANTS, default="small")


def predict(model, *shape):
    x = normal(*(shape or (2, 8, 12, 3))).astype("float32")
    return [y.numpy() for y in tf.nest.flatten(model(x))]


def test_defaults():
    model = Toy()
    assert model.name == "toy_small"
    assert model.input_shape == (None, 224, 224, 3) and model.input_names == ["image"]
    assert model.output_shape == (None, 1000)
    assert model.output_names == ["prediction"]


@pytest.mark.parametrize(("variant", "name"), [("wide", "toy_wide"), (ToyVariant(8), "toy")])
def test_variant_by_name_or_of_ones_own(variant, name):
    model = Toy(variant, input_shape=(8, 12, 3), num_classes=5)
    assert model.name == name
    assert model.get_layer("conv").filters == 8


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ("smal", "unknown variant of toy 'smal'; did you mean 'small'?"),
        ("xyz", "unknown variant of toy 'xyz'; known: small, token, wide"),
        (7, "variant must be a name or a ToyVariant; got 7"),
        (zoo.DeiTVariant(), "must be a name or a ToyVariant; got DeiTVariant"),
    ],
)
def test_refuses_variants(variant, message):
    with pytest.raises(ValueError) as error:
        Toy(variant)
    assert message in str(error.value)


@pytest.mark.parametrize("shape", [(8, 12, 3), [4, 4, 1], (np.int64(8), np.int64(8), np.int64(6))])
def test_shapes(shape):
    model = Toy(input_shape=shape, num_classes=np.int64(5))
    assert model.input_shape == (None, *shape)
    assert predict(model, 2, *shape)[0].shape == (2, 5)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((8, 10, 3), "input height and width of toy must be multiples of 4; got 8x10"),
        ((6, 8, 3), "multiples of 4; got 6x8"),
        ((8, 8), r"must be .height, width, channels., positive integers; got \(8, 8\)"),
        ((2, 8, 8, 3), "positive integers; got"),
        ((None, None, 3), "positive integers; got"),
        ((0, 8, 3), "positive integers; got"),
        ((8, 8, -1), "positive integers; got"),
        ((8.0, 8, 3), "positive integers; got"),
        (224, r"positive integers; got \(224,\)"),
    ],
)
def test_refuses_shapes(shape, message):
    with pytest.raises(ValueError, match=message):
        Toy(input_shape=shape)


def test_refuses_channels_first():
    tf.keras.backend.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="to be 'channels_last', .* got 'channels_first'"):
            Toy()
    finally:
        tf.keras.backend.set_image_data_format("channels_last")


@pytest.mark.parametrize("classes", [0, -1, 2.5, "10"])
def test_refuses_numbers_of_classes(classes):
    with pytest.raises(ValueError, match="num_classes must be a positive integer; got"):
        Toy(num_classes=classes)


def test_classifier_reads_the_average_of_the_last_level_or_the_vector():
    kernel, bias = normal(4, 5), normal(5)
    for variant in ("small", "token"):
        arguments = {"input_shape": (8, 12, 3)}
        model = Toy(variant, num_classes=5, classifier_activation=None, **arguments)
        model.get_layer("classifier").set_weights([kernel, bias])
        features = Toy(variant, features_only=True, **arguments)
        features.set_weights(model.get_weights()[:2])
        fine, coarse = predict(features)
        vector = fine.max((1, 2)) if variant == "token" else coarse.mean((1, 2))
        np.testing.assert_allclose(predict(model)[0], vector @ kernel + bias, rtol=1e-5, atol=1e-6)


def test_classifier_activation():
    models = [
        Toy(input_shape=(8, 12, 3), num_classes=5, classifier_activation=activation)
        for activation in (None, "softmax", tf.nn.softmax)
    ]
    for model in models[1:]:
        model.set_weights(models[0].get_weights())
    logits, by_name, by_function = (predict(model)[0] for model in models)
    np.testing.assert_allclose(by_name, tf.nn.softmax(logits), rtol=1e-5)
    np.testing.assert_array_equal(by_name, by_function)


def test_without_top():
    arguments = {"input_shape": (8, 12, 3), "include_top": False}
    models = [Toy(pooling=pooling, **arguments) for pooling in (None, "avg", "max")]
    for model in models:
        model.set_weights(models[0].get_weights())
    (fine, coarse), (average,), (maximum,) = map(predict, models)
    assert fine.shape == (2, 4, 6, 4) and coarse.shape == (2, 2, 3, 4)
    np.testing.assert_allclose(average, coarse.mean((1, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(maximum, coarse.max((1, 2)))
    with pytest.raises(ValueError, match="pooling must be None, 'avg' or 'max'; got 'mean'"):
        Toy(pooling="mean", **arguments)


def test_input_tensor():
    pixels = tf.keras.Input((8, 12, 3), name="pixels")
    model = Toy(input_tensor=layers.Rescaling(2.0)(pixels), num_classes=5)
    assert model.input_names == ["pixels"]
    plain = Toy(input_shape=(8, 12, 3), num_classes=5)
    plain.set_weights(model.get_weights())
    x = normal(2, 8, 12, 3).astype("float32")
    np.testing.assert_array_equal(model(x), plain(2 * x))


@pytest.mark.parametrize(
    ("tensor", "shape", "message"),
    [
        (lambda: tf.keras.Input((8, 10, 3)), None, "multiples of 4; got 8x10"),
        (lambda: tf.keras.Input((None, None, 3)), None, "positive integers; got"),
        (
            lambda: tf.keras.Input((8, 8, 3)),
            (8, 12, 3),
            r"must have shape \(8, 12, 3\); got \(8, 8",
        ),
        (lambda: tf.keras.Input((8, 8, 3), dtype="uint8"), None, "a Keras tensor of floats; got"),
        (lambda: tf.ones((1, 8, 8, 3)), None, "a Keras tensor of floats; got"),
        (lambda: np.ones((1, 8, 8, 3)), None, "a Keras tensor of floats; got"),
    ],
)
def test_refuses_input_tensors(tensor, shape, message):
    with pytest.raises(ValueError, match=message):
        Toy(input_tensor=tensor(), input_shape=shape)


def test_weights(tmp_path):
    model = Toy(input_shape=(8, 12, 3), num_classes=5)
    path = zoo.save_weights(model, tmp_path / "x.h5")
    other = Toy(input_shape=(8, 12, 3), num_classes=5, weights=str(path))
    np.testing.assert_array_equal(predict(model), predict(other))
    with pytest.raises(ValueError, match=r"classifier/kernel: expected floats \(4, 6\), got"):
        Toy(input_shape=(8, 12, 3), num_classes=6, weights=path)
    with pytest.raises(ValueError, match="no weight file at imagenet"):
        Toy(weights="imagenet")


def test_options_go_to_the_body():
    assert Toy(input_shape=(8, 8, 3), scale=3.0).layers[3].scale == 3.0
    with pytest.raises(TypeError, match="num_class"):
        Toy(num_class=5)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("float32", "float32"), ("mixed_float16", "float32"), ("float64", "float64")],
)
def test_predictions_have_at_least_single_precision(name, dtype):
    with policy(name):
        model = Toy(input_shape=(8, 12, 3), num_classes=5)
        maps = Toy(input_shape=(8, 12, 3), features_only=True)
    assert model.output.dtype == model(np.ones((1, 8, 12, 3))).dtype == dtype
    compute = tf.keras.mixed_precision.Policy(name).compute_dtype
    assert {y.dtype for y in maps.outputs} == {tf.as_dtype(compute)}


def test_no_random_numbers_where_weights_come(tmp_path, monkeypatch):
    model = Toy(input_shape=(8, 12, 3), num_classes=5)
    file = zoo.save_weights(model, tmp_path / "toy.safetensors")

    def draw(*_, **__):
        raise AssertionError("random numbers")

    monkeypatch.setattr(tf.keras.initializers.GlorotUniform, "__call__", draw)  # of the convolution
    with pytest.raises(AssertionError, match="random numbers"):
        Toy(input_shape=(8, 12, 3), num_classes=5)
    again = Toy(input_shape=(8, 12, 3), num_classes=5, weights=file)
    for x, y in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


def test_other_variables_are_as_they_are(tmp_path):
    """Such as the state of random layers."""
    kept = []

    def body(image, variant):
        kept.append(tf.Variable([3, 4], dtype=tf.int64))
        return toy(image, variant)

    build = partial(Architecture("toy", body, VARIANTS, default="small"), input_shape=(8, 12, 3))
    build(weights=zoo.save_weights(build(), tmp_path / "toy.h5"))
    assert [variable.numpy().tolist() for variable in kept] == [[3, 4], [3, 4]]
