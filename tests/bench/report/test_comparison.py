"""How many times as fast, in headings, cells, sentences and notes."""

from dataclasses import replace

from larq_bvit.bench.report.baseline import timed
from larq_bvit.bench.report.comparison import (
    comparison_cells,
    comparison_columns,
    comparison_notes,
    comparison_words,
)
from larq_bvit.bench.timing import Timing
from tests.bench.report import sample
from tests.bench.report.test_baseline import of


def test_a_column_per_baseline_and_one_of_the_same_file():
    assert comparison_columns(sample.results(), "local") == (
        "against LCE, same file",
        "against deit_small:int8",
        "against resnet_18:float32",
        "against reactnet_18",
    )


def test_cells():
    results = sample.results()

    def cells(*which):
        return comparison_cells(results, of(results, *which))

    assert cells("binaryvit_small", "delegate:avx2") == (
        "3.23 (3.18 to 3.29)",
        "5.92 (5.81 to 5.99)",
        "4.61 (4.52 to 4.68)",
        "0.798 (0.786 to 0.814)",
    )
    assert cells("binaryvit_nano", "lce") == ("reference", *["other input"] * 3)
    assert cells("deit_small:int8", "xnnpack")[:2] == ("", "baseline")
    # the slower runtime of a baseline is compared with its fastest
    assert cells("reactnet_18", "lce")[3] == "0.309 (0.304 to 0.315)"
    assert cells("reactnet_18", "delegate:avx2")[3] == "baseline"
    board = cells("binaryvit_small", "delegate:neon_dot", 2, "ssh:board.local")
    assert board[0] == "2.37 (min 2.37, max 2.43)"
    assert comparison_cells(results, results.measurements[-1]) == ("",) * 4


def test_sentences_say_runtime_and_ends():
    results = sample.results()
    assert comparison_words(results, of(results, "binaryvit_small", "delegate:avx2"))[:2] == [
        ("3.23 times as fast as the same file in lce", "(3.18 to 3.29)"),
        ("5.92 times as fast as deit_small:int8 in xnnpack", "(5.81 to 5.99)"),
    ]
    # of another size of input there is none
    assert len(comparison_words(results, of(results, "binaryvit_nano", "delegate:avx2"))) == 1
    assert comparison_words(results, of(results, "binaryvit_nano", "lce")) == []
    slower = comparison_words(results, of(results, "reactnet_18", "lce"))
    assert slower[-1][0] == "0.309 times as fast as the same file in delegate:avx2"


def test_notes():
    results = sample.results()
    assert comparison_notes(results, "local") == [
        '"Against" says how many times as fast, by as many threads: the same file in lce; '
        "deit_small:int8 in xnnpack; resnet_18:float32 in xnnpack; reactnet_18 in delegate:avx2.",
        "other input: it takes inputs of another size than the baseline, so that a ratio would "
        "mean nothing.",
    ]
    small = tuple(m for m in results.measurements if m.file != "binaryvit_nano")
    assert len(comparison_notes(replace(results, measurements=small), "local")) == 1
    assert comparison_notes(sample.single(), "local") == []
    assert comparison_notes(sample.none_worked(), "local") == []


def test_several_references_are_named():
    results = sample.results()
    first = of(results, "deit_small:int8", "xnnpack")
    faster = replace(first, runtime="delegate", steady=Timing.of([0.001] * 20))
    results = replace(results, measurements=(*results.measurements, faster))
    assert comparison_columns(results, "local")[0] == "against LCE or XNNPACK, same file"
    assert (
        "the same file in lce (binaryvit_nano, binaryvit_small, reactnet_18) and "
        "xnnpack (deit_small:int8); deit_small:int8 in delegate or xnnpack;"
    ) in comparison_notes(results, "local")[0]


def test_a_baseline_without_times_is_named():
    results = sample.results()

    def without(*which):
        left = [m for m in results.measurements if (m.file, m.threads) not in which]
        return comparison_notes(replace(results, measurements=tuple(left)), "local")

    name = "deit_small:int8"
    assert without((name, 1), (name, 2))[-1] == (
        "deit_small:int8 has no times here: nothing is compared with it."
    )
    assert without((name, 2))[-1] == (
        "deit_small:int8 has no times here with 2 threads: nothing is compared with it."
    )


def test_without_baselines_no_other_model_is_compared_with():
    results = replace(sample.results(), baselines=())
    for place in results.places:
        assert comparison_columns(results, place.name) == ("against LCE, same file",)
    for m in timed(results):
        assert all("the same file" in words for words, _ in comparison_words(results, m))
