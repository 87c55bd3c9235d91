"""Operators that only say where numbers stand, and broadcasts (compile/view.h, lower_views.cc)."""

import numpy as np
import pytest

from tests.native.fused import agree
from tests.native.layer_graphs import Layers, Map, options

ALL = slice(None)


def hidden(graph: Layers, *shape: int) -> Map:
    """A map that chains make, of any rank."""
    rows = int(np.prod(shape[:-1]))
    x = graph.input(1, 1, rows, shape[-1])
    return graph.reshape(graph.prelu(graph.binary(x, shape[-1])), shape)


def used(graph: Layers, x: Map) -> list[Map]:
    """A map as it is, in a chain, as an addend and as a factor."""
    moved = graph.add(x, graph.normal(x.channels))
    other = graph.prelu(graph.input(*x.shape))
    return [x, graph.prelu(moved), graph.add(other, x), graph.pair("MUL", x, other)]


def transpose(graph: Layers, x: Map, *axes: int) -> Map:
    shape = [x.shape[axis] for axis in axes]
    return graph.node("TRANSPOSE", [x, np.int32(axes)], shape, options("Transpose"))


def strided(graph: Layers, x: Map, *slices, drop: int = 0) -> Map:
    """x[slices]; bit i of `drop` takes dimension i away."""
    shape = np.empty(x.shape, bool)[tuple(slices)].shape
    shape = [n for i, n in enumerate(shape) if not drop >> i & 1]
    fields = options(
        "StridedSlice",
        beginMask=sum(1 << i for i, s in enumerate(slices) if s.start is None),
        endMask=sum(1 << i for i, s in enumerate(slices) if s.stop is None),
        shrinkAxisMask=drop,
    )
    numbers = [[getattr(s, name) or 0 for s in slices] for name in ("start", "stop")]
    steps = [s.step or 1 for s in slices]
    return graph.node("STRIDED_SLICE", [x, *map(np.int32, (*numbers, steps))], shape, fields)


def split(graph: Layers, x: Map, axis: int, parts: int) -> list[Map]:
    shape = list(x.shape)
    shape[axis] //= parts
    fields = options("Split", numSplits=parts)
    return graph.nodes("SPLIT", [np.int32(axis), x], [shape] * parts, fields)


@pytest.mark.parametrize(
    "shapes",
    [
        [(1, 1, 1, 2048), (1, 2, 2, 512)],
        [(1, 2, 2, 512), (1, 1, 1, 2048)],
        [(2, 4, 6, 24), (2, 24, 24), (48, 24), (2, 2, 2, 6, 24)],
        [(1, 5, 7, 40), (1, 1400), (1, 7, 5, 40)],
        [(3, 5, 7, 6), (3, 5, 42), (3, 5, 21, 2), (3, 35, 3, 2)],
        [(2, 1, 9, 96), (2, 9, 3, 32), (54, 32)],
    ],
)
def test_reshapes(library, shapes):
    """Each from the first one, and one after the other."""
    graph = Layers(0)
    x = y = hidden(graph, *shapes[0])
    outputs = []
    for shape in shapes[1:]:
        y = graph.reshape(y, shape)
        outputs += [graph.prelu(graph.reshape(x, shape)), *used(graph, y)]
    agree(library, graph.tflite(*outputs))


def test_of_inputs(library):
    graph = Layers(1)
    x = graph.input(2, 6, 6, 64)
    y = graph.reshape(x, (2, 36, 64))
    outputs = [*used(graph, y), graph.reshape(x, (2, 6, 12, 32)), transpose(graph, x, 0, 2, 1, 3)]
    agree(library, graph.tflite(*outputs, graph.reshape(y, (2, 6, 6, 64))))


