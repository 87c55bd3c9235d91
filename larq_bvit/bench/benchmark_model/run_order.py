"""Rows of a profile as they run, where the profiler prints them in another order.

TensorFlow Lite's profiler sorts rows by "number of rows minus the event's place" *as text*. Loops
and what runs inside of a delegate are events, too, that have no row in the table; behind them the
difference is negative, and as text "-12" stands before "12", and that before "-2" and "2".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from larq_bvit.bench.benchmark_model.operator_kind import is_delegate
from larq_bvit.bench.benchmark_model.profile_table import Row

_NODE = re.compile(r":(\d+)$")
_WITH_BODIES = ("CALL", "CALL_ONCE", "IF", "WHILE")


def in_run_order(rows: Sequence[Row], inside: int) -> list[Row]:
    """By their start, where the table tells it; else by undoing the profiler's sort.

    That can be undone where one row holds all other events. Where it is in turn can be ambiguous:
    the order is taken in which the runtime's numbers of the nodes step down the least. With
    several such rows, as with a delegate in parts, the printed order stays.

    Arguments:
        rows: as printed.
        inside: number of events of an inference that are not among them.
    """
    if all(row.start is not None for row in rows):
        return sorted(rows, key=lambda row: row.start or 0.0)
    holders = [i for i, row in enumerate(rows) if _holds_others(row)]
    if len(holders) != 1:
        return list(rows)
    places = range(len(rows))
    orders = [order for place in places if (order := _unsorted(rows, holders[0], place, inside))]
    return min(orders, key=_steps_down, default=list(rows))


def _unsorted(rows: Sequence[Row], holder: int, place: int, inside: int) -> list[Row] | None:
    """The order before the sort if `rows[holder]` is the one at `place`; None if it can't be."""
    count = len(rows)
    keys = [f"{count - i - (inside if i > place else 0):>20}" for i in range(count)]
    printed = sorted(range(count), key=keys.__getitem__, reverse=True)
    if printed[holder] != place:
        return None
    return [row for _, row in sorted(zip(printed, rows, strict=True), key=lambda pair: pair[0])]


def _holds_others(row: Row) -> bool:
    return is_delegate(row.operator) or row.operator in _WITH_BODIES


def _steps_down(rows: Sequence[Row]) -> int:
    """Of the nodes' numbers; those of delegates are behind all others and say nothing."""
    nodes = [
        int(match[1])
        for row in rows
        if not is_delegate(row.operator) and (match := _NODE.search(row.name))
    ]
    return sum(after < before for before, after in zip(nodes, nodes[1:], strict=False))
