"""Results in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from larq_bvit.bench.report import wording
from larq_bvit.bench.report.baseline import failed, timed
from larq_bvit.bench.report.palette import folded, kind_colours
from larq_bvit.bench.report.rows import COLUMNS, WORDS, comparison_note, time_cells
from larq_bvit.bench.results import Measurement, Place, Results

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table

_WIDE = 145  # characters that all columns need beside each other
_LATER = tuple(COLUMNS.index(name) for name in ("init ms", "first ms", "peak memory", "file size"))
_NAMES = tuple(range(WORDS + 1))  # file, runtime, threads


def to_terminal(results: Results) -> list[RenderableType]:
    """What rich prints: per place its times, its profiles and what failed; then warnings.

    No text is cut, however narrow the terminal: cells are folded, and below 145 characters there
    are two tables of times.
    """
    parts: list[RenderableType] = []
    for place in results.places:
        parts += _of_place(results, place)
    return parts + [_text(f"warning: {line}", "yellow") for line in results.warnings]


@dataclass(frozen=True)
class TimeTables:
    """Times of a place, in one table or, where that has no room, in two."""

    results: Results
    place: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Called by rich, which knows the width."""
        if options.max_width >= _WIDE:
            yield time_table(self.results, self.place)
            return
        yield time_table(self.results, self.place, set(range(len(COLUMNS))) - set(_LATER))
        yield ""
        yield time_table(self.results, self.place, (*_NAMES, *_LATER))


def time_table(results: Results, place: str, columns: Iterable[int] = range(len(COLUMNS))) -> Table:
    """A row per measurement of this place; "failed" instead of times where it has none.

    Arguments:
        results: of a benchmark.
        place: name of the machine.
        columns: places in `rows.COLUMNS`.
    """
    chosen = sorted(columns)
    table = _table("", tuple(COLUMNS[i] for i in chosen))
    for measurement in results.measurements:
        if measurement.place == place:
            cells = time_cells(results, measurement)
            table.add_row(*(_text(cells[i]) for i in chosen))
    return table


def profile_table(measurements: list[Measurement]) -> Table | None:
    """Where the time goes: a row per measurement, a column per kind of operator, in shares.

    None where nothing was profiled.
    """
    profiled = [m for m in measurements if m.profile]
    if not profiled:
        return None
    colours = kind_colours(m.profile for m in profiled)
    table = _table("share of the time by kind of operator", (*COLUMNS[: WORDS + 1], "ms", *colours))
    for measurement in profiled:
        kinds = folded(measurement.profile, colours)
        whole = sum(kinds.values())
        shares = [wording.share(kinds.get(kind, 0), whole) for kind in colours]
        names = measurement.file, measurement.runtime, str(measurement.threads)
        table.add_row(*map(_text, (*names, wording.number(whole), *shares)))
    return table


def _of_place(results: Results, place: Place) -> list[RenderableType]:
    parts: list[RenderableType] = [_text(place.name, "bold"), _text(place.about)]
    parts.append(TimeTables(results, place.name))
    note = comparison_note(results, place.name)
    if note:
        parts.append(_text(note, "dim"))
    parts += [_text(f"{m}: {m.error}", "red") for m in failed(results, place.name)]
    profile = profile_table(timed(results, place.name))
    if profile is not None:
        parts += ["", profile]
    return [*parts, ""]


def _table(title: str, headings: tuple[str, ...]) -> Table:
    """Words on the left, numbers on the right."""
    from rich.table import Table

    style = {"title_justify": "left", "title_style": "bold", "box": None}
    table = Table(title=title or None, pad_edge=False, **style)  # type: ignore[arg-type]
    for i, heading in enumerate(headings):
        side = "left" if i < WORDS else "right"
        table.add_column(_text(heading), justify=side, overflow="fold")  # type: ignore[arg-type]
    return table


def _text(text: str, style: str = "") -> RenderableType:
    """As it is: no markup of rich, and nothing that moves the terminal's cursor."""
    from rich.text import Text

    return Text(wording.printable(text), style=style)