def test_that_do_nothing(library):
    """Outputs are tensors of their own, whatever they are equal to."""
    graph = Layers(2)
    x = hidden(graph, 2, 3, 4, 40)
    y = graph.node("EXPAND_DIMS", [x, np.int32(1)], (2, 1, 3, 4, 40), options("ExpandDims"))
    z = graph.node("SQUEEZE", [y], x.shape, options("Squeeze", squeezeDims=[1]))
    shuffled = transpose(graph, x, 0, 2, 1, 3)
    again = graph.reshape(shuffled, (24, 40))
    first = strided(graph, z, *[slice(None)] * 4)
    agree(library, graph.tflite(x, y, z, first, shuffled, again, graph.reshape(again, x.shape)))


@pytest.mark.parametrize("axes", [(0, 2, 1, 3), (0, 3, 1, 2), (0, 2, 3, 1), (3, 2, 1, 0)])
@pytest.mark.parametrize("channels", [3, 32, 72])
def test_transpositions(library, axes, channels):
    graph = Layers(channels)
    x = hidden(graph, 2, 5, 4, channels)
    y = transpose(graph, x, *axes)
    z = transpose(graph, graph.prelu(y), *np.argsort(axes))
    agree(library, graph.tflite(*used(graph, y), graph.prelu(z)))


