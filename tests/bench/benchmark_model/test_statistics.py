"""The program's line of statistics."""

import pytest

from larq_bvit.bench.benchmark_model.statistics import Statistics, statistics


@pytest.mark.parametrize(
    "line, expected",
    [
        (
            "INFO: count=50 first=2990275 curr=2913402 min=2727568 max=3189954 avg=2.95034e+06 "
            "std=109798",
            Statistics(50, 2990275, 2727568, 3189954, 2950340, 109798),
        ),
        (
            "count=9 first=87 curr=51 min=51 max=87 avg=58,5 std=11 p5=51 median=52 p95=87",
            Statistics(9, 87, 51, 87, 58.5, 11, 52),
        ),
        ("count=1 curr=146161", Statistics(1, 146161, 146161, 146161, 146161)),
        (
            "count=1 curr=135 p5=135 median=135 p95=135",
            Statistics(1, 135, 135, 135, 135, median=135),
        ),
        ("count=5 curr=100(all same)", Statistics(5, 100, 100, 100, 100)),
        (
            "count=5 curr=100(all same) p5=100 median=100 p95=100",
            Statistics(5, 100, 100, 100, 100, median=100),
        ),
        ("count=0", Statistics(0)),
        ("count=0 p5=0 median=0 p95=0", Statistics(0)),
        ("Running benchmark for at least 1 iterations", None),
        ("account=12", None),
    ],
)
def test_forms(line, expected):
    assert statistics(line) == expected


@pytest.mark.parametrize(
    "line, message",
    [
        ("count=50 first=12 curr=1", "without min="),
        ("count=50 first=12 curr=11 min=10 max=13 avg=11.2", "without std="),
        ("count=5 curr=100", "without first="),
        ("count=5 first=1 curr=1 min=5 max=9 avg=4 std=1", "mean is not between"),
        ("count=5 first=1 curr=1 min=5 max=9 avg=9.1 std=1", "mean is not between"),
        # digits in groups, of a localised system
        ("count=18.675 first=61 curr=47 min=47 max=99 avg=49,2 std=2", "LC_ALL=C"),
        ("count=5 first=8.127 curr=47 min=47 max=8.127 avg=49,2 std=2", "LC_ALL=C"),
        ("count=5 first=8,127 curr=47 min=47 max=8,127 avg=49.2 std=2", "LC_ALL=C"),
        ("count=50 first=\ufffd1 curr=11 min=10 max=13 avg=11 std=1", "without first="),
    ],
)
def test_what_can_not_be(line, message):
    with pytest.raises(ValueError, match=message):
        statistics(line)
