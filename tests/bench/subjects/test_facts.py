"""What a file is, against counts by hand."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, layers
from larq_bvit.bench.results import Accuracy
from larq_bvit.bench.subjects.facts import Input, input_of, measured_file, output_zero_point
from larq_bvit.bench.subjects.precision import float_tflite, integer_tflite
from tests.bench.small_model import small, small_images
from tests.convert.small import grouped_binary


def test_a_float_file(float_file):
    file = measured_file("f", "a float file", float_file, Accuracy(0.5))
    kernels = 48 * 32 + 9 * 32 * 32 + 32 * 10
    assert file.parameters == kernels + 32  # biases are 0 here: one constant, or left out
    # 8x8 patches of 4x4x3, 6x6 windows of 3x3x32, and the classifier
    assert file.float_macs == 64 * 32 * 48 + 36 * 32 * 288 + 32 * 10 and file.binary_macs == 0
    assert file.activations == 64 * 32 + 36 * 32 + 10
    assert (file.input_shape, file.input_type) == ((1, 32, 32, 3), "float32")
    assert file.bytes == float_file.stat().st_size and file.accuracy == Accuracy(0.5)


def test_bits_are_parameters(binary_file):
    file = measured_file("b", "", binary_file, None)
    assert file.binary_macs == 64 * 32 * 9 * 32
    bits = 32 * 9 * 32
    floats = 4 * 4 * 3 * 32 + 32 + 32 * 10 + 10
    scales_and_shifts = 32 + 32  # of the binary convolution
    assert bits + floats <= file.parameters <= bits + floats + scales_and_shifts + 32


def test_an_input_of_8_bits():
    tflite = integer_tflite(small(binary=False), small_images())
    first = input_of(tflite)
    assert (first.shape, first.dtype) == ((1, 32, 32, 3), "int8")
    assert first.scale == pytest.approx(np.ptp(small_images()) / 255, rel=0.02)
    assert input_of(float_tflite(small(binary=False))) == Input((1, 32, 32, 3), "float32")


def test_bad_files(tmp_path):
    path = tmp_path / "bad.tflite"
    path.write_bytes(b"not a model at all")
    with pytest.raises(ValueError, match=r"bad.tflite: expected a .tflite"):
        measured_file("b", "", path, None)
    whole = convert.to_tflite(small(), verify=False)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"bad.tflite"):
        measured_file("b", "", path, None)


def test_packed_maps_and_filters_count_in_bits(tmp_path):
    """Of 8 channels, which fill a quarter of a word."""
    x = tf.keras.Input((8, 8, 3))
    y = tf.keras.layers.Conv2D(8, 3, padding="same", use_bias=False)(x)
    for _ in range(2):  # the first one's output is packed
        y = layers.binary_conv(8, 3, padding="same")(y)
    tf.keras.utils.set_random_seed(0)
    path = tmp_path / "packed.tflite"
    path.write_bytes(convert.to_tflite(tf.keras.Model(x, y), verify=False))
    file = measured_file("p", "", path, None)
    assert file.activations == 3 * 64 * 8
    assert 27 * 8 + 2 * 72 * 8 <= file.parameters <= 27 * 8 + 2 * 72 * 8 + 4 * 8


def test_a_filter_sees_its_group_alone(tmp_path):
    path = tmp_path / "grouped.tflite"
    path.write_bytes(grouped_binary())
    bits, scales_and_shifts = 9 * 32 * 8, 2 * 8
    assert bits <= measured_file("g", "", path, None).parameters <= bits + scales_and_shifts


def test_what_stands_for_zero():
    tflite = integer_tflite(small(binary=False), small_images())
    assert -128 < output_zero_point(tflite) < 128 and output_zero_point(tflite) != 0
    assert output_zero_point(float_tflite(small(binary=False))) == 0
