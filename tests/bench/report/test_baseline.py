"""What measurements are compared with, and by what interval."""

from dataclasses import replace

import pytest

from larq_bvit.bench.report.baseline import Speed, baseline, failed, speed, timed
from larq_bvit.bench.timing import Timing, speedup
from tests.bench.report import sample


def of(results, file, runtime, threads=1, place="local"):
    wanted = (place, file, runtime, threads)
    return next(
        m for m in results.measurements if (m.place, m.file, m.runtime, m.threads) == wanted
    )


def test_the_fastest_in_xnnpack_with_the_same_input_threads_and_place():
    results = sample.results()
    for place in ("local", "ssh:board.local"):
        for threads in (1, 2):
            base = baseline(results, of(results, "binaryvit_small", "lce", threads, place))
            assert base is of(results, "resnet_18:float32", "xnnpack", threads, place)


def test_without_such_a_twin_the_first():
    results = sample.results()
    base = baseline(results, of(results, "binaryvit_nano", "delegate:avx2", 2))
    assert base is of(results, "binaryvit_nano", "lce", 2)


def test_the_interval_is_of_pairs_of_rounds():
    results = sample.results()
    ours = of(results, "binaryvit_small", "delegate:avx2")
    ratio = speedup(of(results, "resnet_18:float32", "xnnpack").steady, ours.steady)
    assert speed(results, ours) == Speed(ratio.value, ratio.low, ratio.high)
    assert ratio.value == pytest.approx(4.6, rel=0.05)


def test_the_baseline_has_no_speed():
    results = sample.results()
    assert speed(results, of(results, "resnet_18:float32", "xnnpack")) is None


@pytest.mark.parametrize("samples", [[0.001], [0.001] * 7])
def test_no_interval_without_rounds_in_common(samples):
    results = sample.results()
    ours = of(results, "binaryvit_small", "lce")
    other = replace(ours, steady=Timing.of(samples))
    results = replace(
        results, measurements=tuple(other if m is ours else m for m in results.measurements)
    )
    base = of(results, "resnet_18:float32", "xnnpack")
    assert speed(results, other) == Speed(base.steady.median / 0.001)


def test_failed_ones_are_no_baseline():
    results = sample.results()
    base = of(results, "resnet_18:float32", "xnnpack")
    broken = replace(base, steady=None, error="gone")
    results = replace(
        results, measurements=tuple(broken if m is base else m for m in results.measurements)
    )
    now = baseline(results, of(results, "binaryvit_small", "lce"))
    assert now is of(results, "deit_small:int8", "xnnpack")
    assert failed(results, "local") == [broken]
    assert broken not in timed(results)


def test_none_where_nothing_ran():
    results = sample.none_worked()
    assert baseline(results, results.measurements[0]) is None
    assert timed(results) == []
