"""A scale from numbers to places in a chart, with round ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from larq_bvit.bench.report.wording import number

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """Maps numbers to units of a chart.

    Attributes:
        low, high: ends, which are numbers.
        start, end: their places.
        logarithmic: equal ratios have equal distances.
        ticks: round numbers between the ends.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool
    ticks: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """The place of a number; beyond the ends that of the end."""
        value = min(max(value, self.low), self.high)
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log(value), math.log(low), math.log(high)
        return self.start + (self.end - self.start) * (value - low) / (high - low)


def scale(
    values: list[float], start: float, end: float, *, spread: float, from_zero: bool = True
) -> Scale:
    """A scale that holds these numbers.

    Arguments:
        values: at least one; none below zero.
        start, end: places of its ends.
        spread: where the largest number is more than so many times the smallest, it is
            logarithmic, else the smallest would be nothing but a line.
        from_zero: whether a linear one begins at zero, as one of bars must.
    """
    low, high = min(values), max(values)
    if low > 0 and high / low > spread:
        return _logarithmic(low, high, start, end)
    low = 0.0 if from_zero else low
    if high <= low:
        low, high = (0.0, high or 1.0) if from_zero else (low - 0.01, high + 0.01)
    step = _step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(step * i for i in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end, False, ticks)


def tick_labels(ticks: tuple[float, ...]) -> list[str]:
    """Their numbers: of a linear scale all with as many decimals."""
    if len(ticks) > 1 and math.isclose(ticks[-1] - ticks[-2], ticks[1] - ticks[0]):
        step = ticks[1] - ticks[0]
        places = next(n for n in range(12) if math.isclose(round(step, n), step, rel_tol=1e-6))
        return [f"{tick:,.{places}f}" for tick in ticks]
    return [f"{tick:g}" if tick < 1e3 else number(tick) for tick in ticks]


def _logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    """From a round number below the smallest to one above the largest."""
    decades = math.log10(high / low)
    steps = (1, 2, 5) if decades < 2.2 else (1,)
    first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1
    round_ones = [s * 10.0**e for e in range(first, last + 1) for s in steps]
    # strictly below: the shortest bar has a length
    below = max(n for n in round_ones if n <= low * 0.999)
    above = min(n for n in round_ones if n >= high * 0.999)
    ticks = [n for n in round_ones if below <= n <= above]
    thin = -(-len(ticks) // 8)  # a phone has room for eight numbers
    return Scale(below, above, start, end, True, tuple(ticks[::thin]))


def _step(rough: float) -> float:
    """The next round number."""
    base = 10.0 ** math.floor(math.log10(rough))
    return next(step * base for step in _STEPS if step * base >= rough * 0.999)
