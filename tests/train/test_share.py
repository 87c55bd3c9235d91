"""Shares and their intervals."""

import pytest

from larq_bvit.train.share import Share


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (5, 10, 0.236593, 0.763407),
        (1, 10, 0.017876, 0.404150),
        (0, 20, 0.0, 0.161125),
        (20, 20, 0.838875, 1.0),
    ],
)
def test_wilson_interval(count, total, low, high):
    assert Share(count, total).interval() == pytest.approx((low, high), abs=1e-6)


def test_the_ends_solve_the_equation_that_defines_them():
    # the p whose own standard error puts the observed share at z away
    share = Share(13, 40)
    for p in share.interval(0.9):
        z = abs(share.value - p) / (p * (1 - p) / 40) ** 0.5
        assert z == pytest.approx(1.6448536, abs=1e-6)


def test_forms():
    assert str(Share(5, 10)) == "50.00% (95%: 23.66% to 76.34%)"
    assert Share(0, 3).as_dict() == {
        "count": 0,
        "value": 0.0,
        "interval_95": pytest.approx([0.0, 0.561497], abs=1e-6),
    }
