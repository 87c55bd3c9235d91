"""Times of operators, from what TensorFlow Lite's profiler prints or writes, of all versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from larq_bvit.bench.benchmark_model.lines import clean_lines
from larq_bvit.bench.benchmark_model.operator_kind import is_delegate, operator_kind
from larq_bvit.bench.benchmark_model.profile_sections import Section, sections
from larq_bvit.bench.benchmark_model.profile_table import Row
from larq_bvit.bench.benchmark_model.run_order import in_run_order
from larq_bvit.bench.results import OpTime

_RUN_AGAIN = "was it cut or mixed with another program's output? Run it again"
_INSIDE = "Delegate/"  # before names of what runs inside of a delegate
_REST = "the rest of it"
_LITERT_NAME = re.compile(r"\[(?:Builtin|Delegate)\]:\d+")


def parse_op_profile(text: str) -> tuple[OpTime, ...]:
    """The operators of one inference, in the order in which they run.

    Reads the text tables in a program's output and the CSV in its file, of programs since 2018.
    What a delegate tells of its inside stands in the place of the delegate's own row, which keeps
    the rest of its time; loops and branches are one row each.

    Arguments:
        text: the output, or the file.

    Raises:
        ValueError: there is no profile of runs in it, or it is cut or garbled.
    """
    found = sections(clean_lines(text))
    runs = [section for section in found if not section.initialization]
    main = next((section for section in runs if not section.graph), None)
    if main is None:
        raise ValueError(
            "expected times of operators of the runs, below 'Run Order'; got "
            + ("only those of the initialisation: " + _RUN_AGAIN if found else "no profile at all")
        )
    for section in runs:
        _check(section)
    inside = [row for section in runs if section.graph == "delegate" for row in _timed(section)]
    rows = _timed(main)
    if len(runs) > 1:
        others = [row for section in runs if section is not main for row in section.rows]
        rows = in_run_order(rows, sum(row.calls for row in others))
    inside += [row for row in rows if _is_inside(row)]
    return tuple(map(_op_time, _opened([row for row in rows if not _is_inside(row)], inside)))


def _check(section: Section) -> None:
    """Against the number of nodes, which stands below the table."""
    came = len(section.rows)
    if section.nodes == came and came:
        return
    strange = f"; the first line that is no row is {section.strange!r}" if section.strange else ""
    if section.nodes is None:
        if came and all(row.share is None for row in section.rows) and not section.strange:
            return  # the oldest tables tell neither shares nor a number of nodes
        raise ValueError(
            f"expected 'Number of nodes executed' below the profile; it ends after {came} "
            f"operator(s){strange}: {_RUN_AGAIN}"
        )
    raise ValueError(
        f"expected a row for each of {section.nodes} operators in the profile; got {came}"
        f"{strange}: {_RUN_AGAIN}"
    )


def _timed(section: Section) -> list[Row]:
    """Rows whose `ms` is that of one inference."""
    if all(_LITERT_NAME.fullmatch(row.name) for row in section.rows):
        # LiteRT counts the calls of all runs
        runs = min(row.calls for row in section.rows) or 1
        return [replace(row, ms=row.ms * row.calls / runs) for row in section.rows]
    whole = section.milliseconds
    return [
        # shares are finer than the milliseconds, and right where a row is not run every time
        replace(row, ms=row.share * whole)
        if whole and row.share is not None
        else replace(row, ms=row.ms * row.calls)
        for row in section.rows
    ]


def _is_inside(row: Row) -> bool:
    return row.name.startswith((_INSIDE, "[Delegate]:"))


def _opened(rows: Sequence[Row], inside: Sequence[Row]) -> list[Row]:
    """Rows with those inside of a delegate in its place; of several delegates, at the first."""
    delegates = [row for row in rows if is_delegate(row.operator)]
    whole = sum(row.ms for row in delegates)
    if not inside or not whole:
        return list(rows)
    left = max(0.0, whole - sum(row.ms for row in inside)) / whole
    opened: list[Row] = []
    for row in rows:
        if not is_delegate(row.operator):
            opened.append(row)
            continue
        if row is delegates[0]:
            opened += inside
        if left:
            opened.append(replace(row, ms=row.ms * left, name=_REST))
    return opened


def _op_time(row: Row) -> OpTime:
    operator = row.operator
    tensors, _, node = row.name.rpartition(":")
    if _is_inside(row):  # the row's operator is then a word for all of them
        inside = (operator if row.name[0] == "[" else tensors).removeprefix(_INSIDE)
        return OpTime(inside, operator_kind(inside), row.ms)
    if not tensors or not node.isdigit():
        tensors, node = row.name, ""  # of 2019
    name = tensors.removeprefix("[").removesuffix("]")
    if name in ("", "Builtin") and node:
        name = f"node {node}"
    operator = operator.split("/")[0]  # some kernels add what they compute
    return OpTime(name, operator_kind(operator), row.ms, operator)
