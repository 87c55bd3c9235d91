"""What Larq Compute Engine alone computes wrongly or leaves in float, and what we make of it."""

import math

import larq as lq
import larq_compute_engine as lce
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers, zoo
from larq_bvit.convert.tflite import flatbuffer

L = tf.keras.layers
KERNELS = [{}, {"use_reference_bconv": True}, {"use_indirect_bgemm": True}]


def normal(*shape: int) -> np.ndarray:
    return np.random.RandomState(1).standard_normal(shape).astype("float32")


def error(model: tf.keras.Model, tflite: bytes) -> float:
    """The largest difference from Keras in any kernel, relative to the largest output."""
    x = normal(1, *model.input_shape[1:])
    expected = np.asarray(model(x, training=False))
    got = [convert.Interpreter(tflite, **kernels).predict(x) for kernels in KERNELS]
    return float(np.abs(np.stack(got) - expected).max() / np.abs(expected).max())  # NaN, if any is


def bits(tflite: bytes) -> int:
    return convert.count_ops(tflite)["LceBconv2d"]


def right(model: tf.keras.Model, binary: int) -> bytes:
    """Ours, after checking its numbers and binary layers."""
    tflite = convert.to_tflite(model)
    assert bits(tflite) == binary
    assert error(model, tflite) < 1e-5
    return tflite


@tf.keras.utils.register_keras_serializable("test_traps")
class RandomSigns(tf.keras.initializers.Initializer):
    def __call__(self, shape, dtype=None, **kwargs):
        return tf.sign(normal(*shape))


def signs(filters: int, size: int, quantizer="ste_sign", **options) -> lq.layers.QuantConv2D:
    """A binary convolution whose kernel is constant, as LCE wants it: +-1, no quantizer."""
    return lq.layers.QuantConv2D(
        filters,
        size,
        use_bias=False,
        input_quantizer=quantizer,
        kernel_initializer=RandomSigns(),
        **options,
    )


def quantized(quantizer="ste_sign", kernel="ste_sign", size=3, **options):
    return lq.layers.QuantConv2D(
        5,
        size,
        input_quantizer=quantizer,
        kernel_quantizer=kernel,
        kernel_constraint="weight_clip",
        kernel_initializer=RandomSigns(),
        name="conv",
        **options,
    )


def functional(layer, shape=(8, 8, 32)) -> tf.keras.Model:
    x = tf.keras.Input(shape, 1)
    return tf.keras.Model(x, layer(x))


# ---- explicit padding -------------------------------------------------------------------------

PAD = [[0, 0], [1, 1], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    "layer",
    [
        lambda x: L.Conv2D(4, 3, strides=2)(L.ZeroPadding2D(1)(x)),
        lambda x: L.Conv2D(4, 7, strides=2)(L.ZeroPadding2D(3)(x)),
        lambda x: L.DepthwiseConv2D(3, strides=2)(L.ZeroPadding2D(1)(x)),
        lambda x: L.Lambda(lambda x: tf.nn.conv2d(x, normal(3, 3, 32, 4), 2, PAD))(x),
        lambda x: tf.nn.conv2d(tf.pad(x, PAD), normal(3, 3, 32, 4), 2, "VALID"),
    ],
    ids=["3x3", "7x7", "depthwise", "explicit", "tf.pad"],
)
def test_padding_of_a_float_convolution(layer):
    model = functional(layer)
    assert error(model, lce.convert_keras_model(model)) > 0.1
    ops = convert.count_ops(right(model, binary=0))
    assert ops["PAD"] == 1 and sum(ops.values()) == 2, ops


def test_ones_around_a_sign():
    """With ones at stride 2: the sign is taken again, after the padding."""
    conv = signs(5, 3, None, strides=2)
    model = functional(lambda x: conv(tf.pad(lq.quantizers.SteSign()(x), PAD, constant_values=1)))
    alone = lce.convert_keras_model(model)
    assert bits(alone) == 1 and error(model, alone) > 0.1
    right(model, binary=1)


