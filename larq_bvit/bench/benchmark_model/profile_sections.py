"""What the profiler prints, section by section: of initialisation, of each graph, of delegates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from larq_bvit.bench.benchmark_model.lines import NUMBER
from larq_bvit.bench.benchmark_model.profile_table import Row, Table, is_head
from larq_bvit.bench.benchmark_model.statistics import statistics

_TITLE = re.compile(r"={5,} (.*?) ={5,}")
_NODES = re.compile(r"Number of nodes executed: (\d+)")
_OBSERVED = re.compile(r"\d+ nodes observed")
_SUBGRAPH = re.compile(rf"Subgraph \(index: {NUMBER}.*\) profile:")


@dataclass
class Section:
    """The rows of one graph, in the order in which they are printed.

    Attributes:
        initialization: what happens once, before the runs.
        graph: "" for the model's own; "subgraph" for bodies of loops and branches; "delegate" for
            what runs inside of a delegate.
        rows: of the table "Run Order".
        nodes: how many rows there should be; None where the text ends before it tells.
        milliseconds: of one inference; None where the text ends before it tells.
        strange: the first line in the table that is none of its rows, or empty.
    """

    initialization: bool
    graph: str
    rows: list[Row] = field(default_factory=list)
    nodes: int | None = None
    milliseconds: float | None = None
    strange: str = ""


def sections(lines: Iterable[str]) -> list[Section]:
    """All sections with a table of operators in the order in which they run.

    Raises:
        ValueError: a table is of an unknown version.
    """
    found: list[Section] = []
    initialization, graph = False, ""
    table: Table | None = None
    in_order = True  # the oldest tables have no title
    for line in lines:
        if title := _TITLE.search(line):
            in_order, table = title[1] == "Run Order", None
        elif is_head(line):
            if in_order:
                table = Table(line)
                found.append(Section(initialization, graph))
        elif table is not None and (row := table.row(line)):
            found[-1].rows.append(row)
        elif "Profiling Info for Benchmark Initialization" in line:
            initialization, graph, table = True, "", None
        elif "Profiling Info for Regular Benchmark Runs" in line:
            initialization, graph, table = False, "", None
        elif "Delegate internal:" in line:
            graph, table = "delegate", None
        elif _SUBGRAPH.search(line):
            graph, table = "subgraph", None
        elif "Primary graph" in line and "profile:" in line:
            graph, table = "", None
        elif found:
            _end(line, found[-1], table)
    return found


def _end(line: str, section: Section, table: Table | None) -> None:
    """What stands below a section's tables."""
    if match := _NODES.search(line):
        section.nodes = int(match[1])
    elif "Timings (microseconds):" in line:
        section.milliseconds = _milliseconds(line)
    elif table is not None and not section.strange and not _OBSERVED.search(line):
        section.strange = line.strip()


def _milliseconds(line: str) -> float | None:
    try:
        known = statistics(line)
    except ValueError:  # LiteRT has other numbers there; rows tell their times themselves, too
        return None
    return known.mean / 1e3 if known else None
