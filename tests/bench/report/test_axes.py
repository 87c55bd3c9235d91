"""Round ticks around all values."""

import pytest

from larq_bvit.bench.report.axes import scale, tick_labels


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.41], ["0.0", "0.2", "0.4", "0.6"]),
        ([57.4, 20], ["0", "20", "40", "60"]),
        ([1000, 300], ["0", "250", "500", "750", "1,000"]),
        ([0], ["0.00", "0.25", "0.50", "0.75", "1.00"]),
    ],
)
def test_a_linear_one_begins_at_zero(values, ticks):
    axis = scale(values, 0, 100, spread=30)
    assert not axis.logarithmic
    assert tick_labels(axis.ticks) == ticks
    assert axis(0) == 0
    assert axis(axis.high) == 100
    assert axis(axis.high / 4) == pytest.approx(25)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.07, 60], ["0.01", "0.1", "1", "10", "100"]),
        ([5.4, 57], ["5", "10", "20", "50", "100"]),
        ([1, 1e9], ["0.1", "10", "1,000", "100,000", "10,000,000", "1,000,000,000"]),
    ],
)
def test_where_values_differ_much_it_is_logarithmic(values, ticks):
    axis = scale(values, 0, 100, spread=8)
    assert axis.logarithmic
    assert tick_labels(axis.ticks) == ticks
    assert axis((axis.low * axis.high) ** 0.5) == pytest.approx(50)
    assert 0 <= axis(min(values)) < axis(max(values)) <= 100


def test_percentages_need_not_begin_at_zero():
    axis = scale([66.5, 80.2], 200, 0, spread=float("inf"), from_zero=False)
    assert tick_labels(axis.ticks) == ["65", "70", "75", "80", "85"]
    assert axis(65) == 200
    assert axis(85) == 0


def test_values_beyond_the_ends_stay_inside():
    axis = scale([10], 0, 100, spread=30)
    assert axis(1e9) == 100
