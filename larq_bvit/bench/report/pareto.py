"""Accuracy against a cost: points, and those that no other beats in both."""

from __future__ import annotations

from dataclasses import dataclass

from larq_bvit.bench.report.baseline import steady, timed
from larq_bvit.bench.report.wording import configuration, number, typical
from larq_bvit.bench.results import MeasuredFile, Results

UNKNOWN_DATA = "data that was not named"


@dataclass(frozen=True)
class Point:
    """A file with its accuracy and what it costs.

    Attributes:
        file: its name.
        how: it ran, in words; empty where that makes no difference.
        runtime: as the user names it; empty where that makes no difference.
        cost: milliseconds or KiB.
        low, high: ends of the cost, as those of `timing.Timing`, or the cost.
        words: the cost as people read it, without its unit.
        top_1: 0 to 1.
    """

    file: str
    how: str
    runtime: str
    cost: float
    low: float
    high: float
    words: str
    top_1: float


def datasets(results: Results) -> dict[str, list[MeasuredFile]]:
    """{data set: files whose accuracy on it is known}: others can't share a diagram."""
    found: dict[str, list[MeasuredFile]] = {}
    for file in results.files:
        if file.accuracy is not None:
            found.setdefault(file.accuracy.dataset or UNKNOWN_DATA, []).append(file)
    return found


def has_unnamed_data(file: MeasuredFile) -> bool:
    """Whether the file's accuracy is known, but not on what."""
    return file.accuracy is not None and not file.accuracy.dataset


def latency_points(results: Results, files: list[MeasuredFile], place: str) -> list[Point]:
    """A point per measurement of these files."""
    accuracy = {file.name: file.accuracy.top_1 for file in files if file.accuracy is not None}
    return [
        Point(
            m.file,
            configuration(m),
            m.runtime,
            1e3 * steady(m).median,
            1e3 * steady(m).low,
            1e3 * steady(m).high,
            typical(m),
            accuracy[m.file],
        )
        for m in timed(results, place)
        if m.file in accuracy
    ]


def size_points(files: list[MeasuredFile]) -> list[Point]:
    """A point per file."""
    return [
        Point(file.name, "", "", kib, kib, kib, number(kib), file.accuracy.top_1)
        for file in files
        if file.accuracy is not None
        for kib in [file.bytes / 1024]
    ]


def front(points: list[Point]) -> list[Point]:
    """Those that none beats, the cheapest first: none is as accurate at less cost."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: (p.cost, -p.top_1)):
        if not best or point.top_1 > best[-1].top_1:
            best.append(point)
    return best
