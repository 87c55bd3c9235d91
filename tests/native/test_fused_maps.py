"""Windows, channels and shapes in the fused mode (compile/lower_maps.cc, lower_products.cc)."""

import itertools

import numpy as np
import pytest

from tests.native.fused import agree
from tests.native.layer_graphs import Layers, options
from tests.native.lce_graphs import NONE, RELU, RELU6, SAME, VALID
from tests.native.stock import isas

CHANNELS = [1, 3, 16, 24, 32, 48, 64, 96, 160]
SIZES = [(1, 1), (2, 2), (5, 7), (7, 7), (14, 14), (9, 56)]


def hidden(graph, x, channels):
    """Wide and made in chains."""
    return graph.prelu(graph.binary(x, channels))


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("kernel", [(3, 3), (5, 1), (1, 5), (1, 3), (3, 1), (2, 2), (5, 5)])
def test_depthwise(library, kernel, channels):
    """Any weights, equal ones, and symmetric ones, whose pairs are added first."""
    for i, (size, stride) in enumerate(itertools.product(SIZES, (1, 2))):
        graph = Layers(i)
        x = graph.input(1 + i % 3, *size, channels)
        weights = graph.normal(1, *kernel, channels)
        symmetric = weights + weights[:, ::-1, ::-1]
        moved = graph.add(graph.pair("MUL", x, graph.normal(channels)), graph.normal(channels))
        y = graph.depthwise(x, kernel, stride, weights=weights)
        z = graph.depthwise(moved, kernel, stride, weights=symmetric, activation=RELU)
        even = np.full_like(weights, 1 / np.prod(kernel))
        w = graph.depthwise(moved, kernel, stride, weights=even, bias=False)
        agree(library, graph.tflite(y, z, w), seed=i, threads=(1 + i // 2 % 2,))


@pytest.mark.parametrize("dilation", [(1, 2), (2, 2), (3, 1)])
def test_dilated_depthwise(library, dilation):
    graph = Layers(1)
    x = graph.prelu(graph.input(2, 9, 14, 40))
    y = graph.depthwise(x, 3, 1, dilation)
    z = graph.depthwise(x, (1, 3), 1, dilation, VALID)
    agree(library, graph.tflite(y, z))


def test_sum_of_branches(library):
    """BinaryViT's pooling branches: added from where they read, without maps of their own."""
    for channels, size in [(64, (14, 14)), (32, (7, 7)), (40, (5, 7)), (64, (3, 2)), (32, (1, 1))]:
        graph = Layers(channels)
        x = graph.prelu(graph.binary(graph.input(1, *size, channels), channels))
        moved = graph.add(graph.pair("MUL", x, graph.normal(channels)), graph.normal(channels))
        parts = [graph.binary(moved, channels), x]
        for kernel in ((3, 1), (1, 3), (5, 1), (1, 5), (3, 3)):
            weights = graph.normal(1, *kernel, channels)
            weights = weights + weights[:, ::-1, ::-1]
            parts.append(graph.depthwise(moved, kernel, weights=weights, bias=False))
        y = graph.node("ADD_N", parts, x.shape, options("AddN"))
        agree(library, graph.tflite(hidden(graph, y, 32)))
        agree(library, graph.tflite(y, moved))


@pytest.mark.parametrize("name", ["AVERAGE", "MAX"])
@pytest.mark.parametrize("channels", [1, 24, 64])
def test_pools(library, name, channels):
    """Where an average's windows reach over the border, only what is inside counts."""
    for i, (kernel, stride, padding) in enumerate(
        [
            (2, 2, VALID),
            (2, 2, SAME),
            (3, 2, VALID),
            (3, 1, SAME),
            ((1, 4), (1, 2), VALID),
            (7, 7, SAME),
        ]
    ):
        graph = Layers(i)
        x = graph.input(1 + i % 2, 14, 14, channels)
        direct = graph.pool(name, x, kernel, stride, padding, [NONE, RELU][i % 2])
        y = graph.prelu(x)
        moved = graph.add(graph.pair("MUL", y, graph.normal(channels)), graph.normal(channels))
        inside = graph.pool(name, moved, kernel, stride, padding)
        outputs = direct, graph.add(inside, graph.normal(channels)), graph.binary(inside, 32)
        agree(library, graph.tflite(*outputs, graph.add(inside, graph.prelu(inside))), seed=i)


@pytest.mark.parametrize("channels", CHANNELS)
def test_global_mean(library, channels):
    for i, size in enumerate(SIZES):
        graph = Layers(i)
        x = graph.input(1 + i % 3, *size, channels)
        y = graph.prelu(graph.bconv(graph.sign(x), channels, channels))
        kept = graph.global_mean(y, keep=True)
        agree(library, graph.tflite(graph.global_mean(x), kept, graph.prelu(graph.global_mean(y))))


@pytest.mark.parametrize("channels", [1, 24, 64])
def test_upsampling_and_reversal(library, channels):
    graph = Layers(channels)
    x = graph.prelu(graph.binary(graph.input(2, 5, 7, channels), channels))
    up = graph.upsample(x, 2, 3)
    wide = graph.binary(up, channels)
    y = graph.add(wide, up)
    z = graph.add(graph.binary(x, channels), graph.reverse(x, 1, 2))
    agree(library, graph.tflite(y, z))
    agree(library, graph.tflite(graph.upsample(x, 1, 1), graph.reverse(x, 2), graph.reverse(y, 1)))


def test_maps_of_two_upsamplings(library):
    """Added before they are enlarged."""
    graph = Layers(4)
    x = graph.prelu(graph.binary(graph.input(1, 4, 4, 32), 32))
    a, b = graph.prelu(graph.binary(x, 32)), graph.prelu(graph.binary(x, 32))
    large = graph.binary(graph.input(1, 8, 8, 32), 32)
    parts = [large, graph.upsample(a, 2, 2), graph.upsample(b, 2, 2)]
    y = graph.node("ADD_N", parts, large.shape, options("AddN"))
    agree(library, graph.tflite(graph.prelu(y)))


@pytest.mark.parametrize("factor", [1, 2, 3, 7, 10, 41, 47, 55])
def test_upsampling_rounds_as_tflite(library, factor):
    """TFLite multiplies by a float below 1 / factor for some: their first rows are other ones."""
    graph = Layers(factor)
    x = graph.prelu(graph.input(1, 4, 5, 32))
    y = graph.upsample(x, factor, 1)
    halves = options("ResizeNearestNeighbor", halfPixelCenters=True)
    size = np.int32([4, 5 * factor])
    z = graph.node("RESIZE_NEAREST_NEIGHBOR", [x, size], (1, 4, 5 * factor, 32), halves)
    agree(library, graph.tflite(y, z))


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("halves", [False, True])
def test_resizing_to_any_size(library, corners, halves):
    fields = {"alignCorners": corners, "halfPixelCenters": halves}
    graph = Layers(5)
    x = graph.prelu(graph.binary(graph.input(2, 6, 7, 24), 40))
    outputs = []
    for height, width in [(9, 10), (3, 7), (5, 1), (1, 20), (13, 14), (6, 28)]:
        shape, name = (2, height, width, 40), "RESIZE_NEAREST_NEIGHBOR"
        size = np.int32([height, width])
        y = graph.node(name, [x, size], shape, options("ResizeNearestNeighbor", **fields))
        outputs += [y, graph.add(graph.binary(y, 40), y), graph.prelu(y)]
    agree(library, graph.tflite(*outputs))


# --- channels ---


@pytest.mark.parametrize("channels", [1, 3, 16, 24, 32, 64, 96])
@pytest.mark.parametrize("times", [1, 2, 4, 8])
def test_tile(library, channels, times):
    """As addend, as output, as what windows, products and means read."""
    graph = Layers(channels)
    x = graph.prelu(graph.binary(graph.input(2, 5, 7, channels), channels))
    y = graph.tile(x, times)
    wide = channels * times
    added = graph.prelu(graph.add(graph.binary(x, wide), y))
    outputs = [y, added, graph.conv(y, 32, 3), graph.conv(y, 32), graph.binary(y, 24)]
    outputs += [graph.tile(y, 2), graph.pool("MAX", y, 2), graph.prelu(graph.tile(y, 2))]
    if wide % 2 == 0:
        outputs.append(graph.group_mean(y, 2))
    agree(library, graph.tflite(*outputs))
    for output in outputs:
        agree(library, graph.tflite(output), names=isas(library)[-1:], threads=[1])


@pytest.mark.parametrize("group", [2, 3, 4, 8, 16])
@pytest.mark.parametrize("channels", [16, 24, 32, 64])
def test_group_mean(library, channels, group):
    graph = Layers(channels)
    x = graph.prelu(graph.binary(graph.input(1, 7, 9, channels), channels))
    h = hidden(graph, x, channels * group)
    mean = graph.group_mean(h, group)
    down = graph.binary(h, channels)
    outputs = [
        mean,
        graph.add(down, mean),
        graph.pair("MUL", down, mean),
        graph.pair("SUB", down, mean),
        graph.pair("SUB", mean, down),
        graph.conv(mean, 24),
        graph.conv(mean, 24, 3),
        graph.tile(mean, 2),
        graph.group_mean(mean, 2),
        graph.binary(mean, 24),
        graph.add(mean, graph.group_mean(graph.prelu(h), group)),
        graph.add(mean, graph.prelu(graph.group_mean(h, group))),
    ]
    agree(library, graph.tflite(*outputs))
    for output in outputs:
        agree(library, graph.tflite(output), names=isas(library)[-1:], threads=[1])


@pytest.mark.parametrize("ratio", [2, 4, 8])
def test_mlp(library, ratio):
    """BinaryViT's: the hidden map lies in the order in which groups are sums of vectors."""
    for channels, size in [(16, (5, 7)), (32, (7, 7)), (64, (9, 7)), (96, (3, 3)), (40, (5, 7))]:
        graph = Layers(channels)
        x = graph.prelu(graph.binary(graph.input(1, *size, channels), channels))
        h = graph.prelu(graph.add(graph.binary(x, channels * ratio), graph.tile(x, ratio)))
        y = graph.add(graph.binary(h, channels), graph.group_mean(h, ratio))
        y = graph.add(graph.pair("MUL", graph.prelu(y), graph.normal(channels)), x)
        twice = graph.add(graph.binary(h, channels * ratio), h)  # a shortcut in that order
        z = graph.group_mean(graph.prelu(twice), ratio)
        agree(library, graph.tflite(y))
        agree(library, graph.tflite(z, h))
        agree(library, graph.tflite(z))


def test_group_mean_with_its_axis(library):
    """(..., C, 1): its channels are rows to what reads it."""
    graph = Layers(5)
    h = hidden(graph, graph.input(1, 7, 7, 64), 256)
    parts = graph.reshape(h, (1, 7, 7, 64, 4))
    fields = options("Reducer", keepDims=True)
    mean = graph.node("MEAN", [parts, np.int32([4])], (1, 7, 7, 64, 1), fields)
    y = graph.same_shape("RELU", mean)
    agree(library, graph.tflite(y), left=["RESHAPE", "MEAN"])


def test_concat(library):
    """Parts that are read elsewhere too, by windows, products, tiles and means."""
    graph = Layers(6)
    x = graph.input(2, 5, 7, 64)
    a, b = graph.prelu(graph.binary(x, 32)), graph.binary(x, 64)
    both, other = graph.concat(a, b), graph.concat(b, x, a)
    outputs = [
        graph.binary(both, 32, 3),
        graph.conv(b, 32, 3),
        graph.conv(b, 32),
        graph.add(graph.tile(b, 2), graph.binary(both, 128)),
        graph.group_mean(b, 2),
        graph.binary(other, 32),
        graph.concat(both, graph.prelu(other)),
        graph.depthwise(b, 3),
    ]
    agree(library, graph.tflite(*outputs))
    for output in outputs:
        agree(library, graph.tflite(output), names=isas(library)[-1:], threads=[1])


@pytest.mark.parametrize("channels", [(24, 32), (32, 24, 64), (3, 1, 40), (12, 12)])
def test_narrow_concat(library, channels):
    """Parts that do not fill blocks; outputs, inputs and others among them."""
    graph = Layers(7)
    x = graph.input(2, 5, 7, channels[0])
    parts = [x, *(graph.prelu(graph.binary(x, n)) for n in channels[1:])]
    y, z = graph.concat(*parts), graph.concat(*parts[::-1], graph.depthwise(x, 3))
    outputs = [y, graph.prelu(z), graph.binary(y, 40, 3), graph.conv(z, 8, 3), graph.tile(y, 2)]
    agree(library, graph.tflite(*outputs, *parts[1:]))
    agree(library, graph.tflite(graph.binary(graph.concat(y, graph.prelu(y)), 32)))


def test_parts_that_come_twice(library):
    graph = Layers(8)
    x = graph.prelu(graph.binary(graph.input(1, 5, 7, 32), 32))
    y = graph.concat(x, graph.binary(x, 32), x)
    agree(library, graph.tflite(y, graph.binary(y, 32)))


def test_reshapes(library):
    """That keep the rows: another name of the same map, or a tensor of its own outside."""
    graph = Layers(8)
    x = graph.input(2, 4, 6, 32)
    first = graph.reshape(x, (2, 24, 32))
    y = graph.prelu(graph.binary(graph.reshape(first, (2, 6, 4, 32)), 32, 3))
    flat = graph.reshape(y, (48, 32))
    z = graph.dense(flat, 10, RELU6)
    agree(library, graph.tflite(first, flat, z, y))
    agree(library, graph.tflite(z))
