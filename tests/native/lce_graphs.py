"""Graphs of Larq Compute Engine's operators, and random numbers for them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tests.native.graph_writer import GraphWriter

SAME, VALID = 0, 1  # as the schema numbers them
NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)


def words(channels: int) -> int:
    """32-bit words of so many bits."""
    return -(-channels // 32)


def random_bits(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """(..., channels) bits, packed into (..., words) int32; bits of padding are 0."""
    *rows, channels = shape
    bits = np.zeros((*rows, 32 * words(channels)), np.uint8)
    bits[..., :channels] = rng.integers(0, 2, shape, np.uint8)
    return np.packbits(bits, axis=-1, bitorder="little").view("<i4").astype(np.int32)


@dataclass(frozen=True)
class Bconv2d:
    """A binary convolution; the defaults are a plain pointwise one."""

    batch: int = 1
    height: int = 4
    width: int = 5
    channels_in: int = 32
    channels_out: int = 8
    filter_height: int = 1
    filter_width: int = 1
    stride_height: int = 1
    stride_width: int = 1
    dilation_height: int = 1
    dilation_width: int = 1
    padding: int = VALID
    pad_values: int = 1
    groups: int = 1
    activation: int = NONE
    output: str = "float32"  # or "int8", "bits"
    output_scale: float = 0.37
    output_zero_point: int = -3
    multiplier: float | None = None  # of all channels, then without a bias; None: any
    plain: bool = False  # multiplier 1 and bias 0 instead of random ones

    @property
    def options(self) -> dict[str, int]:
        return {
            "channels_in": self.channels_in,
            "dilation_height_factor": self.dilation_height,
            "dilation_width_factor": self.dilation_width,
            "fused_activation_function": self.activation,
            "pad_values": self.pad_values,
            "padding": self.padding,
            "stride_height": self.stride_height,
            "stride_width": self.stride_width,
        }

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.batch, self.height, self.width, words(self.channels_in)

    @property
    def output_shape(self) -> tuple[int, ...]:
        last = words(self.channels_out) if self.output == "bits" else self.channels_out
        return self.batch, *self._sides(), last

    def _sides(self) -> tuple[int, ...]:
        sides = (
            (self.height, self.filter_height, self.stride_height, self.dilation_height),
            (self.width, self.filter_width, self.stride_width, self.dilation_width),
        )
        return tuple(
            -(-(size if self.padding == SAME else size - (kernel - 1) * dilation) // stride)
            for size, kernel, stride, dilation in sides
        )

    @property
    def zero_padding(self) -> bool:
        return self.padding == SAME and self.pad_values == 0

    @property
    def runs(self) -> bool:
        """Whether any kernel of LCE takes it."""
        counts = self.output != "float32" or self.activation != NONE
        return min(self._sides()) > 0 and not (
            self.zero_padding and counts and self.channels_in % 2
        )

    @property
    def lce_options(self) -> list[dict[str, bool]]:
        """LCE's kernels that take it: all of them must give the same."""
        if self.zero_padding and (self.output != "float32" or self.activation != NONE):
            return [{"use_reference_bconv": True}]
        indirect = [{"use_indirect_bgemm": True}]
        if self.groups > 1:
            return indirect
        return [{}, *indirect]

    def add_to(self, graph: GraphWriter, rng: np.random.Generator, source: int) -> int:
        """Adds the node with random constants; returns its output."""
        per_group = self.channels_in // self.groups
        size = self.filter_height, self.filter_width
        weights = graph.constant(random_bits(rng, self.channels_out, *size, per_group))
        bits = per_group * size[0] * size[1]
        multiplier = bias = thresholds = -1
        if self.output == "bits":
            limits = rng.integers(0, bits + 1, self.channels_out).astype(np.int32)
            thresholds = graph.constant(limits)
        if self.output != "bits" or self.zero_padding:  # else LCE reads what is not there
            numbers = rng.normal(size=(2, self.channels_out)).astype(np.float32)
            numbers[0] /= np.sqrt(bits)
            if self.plain:
                numbers[:] = [[1], [0]]
            if self.multiplier is not None:
                numbers[0], numbers[1] = self.multiplier, 0
            multiplier, bias = map(graph.constant, numbers)
        quantized = self.output == "int8"
        target = graph.tensor(
            self.output_shape,
            {"float32": np.float32, "int8": np.int8, "bits": np.int32}[self.output],
            self.output_scale if quantized else 0,
            self.output_zero_point,
        )
        inputs = [source, weights, multiplier, bias, thresholds]
        graph.custom("LceBconv2d", inputs, [target], self.options)
        return target

    def tflite(self, seed: int, **changes: Any) -> bytes:
        """The file of this node alone; the same seed gives the same constants."""
        graph = GraphWriter()
        changed = type(self)(**{**asdict(self), **changes})
        source = graph.tensor(changed.input_shape, np.int32)
        target = changed.add_to(graph, np.random.default_rng(seed), source)
        return graph.tflite([source], [target])

    def input(self, seed: int) -> np.ndarray:
        shape = self.batch, self.height, self.width, self.channels_in
        return random_bits(np.random.default_rng(seed), *shape)


def random_bconv2d(rng: np.random.Generator) -> Bconv2d:
    """Any geometry, output and activation; small, but not even."""
    pick = rng.choice
    groups = int(pick([1, 1, 1, 2, 3]))
    plain = int(pick([1, 3, 31, 32, 33, 64, 65, 100, 160]))
    channels_in = plain if groups == 1 else 32 * groups * int(pick([1, 2, 3]))
    channels_out = groups * int(pick([1, 2, 5, 16, 31, 32, 33, 64, 70]))
    n = {name: int(rng.integers(1, 4)) for name in ("stride_height", "stride_width")}
    n |= {name: int(pick([1, 1, 2, 3])) for name in ("dilation_height", "dilation_width")}
    n |= {name: int(pick([1, 2, 3, 3, 5])) for name in ("filter_height", "filter_width")}
    return Bconv2d(
        batch=int(pick([1, 1, 2, 3])),
        height=int(rng.integers(1, 12)),
        width=int(rng.integers(1, 12)),
        channels_in=channels_in,
        channels_out=channels_out,
        groups=groups,
        padding=int(pick([SAME, SAME, VALID])),
        pad_values=int(rng.integers(0, 2)),
        activation=int(pick([NONE, NONE, RELU, RELU_N1_TO_1, RELU6])),
        output=str(pick(["float32", "float32", "int8", "bits"])),
        **n,
    )
