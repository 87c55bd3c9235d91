"""Attention of several images, as the converter unrolls it, and as batches of products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit import convert, zoo
from larq_bvit.bench.subjects.random_weights import as_after_training
from tests.convert.models import TWO_STAGES
from tests.native.attention_graphs import Attention
from tests.native.fused import agree, left_to_runtime
from tests.native.layer_graphs import Layers, Map, options
from tests.native.stock import load, run

KEYS = [(1, 1), (1, 4), (3, 4), (7, 7), (6, 11)]


@dataclass(frozen=True)
class Batch(Attention):
    """Several images' attention.

    Attributes:
        images: each attends to its own keys.
        batched: one product of all instead of one for each image and head.
        turned: k comes as (images, heads, d, keys) into that product.
    """

    images: int = 2
    batched: bool = False
    turned: bool = False

    def tflite(self, seed: int, **outputs: bool) -> bytes:
        graph = Layers(seed)
        large = graph.input(self.images, *self.queries, self.channels)
        small = graph.input(self.images, *self.keys, self.channels)
        q, k, v = (graph.prelu(graph.binary(x, self.channels)) for x in (large, small, small))
        parts = {"q": q, **self.add_to(graph, q, k, v)}
        y = graph.add(parts["context"], q)
        y = graph.add(graph.binary(graph.prelu(y), self.channels), y)
        return graph.tflite(y, *(parts[name] for name, wanted in outputs.items() if wanted))

    def add_to(self, graph: Layers, q: Map, k: Map, v: Map) -> dict[str, Map]:
        score = self.sharpness * self.width**-0.5
        left = self._signs(graph, q, np.sign(score) * abs(score) ** 0.5)
        right = self._signs(graph, k, abs(score) ** 0.5)
        scores = self._products(graph, self._heads(graph, left), self._heads(graph, right))
        _, bits = self._attended(graph, scores)
        values = self._heads(graph, self._signs(graph, v, self.magnitude))
        context = self._products(graph, bits, self._transposed(graph, values, 0, 1, 3, 2))
        if self.heads > 1:
            context = self._transposed(graph, context, 0, 2, 1, 3)
        context = graph.reshape(context, (self.images, *self.queries, self.channels))
        context = graph.pair("MUL", context, graph.normal(self.channels, mean=1, scale=0.2))
        return {"context": context, "bits": bits}

    def _heads(self, graph: Layers, x: Map) -> Map:
        """(images, H, W, channels) -> (images, heads, H W, d)."""
        rows = x.shape[1] * x.shape[2]
        if self.heads == 1:
            return graph.reshape(x, (self.images, 1, rows, self.width))
        parts = graph.reshape(x, (self.images, rows, self.heads, self.width))
        return self._transposed(graph, parts, 0, 2, 1, 3)

    @staticmethod
    def _transposed(graph: Layers, x: Map, *axes: int) -> Map:
        shape = [x.shape[axis] for axis in axes]
        return graph.node("TRANSPOSE", [x, np.int32(axes)], shape, options("Transpose"))

    def _products(self, graph: Layers, a: Map, b: Map) -> Map:
        """(images, heads, n, d) and (images, heads, m, d) -> (images, heads, n, m)."""
        shape = (*a.shape[:3], b.shape[2])
        if self.batched:
            if self.turned:
                b = self._transposed(graph, b, 0, 1, 3, 2)
            fields = options("BatchMatMul", adjY=not self.turned)
            return graph.node("BATCH_MATMUL", [a, b], shape, fields)
        lefts, rights = self._matrices(graph, a), self._matrices(graph, b)
        parts = [
            graph.node("FULLY_CONNECTED", pair, shape[2:], options("FullyConnected"))
            for pair in zip(lefts, rights, strict=True)
        ]
        fields = options("Pack", valuesCount=len(parts), axis=0)
        return graph.reshape(graph.node("PACK", parts, (len(parts), *shape[2:]), fields), shape)

    def _matrices(self, graph: Layers, x: Map) -> list[Map]:
        count = self.images * self.heads
        flat = graph.reshape(x, (count, *x.shape[2:]))
        fields = options("Split", numSplits=count)
        parts = graph.nodes("SPLIT", [np.int32(0), flat], [(1, *x.shape[2:])] * count, fields)
        return [graph.reshape(part, x.shape[2:]) for part in parts]


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize(("images", "heads"), [(1, 2), (2, 1), (2, 3), (3, 2), (4, 4)])
def test_shapes(library, images, heads, batched):
    """Images that fill tiles, and others; the keys are as many or fewer."""
    for i, keys in enumerate(KEYS):
        queries = keys if i % 2 else (2 * keys[0], keys[1])
        settings = {"images": images, "batched": batched, "turned": i % 2 == 0}
        attention = Batch(heads, [32, 64][i % 2], queries, keys, threshold=0.9 - i / 10, **settings)
        agree(library, attention.tflite, seed=i)


@pytest.mark.parametrize("queries", [(1, 5), (7, 2)])
def test_outputs(library, queries):
    attention = Batch(2, 32, queries, (3, 3), images=3)
    agree(library, attention.tflite(1, context=True, q=True))
    agree(library, attention.tflite(2, bits=True), left=None)


def test_many_threads(library):
    """Strips of several images."""
    attention = Batch(2, 32, (2, 7), (2, 7), images=9)
    agree(library, attention.tflite, seed=3, threads=(1, 3, 5))


def test_other_images_keys(library):
    """What looks like attention, but reads the keys of the image before."""

    class Shifted(Batch):
        def _matrices(self, graph, x):
            parts = super()._matrices(graph, x)
            return parts if x.shape[2] != 12 else parts[2:] + parts[:2]

    attention = Shifted(2, 32, (4, 4), (3, 4), images=2)
    agree(library, attention.tflite(4), left=None)


def test_heads_in_another_order(library):
    """Joined as they come, which is not how they were taken apart."""

    class Mixed(Batch):
        @staticmethod
        def _transposed(graph, x, *axes):
            if axes == (0, 2, 1, 3) and x.shape[1] == 2:
                return graph.reshape(x, (x.shape[0], x.shape[2], 2, x.shape[3]))
            return Batch._transposed(graph, x, *axes)

    attention = Mixed(2, 32, (4, 4), (4, 4), images=2)
    agree(library, attention.tflite(5), left=None)


def test_a_model_of_several_images(library):
    """Computes what the model of one image does for each."""
    tf.keras.utils.set_random_seed(0)
    variant = zoo.BinaryViTVariant(**TWO_STAGES)
    shape = {"input_shape": (32, 32, 3), "num_classes": 10}
    model = zoo.BinaryViT(variant, **shape, classifier_activation=None)
    as_after_training(model)
    one, three = (convert.to_tflite(model, batch_size=n, verify=False) for n in (1, 3))
    assert left_to_runtime(library, three) == []
    images = np.random.default_rng(0).normal(size=(3, 32, 32, 3)).astype(np.float32)
    (got,) = run(load(library, three, threads=2), images)
    single = load(library, one)
    want = np.concatenate([run(single, image[None])[0] for image in images])
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5 * np.abs(want).max())
