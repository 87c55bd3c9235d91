"""The operators of a measurement, slowest first, as many as the page has room for."""

from __future__ import annotations

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.page.blocks import folded_up
from larq_bvit.bench.report.page.markup import Markup, join, tag, text
from larq_bvit.bench.results import Measurement, OpTime

_LONGEST = 160  # characters of a name; the middle of longer ones is left out


def operator_list(measurement: Measurement, room: int) -> Markup:
    """A list to unfold; nothing without a profile.

    Arguments:
        measurement: with or without a profile.
        room: bytes that the rows may take; what has none is told as a sum.
    """
    if not measurement.profile:
        return Markup()
    rows = sorted(measurement.profile, key=lambda row: -row.milliseconds)
    whole = sum(max(0.0, row.milliseconds) for row in rows)
    lines: list[Markup] = []
    for row in rows:
        line = _row(row, whole)
        room -= len(line.encode())
        if room < 0:
            break
        lines.append(line)
    if len(lines) < len(rows):
        lines.append(_rest(rows[len(lines) :], whole))
    headings = [tag("th", "Operator"), *(tag("th", h, class_="n") for h in ("ms", "Share"))]
    head, body = tag("thead", tag("tr", *headings)), tag("tbody", *lines)
    table = tag("table", head, body, class_="operators")
    return folded_up(f"{len(rows):,} operators by their time", table)


def _row(row: OpTime, whole: float) -> Markup:
    kind = row.kind if not row.operator else f"{row.kind}, {row.operator}"
    name = join(_breakable(_shortened(row.name)), tag("small", kind)) if row.name else kind
    ms = row.milliseconds
    return tag(
        "tr",
        tag("td", name),
        tag("td", wording.number(ms), class_="n"),
        tag("td", wording.share(ms, whole), class_="n"),
    )


def _breakable(path: str) -> Markup:
    """A path that is broken after its slashes before anywhere else."""
    return Markup(text(path).replace("/", "/<wbr>"))


def _rest(rows: list[OpTime], whole: float) -> Markup:
    ms = sum(row.milliseconds for row in rows)
    return tag(
        "tr",
        tag("td", f"{len(rows):,} others together, all of them in the JSON of these results"),
        tag("td", wording.number(ms), class_="n"),
        tag("td", wording.share(ms, whole), class_="n"),
    )


def _shortened(name: str) -> str:
    half = _LONGEST // 2
    return name if len(name) <= _LONGEST else f"{name[:half]} \u2026 {name[-half:]}"
