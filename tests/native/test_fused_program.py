"""A fused program again and again: other sizes, other threads, unusual numbers."""

import numpy as np

from tests.native.fused import TOLERANCE, clean_inputs, difference
from tests.native.layer_graphs import Layers, options
from tests.native.lce_graphs import SAME
from tests.native.stock import isas, load, run, run_lce


def network(batch=1, height=14, width=10):
    """Fully convolutional; the same constants for every size."""
    graph = Layers(3)
    x = graph.conv(graph.input(batch, height, width, 3), 32, 3, 2)
    y = graph.pool("AVERAGE", x, 2, 2, SAME)
    y = graph.add(graph.binary(x, 32, 3, stride_height=2, stride_width=2, pad_values=0), y)
    h = graph.prelu(graph.add(graph.binary(y, 128), graph.tile(y, 4)))
    y = graph.add(graph.binary(h, 32), y)
    y = graph.add(y, graph.depthwise(y, (1, 5)))
    y = graph.pool("MAX", y, 3, 2, SAME)
    z = graph.bconv(graph.bconv(graph.sign(y), 32, 40, output="bits"), 40, 24, 3, padding=SAME)
    mean = graph.node("MEAN", [z, np.int32([1, 2])], (batch, 24), options("Reducer"))
    return graph.tflite(graph.dense(mean, 10), z)


SIZES = [(1, 14, 10), (3, 14, 10), (2, 15, 11), (1, 4, 4), (5, 9, 30), (1, 14, 10)]


def test_resized_inputs(library, isa):
    """One interpreter, several sizes: each like a file that was written for it."""
    interpreter = load(library, network(), isa=isa, threads=2)
    for size in SIZES:
        file = network(*size)
        inputs = clean_inputs(file, sum(size))
        want = run_lce(file, *inputs)
        for _ in range(2):
            assert difference(run(interpreter, *inputs), want) <= TOLERANCE, size
        assert difference(run(load(library, file, isa=isa), *inputs), want) <= TOLERANCE


def test_threads_change_no_bit(library, isa):
    file = network(2, 40, 30)
    x = np.random.default_rng(0).normal(size=(2, 40, 30, 3)).astype(np.float32)
    one, *others = (run(load(library, file, isa=isa, threads=n), x) for n in (1, 2, 3, 4, 16))
    for other in others:
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_again_and_again(library):
    """Nothing is left of the inference before."""
    file = network()
    interpreter = load(library, file, threads=2)
    first, second = (clean_inputs(file, seed) for seed in (1, 2))
    want = [run(load(library, file), *x) for x in (first, second)]
    for _ in range(20):
        for x, expected in zip((first, second), want, strict=True):
            for a, b in zip(run(interpreter, *x), expected, strict=True):
                np.testing.assert_array_equal(a, b)


def test_infinities_stay_where_they_are(library):
    """In their own row and channel. Behind a PRELU they would be NaN; TFLite's ADD bounds them."""
    graph = Layers(4)
    x = graph.input(1, 5, 7, 40)
    y = graph.add(graph.same_shape("RELU6", graph.add(x, graph.normal(40))), x)
    file = graph.tflite(y, graph.binary(x, 32))
    value = np.random.default_rng(0).normal(size=(1, 5, 7, 40)).astype(np.float32)
    value[0, 2, 3, 4], value[0, 0, 0, 33] = np.inf, -np.inf
    want = run_lce(file, value)
    for isa in isas(library):
        got = run(load(library, file, isa=isa), value)
        for a, b in zip(got, want, strict=True):
            largest = np.finfo(np.float32).max
            np.testing.assert_allclose(a.clip(-largest, largest), b, rtol=1e-5, atol=1e-5)
