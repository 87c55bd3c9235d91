"""Which models can be explained."""

from larq_bvit import zoo
from larq_bvit.explain.binary_attention import (
    binary_attention,
    explainable_models,
    stage_depths,
)
from tests.explain.conftest import PLAIN, build


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
