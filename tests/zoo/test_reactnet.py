"""ReActNet: its pyramid the right way round, its doubling blocks, what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from larq_bvit.zoo import BiRealNetVariant, ReActNet, ReActNetVariant
from tests.layers.common import normal
from tests.zoo import common

TINY = ReActNetVariant(widths=(4, 8, 16, 16, 32, 64))
RESNET = BiRealNetVariant(depths=(1, 1, 1, 1), react=True)
MOBILENET = ((4, 128), (8, 256), (16, 512), (32, 1024))

test_contract = common.contract(ReActNet, replace(TINY, widths=(4, 8, 16, 16, 32)))
test_contract_real_doubling = common.contract(ReActNet, replace(TINY, real_doubling_groups=1))
test_contract_resnet = common.contract(ReActNet, RESNET)
test_variants = common.variants(
    ReActNet,
    {
        "a": MOBILENET,
        "b": MOBILENET,
        "c": MOBILENET,
        "18": ((4, 64), (8, 128), (16, 256), (32, 512)),
    },
)


@pytest.mark.parametrize("variant", [TINY, RESNET], ids=["mobilenet", "resnet"])
def test_features_are_not_mirrored(variant):
    common.features_stay_in_place(ReActNet(variant, input_shape=(256, 192, 3), features_only=True))


@pytest.mark.parametrize(
    ("widths", "levels"),
    [
        ((4, 8, 16), [(16, 16)]),
        ((4, 4, 8, 8, 16), [(16, 8), (8, 16)]),
        ((4, 4, 4, 8), [(16, 8)]),
        ((4, 8), [(32, 8)]),
    ],
)
def test_levels_start_at_stride_4_where_there_are_more(widths, levels):
    model = ReActNet(ReActNetVariant(widths), input_shape=(64, 64, 3), features_only=True)
    expected = [(None, side, side, width) for side, width in levels]
    got = model.output_shape if isinstance(model.output_shape, list) else [model.output_shape]
    assert got == expected
    assert 64 // ReActNetVariant(widths).stride == levels[-1][0]


@pytest.mark.parametrize("groups", [0, 1, 2])
def test_doubling_sets_two_shortcuts_beside_each_other(groups):
    variant = ReActNetVariant((4, 8), real_doubling_groups=groups)
    model = common.randomise(ReActNet(variant, input_shape=(16, 16, 3)))
    for layer in model.layers:  # silent convolutions
        if layer.name in ("block1/pointwise/left/norm", "block1/pointwise/right/norm"):
            layer.gamma.assign(np.zeros(4))
            layer.beta.assign(np.zeros(4))
    probe = common.sub_model(model, "block1/spatial/rprelu", "block1/pointwise/concat")
    x, y = (t.numpy() for t in probe(normal(2, 16, 16, 3).astype("float32")))
    np.testing.assert_array_equal(y, np.concatenate([x, x], -1))
    conv = model.get_layer("block1/pointwise/left/conv")
    assert conv.kernel.shape == (1, 1, 4 // max(groups, 1), 4)
    assert hasattr(conv, "kernel_quantizer") == (groups == 0)


def test_refuses_widths_that_do_not_double():
    with pytest.raises(ValueError, match=r"the last one or its double; got \(8, 32\)"):
        ReActNetVariant((8, 32))
