"""Graphs of builtin and LCE operators, layer by layer, with random numbers in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from tests.native.graph_writer import GraphWriter
from tests.native.lce_graphs import NONE, SAME, VALID, Bconv2d, words


@dataclass(frozen=True)
class Map:
    """A tensor of a graph."""

    index: int
    shape: tuple[int, ...]

    @property
    def channels(self) -> int:
        return self.shape[-1]


def options(name: str, **fields: Any) -> Any:
    """Options of a builtin operator, as the schema's object."""
    made = getattr(schema, f"{name}OptionsT")()
    for field, value in fields.items():
        assert hasattr(made, field), field
        setattr(made, field, value)
    return made


def _windows(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    reach = 0 if padding == SAME else (kernel - 1) * dilation
    return -(-(size - reach) // stride)


class Layers:
    """Adds layers to a graph; what they need of numbers comes from a seed."""

    def __init__(self, seed: int = 0):
        self.rng = np.random.default_rng(seed)
        self._graph = GraphWriter()
        self._inputs: list[int] = []

    def tflite(self, *outputs: Map) -> bytes:
        return self._graph.tflite(self._inputs, [x.index for x in outputs])

    def input(self, *shape: int) -> Map:
        x = self._tensor(shape)
        self._inputs.append(x.index)
        return x

    def normal(self, *shape: int, scale: float = 1, mean: float = 0) -> np.ndarray:
        return (mean + scale * self.rng.normal(size=shape)).astype(np.float32)

    def node(
        self, name: str, inputs: Sequence[Any], shape: Sequence[int], fields: Any = None
    ) -> Map:
        """Any builtin operator; arrays among its inputs are constants."""
        return self.nodes(name, inputs, [shape], fields)[0]

    def nodes(
        self, name: str, inputs: Sequence[Any], shapes: Sequence[Sequence[int]], fields: Any
    ) -> list[Map]:
        """One of several outputs."""
        outs = [self._tensor(shape) for shape in shapes]
        self._graph.builtin(name, list(map(self._index, inputs)), [x.index for x in outs], fields)
        return outs

    def boolean(self, name: str, x: Map, y: np.ndarray) -> Map:
        """A comparison with a constant."""
        out = self._tensor(x.shape, np.bool_)
        fields = options({"GREATER": "Greater", "GREATER_EQUAL": "GreaterEqual"}[name])
        self._graph.builtin(name, [x.index, self._index(y)], [out.index], fields)
        return out

    # --- binary ---

    def sign(self, x: Map, *, shift: bool = False) -> Map:
        if shift:
            x = self.add(x, self.normal(x.channels))
        bits = self._tensor((*x.shape[:-1], words(x.channels)), np.int32)
        self._graph.custom("LceQuantize", [x.index], [bits.index])
        return bits

    def bconv(self, bits: Map, inputs: int, channels: int, kernel: int = 1, **fields: Any) -> Map:
        """A binary convolution of packed signs of `inputs` channels."""
        batch, height, width, _ = bits.shape
        fields = {"filter_height": kernel, "filter_width": kernel, **fields}
        layer = Bconv2d(batch, height, width, inputs, channels, **fields)
        return Map(layer.add_to(self._graph, self.rng, bits.index), layer.output_shape)

    def binary(self, x: Map, channels: int, kernel: int = 1, *, shift: bool = True, **fields: Any):
        """Sign and binary convolution, SAME where nothing else is said."""
        fields = {"padding": SAME, **fields}
        return self.bconv(self.sign(x, shift=shift), x.channels, channels, kernel, **fields)

    def max_pool_bits(self, bits: Map, size: int) -> Map:
        shape = bits.shape[0], bits.shape[1] // size, bits.shape[2] // size, bits.shape[3]
        out = self._tensor(shape, np.int32)
        sides = ("filter_height", "filter_width", "stride_height", "stride_width")
        fields = {**dict.fromkeys(sides, size), "padding": VALID}
        self._graph.custom("LceBMaxPool2d", [bits.index], [out.index], fields)
        return out

    def unpack(self, bits: Map, channels: int) -> Map:
        """Packed signs as -1 and 1."""
        out = self._tensor((*bits.shape[:-1], channels))
        self._graph.custom("LceDequantize", [bits.index], [out.index])
        return out

    # --- elementwise ---

    def pair(self, name: str, x: Any, y: Any, activation: int = NONE) -> Map:
        shape = np.broadcast_shapes(*(v.shape for v in (x, y)))
        kind = {"ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div"}[name]
        fields = options(kind, fusedActivationFunction=activation)
        return self.node(name, [x, y], shape, fields)

    def add(self, x: Any, y: Any, activation: int = NONE) -> Map:
        return self.pair("ADD", x, y, activation)

    def prelu(self, x: Map) -> Map:
        slopes = self.normal(1, 1, x.channels, scale=0.3, mean=0.2)
        return self.node("PRELU", [x, slopes.reshape(*[1] * (len(x.shape) - 2), -1)], x.shape)

    def same_shape(self, name: str, x: Map) -> Map:
        return self.node(name, [x], x.shape)

    # --- channels ---

    def concat(self, *xs: Map) -> Map:
        shape = (*xs[0].shape[:-1], sum(x.channels for x in xs))
        return self.node("CONCATENATION", xs, shape, options("Concatenation", axis=len(shape) - 1))

    def tile(self, x: Map, times: int) -> Map:
        return self.concat(*[x] * times)

    def group_mean(self, x: Map, group: int) -> Map:
        parts = self.reshape(x, (*x.shape[:-1], x.channels // group, group))
        axes = np.int32([len(parts.shape) - 1])
        return self.node("MEAN", [parts, axes], parts.shape[:-1], options("Reducer"))

    # --- shapes ---

    def reshape(self, x: Map, shape: Sequence[int]) -> Map:
        new = options("Reshape", newShape=list(shape))
        return self.node("RESHAPE", [x, np.int32(shape)], shape, new)

    def reverse(self, x: Map, *axes: int) -> Map:
        return self.node("REVERSE_V2", [x, np.int32(axes)], x.shape, options("ReverseV2"))

    def upsample(self, x: Map, height: int, width: int) -> Map:
        size = np.int32([x.shape[1] * height, x.shape[2] * width])
        shape = (x.shape[0], *map(int, size), x.channels)
        name = "RESIZE_NEAREST_NEIGHBOR"
        return self.node(name, [x, size], shape, options("ResizeNearestNeighbor"))

    # --- windows ---

    def pool(self, name: str, x: Map, kernel, stride=None, padding: int = VALID, activation=NONE):
        kernel, stride = np.broadcast_to(kernel, 2), np.broadcast_to(stride or kernel, 2)
        fields = options(
            "Pool2D",
            filterHeight=int(kernel[0]),
            filterWidth=int(kernel[1]),
            strideH=int(stride[0]),
            strideW=int(stride[1]),
            padding=padding,
            fusedActivationFunction=activation,
        )
        return self.node(f"{name}_POOL_2D", [x], self._out(x, kernel, stride, 1, padding), fields)

    def global_mean(self, x: Map, keep: bool = False) -> Map:
        shape = (x.shape[0], 1, 1, x.channels) if keep else (x.shape[0], x.channels)
        return self.node("MEAN", [x, np.int32([1, 2])], shape, options("Reducer", keepDims=keep))

    def depthwise(
        self, x: Map, kernel, stride=1, dilation=1, padding=SAME, *, weights=None, bias=True,
        activation=NONE,
    ) -> Map:  # fmt: skip
        kernel, stride = np.broadcast_to(kernel, 2), np.broadcast_to(stride, 2)
        if weights is None:
            weights = self.normal(1, *kernel, x.channels)
        numbers = self.normal(x.channels) if bias else np.zeros(x.channels, np.float32)
        fields = options(
            "DepthwiseConv2D",
            depthMultiplier=1,
            **self._window(stride, dilation, padding, activation),
        )
        shape = self._out(x, kernel, stride, dilation, padding)
        return self.node("DEPTHWISE_CONV_2D", [x, weights, numbers], shape, fields)

    def conv(
        self, x: Map, channels: int, kernel=1, stride=1, dilation=1, padding=SAME, *, bias=True,
        activation=NONE,
    ) -> Map:  # fmt: skip
        kernel, stride = np.broadcast_to(kernel, 2), np.broadcast_to(stride, 2)
        weights = self.normal(
            channels, *kernel, x.channels, scale=(kernel.prod() * x.channels) ** -0.5
        )
        numbers = self.normal(channels) if bias else np.zeros(channels, np.float32)
        fields = options("Conv2D", **self._window(stride, dilation, padding, activation))
        shape = (*self._out(x, kernel, stride, dilation, padding)[:-1], channels)
        return self.node("CONV_2D", [x, weights, numbers], shape, fields)

    def dense(self, x: Map, channels: int, activation=NONE) -> Map:
        weights = self.normal(channels, x.channels, scale=x.channels**-0.5)
        fields = options("FullyConnected", fusedActivationFunction=activation)
        shape = (int(np.prod(x.shape[:-1])), channels)
        return self.node("FULLY_CONNECTED", [x, weights, self.normal(channels)], shape, fields)

    # --- the writer ---

    def _tensor(self, shape: Sequence[int], dtype: Any = np.float32) -> Map:
        shape = tuple(map(int, shape))
        return Map(self._graph.tensor(shape, dtype), shape)

    def _index(self, x: Any) -> int:
        return x.index if isinstance(x, Map) else self._graph.constant(np.asarray(x))

    @staticmethod
    def _window(stride, dilation, padding, activation) -> dict[str, int]:
        dilation = np.broadcast_to(dilation, 2)
        return {
            "strideH": int(stride[0]),
            "strideW": int(stride[1]),
            "dilationHFactor": int(dilation[0]),
            "dilationWFactor": int(dilation[1]),
            "padding": padding,
            "fusedActivationFunction": activation,
        }

    @staticmethod
    def _out(x: Map, kernel, stride, dilation, padding: int) -> tuple[int, ...]:
        dilation = np.broadcast_to(dilation, 2)
        sides = zip(x.shape[1:3], kernel, stride, dilation, strict=True)
        return x.shape[0], *(_windows(*map(int, side), padding) for side in sides), x.channels
