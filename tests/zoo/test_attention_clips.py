"""Clips keep their share of the mean probability, which is 1 over the number of keys."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from larq_bvit import zoo
from larq_bvit.layers import QuantAttention
from larq_bvit.zoo.named_weights import latent_weights, named_weights
from tests.zoo.packed.rewriting import rewrite
from tests.zoo.test_binaryvit import TINY

TOKEN = zoo.ReActDeiTVariant(dim=16, depth=1, heads=2, class_token=True)


def build(architecture, variant, size):
    return architecture(variant, input_shape=(*size, 3), num_classes=5)


def clips(model):
    """{attention's name: (clip, number of keys)}."""
    with latent_weights():
        weights = {path: weight.numpy() for path, weight in named_weights(model).items()}
    layers = [layer for layer in model.layers if isinstance(layer, QuantAttention)]
    return {
        layer.name: (
            float(weights[f"{layer.name}/probability/clip"]),
            int(np.prod(layer.input_shape[1][1:3])),
        )
        for layer in layers
    }


@pytest.mark.parametrize(
    ("architecture", "variant", "keys"),
    [
        (zoo.BinaryViT, TINY, ({"stage1": 2, "stage2": 8}, {"stage1": 8, "stage2": 32})),
        (
            zoo.BinaryViT,
            replace(TINY, reductions=(4, 4)),
            ({"stage1": 2, "stage2": 1}, {"stage1": 8, "stage2": 2}),
        ),
        (zoo.ReActDeiT, TOKEN, ({"block1": 9}, {"block1": 33})),
    ],
)
def test_another_size(architecture, variant, keys, tmp_path, caplog):
    sizes = ((32, 64), (64, 128))
    model, other = (build(architecture, variant, size) for size in sizes)
    for weight in named_weights(model).values():
        if weight.name.endswith("clip:0"):
            weight.assign(0.125)
    file = zoo.save_weights(model, tmp_path / "x.safetensors")
    with caplog.at_level(logging.INFO):
        zoo.load_weights(other, file)
    for found, expected in zip((model, other), keys, strict=True):
        for name, (_, count) in clips(found).items():
            assert count == expected[name.partition("/")[0]]
    for (_, (clip, count)), (_, (rescaled, now)) in zip(
        clips(model).items(), clips(other).items(), strict=True
    ):
        assert rescaled * now == pytest.approx(clip * count)
    assert any("clips rescaled" in message for message in caplog.messages)


def test_the_same_size(tmp_path, caplog):
    model, other = (build(zoo.BinaryViT, TINY, (32, 64)) for _ in range(2))
    with caplog.at_level(logging.INFO):
        zoo.load_weights(other, zoo.save_weights(model, tmp_path / "x.safetensors"))
    assert clips(model) == clips(other) and not caplog.messages


def test_other_reductions_with_as_many_keys(tmp_path):
    """As between two steps of a training that halve and double both size and reduction."""
    small = build(zoo.BinaryViT, replace(TINY, reductions=(2, 2)), (32, 64))
    large = build(zoo.BinaryViT, replace(TINY, reductions=(4, 4)), (64, 128))
    file = zoo.save_weights(small, tmp_path / "x.safetensors")
    zoo.load_weights(large, file, as_start=True)
    assert clips(small) == clips(large)


@pytest.mark.parametrize("told", [5, "x", [4], [4.0, 2.0], [0, 1], [4, None]])
def test_a_description_that_does_not_fit_is_refused(told, tmp_path):
    model = build(zoo.BinaryViT, TINY, (32, 64))
    file = zoo.save_weights(model, tmp_path / "x.safetensors")
    before = clips(model)
    rewrite(file, file, lambda entry, tensors: entry["variant"].update(reductions=told))
    with pytest.raises(ValueError, match="reductions"):
        zoo.load_weights(model, file)
    assert clips(model) == before
