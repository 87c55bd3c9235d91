"""How many times as fast measurements are: headings, cells, sentences, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from larq_bvit.bench.entry import LCE, XNNPACK, family
from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import (
    SAME_FILE,
    alike,
    base_of,
    compared,
    speed,
    timed,
)
from larq_bvit.bench.results import Measurement, Results

BASELINE = "baseline"
REFERENCE = "reference"
OTHER_INPUT = "other input"
_NAMES = {LCE: "LCE", XNNPACK: "XNNPACK"}  # of runtimes whose modes need not be told apart


def comparison_columns(results: Results, place: str) -> tuple[str, ...]:
    """A heading for each of `compared`: "against LCE, same file", "against deit_small:int8"."""
    return tuple(
        f"against {name}" if name != SAME_FILE else f"against {_references(results, place)}"
        for name in compared(results, place)
    )


def comparison_cells(results: Results, measurement: Measurement) -> tuple[str, ...]:
    """A cell for each of `compared`: how many times as fast, or why there is no ratio."""
    against = compared(results, measurement.place)
    if measurement.steady is None or measurement.error is not None:
        return ("",) * len(against)
    return tuple(_cell(results, measurement, name) for name in against)


def comparison_words(results: Results, measurement: Measurement) -> list[tuple[str, str]]:
    """[(sentence, its interval in brackets or nothing)] of a measurement that has times.

    Such as "14.0 times as fast as the same file in lce:indirect" and "(13.8 to 14.2)".
    """
    words = []
    for name in compared(results, measurement.place):
        base = base_of(results, measurement, name)
        if base is None or base is measurement or not alike(results, measurement, base):
            continue
        number, bracket, ends = wording.times(speed(measurement, base)).partition(" (")
        what = "the same file" if base.file == measurement.file else name
        text = f"{number} times as fast as {what} in {base.runtime}"
        words.append((text, f"({ends}" if bracket else ""))
    return words


def comparison_notes(results: Results, place: str) -> list[str]:
    """What the columns compare with, and why some cells have no ratio."""
    against = compared(results, place)
    notes = []
    if against:
        bases = [_bases(results, place, name) for name in against]
        notes.append(
            f'"Against" says how many times as fast, by as many threads: {"; ".join(bases)}.'
        )
    if any(OTHER_INPUT in comparison_cells(results, m) for m in timed(results, place)):
        notes.append(
            f"{OTHER_INPUT}: it takes inputs of another size than the baseline, so that a ratio "
            f"would mean nothing."
        )
    return notes + _missing(results, place)


def _cell(results: Results, measurement: Measurement, against: str) -> str:
    base = base_of(results, measurement, against)
    if base is None:
        return ""
    if base is measurement:
        return REFERENCE if against == SAME_FILE else BASELINE
    if not alike(results, measurement, base):
        return OTHER_INPUT
    return wording.times(speed(measurement, base))


def _references(results: Results, place: str) -> str:
    """ "LCE, same file": the runtimes that files are compared with."""
    bases = (base_of(results, m, SAME_FILE) for m in timed(results, place))
    names = dict.fromkeys(_NAMES.get(family(b.runtime), b.runtime) for b in bases if b is not None)
    return f"{' or '.join(names)}, same file"


def _bases(results: Results, place: str, against: str) -> str:
    """ "the same file in lce:indirect", or "deit_small:int8 in xnnpack"."""
    found: dict[str, dict[str, None]] = {}
    for measurement in timed(results, place):
        base = base_of(results, measurement, against)
        if base is not None:
            found.setdefault(base.runtime, {})[base.file] = None
    if against != SAME_FILE:
        return f"{against} in {wording.either(list(found))}"
    if len(found) == 1:
        return f"the same file in {next(iter(found))}"
    parts = [f"{runtime} ({', '.join(files)})" for runtime, files in found.items()]
    return f"the same file in {wording.listed(parts)}"


def _missing(results: Results, place: str) -> list[str]:
    """Baselines that were not measured here, or not by as many threads."""
    ran = timed(results, place)
    notes = []
    for name in results.baselines:
        counts = {m.threads for m in ran if m.file == name}
        left = {m.threads for m in ran} - counts
        if ran and left:
            threads = f" with {_threads(left)}" if counts else ""
            notes.append(f"{name} has no times here{threads}: nothing is compared with it.")
    return notes


def _threads(counts: Iterable[int]) -> str:
    *few, most = sorted(counts)
    return wording.either([*map(str, few), wording.thread_count(most)])
