"""Random networks of everything that the fused mode knows, and of some that it does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.native.attention_graphs import Attention
from tests.native.layer_graphs import Layers, Map, options
from tests.native.lce_graphs import NONE, RELU, RELU6, RELU_N1_TO_1, SAME, VALID

CHANNELS = [1, 3, 16, 24, 32, 40, 48, 64, 96, 160]
SIZES = [(1, 1), (2, 2), (4, 4), (5, 7), (7, 7), (3, 9), (14, 14)]
KERNELS = [(3, 3), (5, 1), (1, 5), (1, 3), (3, 1), (2, 2)]
FUNCTIONS = ["LOGISTIC", "TANH", "HARD_SWISH", "ABS", "NEG"]


def random_network(seed: int) -> bytes:
    """Of 3 to 24 layers, on one or two inputs; some of its maps are outputs as well."""
    return _Network(seed).tflite()


class _Network:
    def __init__(self, seed: int):
        self.graph = Layers(seed)
        self.rng = self.graph.rng
        shape = self.pick([1, 1, 2, 3]), *self.pick(SIZES), self.pick(CHANNELS)
        self.inputs = [self.graph.input(*shape) for _ in range(self.pick([1, 1, 1, 2]))]
        self.maps = list(self.inputs)

    def pick(self, values):
        return values[int(self.rng.integers(len(values)))]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def tflite(self) -> bytes:
        layers = [getattr(self, name) for name in dir(self) if name.startswith("add_")]
        for _ in range(int(self.rng.integers(3, 25))):
            y = self.pick(layers)(self.some())
            if y is not None:
                self.maps.append(y)
        if self.chance(0.3):
            self.maps.append(self.graph.dense(self.graph.global_mean(self.maps[-1]), 10))
        made = self.maps[len(self.inputs) :] or [self.graph.prelu(self.maps[-1])]
        outputs = [x for x in made[:-1] if self.chance(0.15)]
        return self.graph.tflite(made[-1], *dict.fromkeys(outputs))

    def some(self, fits: Callable[[Map], bool] = lambda x: True) -> Map | None:
        """One of the maps, rather a late one."""
        fitting = [x for x in self.maps if fits(x)]
        return fitting[int(len(fitting) * self.rng.random() ** 0.5)] if fitting else None

    # --- layers: each takes a map, and gives none where it does not fit ---

    def add_binary(self, x: Map) -> Map:
        channels = self.pick([32, 64, 96, x.channels, x.channels, 24, 16, 128])
        kernel, shift = self.pick([1, 1, 3]), self.chance(0.7)
        return self.graph.binary(x, channels, kernel, shift=shift, pad_values=self.pick([0, 1]))

    def add_binary_window(self, x: Map) -> Map:
        fields = {
            "filter_height": self.pick([1, 3]),
            "filter_width": self.pick([2, 3, 5]),
            "stride_height": self.pick([1, 2]),
            "stride_width": self.pick([1, 2]),
            "dilation_width": self.pick([1, 2]),
        }
        return self.graph.binary(x, self.pick([32, 24, 64]), **fields)

    def add_packed(self, x: Map) -> Map:
        """Two binary convolutions with bits between."""
        bits = self.graph.bconv(self.graph.sign(x), x.channels, 48, 1, output="bits")
        return self.graph.bconv(bits, 48, self.pick([32, 40]), 3, padding=SAME)

    def add_unit(self, x: Map) -> Map:
        y = self.graph.binary(x, x.channels, self.pick([1, 1, 3]))
        return self.graph.prelu(self.graph.add(y, x))

    def add_mlp(self, x: Map) -> Map | None:
        ratio = self.pick([2, 4])
        if x.channels > 64:
            return None
        h = self.graph.add(self.graph.binary(x, x.channels * ratio), self.graph.tile(x, ratio))
        h = self.graph.prelu(h)
        if self.chance(0.5):
            h = self.graph.add(h, self.graph.normal(h.channels))
        y = self.graph.add(self.graph.binary(h, x.channels), self.graph.group_mean(h, ratio))
        return self.graph.prelu(y)

    def add_attention(self, x: Map) -> Map | None:
        if x.shape[0] > 1 or x.channels % 32:
            return None
        sides = x.shape[1], x.shape[2]
        attention = Attention(self.pick([1, x.channels // 32]), 32, sides, sides)
        attention = Attention(attention.heads, x.channels // attention.heads, sides, sides)
        q, k, v = (self.graph.prelu(self.graph.binary(x, x.channels)) for _ in range(3))
        return self.graph.add(attention.add_to(self.graph, q, k, v)["context"], q)

    def add_prelu(self, x: Map) -> Map:
        return self.graph.prelu(x)

    def add_relu(self, x: Map) -> Map:
        return self.graph.same_shape(self.pick(["RELU", "RELU6", "RELU_N1_TO_1"]), x)

    def add_constant(self, x: Map) -> Map:
        name = self.pick(["ADD", "SUB", "MUL"])
        c = self.graph.normal(self.pick([x.channels, 1]), mean=1, scale=0.3)
        a, b = (x, c) if self.chance(0.6) else (c, x)
        activation = self.pick([NONE, NONE, RELU, RELU_N1_TO_1, RELU6])
        return self.graph.pair(name, a, b, activation)

    def add_constant_map(self, x: Map) -> Map:
        return self.graph.pair(self.pick(["ADD", "SUB"]), x, self.graph.normal(*x.shape[1:]))

    def add_quotient(self, x: Map) -> Map:
        return self.graph.pair("DIV", x, self.graph.normal(x.channels, mean=2, scale=0.1))

    def add_pair(self, x: Map) -> Map:
        name, activation = self.pick(["ADD", "ADD", "SUB", "MUL"]), self.pick([NONE, NONE, RELU])
        return self.graph.pair(name, x, self.some(lambda y: y.shape == x.shape), activation)

    def add_sum(self, x: Map) -> Map:
        terms = [x, *(self.some(lambda y: y.shape == x.shape) for _ in range(self.pick([1, 2, 3])))]
        return self.graph.node("ADD_N", terms, x.shape, options("AddN"))

    def add_tile(self, x: Map) -> Map | None:
        return self.graph.tile(x, self.pick([2, 4])) if x.channels <= 160 else None

    def add_group_mean(self, x: Map) -> Map | None:
        groups = [n for n in (2, 3, 4, 8, 16) if x.channels % n == 0]
        return self.graph.group_mean(x, self.pick(groups)) if groups else None

    def add_concat(self, x: Map) -> Map | None:
        y = self.some(lambda y: y.shape[:3] == x.shape[:3] and y.index != x.index)
        fits = y is not None and x.channels + y.channels <= 320
        return self.graph.concat(x, y) if fits else None

    def add_depthwise(self, x: Map) -> Map:
        kernel, stride = self.pick(KERNELS), self.pick([1, 1, 2])
        weights = self.graph.normal(1, *kernel, x.channels)
        if self.chance(0.4):
            weights = weights + weights[:, ::-1, ::-1]
        y = self.graph.depthwise(x, kernel, stride, weights=weights, bias=self.chance(0.5))
        return self.graph.add(x, y) if y.shape == x.shape and self.chance(0.5) else y

    def add_convolution(self, x: Map) -> Map:
        kernel, stride = self.pick([1, 1, 3, (1, 3)]), self.pick([1, 1, 2])
        channels, activation = self.pick([32, 24, x.channels]), self.pick([NONE, RELU])
        return self.graph.conv(x, channels, kernel, stride, activation=activation)

    def add_pool(self, x: Map) -> Map | None:
        size = self.pick([2, 3])
        if min(x.shape[1:3]) < size:
            return None
        name, padding = self.pick(["AVERAGE", "MAX"]), self.pick([VALID, SAME])
        return self.graph.pool(name, x, size, self.pick([1, 2]), padding)

    def add_upsampling(self, x: Map) -> Map | None:
        small = x.shape[1] * x.shape[2] <= 64
        return self.graph.upsample(x, self.pick([1, 2]), self.pick([2, 3])) if small else None

    def add_reversal(self, x: Map) -> Map:
        return self.graph.reverse(x, *self.pick([(1,), (2,), (1, 2)]))

    def add_turned_sides(self, x: Map) -> Map:
        """TFLite adds in place to what a reshape shares with its input: a PRELU is between."""
        batch, height, width, channels = x.shape
        return self.graph.prelu(self.graph.reshape(x, (batch, width, height, channels)))

    def add_shuffle(self, x: Map) -> Map | None:
        return self.graph.prelu(self.shuffled(x)) if x.channels % 2 == 0 else None

    def shuffled(self, x: Map) -> Map:
        """Channels of two halves in turn."""
        parts = self.graph.reshape(x, (*x.shape[:3], 2, x.channels // 2))
        axes, shape = np.int32([0, 1, 2, 4, 3]), (*x.shape[:3], x.channels // 2, 2)
        turned = self.graph.node("TRANSPOSE", [parts, axes], shape, options("Transpose"))
        return self.graph.reshape(turned, x.shape)

    def add_shuffled_part(self, x: Map) -> Map | None:
        """A half, or a slice that begins anywhere, right behind the shuffle."""
        if x.channels % 2:
            return None
        y = self.shuffled(x)
        if self.chance(0.5):
            return self.add_crop(y)
        half, fields = (*x.shape[:3], x.channels // 2), options("Split", numSplits=2)
        halves = self.graph.nodes("SPLIT", [np.int32(3), y], [half] * 2, fields)
        self.maps.append(halves[0])
        return halves[1]

    def add_crop(self, x: Map) -> Map | None:
        begin = np.int32([0, 0, x.shape[2] // 3, x.channels // 4])
        shape = np.int32([*x.shape[:2], x.shape[2] - begin[2], x.channels - begin[3]])
        return self.graph.node("SLICE", [x, begin, shape], shape, options("Slice"))

    def add_gate(self, x: Map) -> Map:
        gate = self.graph.same_shape("LOGISTIC", self.graph.global_mean(x, keep=True))
        return self.graph.pair(self.pick(["MUL", "ADD"]), x, gate)

    def add_function(self, x: Map) -> Map | None:
        return self.graph.same_shape(self.pick(FUNCTIONS), x) if self.chance(0.5) else None

    def add_left_alone(self, x: Map) -> Map | None:
        fields = options("Softmax", beta=1.0)
        return self.graph.node("SOFTMAX", [x], x.shape, fields) if self.chance(0.3) else None
