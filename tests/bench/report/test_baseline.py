"""What measurements are compared with, and by what interval."""

from dataclasses import replace

import pytest

from larq_bvit.bench.report.baseline import (
    SAME_FILE,
    Speed,
    alike,
    base_of,
    compared,
    failed,
    speed,
    timed,
)
from larq_bvit.bench.timing import Timing, speedup
from tests.bench.report import sample


def of(results, file, runtime, threads=1, place="local"):
    wanted = (place, file, runtime, threads)
    return next(
        m for m in results.measurements if (m.place, m.file, m.runtime, m.threads) == wanted
    )


def with_one(results, old, new):
    return replace(
        results, measurements=tuple(new if m is old else m for m in results.measurements)
    )


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("place", "runtime"), sample.FASTEST.items())
def test_a_baseline_is_the_fastest_of_the_named_file_there_by_as_many_threads(
    place, runtime, threads
):
    results = sample.results()
    ours = of(results, "binaryvit_small", "lce", threads, place)
    for name, its in (("deit_small:int8", "xnnpack"), ("reactnet_18", runtime)):
        assert base_of(results, ours, name) is of(results, name, its, threads, place)


def test_a_file_that_was_not_named_is_never_compared_with():
    results = replace(sample.results(), baselines=("deit_small:int8",))
    for m in timed(results):
        bases = [base_of(results, m, against) for against in compared(results, m.place)]
        assert {base.file for base in bases if base} <= {m.file, "deit_small:int8"}
    unnamed = replace(results, baselines=())
    assert compared(unnamed, "local") == [SAME_FILE]


def test_the_same_file_in_the_fastest_mode_of_lce():
    results = sample.results()
    slow = of(results, "binaryvit_small", "lce")
    fast = replace(
        slow, runtime="lce:indirect", steady=Timing.of([s / 2 for s in slow.steady.samples])
    )
    results = replace(results, measurements=(*results.measurements, fast))
    ours = of(results, "binaryvit_small", "delegate:avx2")
    for m in (ours, slow, fast):
        assert base_of(results, m, SAME_FILE) is fast
    other_threads = of(results, "binaryvit_small", "delegate:avx2", 2)
    assert base_of(results, other_threads, SAME_FILE) is of(results, "binaryvit_small", "lce", 2)


def test_the_same_file_without_lce_in_the_first_runtime():
    results = sample.results()
    first = of(results, "deit_small:int8", "xnnpack")
    assert base_of(results, first, SAME_FILE) is None  # it is alone
    faster = replace(first, runtime="delegate", steady=Timing.of([0.001] * 20))
    results = replace(results, measurements=(*results.measurements, faster))
    assert base_of(results, faster, SAME_FILE) is first
    assert base_of(results, first, SAME_FILE) is first


def test_what_has_nothing_to_compare_is_left_out():
    results = sample.results()
    assert compared(results, "local") == [SAME_FILE, *sample.BASELINES]
    gone = tuple(m for m in results.measurements if m.file != "deit_small:int8")
    assert compared(replace(results, measurements=gone), "local") == [
        SAME_FILE,
        "resnet_18:float32",
        "reactnet_18",
    ]
    assert compared(sample.single(), "local") == []
    assert compared(sample.none_worked(), "local") == []


def test_inputs_of_another_size_are_not_alike():
    results = sample.results()
    nano, small = (of(results, name, "lce") for name in ("binaryvit_nano", "binaryvit_small"))
    assert not alike(results, nano, small)
    assert alike(results, small, of(results, "deit_small:int8", "xnnpack"))


def test_the_interval_is_of_pairs_of_rounds():
    results = sample.results()
    ours, base = (
        of(results, "binaryvit_small", "delegate:avx2"),
        of(results, "resnet_18:float32", "xnnpack"),
    )
    ratio = speedup(base.steady, ours.steady)
    assert speed(ours, base) == Speed(ratio.value, ratio.low, ratio.high, True)
    assert ratio.value == pytest.approx(4.6, rel=0.05)


def test_few_rounds_have_no_interval():
    results = sample.results()
    place = "ssh:board.local"
    ours = of(results, "binaryvit_small", "delegate:neon_dot", 1, place)
    base = of(results, "binaryvit_small", "lce", 1, place)
    ratios = [b / o for b, o in zip(base.steady.samples, ours.steady.samples, strict=True)]
    value = base.steady.median / ours.steady.median
    assert speed(ours, base) == Speed(value, min(ratios), max(ratios), False)


@pytest.mark.parametrize("samples", [[0.001], [0.001] * 7])
def test_no_ends_without_rounds_in_common(samples):
    results = sample.results()
    ours = replace(of(results, "binaryvit_small", "lce"), steady=Timing.of(samples))
    base = of(results, "resnet_18:float32", "xnnpack")
    assert speed(ours, base) == Speed(base.steady.median / 0.001)


def test_failed_ones_are_no_baseline():
    results = sample.results()
    base = of(results, "reactnet_18", "delegate:avx2")
    broken = replace(base, steady=None, error="gone")
    results = with_one(results, base, broken)
    ours = of(results, "binaryvit_small", "lce")
    assert base_of(results, ours, "reactnet_18") is of(results, "reactnet_18", "lce")
    assert failed(results, "local") == [broken]
    assert broken not in timed(results)
