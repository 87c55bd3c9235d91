"""Figures of masks that are counted by hand."""

import numpy as np
import pytest

from larq_bvit.explain.head_figures import HeadFigures, attended_share, head_figures, percent
from tests.explain.conftest import mask_of


def test_by_hand():
    # 3 queries, 4 keys
    mask = mask_of(
        "1100 1100 0000", "0000 0000 0000", "0010 0010 0010", queries=(1, 3), keys=(2, 2)
    )
    assert head_figures(mask) == [
        HeadFigures(queries=3, keys=4, ones=4 / 12, entropy=1.0, never_attended=2, blind=1),
        HeadFigures(queries=3, keys=4, ones=0.0, entropy=None, never_attended=4, blind=3),
        HeadFigures(queries=3, keys=4, ones=3 / 12, entropy=0.0, never_attended=3, blind=0),
    ]
    np.testing.assert_array_equal(
        attended_share(mask), [[[2 / 3, 2 / 3], [0, 0]], np.zeros((2, 2)), [[0, 0], [1, 0]]]
    )


def test_entropy_of_unequal_shares():
    (one,) = head_figures(mask_of("10 10 11", queries=(1, 3), keys=(1, 2)))
    assert one.entropy == pytest.approx(0.75 * np.log2(4 / 3) + 0.25 * 2)


def test_a_look_at_the_class_token_is_one():
    to_token = np.array([[[True, False]]])
    mask = mask_of("00 00", queries=(1, 2), keys=(1, 2), from_token=to_token, to_token=to_token)
    (one,) = head_figures(mask)
    assert one.blind == 1 and one.ones == 0


def test_percent():
    shares = 0, 0.001, 0.005, 0.375, 0.996, 0.999, 1
    expected = ["0%", "<1%", "<1%", "38%", ">99%", ">99%", "100%"]
    assert [percent(share) for share in shares] == expected
    shares = 0, 0.0004, 0.375, 0.9996, 1
    expected = ["0.0%", "<0.1%", "37.5%", ">99.9%", "100.0%"]
    assert [percent(share, 1) for share in shares] == expected
