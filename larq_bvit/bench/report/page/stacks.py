"""Where the time of each measurement goes, as bars cut into kinds of operators."""

from __future__ import annotations

from larq_bvit.bench.report import wording
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
from larq_bvit.bench.report.page.classes import kind_class, on_light
from larq_bvit.bench.report.page.markup import Markup, join, tag
from larq_bvit.bench.report.palette import folded
from larq_bvit.bench.results import Measurement

_BAR = 18.0
_LINE = 15.0
_GAP = 7.0


def profile_stacks(
    name: str, title: str, measurements: list[Measurement], colours: dict[str, str]
) -> Markup:
    """The chart: a bar per measurement, all as wide, since it is of shares.

    Arguments:
        name: unique on the page.
        title: of the chart.
        measurements: at least one, each with a profile.
        colours: {kind: its colour}.
    """
    rows: list[Markup] = []
    y = 0.0
    for file in dict.fromkeys(m.file for m in measurements):
        for line in wrapped(file, WIDTH, 13):
            y += 17
            rows.append(label(0, y, line, 13, class_="strong"))
        y += 2
        for measurement in (m for m in measurements if m.file == file):
            y, row = _row(y, measurement, colours)
            rows.append(row)
        y += _GAP
    described = "A bar per measurement, cut into kinds of operators by their share of the time."
    return chart(name, title, described, y, *rows)


def _row(y: float, measurement: Measurement, colours: dict[str, str]) -> tuple[float, Markup]:
    kinds = folded(measurement.profile, colours)
    whole = sum(kinds.values())
    words, number = wording.configuration(measurement), f"{wording.number(whole)} ms"
    lines = wrapped(words, WIDTH - text_width(number) - 8)
    parts = [label(0, y + _LINE * (i + 1), line) for i, line in enumerate(lines)]
    y += _LINE * len(lines)
    parts.append(label(WIDTH, y, number, SIZE, text_anchor="end", class_="number"))
    x = 0.0
    for kind, ms in kinds.items():
        width = WIDTH * ms / whole
        words = f"{kind}: {wording.number(ms)} ms, {wording.share(ms, whole)}"
        parts.append(tip(words, _part(x, y + 4, width, wording.share(ms, whole), colours[kind])))
        x += width
    return y + 4 + _BAR + 4, join(*parts)


def _part(x: float, top: float, width: float, words: str, colour: str) -> Markup:
    """A piece of the bar, with its share where that has room."""
    piece = tag(
        "rect",
        x=x,
        y=top,
        width=max(width - 1, 0.5),
        height=_BAR,
        class_=kind_class(colour),
    )
    if text_width(words, SMALL) > width - 4:
        return piece
    style = {"text_anchor": "middle", "class_": "on-light" if on_light(colour) else "on-dark"}
    return join(piece, label(x + width / 2 - 0.5, top + 13, words, SMALL, **style))
