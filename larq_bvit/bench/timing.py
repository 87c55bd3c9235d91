"""Times workloads against each other on a machine that is never quite idle."""

from __future__ import annotations

import gc
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from larq_bvit.bench.pinned import pinned

log = logging.getLogger(__name__)

# of fewer samples, the ends of a bootstrap interval hold the true median too rarely to be called
# 95%: 86% of the time with 4, 75% with 3, 47% with 2; with 5 it is 94%
ENOUGH = 5
_RESAMPLES = 2000
_NOISY = 0.1  # interquartile range over median


def ends(samples: int) -> str:
    """What `low` and `high` of so many samples are, in words."""
    return "95% interval" if samples >= ENOUGH else "smallest and largest"


@dataclass(frozen=True)
class Timing:
    """Times of one workload, in seconds.

    Attributes:
        median: of the samples.
        low: lower end of the median's 95% bootstrap interval; of fewer than `ENOUGH` samples, which
            make no such interval, the smallest.
        high: its upper end, or the largest.
        samples: in the order of the rounds.
    """

    median: float
    low: float
    high: float
    samples: tuple[float, ...]

    @classmethod
    def of(cls, samples: list[float]) -> Timing:
        """The median of at least one sample, with its interval."""
        times = np.array(samples)
        if len(times) < ENOUGH:
            return cls(float(np.median(times)), min(samples), max(samples), tuple(samples))
        low, high = _interval(np.median(times[_resamples(len(times))], axis=1))
        return cls(float(np.median(times)), low, high, tuple(samples))

    @property
    def is_interval(self) -> bool:
        """Whether `low` and `high` are those of a 95% interval, not the smallest and largest."""
        return len(self.samples) >= ENOUGH

    @property
    def scatter(self) -> float:
        """Interquartile range over the median; 0.02 is calm."""
        first, third = np.percentile(self.samples, [25, 75])
        return float((third - first) / self.median) if self.median else 0.0


@dataclass(frozen=True)
class Ratio:
    """How many times as fast.

    Attributes:
        value: ratio of the medians.
        low: lower end of its 95% bootstrap interval; of fewer than `ENOUGH` rounds, which make no
            such interval, the smallest ratio of a round.
        high: its upper end, or the largest.
        rounds: that both sides have in common.
    """

    value: float
    low: float
    high: float
    rounds: int

    @property
    def is_interval(self) -> bool:
        """Whether `low` and `high` are those of a 95% interval, not the smallest and largest."""
        return self.rounds >= ENOUGH


def interleaved(
    workloads: Mapping[str, Callable[[], object]],
    rounds: int = 20,
    warmup: int = 2,
    *,
    pin: bool = True,
    seed: int = 0,
    clock: Callable[[], float] = perf_counter,
) -> dict[str, Timing]:
    """Runs workloads in turn, each once per round, so that a busy minute hits all of them.

    The order within a round is shuffled: no workload always follows the same other one. Python's
    garbage collector rests meanwhile. A warning is logged where samples scatter.

    Arguments:
        workloads: {name: what to run}.
        rounds: samples of each.
        warmup: rounds before, which are not timed.
        pin: keeps this thread on one core (see `pinned`); for workloads of one thread.
        seed: of the order.
        clock: gives seconds.

    Raises:
        ValueError: no workload, no round, or a negative warm-up.
    """
    if not workloads or rounds < 1 or warmup < 0:
        raise ValueError(
            f"expected workloads, at least 1 round and a warm-up of at least 0; "
            f"got {len(workloads)}, {rounds} and {warmup}"
        )
    samples: dict[str, list[float]] = {name: [] for name in workloads}
    order, rng = list(workloads), random.Random(seed)
    with pinned() if pin else nullcontext(), _no_garbage_collection():
        for _ in range(warmup):
            for work in workloads.values():
                work()
        for _ in range(rounds):
            rng.shuffle(order)
            for name in order:
                start = clock()
                workloads[name]()
                samples[name].append(clock() - start)
    timings = {name: Timing.of(times) for name, times in samples.items()}
    if words := noise(timings):
        log.warning("%s", words)
    return timings


def noise(timings: Mapping[str, Timing]) -> str:
    """A warning that names the timings whose samples scatter; empty where none do."""
    noisy = [f"{name} ({t.scatter:.0%})" for name, t in timings.items() if t.scatter > _NOISY]
    if not noisy:
        return ""
    return f"noisy machine: the middle half of the samples spreads by {', '.join(noisy)}"


def speedup(slow: Timing, fast: Timing) -> Ratio:
    """How many times as fast `fast` is, by medians of the same rounds of `interleaved`.

    Rounds are resampled as pairs: what slowed down both sides of a round cancels out.

    Raises:
        ValueError: the two have different numbers of samples.
    """
    if len(slow.samples) != len(fast.samples):
        raise ValueError(
            f"expected timings of the same rounds; got {len(slow.samples)} and "
            f"{len(fast.samples)} samples"
        )
    value, count = slow.median / fast.median, len(slow.samples)
    if count < ENOUGH:
        ratios = [s / f for s, f in zip(slow.samples, fast.samples, strict=True)]
        return Ratio(value, min(ratios), max(ratios), count)
    rounds = _resamples(count)
    medians = [np.median(np.array(t.samples)[rounds], axis=1) for t in (slow, fast)]
    return Ratio(value, *_interval(medians[0] / medians[1]), count)


def _resamples(count: int) -> np.ndarray:
    """Indices (resamples, count), the same for every timing of as many rounds."""
    return np.random.default_rng(0).integers(count, size=(_RESAMPLES, count))


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """As in timeit: with TensorFlow loaded, one collection takes longer than many workloads."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
