"""Plans that no model has."""

import numpy as np
import pytest

from larq_bvit.zoo import (
    BinaryViTVariant,
    BiRealNetVariant,
    DeiTVariant,
    ReActDeiTVariant,
    ReActNetVariant,
)
from larq_bvit.zoo.plan_checks import check_heads, check_numbers, check_plans

ONE = {"dims": (8,), "depths": (1,), "heads": (2,), "mlp_ratios": (2,), "reductions": (1,)}


def test_what_fits():
    check_numbers(depth=1, heads=np.int64(3))
    check_plans(dims=(1, np.int32(2)), heads=[1])
    check_plans(0, depths=(1, 0))
    check_heads((8, 6), (1, 3))


@pytest.mark.parametrize("value", [0, -3, 1.0, True, None, "4", (4,)])
def test_numbers(value):
    with pytest.raises(ValueError, match="depth must be a positive integer; got ") as e:
        check_numbers(heads=2, depth=value)
    assert str(e.value).endswith(f"got {value!r}")


@pytest.mark.parametrize("plan", [(), (0, 64), (-3,), (1.5,), (True,), 32, None, "12"])
def test_plans(plan):
    with pytest.raises(ValueError, match="dims must be a tuple of positive integers, one or") as e:
        check_plans(dims=plan)
    assert str(e.value).endswith(f"got {plan!r}")


@pytest.mark.parametrize(
    ("variant", "fields", "message"),
    [
        (BinaryViTVariant, {"dims": 32}, "dims must be a tuple of positive integers"),
        (BinaryViTVariant, dict.fromkeys(ONE, ()), "dims must be a tuple of positive integers"),
        (BinaryViTVariant, {**ONE, "reductions": (0,)}, r"reductions must be .*; got \(0,\)"),
        (BinaryViTVariant, {**ONE, "depths": (-1,)}, r"depths must .* of at least 0, .* \(-1,\)"),
        (BinaryViTVariant, {**ONE, "heads": (3,)}, "divide the width; got 3 heads of width 8"),
        (BinaryViTVariant, {"patch_size": 0}, "patch_size must be a positive integer; got 0"),
        *(
            (kind, {name: 0}, f"{name} must be a positive integer; got 0")
            for kind in (DeiTVariant, ReActDeiTVariant)
            for name in ("dim", "depth", "heads", "mlp_ratio", "patch_size")
        ),
        (DeiTVariant, {"heads": 5}, "got 5 heads of width 384"),
        (ReActDeiTVariant, {"dim": 8, "heads": 3}, "got 3 heads of width 8"),
        (ReActNetVariant, {"widths": ()}, "widths must be a tuple of positive integers"),
        (ReActNetVariant, {"widths": (0, 0)}, "widths must be a tuple of positive integers"),
        (ReActNetVariant, {"real_doubling_groups": -1}, "an integer of at least 0; got -1"),
        (
            BiRealNetVariant,
            {"depths": (1, -1, 1, 1)},
            "depths must be a tuple of integers of at least 0",
        ),
        (BiRealNetVariant, {"depths": 4}, "depths must be .* of at least 0"),
    ],
)
def test_variants(variant, fields, message):
    with pytest.raises(ValueError, match=message):
        variant(**fields)
