"""Bars of latency by runtime, grouped by file."""

from __future__ import annotations

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.axes import Scale, scale, tick_labels
from larq_bvit.bench.report.baseline import steady
from larq_bvit.bench.report.comparison import comparison_words
from larq_bvit.bench.report.page.canvas import (
    SIZE,
    SMALL,
    WIDTH,
    chart,
    label,
    text_width,
    tip,
    wrapped,
)
from larq_bvit.bench.report.page.classes import runtime_class
from larq_bvit.bench.report.page.markup import Markup, join, tag
from larq_bvit.bench.report.rows import FAILED
from larq_bvit.bench.results import Measurement, Results

_SPREAD = 30  # times as long as the shortest: beyond, bars are logarithmic
_BAR = 9.0
_LINE = 15.0
_GAP = 7.0


def latency_bars(results: Results, place: str, name: str, title: str) -> tuple[Markup, bool]:
    """The chart, and whether it is logarithmic; at least one measurement has times.

    Arguments:
        results: of a benchmark.
        place: name of a machine; its failed measurements are named, too.
        name: unique on the page.
        title: of the chart.
    """
    measurements = [m for m in results.measurements if m.place == place]
    times = [1e3 * t for m in measurements if m.steady for t in (m.steady.low, m.steady.high)]
    axis = scale(times, 0.0, WIDTH - 1, spread=_SPREAD)
    rows: list[Markup] = []
    y = 0.0
    for file in dict.fromkeys(m.file for m in measurements):
        for line in wrapped(file, WIDTH, 13):
            y += 17
            rows.append(label(0, y, line, 13, class_="strong"))
        y += 2
        for measurement in (m for m in measurements if m.file == file):
            y, row = _row(y, axis, results, measurement)
            rows.append(row)
        y += _GAP
    kind = "logarithmic" if axis.logarithmic else "linear, from zero"
    described = f"A bar per runtime and number of threads, grouped by file; scale {kind}."
    drawn = chart(name, title, described, y + 18, _grid(axis, y), *rows)
    return drawn, axis.logarithmic


def _row(y: float, axis: Scale, results: Results, measurement: Measurement) -> tuple[float, Markup]:
    """Label, number and bar, and where they end."""
    timing = measurement.steady
    number = FAILED if timing is None else f"{wording.typical(measurement)} ms"
    words = wording.configuration(measurement)
    room = WIDTH - text_width(number) - 8
    lines = wrapped(words, room) if text_width(words) > room else [words]
    parts = [label(0, y + _LINE * (i + 1), line) for i, line in enumerate(lines)]
    y += _LINE * len(lines)
    parts.append(label(WIDTH, y, number, SIZE, text_anchor="end", class_="number"))
    if timing is None:
        return y + 4, join(*parts)
    top = y + 4
    parts.append(_bar(top, axis, measurement))
    more = [f"{measurement.file}, {words}: {number}, {len(timing.samples)} samples"]
    more += [" ".join(filter(None, told)) for told in comparison_words(results, measurement)]
    return top + _BAR + 3, tip("; ".join(more), *parts)


def _bar(top: float, axis: Scale, measurement: Measurement) -> Markup:
    """The bar and its interval."""
    timing = steady(measurement)
    end, low, high = (axis(1e3 * t) for t in (timing.median, timing.low, timing.high))
    middle = top + _BAR / 2
    ends = "".join(f"M{x:.1f} {top + 1:.1f}v{_BAR - 2:g}" for x in (low, high))
    return join(
        tag(
            "rect",
            x=0,
            y=top,
            width=max(end, 1.0),
            height=_BAR,
            rx=2,
            class_=runtime_class(measurement.runtime),
        ),
        tag("path", d=f"M{low:.1f} {middle:.1f}H{high:.1f}{ends}", class_="interval"),
    )


def _grid(axis: Scale, height: float) -> Markup:
    """Lines at the ticks, with their numbers below."""
    parts = []
    for tick, words in zip(axis.ticks, tick_labels(axis.ticks), strict=True):
        x = axis(tick)
        half = text_width(words, SMALL) / 2
        anchor = "start" if x < half else "end" if x > WIDTH - half else "middle"
        parts.append(tag("path", d=f"M{x:.1f} 0V{height:.1f}", class_="grid"))
        parts.append(label(x, height + 13, words, SMALL, text_anchor=anchor, class_="tick"))
    return join(*parts)
