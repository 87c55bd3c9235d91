"""A model that converts in a second, and its file as Larq Compute Engine writes it."""

from importlib import import_module
from unittest import mock

import numpy as np
import tensorflow as tf

from larq_bvit import layers
from larq_bvit.convert.lce.interpreter import Interpreter
from tests.convert.models import unsettle

L = tf.keras.layers
SIZE = (16, 12)
KERNELS = [{}, {"use_reference_bconv": True}, {"use_indirect_bgemm": True}]
lce_module = import_module("larq_bvit.convert.lce.lce_tflite")


def small(activation: str | None = "softmax", channels: int = 3, features: bool = False):
    """A convolution, two binary layers around shortcuts, and a head of 10 classes.

    With `features` the output is followed by the map that the head reads.
    """
    tf.keras.utils.set_random_seed(3)
    inputs = L.Input((*SIZE, channels), name="image")
    x = L.Conv2D(64, 3, strides=2, padding="same", name="stem")(inputs)
    y = L.BatchNormalization(name="block1/norm")(layers.binary_conv(64, 3, name="block1/conv")(x))
    x = L.Add(name="block1/add")([x, y])
    x = layers.RPReLU(name="block1/rprelu")(x)
    y = L.BatchNormalization(name="block2/norm")(layers.binary_linear(64, name="block2/conv")(x))
    x = L.Add(name="block2/add")([x, y])
    scores = L.GlobalAveragePooling2D(name="pool")(x)
    scores = L.Dense(10, activation=activation, name="scores")(scores)
    outputs = [scores, L.ReLU(name="features")(x)] if features else scores
    return unsettle(tf.keras.Model(inputs, outputs, name="small"))


def grouped_binary() -> bytes:
    """LCE's file of one binary 3x3 convolution, of 64 channels in 2 groups to 8, on 5x4 pixels."""
    import larq_compute_engine as lce

    weights = np.sign(np.random.default_rng(0).normal(size=(3, 3, 32, 8))).astype("f")
    image = L.Input((5, 4, 64), 1)
    signs = tf.where(image >= 0, 1.0, -1.0)
    return lce.convert_keras_model(tf.keras.Model(image, tf.nn.conv2d(signs, weights, 1, "VALID")))


def raw_lce(model: tf.keras.Model) -> bytes:
    """The .tflite before it is made compact."""
    with mock.patch.object(lce_module, "compact", lambda tflite: tflite):
        return lce_module.lce_tflite(model)[0]


def stock(outputs, *inputs) -> bytes:
    """A .tflite of TensorFlow Lite's own converter: a function of inputs (TensorSpec)."""
    function = tf.function(outputs, input_signature=inputs, autograph=False)
    concrete = function.get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], function).convert()


def run_stock(tflite: bytes, *inputs: np.ndarray) -> list[np.ndarray]:
    """All outputs in TensorFlow Lite's interpreter."""
    interpreter = tf.lite.Interpreter(model_content=tflite)
    interpreter.allocate_tensors()
    for entry, value in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(entry["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(entry["index"]) for entry in interpreter.get_output_details()]


def photographs(count: int = 2, channels: int = 3) -> np.ndarray:
    """uint8 pixels of the small model's size."""
    rng = np.random.RandomState(5)
    return rng.randint(0, 256, (count, *SIZE, channels)).astype(np.uint8)


def normal(*shape: int, seed: int = 7) -> np.ndarray:
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


def assert_same_bits(tflite: bytes, other: bytes, images: np.ndarray) -> None:
    """Both files give equal outputs in all of LCE's kernels."""
    for kernels in KERNELS:
        got, expected = (Interpreter(file, **kernels).predict(images) for file in (tflite, other))
        pairs = zip(got, expected, strict=True) if isinstance(got, list) else [(got, expected)]
        for one, two in pairs:
            np.testing.assert_array_equal(one, two, err_msg=str(kernels))
