"""Accuracy against latency or size, with the line of those that none beats."""

from __future__ import annotations

import math

from larq_bvit.bench.entry import LCE, XNNPACK, family
from larq_bvit.bench.report.axes import Scale, scale, tick_labels
from larq_bvit.bench.report.page.canvas import (
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
from larq_bvit.bench.report.page.placing import Box, place_label
from larq_bvit.bench.report.pareto import Point, front

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 44.0, 12.0, 24.0, 42.0, 300.0
_SPREAD = 8  # times as much as the least: beyond, costs are logarithmic
_LABEL = 150.0  # units, of a file's name in the chart


def accuracy_chart(name: str, title: str, points: list[Point], unit: str) -> Markup:
    """The chart.

    Arguments:
        name: unique on the page.
        title: of the chart.
        points: at least one.
        unit: of the costs.
    """
    costs = [cost for p in points for cost in (p.cost, p.low, p.high)]
    across = scale(costs, _LEFT, WIDTH - _RIGHT, spread=_SPREAD)
    up = _percents([100 * p.top_1 for p in points])
    best = front(points)
    cheapest = min(best, key=lambda p: p.cost)
    described = (
        f"{len(points)} points; up is more accurate, left is less cost. The line joins those that "
        f"none beats, from {cheapest.file} to {best[-1].file}."
    )
    return chart(
        name,
        title,
        described,
        _HEIGHT,
        _grid(across, up, unit),
        _front_line(best, across, up),
        *(_mark(p, across, up, unit) for p in points),
        _names(points, across, up),
    )


def _percents(values: list[float]) -> Scale:
    """With room around the points, at least a percent wide, and within 0 to 100."""
    margin = max(0.5, 0.12 * (max(values) - min(values)))
    ends = [max(0.0, min(values) - margin), min(100.0, max(values) + margin)]
    return scale(ends, _HEIGHT - _BOTTOM, _TOP, spread=math.inf, from_zero=False)


def _mark(point: Point, across: Scale, up: Scale, unit: str) -> Markup:
    x, y = across(point.cost), up(100 * point.top_1)
    low, high = across(point.low), across(point.high)
    how = f", {point.how}" if point.how else ""
    return tip(
        f"{point.file}{how}: {point.top_1:.2%} top-1, {point.words} {unit}",
        tag("path", d=f"M{low:.1f} {y:.1f}H{high:.1f}", class_="interval"),
        _shape(point.runtime, x, y),
    )


def _shape(runtime: str, x: float, y: float) -> Markup:
    """A form per runtime, for those who see colours otherwise."""
    style = f"mark {runtime_class(runtime)}"
    if family(runtime) == XNNPACK:
        return tag("rect", x=x - 4.5, y=y - 4.5, width=9, height=9, class_=style)
    if family(runtime) == LCE:
        return tag("path", d=f"M{x:.1f} {y - 6:.1f}l5.5 10h-11z", class_=style)
    return tag("circle", cx=x, cy=y, r=5, class_=style)


def _front_line(best: list[Point], across: Scale, up: Scale) -> Markup:
    """Steps: what accuracy can be had for a cost."""
    if len(best) < 2:
        return Markup()
    path = f"M{across(best[0].cost):.1f} {up(100 * best[0].top_1):.1f}"
    path += "".join(f"H{across(p.cost):.1f}V{up(100 * p.top_1):.1f}" for p in best[1:])
    return tag("path", d=path, class_="front")


def _names(points: list[Point], across: Scale, up: Scale) -> Markup:
    """Each file's name once, at its cheapest point."""
    marks = [(across(p.cost), up(100 * p.top_1)) for p in points]
    taken = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in marks]
    frame = Box(_LEFT, 0, WIDTH, _HEIGHT - _BOTTOM)
    parts = []
    for file in dict.fromkeys(p.file for p in points):
        point = min((p for p in points if p.file == file), key=lambda p: p.cost)
        lines = wrapped(file, _LABEL, SMALL)
        width = max(text_width(line, SMALL) for line in lines)
        at = across(point.cost), up(100 * point.top_1)
        box = place_label(at, width, 13.0 * len(lines), taken, frame)
        if box is None:
            continue  # the tip and the table name it
        taken.append(box)
        for i, line in enumerate(lines):
            parts.append(label(box.left, box.top + 10 + 13 * i, line, SMALL, class_="name"))
    return join(*parts)


def _grid(across: Scale, up: Scale, unit: str) -> Markup:
    bottom, right = _HEIGHT - _BOTTOM, WIDTH - _RIGHT
    parts = []
    for tick, words in zip(up.ticks, tick_labels(up.ticks), strict=True):
        y = up(tick)
        parts.append(tag("path", d=f"M{_LEFT} {y:.1f}H{right}", class_="grid"))
        style = {"text_anchor": "end", "class_": "tick"}
        parts.append(label(_LEFT - 6, y + 4, f"{words}%", SMALL, **style))
    for tick, words in zip(across.ticks, tick_labels(across.ticks), strict=True):
        x = across(tick)
        anchor = "end" if x > WIDTH - text_width(words, SMALL) / 2 else "middle"
        parts.append(tag("path", d=f"M{x:.1f} {_TOP}V{bottom}", class_="grid"))
        parts.append(label(x, bottom + 15, words, SMALL, text_anchor=anchor, class_="tick"))
    words = f"{unit}, logarithmic" if across.logarithmic else unit
    middle = (_LEFT + right) / 2
    parts.append(label(middle, _HEIGHT - 8, words, SMALL, text_anchor="middle", class_="axis"))
    parts.append(label(0, 10, "top-1", SMALL, class_="axis"))
    return join(*parts)
