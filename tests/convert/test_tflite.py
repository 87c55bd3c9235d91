"""What Larq Compute Engine runs is what Keras computes."""

from importlib import resources

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers, zoo
from larq_bvit.zoo import images as zoo_images
from tests.convert.models import images, tiny, unsettle

KERNELS = [{}, {"use_reference_bconv": True}, {"use_indirect_bgemm": True}]


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
    tflite = convert.to_tflite(model)
    assert convert.count_ops(tflite)["LceBconv2d"] == binary_layers(model)
    x = images(1)
    expected = model(x, training=False).numpy()
    for kernels in KERNELS:
        agree(convert.Interpreter(tflite, **kernels).predict(x), expected)


def test_a_batch_of_three():
    model = tiny("binaryvit_nano", size=(32, 64))
    x = images(3, size=(32, 64))
    tflite = convert.to_tflite(model, batch_size=3)
    expected = model(x, training=False).numpy()
    agree(np.asarray(convert.Interpreter(tflite).predict(x)), expected)


def test_binaryvit_small_on_a_photograph():
    """The paper's model at its size: 124 of 124 binary layers, 8 MB at most, the same answer."""
    tf.keras.utils.set_random_seed(3)
    model = zoo.BinaryViT("small")
    with resources.as_file(resources.files("larq_bvit") / "assets" / "cat.jpg") as path:
        photograph = zoo_images.preprocess_input(zoo_images.load_image(path))[None]
    tflite = convert.to_tflite(model)
    ops = convert.count_ops(tflite)
    assert ops["LceBconv2d"] == binary_layers(model) == 124
    assert ops["CONV_2D"] == 1, "only the patch embedding may be in float"
    assert len(tflite) <= 8e6
    expected = model(photograph, training=False).numpy()
    for kernels in KERNELS:
        agree(convert.Interpreter(tflite, **kernels).predict(photograph), expected)


def test_without_freezing_lce_leaves_large_layers_in_float():
    """Why everything is frozen first: a kernel above 1 MB is not folded through its quantizer."""
    import larq_compute_engine as lce

    x = tf.keras.Input((2, 2, 512), 1)
    model = unsettle(tf.keras.Model(x, layers.binary_linear(2048)(x)))
    alone = convert.count_ops(lce.convert_keras_model(model))
    assert alone["LceBconv2d"] == 0 and alone["CONV_2D"] == 1
    assert convert.count_ops(convert.to_tflite(model))["LceBconv2d"] == 1


def test_an_open_size_is_refused():
    x = tf.keras.Input((None, None, 3))
    model = tf.keras.Model(x, tf.keras.layers.Conv2D(2, 1)(x))
    with pytest.raises(ValueError, match=r"must be fixed to convert; got \(None, None, None, 3\)"):
        convert.to_tflite(model)


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
        convert.to_tflite(tf.keras.Model(x, conv(x), name="odd"))
