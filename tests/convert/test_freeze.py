"""The frozen model is the same function, in LCE's forms."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import layers, zoo
from larq_bvit.convert import freeze
from larq_bvit.convert.frozen_attention import FrozenAttention
from tests.convert.models import images, tiny, unsettle

NAMES = ["binaryvit_nano", "reactnet_a", "reactnet_c", "birealnet_18", "reactdeit_small"]


def close(got: tf.Tensor, expected: tf.Tensor, rtol: float = 1e-4) -> None:
    scale = np.abs(expected).max()
    np.testing.assert_allclose(np.asarray(got) / scale, np.asarray(expected) / scale, atol=rtol)


@pytest.mark.parametrize("name", NAMES)
def test_same_function(name):
    model = tiny(name)
    x = images(2)
    close(freeze(model)(x), model(x, training=False))


def test_same_function_where_the_map_is_not_square_and_the_batch_is_fixed():
    model = tiny("binaryvit_nano", size=(32, 96))
    x = images(3, size=(32, 96))
    close(freeze(model, batch_size=3)(x), model(x, training=False))
    close(freeze(model, batch_size=1)(x[:1]), model(x[:1], training=False))


def test_features_stay_features():
    model = tiny("binaryvit_nano", features_only=True)
    x = images(1)
    for got, expected in zip(freeze(model)(x), model(x, training=False), strict=True):
        close(got, expected)


def test_what_is_left():
    frozen = freeze(tiny("binaryvit_nano", drop_path=0.2))
    kinds = {type(layer) for layer in frozen.layers}
    assert not kinds & {
        layers.RPReLU,
        layers.PoolingBranches,
        layers.QuantAttention,
        layers.LayerScale,
        tf.keras.layers.Dropout,
    }
    assert {FrozenAttention, tf.keras.layers.PReLU, tf.keras.layers.DepthwiseConv2D} <= kinds
    for layer in frozen.layers:
        if isinstance(layer, lq.layers.QuantConv2D):
            magnitude = np.abs(layer.get_weights()[0])
            assert layer.kernel_quantizer is None
            assert (magnitude == magnitude[:1, :1, :1]).all(), layer.name


def test_shifts_are_left_only_before_what_is_not_linear():
    """A sign, the PReLU after attention, and the zero padding of the pooling branches."""
    frozen = freeze(tiny("binaryvit_nano"))
    shifts = [la.name for la in frozen.layers if isinstance(la, layers.LearnedShift)]
    kinds = (lq.layers.QuantConv2D, tf.keras.layers.DepthwiseConv2D, FrozenAttention)
    assert len(shifts) == sum(isinstance(layer, kinds) for layer in frozen.layers), shifts


def test_a_users_own_larq_model():
    x = inputs = tf.keras.Input((8, 8, 16))
    for _ in range(2):
        y = lq.layers.QuantConv2D(
            16,
            3,
            padding="same",
            pad_values=1.0,
            input_quantizer="ste_sign",
            kernel_quantizer="ste_sign",
            kernel_constraint="weight_clip",
            use_bias=False,
        )(x)
        x = tf.keras.layers.Add()([tf.keras.layers.BatchNormalization(scale=False)(y), x])
    x = tf.keras.layers.Flatten()(tf.keras.layers.LeakyReLU()(x))
    x = lq.layers.QuantDense(4, kernel_quantizer="dorefa_quantizer")(x)
    model = unsettle(tf.keras.Model(inputs, tf.keras.layers.Softmax()(x)))
    x = np.random.RandomState(0).standard_normal((2, 8, 8, 16)).astype("float32")
    close(freeze(model)(x), model(x, training=False))


def test_a_float64_model_is_frozen_in_float32():
    tf.keras.backend.set_floatx("float64")
    try:
        model = tiny("binaryvit_nano")
    finally:
        tf.keras.backend.set_floatx("float32")
    frozen = freeze(model)
    assert {weight.dtype.name for weight in frozen.weights} == {"float32"}
    close(frozen(images(1)), model(images(1), training=False))


def test_the_cross_equals_the_branches_in_numpy():
    x = tf.keras.Input((6, 7, 4))
    model = unsettle(tf.keras.Model(x, layers.PoolingBranches(name="pooling")(x)))
    weights = {w.name.split(":")[0]: w.numpy() for w in model.weights}
    image = np.random.RandomState(0).standard_normal((1, 6, 7, 4)).astype("float32")
    expected = np.zeros_like(image)
    padded = np.pad(image, [(0, 0), (2, 2), (2, 2), (0, 0)])
    for size in (3, 5):
        for axis, name in ((1, "h"), (2, "w")):
            mean = np.zeros_like(image)
            for step in range(-(size // 2), size // 2 + 1):
                mean += np.roll(padded, -step, axis)[:, 2:-2, 2:-2] / size
            path = f"pooling/{name}{size}"
            expected += weights[f"{path}/scale"] * mean + weights[f"{path}/shift"]
    np.testing.assert_allclose(freeze(model)(image), expected, atol=1e-5)


@pytest.mark.parametrize("clip", [-0.01, 0.0])
def test_a_clip_below_zero_lets_nothing_through(clip):
    shape = (2, 3, 8)
    qkv = [tf.keras.Input(shape) for _ in range(3)]
    attend = layers.QuantAttention(2, layers.ApproxSign(), layers.BinaryProbability())
    model = tf.keras.Model(qkv, attend(qkv))
    model.weights[0].assign(clip)
    x = list(np.random.RandomState(0).standard_normal((3, 1, *shape)).astype("float32"))
    expected = model(x, training=False)
    np.testing.assert_array_equal(freeze(model)(x), np.nan_to_num(expected))
    assert not np.any(np.nan_to_num(expected))


def test_the_zoo_is_not_changed():
    model = tiny("binaryvit_nano")
    before = [weight.numpy() for weight in model.weights]
    freeze(model)
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
    assert zoo.list_models("nano") == ["binaryvit_nano"]
