"""The exact mode against LCE: operators that pack, unpack and pool bits, and chains of them."""

import numpy as np
import pytest

from tests.native.graph_writer import GraphWriter
from tests.native.lce_graphs import SAME, VALID, Bconv2d, random_bits, words
from tests.native.stock import assert_equal_bits, load, run, run_lce

CHANNELS = [1, 31, 32, 33, 64, 65, 127, 128, 300]
SHAPES = [(1, 4, 5), (3, 2, 7), (2,), ()]


def agree(library, tflite, *inputs, **options):
    got = run(load(library, tflite, exact=1, **options), *inputs)
    assert_equal_bits(got, run_lce(tflite, *inputs))
    return got


def quantize(shape, dtype, **quantization):
    graph = GraphWriter()
    source = graph.tensor(shape, dtype, **quantization)
    target = graph.tensor((*shape[:-1], words(shape[-1])), np.int32)
    graph.custom("LceQuantize", [source], [target])
    return graph.tflite([source], [target])


def dequantize(shape, dtype, **quantization):
    graph = GraphWriter()
    source = graph.tensor((*shape[:-1], words(shape[-1])), np.int32)
    target = graph.tensor(shape, dtype, **quantization)
    graph.custom("LceDequantize", [source], [target])
    return graph.tflite([source], [target])


@pytest.mark.parametrize("channels", CHANNELS)
def test_quantize_float(library, isa, channels):
    rng = np.random.default_rng(channels)
    special = np.float32([0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 1e-40, -1e-40, -1e-38])
    for rows in SHAPES:
        x = rng.normal(size=(*rows, channels)).astype(np.float32)
        places = rng.random(x.shape) < 0.3
        x[places] = rng.choice(special, places.sum())
        agree(library, quantize(x.shape, np.float32), x, isa=isa)


@pytest.mark.parametrize("zero_point", [-128, -3, 0, 127, 200, -500])
def test_quantize_int8(library, zero_point):
    """Zero points outside of int8 as well: all bits are equal then."""
    rng = np.random.default_rng(1)
    for channels in CHANNELS:
        x = rng.integers(-128, 128, (2, 3, 4, channels), np.int8)
        tflite = quantize(x.shape, np.int8, scale=0.5, zero_point=zero_point)
        agree(library, tflite, x)


@pytest.mark.parametrize("channels", CHANNELS)
def test_bool_there_and_back(library, channels):
    x = np.random.default_rng(2).random((2, 3, channels)) < 0.5
    (bits,) = agree(library, quantize(x.shape, np.bool_), x)
    (back,) = agree(library, dequantize(x.shape, np.bool_), bits)
    np.testing.assert_array_equal(back, x)


@pytest.mark.parametrize("channels", CHANNELS)
def test_dequantize_float(library, channels):
    for rows in SHAPES:
        shape = (*rows, channels)
        agree(library, dequantize(shape, np.float32), random_bits(np.random.default_rng(3), *shape))


@pytest.mark.parametrize("scale", [1.0, 0.4, 0.01, 2.0, 2.1, 1e-3])
@pytest.mark.parametrize("zero_point", [-128, -3, 0, 100, 127])
def test_dequantize_int8(library, scale, zero_point):
    shape = 2, 3, 4, 45
    tflite = dequantize(shape, np.int8, scale=scale, zero_point=zero_point)
    agree(library, tflite, random_bits(np.random.default_rng(4), *shape))


@pytest.mark.parametrize("seed", range(30))
def test_max_pool(library, seed):
    rng = np.random.default_rng(seed)
    batch, channels, padding = rng.integers(1, 3), rng.choice(CHANNELS), rng.choice([SAME, VALID])
    size, kernel, stride = rng.integers(4, 12, 2), rng.integers(1, 5, 2), rng.integers(1, 4, 2)
    graph = GraphWriter()
    source = graph.tensor((batch, *size, words(channels)), np.int32)
    room = size if padding == SAME else size - kernel + 1
    target = graph.tensor((batch, *-(-room // stride), words(channels)), np.int32)
    options = dict(zip(("filter_height", "filter_width"), map(int, kernel), strict=True))
    options |= dict(zip(("stride_height", "stride_width"), map(int, stride), strict=True))
    graph.custom("LceBMaxPool2d", [source], [target], {**options, "padding": int(padding)})
    tflite = graph.tflite([source], [target])
    agree(library, tflite, random_bits(rng, batch, *size, channels))


def chain(batch, size=(9, 8)):
    """Signs -> bits -> two convolutions of bits -> pooling -> floats -> signs -> floats."""
    graph, rng = GraphWriter(), np.random.default_rng(5)
    first = Bconv2d(batch, *size, 40, 70, 3, 3, padding=SAME, output="bits")
    second = Bconv2d(batch, *size, 70, 33, 3, 3, padding=SAME, output="bits")
    pooled = batch, -(-size[0] // 2), -(-size[1] // 2)
    last = Bconv2d(*pooled, 33, 20, 3, 3, padding=SAME, pad_values=0)
    source = graph.tensor((batch, *size, 40))
    bits = graph.tensor(first.input_shape, np.int32)
    graph.custom("LceQuantize", [source], [bits])
    two = second.add_to(graph, rng, first.add_to(graph, rng, bits))
    pool = graph.tensor((*pooled, 2), np.int32)
    options = {"filter_height": 2, "filter_width": 2, "stride_height": 2, "stride_width": 2}
    graph.custom("LceBMaxPool2d", [two], [pool], {**options, "padding": SAME})
    floats = last.add_to(graph, rng, pool)
    signs = graph.tensor((*pooled, 1), np.int32)
    graph.custom("LceQuantize", [floats], [signs])
    back = graph.tensor((*pooled, 20))
    graph.custom("LceDequantize", [signs], [back])
    return graph.tflite([source], [floats, back, two])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_chain(library, isa, threads):
    """Values inside of a partition have memory of the delegate's; some are outputs as well."""
    x = np.random.default_rng(6).normal(size=(2, 9, 8, 40)).astype(np.float32)
    agree(library, chain(2), x, isa=isa, threads=threads)


def test_resized_inputs(library):
    """One interpreter, several sizes: each like a file that was written for it."""
    interpreter = load(library, chain(1), exact=1)
    rng = np.random.default_rng(7)
    for batch, *size in [(1, 9, 8), (3, 9, 8), (2, 17, 3), (1, 4, 4), (1, 9, 8)]:
        x = rng.normal(size=(batch, *size, 40)).astype(np.float32)
        assert_equal_bits(run(interpreter, x), run_lce(chain(batch, size), x))


def test_file_with_stand_in_sizes(library):
    """A fully convolutional file says 1 x 1 where it knows no size; no window fits that."""
    valid = Bconv2d(1, 9, 7, 64, 8, 3, 3, padding=VALID)
    graph, rng = GraphWriter(), np.random.default_rng(8)
    source = graph.tensor((1, 1, 1, 2), np.int32)
    target = valid.add_to(graph, rng, source)
    small = graph.tflite([source], [target])
    x = valid.input(9)
    assert_equal_bits(run(load(library, small, exact=1), x), run_lce(valid.tflite(8), x))


def test_two_interpreters_at_once(library):
    x = np.random.default_rng(10).normal(size=(1, 9, 8, 40)).astype(np.float32)
    want = run_lce(chain(1), x)
    first, second = (load(library, chain(1), exact=1, threads=2) for _ in range(2))
    run(second, -x)
    assert_equal_bits(run(first, x), want)
    del first
    assert_equal_bits(run(second, x), want)
