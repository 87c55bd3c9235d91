"""Bi-Real Net: its pyramid the right way round, its two streams, what it refuses."""

from functools import partial

import numpy as np
import pytest

from larq_bvit.zoo import BiRealNet, BiRealNetVariant
from tests.zoo import common

BASIC = BiRealNetVariant(depths=(1, 1, 1, 1))
BOTTLENECK = BiRealNetVariant(depths=(2, 1, 1, 1), bottleneck=True)
LEVELS = ((4, 64), (8, 128), (16, 256), (32, 512))

test_contract = common.contract(BiRealNet, BASIC)
test_contract_bottleneck = common.contract(BiRealNet, BOTTLENECK)
test_variants = common.variants(
    BiRealNet, {"18": LEVELS, "34": LEVELS, "50": tuple((s, 4 * width) for s, width in LEVELS)}
)


@pytest.mark.parametrize("variant", [BASIC, BOTTLENECK], ids=["basic", "bottleneck"])
def test_features_are_not_mirrored(variant):
    common.features_stay_in_place(BiRealNet(variant, input_shape=(256, 192, 3), features_only=True))


@pytest.mark.parametrize("bottleneck", [False, True])
def test_other_widths(bottleneck):
    widths = 8, 8, 24, 40
    variant = BiRealNetVariant(depths=(1, 1, 1, 1), bottleneck=bottleneck, widths=widths)
    model = BiRealNet(variant, input_shape=(64, 32, 3), features_only=True)
    channels = [shape[-1] for shape in model.output_shape]
    assert channels == [width * (4 if bottleneck else 1) for width in widths]
    assert all(np.isfinite(y).all() for y in common.predict(common.randomise(model)))


def test_two_streams():
    model = BiRealNet(BOTTLENECK, input_shape=(32, 32, 3))
    names = {layer.name for layer in model.layers}
    first, second, wider = "stage1/block1", "stage1/block2", "stage2/block1"
    sources = partial(common.sources, model)
    # the first block's narrow stream starts with a convolution in full precision, on its own
    assert f"{first}/clip" in names and f"{first}/add1" not in names
    assert sources(f"{second}/add1") == {f"{second}/norm1", f"{first}/add2"}
    assert sources(f"{second}/add3") == {f"{second}/norm3", f"{first}/add3"}
    assert sources(f"{wider}/add1") == {f"{wider}/norm1", f"{wider}/inner_shortcut/conv"}
    assert sources(f"{wider}/inner_shortcut/conv") == {f"{second}/add2"}
    assert sources(f"{wider}/add2") == {f"{wider}/norm2", f"{wider}/pool"}
    assert sources(f"{wider}/pool") == {f"{wider}/add1"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"depths": (1, 1, 1, 1), "widths": (8,)}, r"widths must have 4 entries; got \(8,\)"),
        ({"depths": (1, 1, 1)}, r"depths must have 4 entries; got \(1, 1, 1\)"),
        ({"depths": (1,) * 4, "bottleneck": True, "react": True}, "no bottleneck"),
    ],
)
def test_refuses_impossible_plans(fields, message):
    with pytest.raises(ValueError, match=message):
        BiRealNetVariant(**fields)


def test_has_no_drop_path():
    with pytest.raises(TypeError, match="drop_path"):
        BiRealNet(BASIC, input_shape=(32, 32, 3), drop_path=0.1)