def test_zeros_around_a_sign():
    """Zeros that are those of "same" become it; LCE alone leaves the layer in float."""

    def model(strides: int, kernel: str | None) -> tf.keras.Model:
        conv = quantized(None, kernel, strides=strides)
        return functional(lambda x: conv(L.ZeroPadding2D(1)(lq.quantizers.SteSign()(x))))

    assert bits(lce.convert_keras_model(model(1, None))) == 0
    right(model(1, "ste_sign"), binary=1)
    assert error(model(2, None), lce.convert_keras_model(model(2, None))) > 0.1
    with pytest.raises(convert.ConversionError, match=r"'conv': expected .*; got operator Pad "):
        convert.to_tflite(model(2, "ste_sign"))


def test_zeros_before_a_sign_are_ones_after_it():
    model = functional(lambda x: signs(5, 3, strides=2)(L.ZeroPadding2D(1)(x)))
    assert error(model, lce.convert_keras_model(model)) == 0, "LCE alone is right here"
    right(model, binary=1)


# ---- constants after a binary convolution -----------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1, 1, 5), (1, 8, 8, 5), (8, 1, 1)])
@pytest.mark.parametrize(
    "op, norm",
    [
        (tf.add, False),
        (tf.add, True),
        (tf.subtract, False),
        (tf.multiply, True),
        (tf.divide, False),
    ],
)
def test_constants_of_several_axes(op, shape, norm):
    conv, norm_layer = signs(5, 1), L.BatchNormalization()
    constant = np.abs(normal(*shape)) + 0.5
    model = functional(lambda x: op(norm_layer(conv(x)) if norm else conv(x), constant))
    with pytest.raises(RuntimeError):
        convert.Interpreter(lce.convert_keras_model(model))
    ops = convert.count_ops(right(model, binary=1))
    assert sum(ops.values()) == (2 if np.size(constant) == 5 else 5), ops


def test_position_embedding_after_a_binary_convolution():
    embed = layers.PositionEmbedding()
    model = functional(lambda x: embed(signs(5, 1)(x)))
    embed.set_weights([normal(8, 8, 5)])
    with pytest.raises(RuntimeError):
        convert.Interpreter(lce.convert_keras_model(model))
    right(model, binary=1)


def test_a_constant_that_widens_one_channel():
    model = functional(lambda x: signs(1, 1)(x) + normal(3))
    with pytest.raises(RuntimeError):
        convert.Interpreter(lce.convert_keras_model(model))
    right(model, binary=1)


def test_thresholds_on_a_map():
    conv = signs(5, 1)
    model = functional(
        lambda x: signs(7, 1, None)(tf.where(conv(x) >= normal(8, 8, 5) + 0.3, 1.0, -1.0))
    )
    alone = lce.convert_keras_model(model)
    assert bits(alone) == 2 and error(model, alone) > 0.1, "no error, wrong numbers"
    right(model, binary=2)


# ---- signs ------------------------------------------------------------------------------------


def test_ternary_inputs_are_not_binary():
    model = functional(signs(5, 3, "ste_tern"))
    alone = lce.convert_keras_model(model)
    assert bits(alone) == 1 and error(model, alone) > 0.01
    right(model, binary=0)


def test_the_old_sign_of_larq_stays_binary():
    model = functional(lambda x: signs(5, 3, None)(tf.sign(tf.sign(x) + 0.1)))
    right(model, binary=1)


@pytest.mark.parametrize(
    "move",
    [L.Permute((2, 1, 3)), L.Reshape((4, 16, 32)), L.MaxPooling2D(2), L.UpSampling2D(2)],
    ids=["permute", "reshape", "pool", "upsample"],
)
def test_a_moved_sign_is_taken_again(move):
    def model(kernel: str | None) -> tf.keras.Model:
        conv = quantized(None, kernel)
        return functional(lambda x: conv(move(lq.quantizers.SteSign()(x))))

    assert bits(lce.convert_keras_model(model(None))) == 0
    right(model("ste_sign"), binary=1)


