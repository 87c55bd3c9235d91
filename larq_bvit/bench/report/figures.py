"""Results as PNG pictures, for a README."""

from __future__ import annotations

import math
import re
from typing import Any

from larq_bvit._extras import require
from larq_bvit._figure import png
from larq_bvit.bench.entry import family
from larq_bvit.bench.report import axes as axis
from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import steady, timed
from larq_bvit.bench.report.palette import folded, kind_colours, runtime_colour
from larq_bvit.bench.report.pareto import Point, datasets, front, latency_points, size_points
from larq_bvit.bench.results import Measurement, Results

_WIDTH = 9.0  # inches
_ROW = 0.3  # inches, of a bar
_SPREAD = 30  # times as long as the shortest: beyond, bars are logarithmic
_NEAR = 8  # the same, of points
_MARKS = {"lce": "^", "xnnpack": "s"}  # else a circle


def to_png(results: Results) -> dict[str, bytes]:
    """{name of a file without its end: PNG} of all that can be drawn.

    Per place "accuracy", "times" and "profile", such as "local-times".

    Raises:
        ImportError: matplotlib is missing.
    """
    drawn: dict[str, bytes] = {}
    for place in results.places:
        stem = re.sub(r"[^A-Za-z0-9.-]+", "_", place.name)
        if f"{stem}-times" in drawn:  # "adb:1" and "adb_1" must not share a name
            stem += f"_{results.places.index(place)}"
        for what, draw in (("accuracy", accuracy), ("times", times), ("profile", profile)):
            picture = draw(results, place.name)
            if picture is not None:
                drawn[f"{stem}-{what}"] = picture
    return drawn


def accuracy(results: Results, place: str) -> bytes | None:
    """Accuracy against time on this place and against size, a row of diagrams per data set.

    None where no data set has two files of known accuracy, one of them timed.

    Raises:
        ImportError: matplotlib is missing.
    """
    rows = []
    for data, files in datasets(results).items():
        points = latency_points(results, files, place)
        if len(files) > 1 and points:
            rows.append((data, points, size_points(files)))
    if not rows:
        return None
    figure = _figure(3.6 * len(rows))
    panels = figure.subplots(len(rows), 2, squeeze=False, sharey="row")
    for (left, right), (data, by_time, by_size) in zip(panels, rows, strict=True):
        _draw_points(left, by_time, f"ms on {place}")
        _draw_points(right, by_size, "KiB of the file")
        left.set_ylabel(f"top-1 on {data}, %", parse_math=False)
    return png(figure)


def times(results: Results, place: str) -> bytes | None:
    """A bar per measurement that worked, with the ends of its times; None where none did.

    Raises:
        ImportError: matplotlib is missing.
    """
    ran = timed(results, place)
    if not ran:
        return None
    figure = _figure(1.1 + _ROW * len(ran))
    axes = figure.subplots()
    medians = [1e3 * steady(m).median for m in ran]
    errors = [
        [1e3 * (t.median - t.low) for t in map(steady, ran)],
        [1e3 * (t.high - t.median) for t in map(steady, ran)],
    ]
    colours = [runtime_colour(m.runtime) for m in ran]
    style = {"height": 0.7, "error_kw": {"linewidth": 1, "capsize": 2}}
    bars = axes.barh(range(len(ran)), medians, xerr=errors, color=colours, **style)
    labels = [f"{wording.typical(m, ends=False)} ms" for m in ran]
    axes.bar_label(bars, labels, padding=4, fontsize=8)
    ends = [1e3 * end for t in map(steady, ran) for end in (t.low, t.high)]
    _set_scale(axes, ends, _SPREAD, f"ms on {place}: {wording.median_of(ran)}")
    _name_rows(axes, ran)
    return png(figure)


def profile(results: Results, place: str) -> bytes | None:
    """A bar per profile, cut into kinds of operators; None where nothing was profiled.

    Raises:
        ImportError: matplotlib is missing.
    """
    profiled = [m for m in timed(results, place) if m.profile]
    if not profiled:
        return None
    figure = _figure(1.4 + _ROW * len(profiled))
    axes = figure.subplots()
    colours = kind_colours(m.profile for m in profiled)
    kinds = [folded(m.profile, colours) for m in profiled]
    starts = [0.0] * len(kinds)
    for kind, colour in colours.items():
        shares = [100 * k.get(kind, 0.0) / (sum(k.values()) or 1) for k in kinds]
        style = {"color": colour, "label": kind.replace("$", r"\$"), "height": 0.7}
        axes.barh(range(len(kinds)), shares, left=starts, **style)
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    for i, parts in enumerate(kinds):
        words = f"{wording.number(sum(parts.values()))} ms"
        axes.text(101, i, words, va="center", fontsize=8)
    axes.set_xlim(0, 112)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel(f"% of the time on {place}", fontsize=9, parse_math=False)
    _name_rows(axes, profiled)
    figure.legend(loc="outside lower left", ncols=4, fontsize=8, frameon=False)
    return png(figure)


def _draw_points(axes: Any, points: list[Point], unit: str) -> None:
    best = front(points)
    corners = [p.cost for p in best], [100 * p.top_1 for p in best]
    axes.step(*corners, where="post", c="#777777", ls="--", lw=1)
    scale = _set_scale(axes, [p.cost for p in points], _NEAR, unit)
    drawn: set[str] = set()
    for point in points:
        runtime = family(point.runtime)
        style = {"marker": _MARKS.get(runtime, "o"), "color": runtime_colour(runtime), "ls": ""}
        label = runtime if runtime not in drawn else ""
        axes.plot(point.cost, 100 * point.top_1, label=label or None, **style)
        drawn.add(runtime)
    for file in dict.fromkeys(p.file for p in points):
        first = min((p for p in points if p.file == file), key=lambda p: p.cost)
        across = scale(first.cost)
        side = "left" if across < 0.2 else "right" if across > 0.8 else "center"
        at = {"xytext": (0, 7), "textcoords": "offset points", "ha": side, "fontsize": 8}
        place = first.cost, 100 * first.top_1
        axes.annotate(wording.printable(file), place, parse_math=False, **at)
    axes.margins(y=0.2)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if any(drawn):
        axes.legend(fontsize=8, frameon=False, loc="best")


def _set_scale(axes: Any, values: list[float], spread: float, words: str) -> axis.Scale:
    """Sets the page's scale and gives it, with room for the numbers beside the longest bars."""
    scale = axis.scale(values, 0, 1, spread=spread)
    if scale.logarithmic:
        axes.set_xscale("log")
        axes.minorticks_off()
        words += ", logarithmic"
    axes.set_xticks(scale.ticks, axis.tick_labels(scale.ticks))
    beside = (2.0 if scale.logarithmic else 1.12) * max(values)
    axes.set_xlim(scale.low, max(scale.high, beside))
    axes.set_xlabel(words, fontsize=9, parse_math=False)
    return scale


def _name_rows(axes: Any, measurements: list[Measurement]) -> None:
    names = [wording.printable(f"{m.file}, {wording.configuration(m)}") for m in measurements]
    axes.set_yticks(range(len(names)), names, fontsize=8, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right"]].set_visible(False)


def _figure(height: float) -> Any:
    return require("matplotlib.figure", "plot").Figure(
        figsize=(_WIDTH, math.ceil(10 * height) / 10), dpi=110, layout="constrained"
    )
