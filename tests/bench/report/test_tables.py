"""The terminal: everything is there, whatever its width, and names can do nothing to it."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from larq_bvit.bench.report import to_terminal
from larq_bvit.bench.report.rows import COLUMNS, comparison_note, time_cells
from tests.bench.report import sample


def printed(results, width=160, **options):
    screen = Console(file=StringIO(), width=width, **options)
    for part in to_terminal(results):
        screen.print(part)
    return screen.file.getvalue()


def test_cells():
    results = sample.results()
    ours = next(m for m in results.measurements if m.runtime == "delegate:avx2" and m.threads == 2)
    cells = dict(zip(COLUMNS, time_cells(results, ours), strict=True))
    assert cells == {
        "file": "binaryvit_nano",
        "runtime": "delegate:avx2",
        "threads": "2",
        "median ms (95% interval)": "0.0733 (0.0725 to 0.0734)",
        "times as fast": "3.23 (3.18 to 3.28)",
        "top-1": "62.44%",
        "init ms": "4.98",
        "first ms": "0.160",
        "peak memory": "5.69 MiB",
        "file size": "488 KiB",
    }


def test_cells_of_a_failed_one():
    results = sample.results()
    cells = time_cells(results, results.measurements[-1])
    assert cells[3:] == ("failed", "", "62.44%", "", "", "", "488 KiB")


def test_a_line_per_measurement_where_there_is_room():
    results = sample.results()
    lines = [" ".join(line.split()) for line in printed(results).splitlines()]
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


def test_errors_and_warnings_are_told_in_full_below():
    results = sample.results()
    lines = printed(results).splitlines()
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
    assert "Times as fast" not in text
    assert text.count("expected an aarch64 program") == len(sample.results().measurements)


def test_what_is_compared_with():
    assert comparison_note(sample.results(), "local") == (
        "Times as fast as binaryvit_nano in lce for inputs of 32 x 32 pixels and resnet_18:float32 "
        "in xnnpack for inputs of 224 x 224 pixels, by as many threads each."
    )
    assert comparison_note(sample.single(), "local") == ""


def test_names_are_no_markup_and_move_no_cursor():
    text = printed(sample.single("[red]x[/red]\x1b[2J"), force_terminal=True)
    assert "[red]x[/red]\ufffd[2J" in text
    assert "\x1b[2J" not in text


def test_unknown_values_are_empty():
    results = sample.single()
    bare = replace(results.measurements[0], init=None, first=None, peak_memory=None, profile=())
    results = replace(results, measurements=(bare,))
    assert time_cells(results, bare)[6:9] == ("", "", "")
