"""The terminal: everything is there, whatever its width, and names can do nothing to it."""

from io import StringIO

import pytest
from rich.console import Console

from larq_bvit.bench.report import to_terminal
from larq_bvit.bench.report.comparison import comparison_notes
from larq_bvit.bench.report.rows import time_cells
from tests.bench.report import sample


def printed(results, width=160, **options):
    screen = Console(file=StringIO(), width=width, **options)
    for part in to_terminal(results):
        screen.print(part)
    return screen.file.getvalue()


def test_a_line_per_measurement_where_there_is_room():
    results = sample.results()
    lines = [" ".join(line.split()) for line in printed(results, 260).splitlines()]
    for measurement in results.measurements:
        assert " ".join(filter(None, time_cells(results, measurement))) in lines


@pytest.mark.parametrize("width", [60, 80, 144])
def test_nothing_is_cut_where_there_is_none(width):
    results = sample.single("a" * 50)
    text = printed(results, width)
    assert "\u2026" not in text
    letters = "".join(text.split())
    for cell in time_cells(results, results.measurements[0])[2:]:
        for part in cell.split():
            assert part in letters or len(part) > 8
    assert text.count("a" * 6) >= 4  # folded, in both tables


@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_ratio_is_folded_where_names_can_be(width):
    results = sample.results()
    text = printed(results, width)
    for measurement in results.measurements:
        assert all(cell in text for cell in time_cells(results, measurement)[3:])
    assert all(note in " ".join(text.split()) for note in comparison_notes(results, "local"))


def test_errors_and_warnings_are_told_in_full_below():
    results = sample.results()
    lines = printed(results, 260).splitlines()
    failure = results.measurements[-1]
    assert f"{failure}: {failure.error}" in lines
    assert lines.index(f"{failure}: {failure.error}") > max(
        i for i, line in enumerate(lines) if "lce:xnnpack" in line and "failed" in line
    )
    assert f"warning: {results.warnings[0]}" in lines


def test_shares_of_the_time_by_kind():
    results = sample.single()
    profile = results.measurements[0].profile
    whole = sum(row.milliseconds for row in profile)
    binary = sum(row.milliseconds for row in profile if row.kind == "binary product")
    line = next(
        x for x in printed(results).split("share of the time")[1].splitlines() if "lce" in x
    )
    assert line.split()[:5] == [
        "binaryvit_nano",
        "lce",
        "1",
        f"{whole:.3f}",
        f"{binary / whole:.1%}",
    ]


def test_none_that_worked_has_no_profile_and_no_comparison():
    text = printed(sample.none_worked())
    assert "share of the time" not in text
    assert "against" not in text.lower()
    assert text.count("expected an aarch64 program") == len(sample.results().measurements)


def test_notes_are_below_the_times_with_those_that_they_belong_to():
    lines = printed(sample.results()).splitlines()
    phone = lines.index("adb:0A1B2C3D")
    note = lines.index("note: cores 4 to 7 were at 2.9 GHz (all)")
    assert note > phone
    mean = next(i for i, line in enumerate(lines) if line.startswith("mean: of each round"))
    few = next(i for i, line in enumerate(lines) if line.startswith("min and max: the smallest"))
    assert phone < mean < note < lines.index("ssh:board.local") < few
    times = [line for line in lines[phone:note] if "0.780" in line]
    assert len(times) == 1 and "mean 0.780" in times[0]


def test_names_are_no_markup_and_move_no_cursor():
    text = printed(sample.single("[red]x[/red]\x1b[2J"), force_terminal=True)
    assert "[red]x[/red]\ufffd[2J" in text
    assert "\x1b[2J" not in text
