"""Times in the terminal: a table, or as many as its width needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from larq_bvit.bench.report.rows import MORE, NAMES, WORDS, time_cells, time_columns
from larq_bvit.bench.report.terminal import table, text
from larq_bvit.bench.results import Results

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_GAP = 2  # characters between columns
_NAMES = 0.35  # of the width: names are folded to that before numbers have a new table
_LEAST = 20  # characters that folded names need in any case


@dataclass(frozen=True)
class TimeTables:
    """A row per measurement of a place; every table has the names, and each column is in one."""

    results: Results
    place: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Called by rich, which knows the width."""
        headings = list(map(_in_lines, time_columns(self.results, self.place)))
        here = (m for m in self.results.measurements if m.place == self.place)
        rows = [time_cells(self.results, m) for m in here]
        widths = [_width(column) for column in zip(headings, *rows, strict=True)]
        later = len(headings) - len(MORE)
        for i, columns in enumerate(packed(widths, len(NAMES), later, options.max_width)):
            if i:
                yield ""
            others = range(len(NAMES), len(columns))
            taken = sum(widths[column] for column in columns[len(NAMES) :])
            fit = taken + _LEAST <= options.max_width
            drawn = table("", [headings[c] for c in columns], WORDS, others if fit else ())
            for cells in rows:
                drawn.add_row(*(text(cells[c]) for c in columns))
            yield drawn


def packed(widths: Sequence[int], names: int, later: int, width: int) -> list[list[int]]:
    """Columns of each table: the names and as many others as fit; at least one.

    Arguments:
        widths: of all columns, in characters.
        names: so many columns, the first ones, are in every table; they may be folded.
        later: this column begins a table where there are several.
        width: of the terminal.
    """
    room = width - min(sum(widths[:names]), int(_NAMES * width))
    if sum(widths[names:]) <= room:
        return [list(range(len(widths)))]
    groups: list[list[int]] = []
    left = 0
    for column in range(names, len(widths)):
        if widths[column] > left or column in (names, later):
            groups.append(list(range(names)))
            left = room
        groups[-1].append(column)
        left -= widths[column]
    return groups


def _width(cells: Sequence[str]) -> int:
    """Characters that a column needs."""
    from rich.cells import cell_len

    return _GAP + max(cell_len(line) for cell in cells for line in cell.split("\n"))


def _in_lines(heading: str) -> str:
    """A heading that is no wider than it must be."""
    return heading.replace(" (", "\n(").replace("against ", "against\n").replace(", ", ",\n")
