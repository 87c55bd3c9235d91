"""What Larq Compute Engine runs is what Keras computes."""

from importlib import resources

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers, zoo
from larq_bvit.convert import Normalization
from larq_bvit.convert.tflite.flatbuffer import load
from larq_bvit.zoo import images as zoo_images
from tests.convert.models import TWO_STAGES, images, tiny, unsettle
from tests.convert.small import KERNELS, L, lce_module, normal, run_stock

lce_tflite = lce_module.lce_tflite


def agree(got: np.ndarray, expected: np.ndarray) -> None:
    """Float32 rounding over the largest logit; the same best class."""
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() < 1e-3 * np.abs(expected).max()
    np.testing.assert_array_equal(got.argmax(-1), expected.argmax(-1))


def binary_layers(model: tf.keras.Model) -> int:
    return sum(isinstance(layer, lq.layers.QuantConv2D) for layer in model.layers)


@pytest.mark.parametrize(
    "name", ["binaryvit_nano", "reactdeit_small", "reactnet_a", "reactnet_18", "birealnet_18"]
)
def test_every_binary_layer_is_packed_and_the_numbers_agree(name):
    model = tiny(name)
    tflite, binary = lce_tflite(model)
    assert convert.count_ops(tflite)["LceBconv2d"] == binary == binary_layers(model)
    x = images(1)
    expected = model(x, training=False).numpy()
    for kernels in KERNELS:
        agree(convert.Interpreter(tflite, **kernels).predict(x), expected)


def test_a_batch_of_three():
    model = tiny("binaryvit_nano", (32, 64), TWO_STAGES)
    x = images(3, size=(32, 64))
    tflite, _ = lce_tflite(model, batch_size=3)
    agree(convert.Interpreter(tflite).predict(x), model(x, training=False).numpy())


def test_binaryvit_small_on_a_photograph():
    """The paper's model at its size: 124 of 124 binary layers, 8 MB at most, the same answer."""
    tf.keras.utils.set_random_seed(3)
    model = zoo.BinaryViT("small")
    with resources.as_file(resources.files("larq_bvit") / "assets" / "cat.jpg") as path:
        photograph = zoo_images.preprocess_input(zoo_images.load_image(path))[None]
    tflite, binary = lce_tflite(model)
    ops = convert.count_ops(tflite)
    assert ops["LceBconv2d"] == binary == binary_layers(model) == 124
    assert ops["CONV_2D"] == 1, "only the patch embedding may be in float"
    assert len(tflite) <= 8e6
    expected = model(photograph, training=False).numpy()
    for kernels in KERNELS:
        agree(convert.Interpreter(tflite, **kernels).predict(photograph), expected)


class Selected(lq.quantizers.Quantizer):
    """A scaled sign as one would write it first."""

    precision = 1

    def call(self, inputs):
        scale = tf.reduce_mean(tf.abs(inputs), axis=[0, 1, 2], keepdims=True)
        return tf.where(inputs >= 0, scale, -scale)


def test_without_freezing_lce_leaves_large_layers_in_float():
    """Why everything is frozen first: not every form of a quantizer is folded above 1 MB."""
    import larq_compute_engine as lce

    def convolution(quantizer):
        return lq.layers.QuantConv2D(
            2048, 1, input_quantizer=layers.ApproxSign(), kernel_quantizer=quantizer
        )

    for quantizer, packed in ((Selected(), 0), (layers.ScaledSign(), 1)):
        x = tf.keras.Input((2, 2, 512), 1)
        model = unsettle(tf.keras.Model(x, convolution(quantizer)(x)))
        alone = convert.count_ops(lce.convert_keras_model(model))
        assert alone["LceBconv2d"] == packed and alone["CONV_2D"] == 1 - packed
        assert lce_tflite(model)[1] == 1


