"""What measurements are compared with, and how many times as fast they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from larq_bvit.bench.entry import LCE, family
from larq_bvit.bench.results import Measurement, Results
from larq_bvit.bench.timing import Ratio, Timing, speedup

SAME_FILE = ""  # instead of a baseline's name: the file itself in its reference runtime


@dataclass(frozen=True)
class Speed:
    """How many times as fast as what it is compared with.

    `low` and `high` are the ends of `timing.Ratio`, of which `is_interval` is told, too; None
    where the two have no rounds in common, or only one.
    """

    value: float
    low: float | None = None
    high: float | None = None
    is_interval: bool = False


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


def compared(results: Results, place: str) -> list[str]:
    """What measurements of a place are compared with: `SAME_FILE`, and names of baselines.

    `SAME_FILE` is there where a file ran in several runtimes; a baseline where it has times.
    """
    ran = timed(results, place)
    runtimes: dict[tuple[str, int], set[str]] = {}
    for m in ran:
        runtimes.setdefault((m.file, m.threads), set()).add(m.runtime)
    same = [SAME_FILE] if any(len(found) > 1 for found in runtimes.values()) else []
    return same + [name for name in results.baselines if any(m.file == name for m in ran)]


def base_of(results: Results, measurement: Measurement, against: str) -> Measurement | None:
    """What a measurement is compared with at its place, by as many threads; it may be itself.

    Of a baseline that is its fastest one there. Of the same file it is LCE, the fastest of its
    modes, or without it the runtime that was measured first.

    Arguments:
        results: of a benchmark.
        measurement: one of them.
        against: a baseline's name, or `SAME_FILE`.

    Returns:
        None where there is no such, or where the same file ran in no other runtime.
    """
    name = measurement.file if against == SAME_FILE else against
    threads = measurement.threads
    ran = [m for m in timed(results, measurement.place) if (m.file, m.threads) == (name, threads)]
    if against == SAME_FILE:
        if len({m.runtime for m in ran}) < 2:
            return None
        ran = [m for m in ran if family(m.runtime) == LCE] or ran[:1]
    return min(ran, key=lambda m: steady(m).median, default=None)


def alike(results: Results, measurement: Measurement, base: Measurement) -> bool:
    """Whether both take inputs of the same shape: else a ratio of times means nothing."""
    one, other = results.file(measurement.file), results.file(base.file)
    return one.input_shape == other.input_shape


def speed(measurement: Measurement, base: Measurement) -> Speed:
    """How many times as fast, by pairs of rounds where both have as many."""
    ours, theirs = steady(measurement), steady(base)
    if len(ours.samples) != len(theirs.samples) or len(ours.samples) < 2:
        return Speed(theirs.median / ours.median)
    ratio = _ratio(theirs, ours)
    return Speed(ratio.value, ratio.low, ratio.high, ratio.is_interval)


@lru_cache(maxsize=4096)  # tables, bars and headlines ask for the same ones
def _ratio(slow: Timing, fast: Timing) -> Ratio:
    return speedup(slow, fast)
