"""A measurement as a row of a table, in the terminal and on the page."""

from __future__ import annotations

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import baseline, speed, timed
from larq_bvit.bench.results import Measurement, Results

COLUMNS = (
    "file",
    "runtime",
    "threads",
    "median ms (95% interval)",
    "times as fast",
    "top-1",
    "init ms",
    "first ms",
    "peak memory",
    "file size",
)
WORDS = 2  # the first columns hold words, the others numbers
FAILED = "failed"
BASELINE = "baseline"


def time_cells(results: Results, measurement: Measurement) -> tuple[str, ...]:
    """A cell for each of `COLUMNS`; empty is what is not known."""
    m, file = measurement, results.file(measurement.file)
    if m.error is not None or m.steady is None:
        times = FAILED, ""
    else:
        compared = speed(results, m)
        times = (
            wording.median(m.steady),
            BASELINE if compared is None else wording.times(compared),
        )
    return (
        m.file,
        m.runtime,
        str(m.threads),
        *times,
        wording.percent(file.accuracy),
        "" if m.init is None else wording.milliseconds(m.init),
        "" if m.first is None else wording.milliseconds(m.first),
        "" if m.peak_memory is None else wording.size(m.peak_memory),
        wording.size(file.bytes),
    )


def comparison_note(results: Results, place: str) -> str:
    """What "times as fast" compares with; empty where nothing is compared."""
    bases: dict[str, None] = {}
    for measurement in timed(results, place):
        base = baseline(results, measurement)
        if base is not None and base is not measurement:
            shape = wording.shape(results.file(base.file))
            bases[f"{base.file} in {base.runtime} for inputs of {shape}"] = None
    if not bases:
        return ""
    return f"Times as fast as {wording.listed(list(bases))}, by as many threads each."
