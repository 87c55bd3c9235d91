"""Convolutions and fully connected layers in the fused mode (compile/lower_products.cc)."""

import itertools

import numpy as np
import pytest

from tests.native.fused import agree
from tests.native.layer_graphs import Layers
from tests.native.lce_graphs import NONE, RELU, RELU6, RELU_N1_TO_1, SAME, VALID

CHANNELS = [1, 3, 16, 24, 32, 40, 48, 64, 96, 160]
SIZES = [(1, 1), (2, 2), (5, 7), (7, 7), (14, 14), (9, 56)]
REFERENCE, INDIRECT = {"use_reference_bconv": True}, {"use_indirect_bgemm": True}


@pytest.mark.parametrize("channels", CHANNELS)
def test_pointwise(library, channels):
    """Every size and batch; widths in and out differ."""
    for i, (size, batch) in enumerate(itertools.product(SIZES, (1, 2, 3))):
        graph = Layers(i)
        x = graph.input(batch, *size, channels)
        y = graph.binary(x, CHANNELS[i % len(CHANNELS)], shift=i % 2 == 0)
        agree(library, graph.tflite(y), seed=i)


WINDOWS = [
    {"kernel": 3},
    {"kernel": 3, "stride_height": 2, "stride_width": 2},
    {"kernel": 3, "dilation_height": 2, "dilation_width": 2},
    {"kernel": 2, "stride_height": 2, "stride_width": 2},
    {"kernel": 5, "stride_width": 2},
    {"filter_height": 1, "filter_width": 3, "dilation_width": 3},
    {"filter_height": 7, "filter_width": 2, "stride_height": 3},
]


@pytest.mark.parametrize("padding", [(SAME, 0), (SAME, 1), (VALID, 1)])
@pytest.mark.parametrize("window", WINDOWS)
def test_windows(library, window, padding):
    """Zero padding as LCE does it, which leaves out places on maps as small as the filter."""
    fields = {"padding": padding[0], "pad_values": padding[1]}
    for i, (channels, size) in enumerate(itertools.product((3, 40, 64), [(7, 7), (9, 14), (2, 2)])):
        if padding[0] == VALID and size == (2, 2):
            continue
        graph = Layers(i)
        x = graph.input(1 + i % 3, *size, channels)
        agree(library, graph.tflite(graph.binary(x, 48, **window, **fields)), seed=i)


@pytest.mark.parametrize("activation", [NONE, RELU, RELU_N1_TO_1, RELU6])
def test_activations(library, activation):
    for padding, pad_values in ((SAME, 0), (SAME, 1), (VALID, 1)):
        graph = Layers(3)
        x = graph.input(2, 6, 7, 64)
        fields = {"padding": padding, "pad_values": pad_values, "activation": activation}
        y = graph.binary(x, 40, 3, **fields)
        agree(library, graph.tflite(y), lce=REFERENCE if pad_values == 0 and activation else None)


@pytest.mark.parametrize("channels", [32, 96, 160])
@pytest.mark.parametrize("multiplier", [0.7, 0.3, -0.7, 0.0371])
def test_exact_zeros(library, channels, multiplier):
    """Half of the bits differ, and there is no bias: the sign of 0 is +, however it is computed."""
    graph = Layers(channels)
    bits = graph.sign(graph.input(1, 7, 9, channels))
    y = graph.bconv(bits, channels, 64, multiplier=multiplier)
    z = graph.bconv(graph.sign(graph.pair("MUL", y, np.float32([0.3]))), 64, 32)
    agree(library, graph.tflite(y, graph.bconv(graph.sign(y), 64, 32), z))


@pytest.mark.parametrize("padding", [(SAME, 0), (SAME, 1), (VALID, 1)])
@pytest.mark.parametrize("channels", [24, 32, 160])
def test_packed_output(library, channels, padding):
    """Thresholds of counts, and bits that other convolutions read or that leave."""
    fields = {"padding": padding[0], "pad_values": padding[1]}
    for kernel in (1, 3):
        graph = Layers(channels)
        bits = graph.sign(graph.input(1, 7, 9, 64), shift=True)
        packed = graph.bconv(bits, 64, channels, kernel, output="bits", **fields)
        y = graph.bconv(packed, channels, 32, 3, padding=SAME)
        lce = None if fields["pad_values"] else REFERENCE
        agree(library, graph.tflite(y), lce=lce)
        agree(library, graph.tflite(y, packed), lce=lce)


