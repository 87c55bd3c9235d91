"""A model that normalises pixels itself is not normalised twice."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, zoo
from larq_bvit.convert import Normalization
from larq_bvit.convert.own_normalization import normalizes_itself
from larq_bvit.layers import binary_linear
from larq_bvit.zoo.model_facts import set_preprocessing
from larq_bvit.zoo.packed.metadata import Preprocessing

L = tf.keras.layers
SIZE = (8, 8)
LITTLE = zoo.BinaryViTVariant(dims=(32,), depths=(1,), heads=(1,), mlp_ratios=(1,), reductions=(1,))
PIXELS = np.random.default_rng(0).integers(0, 256, (4, *SIZE, 3)).astype(np.uint8)


def net() -> tf.keras.Model:
    """Of few layers, as every model around it traces it again, and of few signs.

    With this seed none is so near to 0 that a phone's rounded constants could turn it.
    """
    tf.keras.utils.set_random_seed(1)
    x = L.Input((*SIZE, 3))
    y = L.Flatten()(binary_linear(32)(L.Conv2D(32, 4, strides=4)(x)))
    return tf.keras.Model(x, L.Dense(4, "softmax")(y))


def rescaling() -> tf.keras.Model:
    return tf.keras.Sequential([L.Input((*SIZE, 3)), L.Rescaling(1 / 127.5, -1), net()])


def normalization() -> tf.keras.Model:
    layer = L.Normalization(mean=(120.0, 110.0, 100.0), variance=(3000.0, 4000.0, 5000.0))
    return tf.keras.Sequential([L.Input((*SIZE, 3)), layer, net()])


def preprocess_input() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(0)
    x = zoo.preprocess_input(L.Input((*SIZE, 3)))
    return zoo.BinaryViT(LITTLE, input_tensor=x, num_classes=4)


def told() -> tf.keras.Model:
    """Whose weights say for which images they are: for those that the model makes of pixels."""
    model = rescaling()
    set_preprocessing(model, Preprocessing(mean=(0.5,) * 3, std=(0.5,) * 3))
    return model


def nested() -> tf.keras.Model:
    first = tf.keras.Sequential([L.Input((*SIZE, 3)), L.Resizing(*SIZE), L.Rescaling(1 / 255)])
    return tf.keras.Sequential([L.Input((*SIZE, 3)), first, net()])


def caffe() -> tf.keras.Model:
    x = L.Input((*SIZE, 3))
    return tf.keras.Model(x, net()((x[..., ::-1] - 110.0) * 0.02))


ALL = [rescaling, normalization, preprocess_input, told, nested, caffe]


@pytest.mark.parametrize("make", ALL)
def test_it_is_refused_until_it_is_said(make):
    model = make()
    assert normalizes_itself(model)
    for options in ({}, {"include_preprocessing": True}, {"input_type": "uint8"}):
        with pytest.raises(ValueError, match=r"expected normalization=Normalization\.none\(\)"):
            convert.convert_model(model, **options)


@pytest.mark.parametrize("make", [rescaling, preprocess_input])
@pytest.mark.parametrize(
    "options", [{}, {"target": "android"}, {"include_preprocessing": True}, {"input_type": "uint8"}]
)
def test_pixels_go_in_as_they_are(make, options):
    model = make()
    made = convert.convert_model(model, normalization=Normalization.none(), **options)
    assert made.verification.holds
    metadata = convert.read_metadata(made.tflite)
    assert set(metadata.mean) == {0.0} and set(metadata.std) == {1.0}
    stored = PIXELS.astype(np.float32) if not options else PIXELS
    got = convert.Interpreter(made.tflite).predict(stored)
    rounding = 1e-3 if "target" in options else 1e-5  # a phone's constants are float16
    np.testing.assert_allclose(got, model(PIXELS.astype(np.float32)), atol=rounding)
    assert convert.verify(model, made.tflite, PIXELS).holds  # knows it by the model


def test_floats_from_0_to_255_are_images_too():
    model, none = rescaling(), Normalization.none()
    images = PIXELS.astype(np.float32)
    assert convert.convert_model(model, normalization=none, images=images).verification.holds
    assert convert.convert_model(model, normalization=none, images=list(PIXELS)).verification.holds


def test_another_normalization_before_the_models_own():
    made = convert.convert_model(nested(), normalization=Normalization((0.5,), (0.5,)))
    assert made.verification.holds
    assert convert.read_metadata(made.tflite).mean == (127.5,)


@pytest.mark.parametrize("name", ["binaryvit_nano", "reactnet_18", "birealnet_18", "deit_small"])
def test_models_of_the_zoo_take_normalised_pixels(name):
    assert not normalizes_itself(zoo.create(name, input_shape=(64, 64, 3)))


def test_sums_of_maps_are_no_normalization():
    x = L.Input((*SIZE, 3))
    assert not normalizes_itself(tf.keras.Model(x, x + L.Conv2D(3, 1)(x)))
    assert not normalizes_itself(tf.keras.Model(x, L.Conv2D(3, 1)(x) * 2.0))
