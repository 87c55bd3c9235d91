"""Which models can be explained."""

from dataclasses import replace

import pytest

from larq_bvit import zoo
from larq_bvit.explain.binary_attention import (
    binary_attention,
    explainable_models,
    stage_depths,
)
from larq_bvit.train.binarity import with_binary
from tests.explain.conftest import PLAIN, PYRAMID, build


def test_explainable_models():
    names = explainable_models()
    assert names == [*zoo.list_models("binaryvit*"), *zoo.list_models("reactdeit*")]
    assert "reactdeit_small" in names and "binaryvit_nano" in names


def test_places(model):
    assert stage_depths(model) == [1, 2]
    assert [one.path for one in binary_attention(model)] == [
        "stage1/block1",
        "stage2/block1",
        "stage2/block2",
    ]
    assert stage_depths(build(PLAIN)) == [2]


def test_a_stage_without_blocks():
    for depths in ((1, 0), (0, 1)):
        with pytest.raises(ValueError, match=f"has none in {1 + depths.index(0)}$"):
            binary_attention(build(replace(PYRAMID, depths=depths)))


def test_a_twin_in_full_precision():
    twin = with_binary(build(PYRAMID), "nothing")
    twin._name = "binaryvit_nano"
    with pytest.raises(ValueError, match="attention of this 'binaryvit_nano' is in full precision"):
        binary_attention(twin)
