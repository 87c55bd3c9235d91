"""A machine: what it is, how fast each file ran on it, and where the time went."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import failed, timed
from larq_bvit.bench.report.comparison import comparison_columns, comparison_notes
from larq_bvit.bench.report.page.bars import latency_bars
from larq_bvit.bench.report.page.blocks import command, facts, figure, folded_up, legend, table
from larq_bvit.bench.report.page.classes import kind_class
from larq_bvit.bench.report.page.markup import Markup, tag
from larq_bvit.bench.report.page.measurement import measurement_block
from larq_bvit.bench.report.page.stacks import profile_stacks
from larq_bvit.bench.report.palette import kind_colours
from larq_bvit.bench.report.rows import (
    FAILED,
    MEDIAN,
    MORE,
    NAMES,
    WORDS,
    cost_cells,
    sample_notes,
    speed_cells,
)
from larq_bvit.bench.results import Measurement, Place, Results

_BYTES, _CLOCK = "memory", "mhz"  # facts that need a unit


def place_section(results: Results, place: Place, name: str, room: int) -> Markup:
    """The section.

    Arguments:
        results: of a benchmark.
        place: one of its machines.
        name: unique on the page.
        room: bytes for the operators of a measurement.
    """
    here = [m for m in results.measurements if m.place == place.name]
    ran = timed(results, place.name)
    parts = [tag("h2", place.name), tag("p", place.about)]
    if place.facts:
        known = ((key.replace("_", " "), fact(key, value)) for key, value in place.facts.items())
        parts.append(folded_up("All that is known of this machine", facts(known)))
    if ran:
        charts = _bars(results, place, name, ran), _profile(results, place, name, ran)
        parts.append(tag("div", *charts, class_="grid"))
        parts += [*_table(results, place, here), *_comparison(results, place, ran)]
        parts.append(tag("h3", f"Every measurement on {place.name}"))
        parts += [measurement_block(f"{name}-{i}", m, room) for i, m in enumerate(ran)]
    return tag("section", *parts, *_failures(results, place, name), id=name)


def fact(key: str, value: Any) -> str:
    """A value of `Place.facts` in words."""
    if value is None:
        return "not told"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {fact(name, inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(fact("", item) for item in value) or "none"
    if isinstance(value, (int, float)) and key == _BYTES:
        return wording.size(value)
    if isinstance(value, (int, float)) and key == _CLOCK:
        return f"{value:,.0f} MHz"
    return str(value)


def _bars(results: Results, place: Place, name: str, ran: list[Measurement]) -> Markup:
    title = f"Time of an inference on {place.name}"
    drawn, logarithmic = latency_bars(results, place.name, f"{name}-bars", title)
    scale = " The scale is logarithmic: compare numbers, not lengths." if logarithmic else ""
    return figure(
        title,
        f"Shown is the {wording.median_of(ran)}; shorter is better.{scale}",
        drawn,
        command(results.command),
    )


def _table(results: Results, place: Place, here: list[Measurement]) -> list[Markup]:
    rows = [cost_cells(results, m) for m in here]
    return [
        tag("h3", f"Times, memory and size on {place.name}"),
        table(_capitals((*NAMES, MEDIAN, *MORE)), rows, WORDS),
        *_notes(sample_notes(here)),
        command(results.command),
    ]


def _comparison(results: Results, place: Place, ran: list[Measurement]) -> list[Markup]:
    """A table of its own, since there may be many baselines; nothing where there is none."""
    columns, notes = comparison_columns(results, place.name), comparison_notes(results, place.name)
    if not columns:
        return _notes(notes)
    rows = [speed_cells(results, m) for m in ran]
    return [
        tag("h3", f"How many times as fast on {place.name}"),
        table(_capitals((*NAMES, MEDIAN, *columns)), rows, WORDS),
        *_notes([*notes, *sample_notes(ran)]),
        command(results.command),
    ]


def _notes(lines: Iterable[str]) -> list[Markup]:
    return [tag("p", line, class_="note") for line in lines]


def _profile(results: Results, place: Place, name: str, ran: list[Measurement]) -> Markup:
    profiled = [m for m in ran if m.profile]
    if not profiled:
        return Markup()
    title = f"Where the time goes on {place.name}"
    colours = kind_colours(m.profile for m in profiled)
    return figure(
        title,
        "Shares of the kinds of operators, by the runtimes' own profilers. Profiling takes time "
        "itself, so that sums may differ from the medians.",
        legend((kind_class(colour), kind) for kind, colour in colours.items()),
        profile_stacks(f"{name}-profile", title, profiled, colours),
        command(results.command),
    )


def _failures(results: Results, place: Place, name: str) -> list[Markup]:
    measurements = failed(results, place.name)
    if not measurements:
        return []
    blocks = [
        tag(
            "div",
            tag("b", f"{m.file}, {wording.configuration(m)}"),
            tag("pre", m.error or "no times came back"),
            *_notes(m.notes),
            command(m.command),
            class_="failure",
        )
        for m in measurements
    ]
    return [tag("h3", f"What failed on {place.name}", id=f"{name}-{FAILED}"), *blocks]


def _capitals(headings: Iterable[str]) -> list[str]:
    return [heading[:1].upper() + heading[1:] for heading in headings]
