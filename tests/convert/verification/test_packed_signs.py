"""Signs that a binary convolution takes itself: edges are told from faults there, too."""

import larq as lq
import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers
from larq_bvit.convert.tflite.flatbuffer import load, operator_name
from larq_bvit.convert.tflite.pack import pack
from larq_bvit.convert.verification.packed_signs import unpack, with_sums

L = tf.keras.layers


def magnitude_aware(filters: int) -> lq.layers.QuantConv2D:
    kernel = lq.quantizers.MagnitudeAwareSign()
    return lq.layers.QuantConv2D(
        filters, 3, input_quantizer="ste_sign", kernel_quantizer=kernel, use_bias=False
    )


def twice(layer, norm: bool = True) -> tf.keras.Sequential:
    """A binary layer whose sums, many of them 0, are what the next one takes signs of."""
    tf.keras.utils.set_random_seed(0)
    between = [L.BatchNormalization()] if norm else []
    return tf.keras.Sequential([L.Input((8, 8, 32)), layer(), *between, layer()])


def binary_conv() -> lq.layers.QuantConv2D:
    return layers.binary_conv(32, 3, padding="valid")


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize(
    "layer", [binary_conv, lambda: layers.binary_linear(32), lambda: magnitude_aware(32)]
)
def test_sums_of_zero_are_edges(layer, norm):
    result = convert.convert_model(twice(layer, norm)).verification
    assert result.holds
    for flip in result.edges["default"]:
        assert flip.flipped and flip.distance < 2e-5 and flip.difference < 2e-5


def test_edges_within_a_shortcut_are_no_fault_of_its_sum():
    tf.keras.utils.set_random_seed(0)
    x = L.Input((8, 8, 32))
    y = L.BatchNormalization()(layers.binary_linear(32)(x))
    y = L.BatchNormalization()(layers.binary_linear(32)(y))
    model = tf.keras.Model(x, L.Add(name="sum")([x, y]))
    result = convert.convert_model(model).verification
    assert result.edges["default"] and result.layers["sum"].relative < 1e-5
    wrong = altered(convert.to_tflite(model), 4, move_a_threshold)
    assert convert.verify(model, wrong).faulty == "sum"


def test_what_is_wrong_after_an_edge_is_a_fault():
    model = twice(binary_conv)
    wrong = altered(convert.to_tflite(model), 1, turn_a_weight, which=1)
    assert convert.verify(model, wrong).faulty == model.layers[-1].name


def altered(tflite: bytes, place: int, change, which: int = 0) -> bytes:
    """With one constant of a binary convolution changed; the first writes bits."""
    model = load(tflite)
    graph = model.subgraphs[0]
    names = [operator_name(code) for code in model.operatorCodes]
    node = [one for one in graph.operators if names[one.opcodeIndex] == "LceBconv2d"][which]
    buffer = model.buffers[graph.tensors[node.inputs[place]].buffer]
    data = np.array(buffer.data, np.uint8).view(np.int32)
    change(data)
    buffer.data = data.view(np.uint8)
    return pack(model)


def turn_a_weight(words: np.ndarray) -> None:
    words[40] ^= 1 << 7


def move_a_threshold(thresholds: np.ndarray) -> None:
    thresholds[5] += 8


@pytest.mark.parametrize(("place", "change"), [(1, turn_a_weight), (4, move_a_threshold)])
def test_a_wrong_constant_is_a_fault(place, change):
    model = twice(binary_conv)
    tflite = convert.to_tflite(model)
    assert convert.verify(model, tflite).holds
    result = convert.verify(model, altered(tflite, place, change))
    assert not result.holds and None in result.edges["default"]


def test_sums_and_bits_are_those_of_the_convolution():
    model = twice(binary_conv, norm=False)
    twinned, [(signs, sums)] = with_sums(convert.to_tflite(model, verify=False))
    probed = load(twinned)
    probed.subgraphs[0].outputs = np.array([signs, sums], np.int32)
    probed.signatureDefs = None
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 32)).astype(np.float32)
    bits, got = convert.Interpreter(pack(probed)).predict(x)
    kernel = np.where(model.layers[0].get_weights()[0] >= 0, 1.0, -1.0)
    expected = tf.nn.conv2d(np.where(x >= 0, 1.0, -1.0), kernel, 1, "VALID")
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(unpack(bits, 32)[got != 0], (got < 0)[got != 0])


def test_words_of_an_open_end():
    bits = np.array([[1, 1 << 2], [-(1 << 31), 0]], np.int32)
    negative = unpack(bits, 35)
    assert negative.shape == (2, 35)
    assert np.argwhere(negative).tolist() == [[0, 0], [0, 34], [1, 31]]
