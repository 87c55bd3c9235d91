"""Numbers with three digits that count."""

from dataclasses import replace

import pytest

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import Speed
from larq_bvit.bench.results import Accuracy
from larq_bvit.bench.timing import Timing
from tests.bench.report import sample


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.000123, "0.000123"),
        (0.04, "0.0400"),
        (3.12345, "3.12"),
        (9.996, "10.0"),
        (31.44, "31.4"),
        (312.4, "312"),
        (3124.4, "3,124"),
        (1e6, "1,000,000"),
    ],
)
def test_number(value, text):
    assert wording.number(value) == text


def test_ends_of_an_interval_have_the_decimals_of_the_value():
    assert wording.interval(9.98, 9.7, 10.25) == "9.98 (9.70 to 10.25)"
    assert wording.interval(9.98, None, None) == "9.98"


def test_median():
    timing = Timing(0.00312, 0.00308, 0.00315, (0.003,) * 5)
    assert wording.median(timing) == "3.12 (3.08 to 3.15)"
    few = Timing(0.00312, 0.00308, 0.00315, (0.003,) * 4)
    assert wording.median(few) == "3.12 (min 3.08, max 3.15)"
    assert wording.median(Timing(0.00312, 0.00312, 0.00312, (0.00312,))) == "3.12"


def test_means_are_marked():
    median = sample.single().measurements[0]
    mean = replace(median, sample="mean")
    assert wording.typical(median) == "0.411 (0.407 to 0.414)"
    assert wording.typical(mean) == "mean 0.411 (0.407 to 0.414)"
    assert wording.typical(mean, ends=False) == "mean 0.411"


def test_what_bars_are():
    five = sample.single().measurements[0]
    four = replace(five, steady=Timing.of([1.0, 2.0, 3.0, 4.0]))
    one = replace(five, steady=Timing.of([1.0]))
    mean = replace(five, sample="mean")
    assert wording.median_of([five]) == "median, with its 95% interval"
    assert wording.median_of([four]) == "median, with min and max (fewer than 5 rounds)"
    assert wording.median_of([five, four, one]) == (
        "median, with its 95% interval or min and max (fewer than 5 rounds)"
    )
    assert wording.median_of([one]) == "median"
    assert wording.median_of([mean]) == "median of the rounds\u2019 means, with its 95% interval"
    assert wording.median_of([five, mean]) == (
        "median of the rounds\u2019 means where it says so, with its 95% interval"
    )


def test_times():
    assert wording.times(Speed(12.345, 12.1, 12.55, True)) == "12.3 (12.1 to 12.6)"
    assert wording.times(Speed(12.345, 12.1, 12.55)) == "12.3 (min 12.1, max 12.6)"
    assert wording.times(Speed(0.5)) == "0.500"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "0.977 KiB"),
        (499_724, "488 KiB"),
        (1_048_576, "1.00 MiB"),
        (12.5 * 2**20, "12.5 MiB"),
        (8 * 2**30, "8.00 GiB"),
        (2**41, "2,048 GiB"),
    ],
)
def test_size(count, text):
    assert wording.size(count) == text


def test_amount():
    assert [wording.amount(n) for n in (812, 900_000, 7_060_000, 4.6e9)] == [
        "812",
        "900,000",
        "7.06 million",
        "4.60 billion",
    ]


def test_accuracy_in_words():
    assert wording.accuracy_in_words(Accuracy(0.6244, 10_000, "CIFAR-10")) == (
        "62.44% top-1 of 10,000 images of CIFAR-10"
    )
    assert wording.accuracy_in_words(Accuracy(0.7)) == "70.00% top-1"


def test_listed():
    assert [wording.listed(list(names)) for names in ("a", "ab", "abc")] == [
        "a",
        "a and b",
        "a, b and c",
    ]
    assert wording.either(["a", "b", "c"]) == "a, b or c"


def test_printable():
    assert wording.printable("a\x1b[31m\x00\udcff\u202eb\n\tc\u00fc") == (
        "a\ufffd[31m\ufffd\ufffd\ufffdb\n\tc\u00fc"
    )
