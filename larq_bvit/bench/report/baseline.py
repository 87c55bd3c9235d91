"""What the others are compared with, and how many times as fast they are."""

from __future__ import annotations

from dataclasses import dataclass

from larq_bvit.bench.entry import XNNPACK
from larq_bvit.bench.results import Measurement, Results
from larq_bvit.bench.timing import Timing, speedup


@dataclass(frozen=True)
class Speed:
    """How many times as fast as the baseline.

    `low` and `high` are the ends of the 95% interval, None where the two have no rounds in common
    or only one.
    """

    value: float
    low: float | None = None
    high: float | None = None


def steady(measurement: Measurement) -> Timing:
    """The times of one that did not fail."""
    assert measurement.steady is not None, f"{measurement} failed"
    return measurement.steady


def timed(results: Results, place: str | None = None) -> list[Measurement]:
    """The measurements that have times, of one place or of all."""
    return [
        m
        for m in results.measurements
        if m.steady is not None and m.error is None and place in (None, m.place)
    ]


def failed(results: Results, place: str | None = None) -> list[Measurement]:
    """Those that have none."""
    return [
        m
        for m in results.measurements
        if (m.steady is None or m.error is not None) and place in (None, m.place)
    ]


def baseline(results: Results, measurement: Measurement) -> Measurement | None:
    """What a measurement is compared with, which may be itself.

    It has the same place, as many threads and an input of the same shape: of such, the fastest in
    XNNPACK; without one, the first that ran. None where none ran.
    """
    shape = results.file(measurement.file).input_shape
    alike = [
        m
        for m in timed(results, measurement.place)
        if m.threads == measurement.threads and results.file(m.file).input_shape == shape
    ]
    twins = [m for m in alike if m.runtime.partition(":")[0] == XNNPACK]
    if twins:
        return min(twins, key=lambda m: steady(m).median)
    return alike[0] if alike else None


def speed(results: Results, measurement: Measurement) -> Speed | None:
    """How many times as fast as its baseline; None for the baseline itself."""
    base = baseline(results, measurement)
    if base is None or measurement is base:
        return None
    ours, theirs = steady(measurement), steady(base)
    if len(ours.samples) != len(theirs.samples) or len(ours.samples) < 2:
        return Speed(theirs.median / ours.median)
    ratio = speedup(theirs, ours)
    return Speed(ratio.value, ratio.low, ratio.high)
