"""Files of thousands of operators open in a time that grows as they do, and compute right.

A file may come from anywhere, and where something looks at all operators for each of them, it takes
minutes. All numbers are whole, or halves and quarters, so that sums are exact in any order.
"""

from time import perf_counter

import numpy as np
import pytest
from flatbuffers import flexbuffers

from tests.native.layer_graphs import Layers, Map, options
from tests.native.lce_graphs import Bconv2d, random_bits
from tests.native.stock import load, run, run_lce

SHAPE = (1, 7, 1, 32)
CHANNELS = SHAPE[-1]
SECONDS = 20  # to open a file: none takes one


class Whole:
    """A graph of whole numbers; layers share their constants, which keeps files small."""

    def __init__(self):
        self.graph = Layers(0)
        self.input = self.graph.input(*SHAPE)
        rng = self.graph.rng
        self.half = self.constant(np.full(CHANNELS, 0.5, np.float32))
        self.shift = self.constant(rng.integers(-9, 9, CHANNELS).astype(np.float32))
        self.signs = self.constant(rng.choice([-1, 1], CHANNELS).astype(np.float32))
        self.slopes = self.constant(rng.choice([-1, 1], (1, 1, CHANNELS)).astype(np.float32))
        self.filter = self.constant(random_bits(rng, CHANNELS, 1, 1, CHANNELS))
        self.one = self.constant(np.ones(CHANNELS, np.float32))
        self.zero = self.constant(np.zeros(CHANNELS, np.float32))
        self.options = bytes(flexbuffers.Dumps(Bconv2d(channels_in=CHANNELS).options))

    def constant(self, array: np.ndarray) -> Map:
        return Map(self.graph._graph.constant(array), array.shape)

    def binary(self, x: Map) -> Map:
        """A product with the signs of x + 1/2, which is never 0."""
        bits = self.graph.sign(self.graph.add(x, self.half))
        y = self.graph._tensor(SHAPE)
        inputs = [bits.index, self.filter.index, self.one.index, self.zero.index, -1]
        self.graph._graph.custom("LceBconv2d", inputs, [y.index], self.options)
        return y

    def prelu(self, x: Map) -> Map:
        return self.graph.node("PRELU", [x, self.slopes], x.shape)

    def affine(self, x: Map) -> Map:
        return self.graph.add(self.graph.pair("MUL", x, self.signs), self.shift)

    def total(self, maps: list[Map]) -> Map:
        return self.graph.node("ADD_N", maps, maps[0].shape, options("AddN"))


def units(g: Whole, n: int) -> Map:
    """The unit that binary transformers are made of, n times."""
    x = g.input
    for _ in range(n):
        x = g.affine(g.prelu(g.graph.add(g.binary(x), x)))
    return x


def shifted_sums(g: Whole, n: int) -> Map:
    """Shifts behind sums of which a product is the first term."""
    x, shortcut = g.binary(g.input), g.prelu(g.input)
    for _ in range(n):
        x = g.graph.add(g.graph.add(x, shortcut), g.shift)
    return x


def one_map(g: Whole, n: int) -> Map:
    """Signs, slopes and affine maps of the same map."""
    return g.total([f(g.input) for _ in range(n) for f in (g.binary, g.prelu, g.affine)])


def alive_together(g: Whole, n: int) -> Map:
    """What is made first is read last."""
    maps = [g.input]
    for _ in range(n):
        maps.append(g.prelu(maps[-1]))
    x = maps[-1]
    for y in reversed(maps):
        x = g.graph.pair("SUB", y, x)
    return x


def means(g: Whole, n: int) -> Map:
    """Means over groups of channels that can't be reordered, all of one chain."""
    x, found = g.graph.concat(g.input, g.affine(g.input)), []
    for _ in range(n):
        x = g.graph.same_shape("ABS" if len(found) % 2 else "NEG", x)
        found.append(g.graph.group_mean(x, 4))
    return g.total(found)


def views(g: Whole, n: int) -> Map:
    """Turned and reshaped; a part is cut out and put back."""
    x, axes = g.input, np.int32([0, 2, 1, 3])
    for _ in range(n):
        turned = g.graph.node("TRANSPOSE", [x, axes], (1, 1, 7, CHANNELS), options("Transpose"))
        x = g.prelu(g.graph.reshape(turned, SHAPE))
        half = np.int32([1, 7, 1, CHANNELS // 2])
        left, right = (
            g.graph.node("SLICE", [x, np.int32([0, 0, 0, c]), half], half, options("Slice"))
            for c in (0, CHANNELS // 2)
        )
        x = g.graph.concat(right, left)
    return x


@pytest.mark.parametrize(
    ("build", "n"),
    [
        (units, 8000),
        (shifted_sums, 4000),
        (one_map, 6000),
        (alive_together, 4000),
        (means, 5000),
        (views, 1500),
    ],
)
def test_chains(library, build, n):
    g = Whole()
    tflite = g.graph.tflite(build(g, n))
    image = g.graph.rng.integers(-8, 8, SHAPE).astype(np.float32)
    interpreter = opened(library, tflite)
    np.testing.assert_array_equal(run(interpreter, image), run_lce(tflite, image))


def test_softmaxes_of_the_same_products(library):
    """Each might be an attention's, and is none."""
    graph, n = Layers(), 4000  # more than 4096 are never looked at
    x, y = graph.input(4, CHANNELS), graph.input(4, CHANNELS)
    products = [
        graph.node("FULLY_CONNECTED", [x, y], (4, 4), options("FullyConnected")) for _ in range(n)
    ]
    fields = options("Concatenation", axis=0)
    scores = graph.node("CONCATENATION", products, (4 * n, 4), fields)
    for _ in range(2 * n):
        softmax = graph.node("SOFTMAX", [scores], scores.shape, options("Softmax", beta=1.0))
        above = graph.boolean("GREATER", softmax, np.float32(0.5))
        numbers = options("Cast", inDataType=6, outDataType=0)  # of the schema: bool, float32
        last = graph.node("CAST", [above], above.shape, numbers)
    opened(library, graph.tflite(last))


def opened(library, tflite):
    """An interpreter that is ready to run, and was so in time."""
    start = perf_counter()
    interpreter = load(library, tflite)
    interpreter.allocate_tensors()
    assert perf_counter() - start < SECONDS
    return interpreter
