"""Timing with a clock that only the workloads move."""

import gc
import logging
import os

import numpy as np
import pytest

from larq_bvit.bench import Timing, interleaved, speedup
from larq_bvit.bench.timing import ENOUGH


class Clock:
    """Seconds that pass only where a workload says so."""

    def __init__(self):
        self.now = 100.0
        self.log = []

    def __call__(self):
        return self.now

    def workload(self, name, *seconds):
        """Takes these seconds in turn, the last one for good."""
        left = list(seconds)

        def work():
            self.log.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return work


@pytest.fixture
def clock():
    return Clock()


def test_samples_are_what_the_workloads_took(clock):
    work = {"slow": clock.workload("slow", 4.0), "fast": clock.workload("fast", 1.0, 2.0, 6.0)}
    timings = interleaved(work, rounds=3, warmup=0, clock=clock)
    assert timings["slow"] == Timing(4.0, 4.0, 4.0, (4.0, 4.0, 4.0))
    assert timings["fast"].samples == (1.0, 2.0, 6.0)
    assert timings["fast"].median == 2.0


def test_a_warm_up_is_not_timed(clock):
    timings = interleaved(
        {"a": clock.workload("a", 50.0, 60.0, 1.0)}, rounds=4, warmup=2, clock=clock
    )
    assert timings["a"].samples == (1.0,) * 4
    assert clock.log == ["a"] * 6


def test_every_round_runs_each_once_in_changing_order(clock):
    names = ["a", "b", "c"]
    interleaved({n: clock.workload(n, 1.0) for n in names}, rounds=30, warmup=0, clock=clock)
    rounds = [tuple(clock.log[i : i + 3]) for i in range(0, 90, 3)]
    assert all(sorted(order) == names for order in rounds)
    assert len(set(rounds)) == 6


def test_the_seed_sets_the_order():
    def order(seed):
        clock = Clock()
        work = {name: clock.workload(name, 1.0) for name in "abc"}
        interleaved(work, rounds=10, warmup=0, seed=seed, clock=clock)
        return clock.log

    assert order(3) == order(3) != order(4)


def test_the_interval_is_that_of_the_median():
    """Of 400 normal samples the median's standard error is sqrt(pi / 2) / sqrt(400) = 0.063."""
    samples = (10 + np.random.RandomState(0).standard_normal(400)).tolist()
    timing = Timing.of(samples)
    assert timing.median == np.median(samples)
    assert timing.low < timing.median < timing.high
    assert timing.high - timing.low == pytest.approx(2 * 1.96 * 0.063, rel=0.25)


@pytest.mark.parametrize("samples", [[3.0], [3.0, 1.0], [3.0, 1.0, 2.0], [4.0, 3.0, 1.0, 9.0]])
def test_few_samples_have_the_smallest_and_the_largest_and_no_interval(samples):
    timing = Timing.of(samples)
    assert (timing.low, timing.high) == (min(samples), max(samples))
    assert not timing.is_interval


def test_what_is_called_an_interval_holds_the_median_often_enough():
    rng = np.random.RandomState(0)
    timings = [Timing.of((10 + rng.standard_normal(ENOUGH)).tolist()) for _ in range(400)]
    assert all(timing.is_interval for timing in timings)
    assert sum(timing.low <= 10 <= timing.high for timing in timings) > 0.9 * 400


def test_scatter_is_the_interquartile_range_over_the_median():
    assert Timing.of([8.0, 9.0, 10.0, 11.0, 12.0]).scatter == pytest.approx(0.2)
    assert Timing.of([0.0, 0.0]).scatter == 0


def test_scattered_samples_are_warned_of_by_name(clock, caplog):
    work = {"calm": clock.workload("calm", 1.0), "rough": clock.workload("rough", 1, 3, 1, 3, 2)}
    with caplog.at_level(logging.WARNING):
        interleaved(work, rounds=5, warmup=0, clock=clock)
    (record,) = caplog.records
    assert "rough (100%)" in record.getMessage() and "calm" not in record.getMessage()


def test_calm_samples_are_not(clock, caplog):
    interleaved({"calm": clock.workload("calm", 1.0, 1.01, 1.02)}, rounds=5, clock=clock)
    assert not caplog.records


def test_pinned_and_without_garbage_collection_inside_only(clock):
    seen = []
    cores = getattr(os, "sched_getaffinity", lambda _: {0})

    def look():
        seen.append((gc.isenabled(), len(cores(0))))

    before = gc.isenabled(), cores(0)
    interleaved({"look": look}, rounds=1, warmup=1, clock=clock)
    assert (gc.isenabled(), cores(0)) == before
    expected_cores = 1 if hasattr(os, "sched_setaffinity") else len(cores(0))
    assert seen == [(False, expected_cores)] * 2


def test_unpinned_for_workloads_of_several_threads(clock, monkeypatch):
    monkeypatch.setattr("larq_bvit.bench.timing.pinned", lambda: pytest.fail("was pinned"))
    interleaved({"a": clock.workload("a", 1.0)}, rounds=1, pin=False, clock=clock)


def test_a_workload_that_fails_leaves_no_trace(clock):
    cores = getattr(os, "sched_getaffinity", lambda _: {0})
    before = cores(0)

    def fail():
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        interleaved({"a": fail}, clock=clock)
    assert gc.isenabled() and cores(0) == before


@pytest.mark.parametrize(
    "work, rounds, warmup", [({}, 1, 0), ({"a": int}, 0, 0), ({"a": int}, 1, -1)]
)
def test_nothing_to_time(work, rounds, warmup):
    with pytest.raises(ValueError, match="at least 1 round"):
        interleaved(work, rounds, warmup)


def test_speedup_takes_rounds_as_pairs():
    """A load that doubles half of the rounds spreads both timings, but not their ratio."""
    load = np.where(np.arange(40) % 2, 2.0, 1.0)
    ratio = speedup(Timing.of((3 * load).tolist()), Timing.of(load.tolist()))
    assert (ratio.value, ratio.low, ratio.high) == (3, 3, 3)
    assert ratio.rounds == 40 and ratio.is_interval


def test_few_rounds_have_the_smallest_and_the_largest_ratio_and_no_interval():
    ratio = speedup(Timing.of([6.0, 8.0, 12.0]), Timing.of([3.0, 2.0, 3.0]))
    assert (ratio.value, ratio.low, ratio.high) == (8 / 3, 2, 4)
    assert ratio.rounds == 3 and not ratio.is_interval
    five = speedup(Timing.of([6.0] * 5), Timing.of([3.0] * 5))
    assert five.is_interval


def test_speedup_says_how_sure_it_is():
    rng = np.random.RandomState(0)
    slow, fast = (Timing.of((m + rng.standard_normal(100)).tolist()) for m in (30, 10))
    ratio = speedup(slow, fast)
    assert 2.8 < ratio.low < ratio.value < ratio.high < 3.2


def test_speedup_of_other_rounds_is_refused():
    with pytest.raises(ValueError, match="same rounds; got 2 and 3"):
        speedup(Timing.of([1.0, 1.0]), Timing.of([1.0, 1.0, 1.0]))
