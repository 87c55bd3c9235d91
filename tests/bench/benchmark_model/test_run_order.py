"""The profiler's order of rows, undone."""

import pytest

from larq_bvit.bench.benchmark_model.profile_table import Row
from larq_bvit.bench.benchmark_model.run_order import in_run_order


def printed(rows, holder, inside):
    """As the profiler prints rows: by "rows minus the event's place" as text, the largest first."""
    count = len(rows)
    places = [place + (inside if place > holder else 0) for place in range(count)]
    keys = [str(count - place).rjust(20) for place in places]
    pairs = sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0], reverse=True)
    return [row for _, row in pairs]


def model(count, holder, operator):
    """A loop's node has its number in turn, a delegate's one behind all others."""
    numbers = list(range(count))
    if operator != "WHILE":
        numbers[holder] = count
    return [
        Row(operator if i == holder else "ADD", f"[t{i}]:{number}", 1.0)
        for i, number in enumerate(numbers)
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 9, 12, 30, 105])
@pytest.mark.parametrize("inside", [0, 1, 4, 19, 150])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 1.0])
def test_a_loop(count, inside, place):
    rows = model(count, round(place * (count - 1)), "WHILE")
    assert in_run_order(printed(rows, round(place * (count - 1)), inside), inside) == rows


@pytest.mark.parametrize("count", [2, 3, 9, 12, 30])
@pytest.mark.parametrize("inside", [0, 1, 4, 19, 150])
def test_a_delegate(count, inside):
    """Its own number says nothing of its place, all others are in order."""
    for holder in range(count):
        rows = model(count, holder, "TfLiteXNNPackDelegate")
        shown = printed(rows, holder, inside)
        got = in_run_order(shown, inside)
        assert printed(got, got.index(rows[holder]), inside) == shown
        others = [row for row in got if row.operator == "ADD"]
        assert others == [row for row in rows if row.operator == "ADD"]


def test_the_sort_is_what_it_undoes():
    rows = model(12, 2, "WHILE")
    names = [row.name for row in printed(rows, 2, 15)]
    assert names != [row.name for row in rows] and names[0] == "[t11]:11"


def test_starts_where_they_are_told():
    rows = [Row("ADD", f"[t]:{i}", 1.0, start=start) for i, start in enumerate([3.0, 0.5, 1.0])]
    assert [row.start for row in in_run_order(rows, 7)] == [0.5, 1.0, 3.0]


def test_several_delegates_keep_the_printed_order():
    rows = [Row(f"{i}Delegate", f"[t]:{9 - i}", 1.0) for i in range(3)]
    assert in_run_order(rows, 5) == rows


def test_none():
    assert in_run_order([], 3) == []
