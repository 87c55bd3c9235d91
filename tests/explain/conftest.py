"""Tiny transformers, one image, and made-up masks."""

import numpy as np
import pytest

from larq_bvit.explain import AttentionMask
from larq_bvit.layers import QuantAttention
from larq_bvit.zoo import BinaryViT, BinaryViTVariant, ReActDeiT, ReActDeiTVariant
from tests.zoo.common import randomise

# Two stages, of one and of two blocks; the first one's keys are on a smaller grid.
PYRAMID = BinaryViTVariant(
    dims=(8, 16), depths=(1, 2), heads=(1, 2), mlp_ratios=(1, 1), reductions=(2, 1)
)
PLAIN = ReActDeiTVariant(dim=8, depth=2, heads=2, mlp_ratio=1, patch_size=4)
TOKEN = ReActDeiTVariant(dim=8, depth=2, heads=2, mlp_ratio=1, patch_size=4, class_token=True)
SIZE = 16, 24
CLASSES = [f"class {i}" for i in range(7)]


def build(variant, **arguments):
    """A model with random weights, whose clips let some of the probabilities through."""
    family = BinaryViT if isinstance(variant, BinaryViTVariant) else ReActDeiT
    arguments = {"input_shape": (*SIZE, 3), "num_classes": len(CLASSES)} | arguments
    model = randomise(family(variant, **arguments))
    layers = [layer for layer in model.layers if isinstance(layer, QuantAttention)]
    for i, layer in enumerate(layers):
        _, height, width, _ = layer.input_shape[1]
        layer.probability_quantizer.clip.assign((1.6 + 0.1 * i) / (height * width))
    return model


@pytest.fixture(scope="package")
def model():
    """Of two stages."""
    return build(PYRAMID)


@pytest.fixture(scope="package")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


def mask_of(*rows, queries, keys, **token):
    """A mask of heads given as rows of text, a query each: `mask_of("10 01", ...)`."""
    bits = [[[c == "1" for c in query] for query in head.split()] for head in rows]
    mask = np.array(bits).reshape(len(rows), *queries, *keys)
    return AttentionMask(1, 1, "stage1/block1/attention/attend", 0.25, mask, **token)