def test_operators_of_their_own(library):
    """Groups, 8-bit outputs, pooled bits and unpacked signs have no fused form: they run whole."""
    graph = Layers(5)
    x = graph.input(2, 6, 8, 128)
    bits = graph.sign(x, shift=True)
    grouped = graph.bconv(bits, 128, 64, 3, padding=SAME, groups=2)
    plain = graph.prelu(graph.bconv(bits, 128, 64))
    both = graph.add(graph.binary(grouped, 64), plain)
    pooled = graph.max_pool_bits(bits, 2)
    y = graph.bconv(pooled, 128, 32, 1)
    signs = graph.unpack(bits, 128)
    quantized = graph.bconv(bits, 128, 40, output="int8")
    outputs = both, y, graph.prelu(signs), quantized, graph.add(grouped, graph.normal(64))
    agree(library, graph.tflite(*outputs), lce=INDIRECT)
    agree(library, graph.tflite(outputs[0], outputs[2]), lce=INDIRECT)


@pytest.mark.parametrize("channels", [1, 3, 16, 32, 40, 64])
@pytest.mark.parametrize("kernel", [1, 3, 7])
def test_float_convolution(library, channels, kernel):
    """From the input, whose rows are not padded, and from maps inside, whose rows are."""
    for i, (stride, dilation, padding) in enumerate(
        [(1, 1, SAME), (2, 1, SAME), (2, 1, VALID), (1, 2, SAME)]
    ):
        for size in ((14, 14), (9, 15)):
            graph = Layers(i)
            x = graph.input(1 + i % 2, *size, channels)
            y = graph.conv(x, 24, kernel, stride, dilation, padding, activation=[NONE, RELU][i % 2])
            z = graph.conv(graph.prelu(x), 64, kernel, stride, dilation, padding)
            agree(library, graph.tflite(y, z), seed=i)


@pytest.mark.parametrize("axes", [(1,), (2,), (1, 2)])
def test_reversed_input(library, axes):
    """Windows that read from the end; taps of a row in the map's order."""
    graph = Layers(7)
    x = graph.reverse(graph.input(1, 14, 15, 3), *axes)
    y = graph.conv(x, 32, 7, 2)
    inside = graph.reverse(y, *axes)
    z = graph.conv(inside, 32, 3, 2)
    pooled = graph.pool("MAX", graph.reverse(y, *axes), 3, 2, SAME)
    crossed = graph.depthwise(graph.reverse(y, *axes), (3, 5))
    agree(library, graph.tflite(z, pooled, crossed))


def test_reversed_and_reshaped(library):
    """A reversal is not the window's where the map has other sides there."""
    graph = Layers(8)
    y = graph.prelu(graph.binary(graph.input(1, 4, 8, 32), 32))
    turned = graph.reshape(graph.reverse(y, 1), (1, 8, 4, 32))
    agree(library, graph.tflite(graph.conv(turned, 32, 3)))


@pytest.mark.parametrize("channels", [1, 24, 64, 160])
def test_fully_connected(library, channels):
    for batch in (1, 2, 9):
        graph = Layers(channels)
        x = graph.input(batch, channels)
        y = graph.dense(x, 10)
        z = graph.dense(graph.dense(x, 40, RELU), 3, RELU6)
        agree(library, graph.tflite(y, z))


def test_head(library):
    graph = Layers(9)
    x = graph.prelu(graph.binary(graph.input(3, 5, 7, 64), 96, 3))
    mean = graph.global_mean(x)
    kept = graph.reshape(graph.global_mean(x, keep=True), (3, 96))
    agree(library, graph.tflite(graph.dense(mean, 10), graph.dense(kept, 33)))