FORMS = {
    "Sign": tf.sign,
    "Sub": lambda x: 2 * tf.cast(x >= 0, tf.float32) - 1,
    "AddV2": lambda x: x + tf.stop_gradient(tf.where(x >= 0, 1.0, -1.0) - x),
    "Mul": lambda x: 0.5 * tf.where(x >= 0, 1.0, -1.0),
    "Cast": lambda x: tf.cast(x >= 0, tf.float32),
}


@tf.keras.utils.register_keras_serializable("test_traps")
class Trick(lq.quantizers.Quantizer):
    """A binary quantizer in one of the forms that LCE does not know."""

    precision = 1

    def __init__(self, form, **kwargs):
        super().__init__(**kwargs)
        self.form = form

    def call(self, inputs):
        return FORMS[self.form](inputs)

    def get_config(self):
        return {**super().get_config(), "form": self.form}


@pytest.mark.parametrize("form", FORMS)
def test_other_signs_are_refused_by_name(form):
    assert bits(lce.convert_keras_model(functional(signs(5, 3, Trick(form))))) == 0
    expected = rf"'conv': expected an input where.*; got quantizer Trick, operator {form} "
    with pytest.raises(convert.ConversionError, match=expected):
        convert.to_tflite(functional(quantized(Trick(form))))


@pytest.mark.parametrize("name", ["SteHeaviside", "MagnitudeAwareSign"])
def test_quantizers_of_larq_that_are_not_signs(name):
    quantizer = getattr(lq.quantizers, name)()
    assert bits(lce.convert_keras_model(functional(signs(5, 3, quantizer)))) == 0
    with pytest.raises(convert.ConversionError, match=f"'conv': expected .* quantizer {name}, "):
        convert.to_tflite(functional(quantized(quantizer)))


# ---- kernels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(8, 8, 32), (2, 2, 32)])
@pytest.mark.parametrize("activation", [None, "relu"])
def test_channels_without_scale(activation, size):
    """One channel of zeros, one below LCE's smallest scale."""
    conv = quantized(kernel=layers.ScaledSign(), activation=activation, padding="same")
    model = functional(lambda x: L.BatchNormalization()(conv(x)), size)
    kernel = normal(3, 3, 32, 5)
    kernel[..., 2], kernel[..., 3] = 0, 1e-8 * kernel[..., 3]
    conv.set_weights([kernel, normal(5)])
    constant = functional(signs(5, 3))
    constant.set_weights([np.asarray(conv.kernel_quantizer(kernel))])
    assert bits(lce.convert_keras_model(constant)) == 0
    right(model, binary=1)


def test_nearly_binary_kernels_are_refused():
    model = functional(signs(5, 3))
    kernel = model.get_weights()[0] * np.linspace(1, 1.004, 32, dtype="float32")[:, None]
    model.set_weights([kernel])
    alone = lce.convert_keras_model(model)
    assert bits(alone) == 1 and error(model, alone) > 1e-4
    with pytest.raises(convert.ConversionError, match=r"exactly two values .* up to 0\.004 off"):
        convert.to_tflite(model)
    model.set_weights([kernel * np.linspace(1, 1.1, 32, dtype="float32")[:, None]])
    right(model, binary=0)


def test_dilated_convolutions_on_small_maps():
    model = functional(signs(5, 3, dilation_rate=2, padding="same"), (4, 4, 32))
    alone = lce.convert_keras_model(model)
    assert bits(alone) == 1 and error(model, alone) > 0.1
    with pytest.raises(convert.ConversionError, match="a zero-padded 5x5 .* on a 4x4 map"):
        convert.to_tflite(model)
    right(functional(signs(5, 3, dilation_rate=2, padding="same"), (5, 5, 32)), binary=1)


# ---- other layers -----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(32,), (6, 32)])
def test_binary_dense_layers_are_packed(shape):
    dense = lq.layers.QuantDense(
        7,
        activation="softmax",
        input_quantizer="ste_sign",
        kernel_quantizer="ste_sign",
        kernel_constraint="weight_clip",
    )
    model = functional(dense, shape)
    assert bits(lce.convert_keras_model(model)) == 0
    right(model, binary=1)


