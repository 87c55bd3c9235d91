"""A measurement as a row of a table, in the terminal and on the page."""

from __future__ import annotations

from collections.abc import Iterable

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.comparison import comparison_cells, comparison_columns
from larq_bvit.bench.results import Measurement, Results
from larq_bvit.bench.timing import ENOUGH

NAMES = ("file", "runtime", "threads")
MEDIAN = "median ms (95% interval)"
MORE = ("top-1", "init ms", "first ms", "peak memory", "file size")
WORDS = 2  # the first columns hold words, the others numbers
FAILED = "failed"


def time_columns(results: Results, place: str) -> tuple[str, ...]:
    """Headings of all columns: names, the median, a comparison each, and more."""
    return (*NAMES, MEDIAN, *comparison_columns(results, place), *MORE)


def time_cells(results: Results, measurement: Measurement) -> tuple[str, ...]:
    """A cell for each of `time_columns`; empty is what is not known."""
    return (
        *speed_cells(results, measurement),
        *_more_cells(results, measurement),
    )


def speed_cells(results: Results, measurement: Measurement) -> tuple[str, ...]:
    """Those of the names, the median and the comparisons."""
    return (*_first_cells(measurement), *comparison_cells(results, measurement))


def cost_cells(results: Results, measurement: Measurement) -> tuple[str, ...]:
    """All but the comparisons."""
    return (*_first_cells(measurement), *_more_cells(results, measurement))


def sample_notes(measurements: Iterable[Measurement]) -> list[str]:
    """What the marks beside some times mean: "mean", and "min" and "max"."""
    ran = [m for m in measurements if m.steady is not None and m.error is None]
    notes = []
    if any(m.sample == wording.MEAN for m in ran):
        notes.append(
            "mean: of each round only the mean of its inferences is known, not their median; a "
            "slow inference weighs more in it. Ratios take it as it is."
        )
    if any(1 < len(m.steady.samples) < ENOUGH for m in ran if m.steady is not None):
        notes.append(
            f"min and max: the smallest and the largest of fewer than {ENOUGH} rounds, which make "
            f"no 95% interval."
        )
    return notes


def _first_cells(measurement: Measurement) -> tuple[str, ...]:
    m = measurement
    time = FAILED if m.error is not None or m.steady is None else wording.typical(m)
    return m.file, m.runtime, str(m.threads), time


def _more_cells(results: Results, measurement: Measurement) -> tuple[str, ...]:
    m, file = measurement, results.file(measurement.file)
    return (
        wording.percent(file.accuracy),
        "" if m.init is None else wording.milliseconds(m.init),
        "" if m.first is None else wording.milliseconds(m.first),
        "" if m.peak_memory is None else wording.size(m.peak_memory),
        wording.size(file.bytes),
    )
