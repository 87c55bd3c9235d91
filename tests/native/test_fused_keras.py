"""The fused mode on users' own Larq models, as LCE's converter writes them."""

import larq_compute_engine as lce
import numpy as np
import pytest
import tensorflow as tf

from tests.native.fused import TOLERANCE, agree, clean_inputs, difference, left_to_runtime
from tests.native.stock import load, run, run_lce
from tests.native.test_exact_models import binary_conv, norm

L = tf.keras.layers


def quicknet():
    """Bannink et al. (2021): residual binary convolutions; between sections a blurred max pool."""
    x = inputs = L.Input((32, 32, 3))
    x = norm(L.Conv2D(16, 3, 2, padding="same", use_bias=False)(x), 0)
    x = L.ReLU()(x)
    x = norm(L.DepthwiseConv2D(3, 2, padding="same", use_bias=False)(x), 1)
    x = norm(L.Conv2D(32, 1, use_bias=False)(x), 2)
    for section, filters in enumerate((32, 64)):
        if section:
            x = L.ReLU()(x)
            x = L.MaxPool2D(2, 1)(x)
            x = L.DepthwiseConv2D(3, 2, padding="same", use_bias=False)(x)
            x = norm(L.Conv2D(filters, 1, use_bias=False)(x), 10 * section + 3)
        for block in range(2):
            y = binary_conv(filters, 3, padding="same", pad_values=1.0, activation="relu")(x)
            x = L.Add()([x, norm(y, 10 * section + block + 4)])
    x = L.GlobalAveragePooling2D()(L.ReLU()(x))
    return tf.keras.Model(inputs, L.Dense(10, activation="softmax")(x))


def densenet():
    """Maps that grow by concatenation (BinaryDenseNet)."""
    x = inputs = L.Input((16, 16, 3))
    x = norm(L.Conv2D(64, 3, padding="same", use_bias=False)(x), 0)
    for block in range(4):
        y = binary_conv(32, 3, padding="same", dilation_rate=1 + block % 2)(norm(x, block))
        x = L.Concatenate()([x, y])
        if block == 1:
            x = L.MaxPool2D(2)(x)
    x = L.GlobalAveragePooling2D()(L.ReLU()(norm(x, 9)))
    return tf.keras.Model(inputs, L.Dense(10)(x))


def odd():
    """Squeeze and excite, a transposition, a sigmoid: several partitions; two outputs."""
    x = inputs = L.Input((12, 20, 5))
    x = norm(L.Conv2D(48, 3, padding="same")(x), 0)
    x = L.PReLU(shared_axes=[1, 2])(x)
    gate = L.GlobalAveragePooling2D(keepdims=True)(x)
    gate = L.Conv2D(48, 1, activation="sigmoid")(L.Conv2D(8, 1, activation="relu")(gate))
    x = L.Multiply()([x, gate])
    y = norm(binary_conv(48, 3, padding="same")(x), 1)
    features = x = L.Add(name="features")([x, y])
    x = L.Permute((2, 1, 3))(x)
    x = norm(binary_conv(64, 3, strides=2, padding="same", pad_values=1.0)(x), 2)
    x = L.Activation("tanh")(x)
    x = L.AveragePooling2D(3, 2, padding="same")(x)
    x = L.LayerNormalization()(x)
    x = L.UpSampling2D((2, 3))(norm(binary_conv(40, 1)(x), 3))
    scores = L.Dense(7)(L.GlobalMaxPooling2D()(x))
    return tf.keras.Model(inputs, [scores, features, L.ReLU()(features)])


# What stays in `odd`: operators of a layer norm that are not known, and its means of all rows.
RUNTIME = {"MEAN"}
# {name: (model, operators that stay with the runtime)}
MODELS = {"quicknet": (quicknet, {"SOFTMAX"}), "densenet": (densenet, set()), "odd": (odd, RUNTIME)}


@pytest.fixture(scope="module", params=MODELS)
def case(request):
    tf.keras.utils.set_random_seed(1)
    make, left = MODELS[request.param]
    return lce.convert_keras_model(make()), left


def test_agrees_with_lce(library, case):
    tflite, left = case
    assert set(left_to_runtime(library, tflite)) == left
    agree(library, tflite, left=None)


def test_batches(library, case):
    """Resized to several images: as many times one image."""
    tflite, left = case
    if left is RUNTIME:
        pytest.skip("a layer norm's reshapes are for one image, in any runtime")
    interpreter = load(library, tflite, threads=2)
    images = [clean_inputs(tflite, seed)[0] for seed in (1, 2, 3)]
    want = [run_lce(tflite, image) for image in images]
    got = run(interpreter, np.concatenate(images))
    for i, expected in enumerate(want):
        assert difference([y[i : i + 1] for y in got], expected) <= TOLERANCE