@pytest.mark.parametrize(("channels", "groups"), [(24, 2), (24, 3), (64, 2), (96, 4), (128, 64)])
def test_channel_shuffle(library, channels, groups):
    graph = Layers(groups)
    x = hidden(graph, 1, 7, 6, channels)
    left, right = split(graph, x, 3, 2)
    joined = graph.concat(graph.prelu(right), left) if channels % 64 == 0 else x
    parts = graph.reshape(joined, (1, 7, 6, groups, channels // groups))
    y = graph.reshape(transpose(graph, parts, 0, 1, 2, 4, 3), x.shape)
    agree(library, graph.tflite(*used(graph, y), graph.binary(y, 33, 3)))


@pytest.mark.parametrize("size", [2, 3])
def test_space_and_depth(library, size):
    """Written as reshapes and transpositions, there and back."""
    graph = Layers(size)
    x = hidden(graph, 2, 2 * size, 3 * size, 12)
    parts = graph.reshape(x, (2, 2, size, 3, size, 12))
    depth = graph.reshape(transpose(graph, parts, 0, 1, 3, 2, 4, 5), (2, 2, 3, size * size * 12))
    y = graph.prelu(graph.binary(depth, depth.channels))
    parts = graph.reshape(y, (2, 2, 3, size, size, 12))
    space = graph.reshape(transpose(graph, parts, 0, 1, 3, 2, 4, 5), x.shape)
    agree(library, graph.tflite(*used(graph, depth), *used(graph, space)))


@pytest.mark.parametrize(("axis", "parts"), [(3, 2), (3, 4), (3, 3), (1, 2), (2, 5), (0, 2)])
@pytest.mark.parametrize("channels", [12, 48, 192])
def test_splits(library, axis, parts, channels):
    graph = Layers(parts)
    pieces = split(graph, hidden(graph, 2, 4, 5, channels), axis, parts)
    moved = [graph.prelu(piece) for piece in pieces]
    agree(library, graph.tflite(*pieces, *moved, *used(graph, pieces[1])))


def shuffle(graph: Layers, x: Map, groups: int) -> Map:
    """Channels of so many groups in turn."""
    parts = graph.reshape(x, (*x.shape[:-1], groups, x.channels // groups))
    return graph.reshape(transpose(graph, parts, 0, 1, 2, 4, 3), x.shape)


@pytest.mark.parametrize(("channels", "groups"), [(64, 2), (64, 4), (24, 2), (24, 3), (96, 32)])
def test_parts_of_shuffled_channels(library, channels, groups):
    """Splits and slices that fall between a shuffle's groups, and in the middle of one."""
    graph = Layers(channels + groups)
    y = shuffle(graph, hidden(graph, 1, 6, 5, channels), groups)
    left, right = split(graph, y, 3, 2)
    middle = strided(graph, y, ALL, ALL, ALL, slice(5, 18))
    turned = strided(graph, y, ALL, slice(1, -1), ALL, slice(None, None, -1))
    one = strided(graph, y, ALL, ALL, ALL, slice(7, 8))
    outputs = [*used(graph, left), *used(graph, right), *used(graph, middle)]
    agree(library, graph.tflite(*outputs, *used(graph, turned), *used(graph, one)))


@pytest.mark.parametrize("inside", [False, True])
def test_shuffled_split(library, inside):
    """As in ShuffleNetV2: right after the shuffle, and all that reads it is fused."""
    graph = Layers(12)
    left, right = split(graph, shuffle(graph, graph.prelu(graph.input(1, 6, 6, 64)), 2), 3, 2)
    outputs = [graph.add(graph.binary(right, 32, 3), left)] if inside else [left, right]
    agree(library, graph.tflite(*outputs))


def test_slice_across_digits(library):
    """A part of a turned matrix that is no matrix itself: the matrix is made first."""
    graph = Layers(13)
    row = graph.reshape(transpose(graph, graph.input(1, 3, 4), 0, 2, 1), (12,))
    outputs = []
    for begin, count in [(2, 5), (3, 6), (1, 1), (0, 12)]:
        numbers = np.int32([begin]), np.int32([count])
        part = graph.node("SLICE", [row, *numbers], (count,), options("Slice"))
        outputs += [part, transpose(graph, graph.reshape(part, (1, count)), 1, 0)]
    agree(library, graph.tflite(*outputs))


def test_one_slice_after_the_other(library):
    """Each of what a transposition made of the one before."""
    graph = Layers(14)
    x = hidden(graph, 2, 6, 5, 24)
    for begin in range(1, 4):
        x = graph.reshape(transpose(graph, x, 0, 2, 1, 3), (2, x.shape[1], x.shape[2], x.channels))
        x = strided(graph, x, ALL, ALL, ALL, slice(begin, -1))
    agree(library, graph.tflite(*used(graph, x)))


def test_unpacking(library):
    graph = Layers(3)
    x = hidden(graph, 2, 3, 4, 40)
    outputs = []
    for axis, shape in [(0, (3, 4, 40)), (1, (2, 4, 40)), (2, (2, 3, 40))]:
        number = x.shape[axis]
        fields = options("Unpack", num=number, axis=axis)
        outputs += graph.nodes("UNPACK", [x], [shape] * number, fields)
    agree(library, graph.tflite(*outputs, *map(graph.prelu, outputs)))


@pytest.mark.parametrize(
    "slices",
    [
        (ALL, slice(1, -1), slice(1, -1), ALL),
        (ALL, slice(None, None, 2), slice(1, None, 2), ALL),
        (slice(1, 2), ALL, slice(None, None, -1), ALL),
        (ALL, slice(4, 0, -2), ALL, slice(5, 37)),
        (ALL, ALL, ALL, slice(None, None, -1)),
        (ALL, ALL, slice(0, 3), slice(32, 70)),
        (ALL, ALL, ALL, slice(70, None, 3)),
    ],
)
def test_slices(library, slices):
    graph = Layers(4)
    x = hidden(graph, 2, 6, 5, 72)
    agree(library, graph.tflite(*used(graph, strided(graph, x, *slices))))


def test_positions_and_plain_slices(library):
    graph = Layers(5)
    x = hidden(graph, 2, 6, 5, 72)
    row = strided(graph, x, ALL, slice(-2, -1), ALL, ALL, drop=2)
    first = strided(graph, x, slice(0, 1), ALL, slice(3, 4), ALL, drop=5)
    numbers = np.int32([0, 2, 1, 8]), np.int32([-1, 3, 4, 64])
    cut = graph.node("SLICE", [x, *numbers], (2, 3, 4, 64), options("Slice"))
    agree(library, graph.tflite(*used(graph, row), *used(graph, first), *used(graph, cut)))


def test_a_position_that_begins_anywhere(library):
    """`begin_mask` and `shrink_axis_mask` of one axis: runtimes take the first position."""
    graph = Layers(7)
    x = hidden(graph, 2, 6, 5, 72)
    fields = options("StridedSlice", beginMask=2, endMask=13, shrinkAxisMask=2)
    numbers = np.int32([0, 3, 0, 0]), np.int32([0, 4, 0, 0]), np.int32([1, 1, 1, 1])
    y = graph.node("STRIDED_SLICE", [x, *numbers], (2, 5, 72), fields)
    agree(library, graph.tflite(*used(graph, y)))


def test_that_tiles_cannot_read(library):
    """Rows that begin in the middle of others'; the reshape before it stays with it."""
    graph = Layers(6)
    y = graph.reshape(hidden(graph, 1, 4, 5, 6), (1, 3, 5, 8))
    agree(library, graph.tflite(graph.binary(y, 32)), left=["RESHAPE"] * 2)


def test_products_of_reshaped_maps(library):
    """Fully connected layers take numbers of several rows as one, and several of one."""
    graph = Layers(7)
    x = hidden(graph, 3, 4, 5, 24)
    flat = graph.dense(graph.reshape(x, (3, 480)), 10)
    weights = graph.normal(7, 120, scale=0.1)
    rows = graph.node("FULLY_CONNECTED", [x, weights], (12, 7), options("FullyConnected"))
    weights = graph.normal(7, 8, scale=0.1)
    parts = graph.node("FULLY_CONNECTED", [x, weights], (180, 7), options("FullyConnected"))
    agree(library, graph.tflite(flat, rows, parts))


# --- broadcasts ---


@pytest.mark.parametrize("channels", [20, 64])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 1), (1, 4, 1), (2, 1, 5), (1, 1, 5), (4, 1)])
def test_maps(library, shape, channels):
    graph = Layers(channels)
    x = hidden(graph, 2, 4, 5, channels)
    y = hidden(graph, *shape, channels)
    outputs = [
        graph.pair(name, *pair) for name in ("ADD", "MUL", "SUB") for pair in ((x, y), (y, x))
    ]
    agree(library, graph.tflite(*outputs, graph.prelu(outputs[2])))


def test_both_sides(library):
    graph = Layers(8)
    x, y = hidden(graph, 2, 1, 5, 33), hidden(graph, 4, 1, 33)
    gray = hidden(graph, 2, 4, 5, 1)
    sums = [graph.add(x, y), graph.pair("MUL", graph.add(x, y), gray)]
    agree(library, graph.tflite(*sums, graph.binary(sums[0], 8)))


def test_squeeze_and_excite(library):
    """Gates of each image's channels."""
    graph = Layers(9)
    x = hidden(graph, 2, 6, 5, 64)
    gate = graph.reshape(graph.dense(graph.global_mean(x), 64), (2, 1, 1, 64))
    y = graph.pair("MUL", graph.binary(x, 64, 3), gate)
    agree(library, graph.tflite(graph.add(y, x), gate))


@pytest.mark.parametrize("shape", [(1, 4, 1, 40), (4, 5, 40), (5, 40), (2, 1, 1, 40), (4, 1, 1)])
def test_constants(library, shape):
    """Those whose rows do not repeat in order stay with the runtime."""
    graph = Layers(10)
    x = hidden(graph, 2, 4, 5, 40)
    number = graph.normal(*shape)
    repeats = shape in [(4, 5, 40), (5, 40)]
    outputs = graph.add(x, number), graph.pair("MUL", number, x)
    agree(library, graph.tflite(*outputs), left=() if repeats else ["RESHAPE", "ADD", "MUL"])


def test_rows_of_one_channel(library):
    """A column that becomes a row: its channels are not those of one row."""
    graph = Layers(11)
    x = graph.add(graph.reshape(hidden(graph, 1, 8, 4, 1), (1, 1, 1, 32)), graph.normal(32))
    agree(library, graph.tflite(graph.prelu(graph.binary(x, 32)), x))
