"""The frozen model is the same function, in LCE's forms."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import layers, zoo
from larq_bvit.convert import freeze
from larq_bvit.convert.freezing.frozen_attention import FrozenAttention
from larq_bvit.convert.freezing.sum import Sum
from larq_bvit.convert.normalization import Normalization
from tests.convert.models import TWO_STAGES, images, tiny, unsettle

L = tf.keras.layers
NAMES = ["binaryvit_nano", "reactnet_a", "reactnet_c", "birealnet_18", "reactdeit_small"]


def close(got: tf.Tensor, expected: tf.Tensor, rtol: float = 1e-4) -> None:
    scale = np.abs(expected).max()
    np.testing.assert_allclose(np.asarray(got) / scale, np.asarray(expected) / scale, atol=rtol)


def random_map(*shape: int) -> np.ndarray:
    return np.random.RandomState(0).standard_normal(shape).astype("float32")


def sums(frozen: tf.keras.Model) -> dict[str, int]:
    """{layer: how many maps it adds} of all sums of more than two."""
    return {la.name: len(la.input) for la in frozen.layers if isinstance(la, Sum)}


def same(model: tf.keras.Model) -> tf.keras.Model:
    """The frozen model, after a comparison to float32 rounding."""
    unsettle(model)
    frozen = freeze(model)
    x = random_map(2, *model.input_shape[1:])
    pairs = zip(tf.nest.flatten(frozen(x)), tf.nest.flatten(model(x, training=False)), strict=True)
    for got, expected in pairs:
        close(got, expected, 1e-6)
    return frozen


@pytest.mark.parametrize("name", NAMES)
def test_same_function(name):
    model = tiny(name)
    x = images(2)
    close(freeze(model)(x), model(x, training=False))


def test_same_function_where_the_map_is_not_square_and_the_batch_is_fixed():
    model = tiny("binaryvit_nano", (32, 96), TWO_STAGES)
    x = images(3, size=(32, 96))
    close(freeze(model, batch_size=3)(x), model(x, training=False))
    close(freeze(model, batch_size=1)(x[:1]), model(x[:1], training=False))


def test_features_stay_features():
    model = tiny("binaryvit_nano", fields=TWO_STAGES, features_only=True)
    x = images(1)
    for got, expected in zip(freeze(model)(x), model(x, training=False), strict=True):
        close(got, expected)


def test_what_is_left():
    frozen = freeze(tiny("binaryvit_nano", fields=TWO_STAGES, drop_path=0.2))
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
    frozen = freeze(tiny("binaryvit_nano", fields=TWO_STAGES))
    shifts = [la.name for la in frozen.layers if isinstance(la, layers.LearnedShift)]
    lines = [la for la in frozen.layers if isinstance(la, tf.keras.layers.DepthwiseConv2D)]
    kinds = (lq.layers.QuantConv2D, FrozenAttention)
    others = sum(isinstance(layer, kinds) for layer in frozen.layers)
    assert len(shifts) == others + len(lines) // 2, shifts  # a cross is two lines


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
        model = tiny("binaryvit_nano", fields=TWO_STAGES)
    finally:
        tf.keras.backend.set_floatx("float32")
    frozen = freeze(model)
    assert {weight.dtype.name for weight in frozen.weights} == {"float32"}
    close(frozen(images(1)), model(images(1), training=False))


@pytest.mark.parametrize("sizes", [(3, 5), (1,), (7, 3, 1)])
def test_two_lines_are_the_pooling_branches(sizes):
    """With an offset that waits before them, and maps smaller than the lines."""
    x = tf.keras.Input((6, 4, 8))
    y = layers.PoolingBranches(sizes, name="pooling")(layers.LearnedShift()(x))
    model = unsettle(tf.keras.Model(x, y))
    frozen = freeze(model)
    image = random_map(2, 6, 4, 8)
    np.testing.assert_allclose(frozen(image), model(image), atol=2e-6)
    lines = [la for la in frozen.layers if isinstance(la, tf.keras.layers.DepthwiseConv2D)]
    assert [line.kernel_size for line in lines] == [(max(sizes), 1), (1, max(sizes))]
    assert len(frozen.get_layer("pooling").input) == 2


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
    model = tiny("binaryvit_nano", fields=TWO_STAGES)
    before = [weight.numpy() for weight in model.weights]
    freeze(model)
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
    assert zoo.list_models("nano") == ["binaryvit_nano"]


def test_sums_of_sums_become_one():
    """Offsets and what absorbs them are kept on the way."""
    x = L.Input((4, 4, 3))
    norm = L.BatchNormalization()(L.Conv2D(3, 1)(x))
    total = L.Add(name="one")([x, norm, layers.LearnedShift()(x)])
    total = L.Add(name="two")([layers.LearnedShift()(total), L.Conv2D(3, 1)(x)])
    frozen = same(tf.keras.Model(x, L.ReLU()(layers.LearnedShift()(total))))
    assert sums(frozen) == {"two": 4}
    assert not any(isinstance(la, layers.LearnedShift) for la in frozen.layers), "absorbed"


def test_a_sum_of_two_stays_and_grows_only_by_sums_of_more():
    x = L.Input((4, 4, 3))
    two = L.Add(name="two")([x, L.ReLU()(x)])
    frozen = same(tf.keras.Model(x, L.Add(name="three")([two, L.Conv2D(3, 1)(x)])))
    assert sums(frozen) == {} and isinstance(frozen.get_layer("three"), L.Add)


@pytest.mark.parametrize("where", ["layer", "output"])
def test_a_sum_that_is_read_twice_is_computed_once(where):
    x = L.Input((4, 4, 3))
    three = L.Add(name="three")([x, L.ReLU()(x), L.Conv2D(3, 1)(x)])
    outer = L.Add(name="outer")([three, L.Conv2D(3, 1)(x)])
    other = L.Conv2D(2, 1)(three) if where == "layer" else three
    assert sums(same(tf.keras.Model(x, [outer, other]))) == {"three": 3}


def test_one_sum_twice_in_a_sum():
    x = L.Input((4, 4, 3))
    three = L.Add(name="three")([x, L.ReLU()(x), L.BatchNormalization()(L.Conv2D(3, 1)(x))])
    same(tf.keras.Model(x, layers.LearnedShift()(L.Add()([three, three]))))


@pytest.mark.parametrize("shape", [(1, 1, 8), (4, 4, 1), (1, 1, 1)])
def test_a_sum_of_maps_of_several_shapes_stays_keras(shape):
    """Offsets and batch norms are on the side of the smaller map, of the larger, and after."""
    x = L.Input((4, 4, 8))
    small = L.AveragePooling2D(4)(x) if shape[0] == 1 else x
    small = L.BatchNormalization()(L.Conv2D(shape[-1], 1)(small))
    for smaller in (small, layers.LearnedShift()(small)):
        for larger in (x, layers.LearnedShift()(x)):
            total = L.Add(name="total")([larger, smaller, L.ReLU()(x)])
            for y in (total, layers.LearnedShift()(total)):
                frozen = same(tf.keras.Model(x, y))
                assert isinstance(frozen.get_layer("total"), L.Add) and not sums(frozen)


@pytest.mark.parametrize(
    ("options", "folded"),
    [
        ({}, True),
        ({"strides": 2, "dilation_rate": 1, "activation": "relu"}, True),
        ({"dilation_rate": 2}, True),
        ({"padding": "same"}, False),
        ({"use_bias": False}, False),
        ({"groups": 2}, False),
    ],
)
def test_an_offset_goes_into_a_bias_where_no_padding_is_in_between(options, folded):
    x = L.Input((7, 6, 4))
    conv = L.Conv2D(6, 3, **options)
    frozen = same(tf.keras.Model(x, conv(layers.LearnedShift()(x))))
    assert (len(frozen.layers) == 2) == folded


@pytest.mark.parametrize("filters", [4, 6])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_transposed_convolution_takes_no_offset(filters, padding):
    """At its borders fewer weights reach a pixel, and its kernel has the channels last."""
    x = L.Input((5, 4, 4))
    conv = L.Conv2DTranspose(filters, 3, strides=2, padding=padding)
    same(tf.keras.Model(x, conv(layers.LearnedShift()(x))))


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_pixels_are_normalised_first(padding):
    x = L.Input((8, 8, 3))
    y = L.Conv2D(4, 3, padding=padding, name="normalize")(x)
    model = unsettle(tf.keras.Model(x, y))
    normalization = Normalization((0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    pixels = np.random.RandomState(0).randint(0, 256, (2, 8, 8, 3)).astype("float32")
    frozen = freeze(model, normalization=normalization)
    close(frozen(pixels), model(normalization(pixels)), 1e-5)
    shifts = [la for la in frozen.layers if isinstance(la, layers.LearnedShift)]
    assert len(shifts) == (padding == "same"), "the zero padding is not shifted"
    with pytest.raises(ValueError, match="the model has 3 input channels"):
        freeze(model, normalization=Normalization((0, 0), (1, 1)))


def test_a_map_of_open_size():
    x = L.Input((None, None, 32))
    model = tf.keras.Model(x, layers.binary_conv(16, 3)(x))
    image = random_map(2, 2, 5, 32)
    np.testing.assert_allclose(freeze(model)(image), model(image), rtol=1e-5)


def test_a_batch_norm_of_another_axis():
    x = L.Input((8, 5, 8))
    y = L.BatchNormalization(axis=1)(layers.LearnedShift()(L.ReLU()(x)))
    same(tf.keras.Model(x, L.BatchNormalization()(y)))
