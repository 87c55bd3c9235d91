"""Results in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import failed, timed
from larq_bvit.bench.report.comparison import comparison_notes
from larq_bvit.bench.report.notes import distinct_notes
from larq_bvit.bench.report.palette import folded, kind_colours
from larq_bvit.bench.report.rows import NAMES, WORDS, sample_notes
from larq_bvit.bench.report.terminal import table, text
from larq_bvit.bench.report.time_tables import TimeTables
from larq_bvit.bench.results import Measurement, Place, Results

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def to_terminal(results: Results) -> list[RenderableType]:
    """What rich prints: per place its times, notes on them, what failed, profiles; then warnings.

    No text is cut, however narrow the terminal: columns that have no room beside others stand in a
    table of their own, and cells are folded.
    """
    parts: list[RenderableType] = []
    for place in results.places:
        parts += _of_place(results, place)
    return parts + [text(f"warning: {line}", "yellow") for line in results.warnings]


def profile_table(measurements: list[Measurement]) -> Table | None:
    """Where the time goes: a row per measurement, a column per kind of operator, in shares.

    None where nothing was profiled.
    """
    profiled = [m for m in measurements if m.profile]
    if not profiled:
        return None
    colours = kind_colours(m.profile for m in profiled)
    shares = table("share of the time by kind of operator", (*NAMES, "ms", *colours), WORDS)
    for measurement in profiled:
        kinds = folded(measurement.profile, colours)
        whole = sum(kinds.values())
        parts = [wording.share(kinds.get(kind, 0), whole) for kind in colours]
        names = measurement.file, measurement.runtime, str(measurement.threads)
        shares.add_row(*map(text, (*names, wording.number(whole), *parts)))
    return shares


def _of_place(results: Results, place: Place) -> list[RenderableType]:
    parts: list[RenderableType] = [text(place.name, "bold"), text(place.about)]
    parts.append(TimeTables(results, place.name))
    here = [m for m in results.measurements if m.place == place.name]
    notes = [*comparison_notes(results, place.name), *sample_notes(here), *distinct_notes(here)]
    parts += [text(note, "dim") for note in notes]
    parts += [text(f"{m}: {m.error}", "red") for m in failed(results, place.name)]
    profile = profile_table(timed(results, place.name))
    if profile is not None:
        parts += ["", profile]
    return [*parts, ""]
