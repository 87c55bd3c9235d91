"""Cells of a measurement, and what their marks mean."""

from dataclasses import replace

from larq_bvit.bench.report.rows import cost_cells, sample_notes, time_cells, time_columns
from larq_bvit.bench.timing import Timing
from tests.bench.report import sample
from tests.bench.report.test_baseline import of

MEAN = (
    "mean: of each round only the mean of its inferences is known, not their median; a slow "
    "inference weighs more in it. Ratios take it as it is."
)
ENDS = (
    "min and max: the smallest and the largest of fewer than 5 rounds, which make no 95% interval."
)


def cells_of(results, measurement):
    columns = time_columns(results, measurement.place)
    return dict(zip(columns, time_cells(results, measurement), strict=True))


def test_cells():
    results = sample.results()
    assert cells_of(results, of(results, "binaryvit_nano", "delegate:avx2", 2)) == {
        "file": "binaryvit_nano",
        "runtime": "delegate:avx2",
        "threads": "2",
        "median ms (95% interval)": "0.0733 (0.0725 to 0.0734)",
        "against LCE, same file": "3.23 (3.18 to 3.28)",
        "against deit_small:int8": "other input",
        "against resnet_18:float32": "other input",
        "against reactnet_18": "other input",
        "top-1": "62.44%",
        "init ms": "4.98",
        "first ms": "0.160",
        "peak memory": "5.69 MiB",
        "file size": "488 KiB",
    }


def test_means_and_few_rounds_are_marked():
    results = sample.results()
    median = "median ms (95% interval)"
    phone = of(results, "binaryvit_nano", "lce", 1, "adb:0A1B2C3D")
    assert cells_of(results, phone)[median] == "mean 0.780 (0.775 to 0.790)"
    board = of(results, "binaryvit_nano", "lce", 1, "ssh:board.local")
    assert cells_of(results, board)[median] == "1.35 (min 1.34, max 1.35)"
    assert cost_cells(results, phone)[3] == "mean 0.780 (0.775 to 0.790)"
    assert sample_notes([phone]) == [MEAN]
    assert sample_notes([board]) == [ENDS]
    assert sample_notes([replace(board, sample="mean")]) == [MEAN, ENDS]
    assert sample_notes([of(results, "binaryvit_nano", "lce")]) == []


def test_one_round_has_no_ends_to_speak_of():
    one = replace(sample.single().measurements[0], steady=Timing.of([0.001]))
    assert sample_notes([one]) == []
    failure = replace(one, sample="mean", steady=None, error="gone")
    assert sample_notes([failure]) == []


def test_cells_of_a_failed_one():
    results = sample.results()
    cells = time_cells(results, results.measurements[-1])
    assert cells[3:] == ("failed", *[""] * 4, "62.44%", "", "", "", "488 KiB")


def test_unknown_values_are_empty():
    results = sample.single()
    bare = replace(results.measurements[0], init=None, first=None, peak_memory=None, profile=())
    assert time_cells(replace(results, measurements=(bare,)), bare)[5:8] == ("", "", "")
