"""ReActDeiT: the ladder from a binary DeiT to BinaryViT's block."""

from dataclasses import replace

import numpy as np
import pytest

from larq_bvit.zoo import ReActDeiT, ReActDeiTVariant
from tests.zoo import common

TINY = ReActDeiTVariant(dim=16, depth=2, heads=2, mlp_ratio=2, patch_size=8)
LEVEL = ((16, 384),)

test_contract_class_token = common.contract(ReActDeiT, replace(TINY, class_token=True))
test_contract_average = common.contract(ReActDeiT, replace(TINY, pooling_branches=True))
test_variants = common.variants(ReActDeiT, dict.fromkeys(ReActDeiT.variants, LEVEL))


def kinds(variant):
    model = ReActDeiT(variant, input_shape=(16, 16, 3))
    return {type(layer).__name__ for layer in model.layers}


def test_every_rung_adds_what_its_name_says():
    plain = kinds(TINY)
    assert not plain & {"ClassToken", "PoolingBranches", "LayerScale"}
    assert kinds(replace(TINY, class_token=True)) - plain == {"ClassToken", "SplitToken"}
    assert kinds(replace(TINY, pooling_branches=True)) - plain == {"PoolingBranches"}
    assert kinds(replace(TINY, affine=True)) - plain == {"LayerScale"}


def test_ladder():
    steps = [(v.class_token, v.pooling_branches, v.affine) for v in ReActDeiT.variants.values()]
    assert steps == [(True, False, False), (False,) * 3, (False, True, False), (False, True, True)]


@pytest.mark.parametrize("class_token", [False, True])
def test_classifier_reads_the_token_or_the_average(class_token):
    variant = replace(TINY, class_token=class_token)
    model = ReActDeiT(variant, input_shape=(16, 24, 3))
    assert common.sources(model, "classifier") == {"head/split" if class_token else "avg_pool"}
    assert model.get_layer("head/norm").output_shape == (
        (None, 1, 1 + 2 * 3, 16) if class_token else (None, 2, 3, 16)
    )


def test_features_are_one_map_without_the_token():
    variant = replace(TINY, class_token=True)
    model = ReActDeiT(variant, input_shape=(16, 24, 3), features_only=True)
    assert model.output_shape == (None, 2, 3, 16)


def test_stride_is_the_patch_size():
    with pytest.raises(ValueError, match="must be multiples of 8; got 16x20"):
        ReActDeiT(TINY, input_shape=(16, 20, 3))


def test_drop_path_rises_to_the_last_block():
    model = ReActDeiT(replace(TINY, depth=3), input_shape=(16, 16, 3), drop_path=0.2)
    rates = {layer.name: layer.rate for layer in model.layers if hasattr(layer, "rate")}
    expected = {
        f"block{i}/{branch}/drop_path": rate
        for i, rate in ((2, 0.1), (3, 0.2))
        for branch in ("attention", "mlp")
    }
    assert rates == pytest.approx(expected)
    common.randomise(model)
    assert np.array_equal(*(common.predict(model)[0] for _ in range(2)))  # not in inference