@pytest.mark.parametrize(
    "options",
    [{}, {"strides": 2}, {"dilation_rate": 2}, {"padding": "same", "pad_values": 1.0}],
)
def test_binary_1d_convolutions_are_packed(options):
    signs = {"input_quantizer": "ste_sign", "kernel_quantizer": "ste_sign"}
    conv = lq.layers.QuantConv1D(7, 3, kernel_constraint="weight_clip", **signs, **options)
    right(functional(conv, (11, 32)), binary=1)


def test_layers_that_stay_float_are_named(caplog):
    depthwise = lq.layers.QuantDepthwiseConv2D(
        3, depthwise_quantizer="ste_sign", input_quantizer="ste_sign", name="depthwise"
    )
    model = functional(lambda x: quantized()(depthwise(x)))
    with caplog.at_level("WARNING", "larq_bvit"):
        right(model, binary=1)
    ours = [record.getMessage() for record in caplog.records if "larq_bvit" in record.name]
    assert ours == ["these quantized layers stay float in LCE: depthwise"]


def test_models_in_models_are_packed():
    inner = tf.keras.Sequential([quantized()])
    right(functional(inner), binary=1)


def test_an_open_size_among_several_inputs_is_refused():
    a, b = L.Input((4, 4, 3)), L.Input((None, None, 3))
    model = tf.keras.Model([a, b], [L.Conv2D(2, 1)(a), L.GlobalAveragePooling2D()(b)])
    with pytest.raises(ValueError, match=r"must be fixed to convert; got \(None, None, None, 3\)"):
        convert.to_tflite(model, verify=False)


def test_gelu_is_one_operator():
    model = functional(L.Activation("gelu"), (2001,))
    with pytest.raises(RuntimeError):
        convert.Interpreter(lce.convert_keras_model(model))
    tflite = convert.to_tflite(model)
    assert convert.count_ops(tflite) == {"GELU": 1}
    x = np.linspace(-10, 10, 2001, dtype="float32")[None]
    got = convert.Interpreter(tflite).predict(x)
    exact = np.array([[v / 2 * math.erfc(-v / math.sqrt(2)) for v in x[0].tolist()]])
    assert np.abs(got - exact).max() < 1e-6


@pytest.mark.parametrize("axes", [[1, 2], [2], [3, -3, 2]])
def test_reversals_are_along_one_axis_each(axes):
    """TensorFlow Lite 2.14 and older compute those along several wrongly, without an error."""
    model = functional(L.Lambda(lambda x: tf.reverse(x, axes)), (5, 7, 4))
    tflite = right(model, binary=0)
    assert convert.count_ops(tflite) == {"REVERSE_V2": len(axes)}
    graph = flatbuffer.read(tflite)
    assert all(list(graph.tensors[node.inputs[1]].shape) == [1] for node in graph.nodes)


def test_deit_runs():
    tf.keras.utils.set_random_seed(0)
    variant = zoo.DeiTVariant(dim=64, depth=1, heads=1, mlp_ratio=2)
    model = zoo.DeiT(variant, input_shape=(32, 32, 3), num_classes=5, classifier_activation=None)
    assert convert.count_ops(right(model, binary=0))["GELU"] == 1


def test_zero_padding_of_odd_channels_needs_a_fast_kernel():
    """LCE's reference kernel refuses them loudly; no conversion can help it."""
    model = functional(signs(5, 3, padding="same"), (8, 8, 33))
    tflite, x = convert.to_tflite(model), normal(1, 8, 8, 33)
    for kernels in ({}, {"use_indirect_bgemm": True}):
        got = convert.Interpreter(tflite, **kernels).predict(x)
        np.testing.assert_array_equal(got, model(x))
    with pytest.raises(RuntimeError):
        convert.Interpreter(tflite, use_reference_bconv=True)
