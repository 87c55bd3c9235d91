"""Facts of machines in words."""

import pytest

from larq_bvit.bench.report.page.place_section import fact


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("governor", None, "not told"),
        ("busy", False, "no"),
        ("memory", 8 * 2**30, "8.00 GiB"),
        ("mhz", 2100.5, "2,100 MHz"),
        ("cores", 4, "4"),
        ("instructions", ["NEON", "dotprod"], "NEON, dotprod"),
        ("instructions", [], "none"),
        ("clusters", {"0-3": {"mhz": 1800}, "4-7": None}, "0-3: mhz: 1,800 MHz, 4-7: not told"),
    ],
)
def test_fact(key, value, words):
    assert fact(key, value) == words