def test_twelve_outputs_stay_in_order_and_keep_their_names():
    """By name `output_10` comes before `output_2`."""
    x = L.Input((4, 4, 3), name="image")
    outputs = [L.Conv2D(i + 1, 1, name=f"head{i}")(x) for i in range(12)]
    model = tf.keras.Model(x, outputs)
    tflite, _ = lce_tflite(model)
    graph = load(tflite).subgraphs[0]
    assert [graph.tensors[i].name.decode() for i in graph.outputs] == model.output_names
    assert [entry.name for entry in load(tflite).signatureDefs[0].inputs] == [b"image"]
    image = normal(1, 4, 4, 3)
    for got, expected in zip(run_stock(tflite, image), model(image), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize("names", [["b", "a"], ["a", "b"], ["x", "z", "y"], ["of two", "c/d.e"]])
def test_inputs_stay_in_order_and_keep_their_names(names):
    """Whatever their names, which need not be such as TensorFlow takes."""
    inputs = [L.Input((4, 4, 3), name=name) for name in names]
    model = tf.keras.Model(inputs, L.Conv2D(2, 1)(L.Concatenate()(inputs)))
    tflite, _ = lce_tflite(model)
    maps = list(normal(len(names), 1, 4, 4, 3))
    expected = model(maps)
    np.testing.assert_allclose(run_stock(tflite, *maps)[0], expected, atol=1e-5)
    runner = tf.lite.Interpreter(model_content=tflite).get_signature_runner()
    (by_name,) = runner(**dict(zip(names, maps, strict=True))).values()
    np.testing.assert_allclose(by_name, expected, atol=1e-5)


def test_outputs_of_a_dictionary():
    x = L.Input((4, 4, 3))
    model = tf.keras.Model(x, {"z": L.Conv2D(2, 1)(x), "a": L.Conv2D(3, 1)(x)})
    image = normal(1, 4, 4, 3)
    got = convert.Interpreter(lce_tflite(model)[0]).predict(image)
    for one, expected in zip(got, tf.nest.flatten(model(image)), strict=True):
        np.testing.assert_allclose(one, expected, atol=1e-5)


def test_pixels_are_normalised_inside():
    x = L.Input((4, 4, 3))
    model = tf.keras.Model(x, L.Conv2D(2, 3, padding="same")(x))
    normalization = Normalization((0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    pixels = np.random.RandomState(0).randint(0, 256, (1, 4, 4, 3)).astype(np.float32)
    tflite, _ = lce_tflite(model, normalization=normalization)
    expected = model(normalization(pixels))
    np.testing.assert_allclose(convert.Interpreter(tflite).predict(pixels), expected, atol=1e-5)


def test_an_open_size_is_refused():
    x = tf.keras.Input((None, None, 3))
    model = tf.keras.Model(x, tf.keras.layers.Conv2D(2, 1)(x))
    with pytest.raises(ValueError, match=r"must be fixed to convert; got \(None, None, None, 3\)"):
        lce_tflite(model)


def test_a_layer_that_stays_float_is_an_error():
    """A quantizer that LCE does not know: scaled signs."""
    x = tf.keras.Input((4, 4, 64), 1)

    class ScaledInput(lq.quantizers.Quantizer):
        precision = 1

        def call(self, inputs):
            return 0.5 * tf.sign(inputs)

    conv = lq.layers.QuantConv2D(
        8, 1, input_quantizer=ScaledInput(), kernel_quantizer=layers.ScaledSign(), name="conv"
    )
    with (
        tf.keras.utils.custom_object_scope({"ScaledInput": ScaledInput}),
        pytest.raises(
            convert.ConversionError, match="'conv': expected an input .* got quantizer ScaledInput"
        ),
    ):
        lce_tflite(tf.keras.Model(x, conv(x), name="odd"))


def test_what_lce_can_not_convert_is_a_conversion_error():
    x = L.Input((4, 4, 3))
    layer = L.Lambda(lambda x: tf.raw_ops.Igamma(a=tf.ones_like(x), x=x), name="odd")
    with pytest.raises(convert.ConversionError):
        lce_tflite(tf.keras.Model(x, layer(x)))
