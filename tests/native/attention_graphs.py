"""Binary attention as the converter writes it for one image: head by head, in plain products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.native.layer_graphs import Layers, Map, options
from tests.native.lce_graphs import NONE


@dataclass(frozen=True)
class Attention:
    """Shapes and numbers of one.

    Attributes:
        heads, width: of `width` channels each.
        queries, keys: sides (H, W) of the maps.
        sharpness: magnitude of a score, times the square root of the width; may be negative.
        threshold: a probability above it counts; as a multiple of 1 / keys.
        magnitude: of a value.
        beta: of the softmax.
    """

    heads: int = 1
    width: int = 64
    queries: tuple[int, int] = (7, 7)
    keys: tuple[int, int] = (7, 7)
    sharpness: float = 1.0
    threshold: float = 1.0
    magnitude: float = 0.03
    beta: float = 1.0

    @property
    def channels(self) -> int:
        return self.heads * self.width

    def tflite(self, seed: int, *, shortcut: bool = True, **outputs: bool) -> bytes:
        """From two maps to the context, which a binary unit reads.

        Arguments:
            shortcut: adds q, k and v to the context, as BinaryViT does.
            outputs: by name (`context`, `q`, `probabilities`, `bits`), what is an output as well.
        """
        graph = Layers(seed)
        large = graph.input(1, *self.queries, self.channels)
        small = graph.input(1, *self.keys, self.channels)
        q, k, v = (graph.prelu(graph.binary(x, self.channels)) for x in (large, small, small))
        parts = {"q": q, **self.add_to(graph, q, k, v)}
        y = parts["context"]
        if shortcut:
            factors = tuple(a // b for a, b in zip(self.queries, self.keys, strict=True))
            ups = (
                [graph.upsample(x, *factors) for x in (k, v)]
                if self.keys != self.queries
                else [k, v]
            )
            y = graph.node("ADD_N", [y, q, *ups], q.shape, options("AddN"))
            y = graph.add(y, graph.normal(self.channels))
        y = graph.add(graph.binary(graph.prelu(y), self.channels), y)
        return graph.tflite(y, *(parts[name] for name, wanted in outputs.items() if wanted))

    def add_to(self, graph: Layers, q: Map, k: Map, v: Map) -> dict[str, Map]:
        """The nodes; context, probabilities, and bits as numbers."""
        score = self.sharpness * self.width**-0.5
        left = self._signs(graph, q, np.sign(score) * abs(score) ** 0.5)
        right = self._signs(graph, k, abs(score) ** 0.5)
        scores = self._by_heads(graph, self._flat(graph, left), self._flat(graph, right), 1, 0)
        softmax, bits = self._attended(graph, scores)
        values = self._flat(graph, self._signs(graph, v, self.magnitude))
        turned = self._turned(graph, values)
        context = self._by_heads(graph, bits, turned, 0, 1)
        context = graph.pair("MUL", context, graph.normal(self.channels, mean=1, scale=0.2))
        context = graph.reshape(context, (1, *self.queries, self.channels))
        return {"context": context, "probabilities": softmax, "bits": bits}

    def _attended(self, graph: Layers, scores: Map) -> tuple[Map, Map]:
        """Probabilities, and as numbers which of them are above the threshold."""
        softmax = graph.node("SOFTMAX", [scores], scores.shape, options("Softmax", beta=self.beta))
        above = graph.boolean("GREATER", softmax, np.float32(self.threshold / np.prod(self.keys)))
        numbers = options("Cast", inDataType=6, outDataType=0)  # of the schema: bool, float32
        return softmax, graph.node("CAST", [above], above.shape, numbers)

    def _signs(self, graph: Layers, x: Map, magnitude: float) -> Map:
        at_least = graph.boolean("GREATER_EQUAL", x, graph.normal(self.channels, scale=0.3))
        plus, minus = np.float32(magnitude), np.float32(-magnitude)
        return graph.node("SELECT_V2", [at_least, plus, minus], x.shape, options("SelectV2"))

    def _flat(self, graph: Layers, x: Map) -> Map:
        return graph.reshape(x, (int(np.prod(x.shape[:-1])), self.channels))

    def _turned(self, graph: Layers, values: Map) -> Map:
        """(keys, channels) -> (channels, keys); of one key by a reshape, as the converter does."""
        shape = values.shape[::-1]
        if values.shape[0] == 1:
            return graph.reshape(values, shape)
        return graph.node("TRANSPOSE", [values, np.int32([1, 0])], shape, options("Transpose"))

    def _by_heads(self, graph: Layers, a: Map, b: Map, a_axis: int, out_axis: int) -> Map:
        """A product for each head, of parts of a along an axis and of b along the same kind."""
        b_axis = 1 if a_axis == 1 else 0
        lefts, rights = (self._split(graph, x, axis) for x, axis in ((a, a_axis), (b, b_axis)))
        fields: Callable = lambda: options("FullyConnected", fusedActivationFunction=NONE)  # noqa: E731
        parts = [
            graph.node("FULLY_CONNECTED", [p, q], (p.shape[0], q.shape[0]), fields())
            for p, q in zip(lefts, rights, strict=True)
        ]
        if self.heads == 1:
            return parts[0]
        shape = list(parts[0].shape)
        shape[out_axis] *= self.heads
        return graph.node("CONCATENATION", parts, shape, options("Concatenation", axis=out_axis))

    def _split(self, graph: Layers, x: Map, axis: int) -> list[Map]:
        if self.heads == 1:
            return [x]
        shape = list(x.shape)
        shape[axis] //= self.heads
        fields = options("Split", numSplits=self.heads)
        return graph.nodes("SPLIT", [np.int32(axis), x], [shape] * self.heads, fields)
