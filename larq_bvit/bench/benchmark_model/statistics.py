"""The program's line of statistics: "count=50 first=... curr=... min=... avg=... std=..."."""

from __future__ import annotations

import re
from dataclasses import dataclass

from larq_bvit.bench.benchmark_model.lines import NUMBER, number

_COUNT = re.compile(r"(?<!\w)count=(\d\S*)(.*)")
_FIELD = re.compile(rf"(\w+)=({NUMBER})(?=\s|\(|$)")
_WHOLE = ("first", "curr", "min", "max")  # the program counts whole microseconds


@dataclass(frozen=True)
class Statistics:
    """Of some runs, in the program's unit, microseconds.

    Attributes:
        count: of the runs; where it is 0, all else is 0, too.
        first: the first run.
        min: the fastest.
        max: the slowest.
        mean: of all.
        std: their standard deviation.
        median: of all, where the program tells it.
    """

    count: int
    first: float = 0.0
    min: float = 0.0
    max: float = 0.0
    mean: float = 0.0
    std: float = 0.0
    median: float | None = None


def statistics(line: str) -> Statistics | None:
    """Reads a line; None where it has no statistics.

    Raises:
        ValueError: some are missing, or can't be.
    """
    match = _COUNT.search(line)
    if match is None:
        return None
    fields = dict(_FIELD.findall(match[2]))
    if not match[1].isdigit() or any(not fields.get(name, "0").isdigit() for name in _WHOLE):
        raise ValueError(
            f"expected a number of runs and whole microseconds; got {line.strip()!r}: run the "
            "program with LC_ALL=C"
        )
    count = int(match[1])
    if count == 0:
        return Statistics(0)
    values = {name: number(value) for name, value in fields.items()}
    if "avg" not in values and "curr" in values and (count == 1 or "(all same)" in line):
        same = values["curr"]
        return Statistics(count, same, same, same, same, 0.0, values.get("median"))
    missing = [name for name in (*_WHOLE, "avg", "std") if name not in values]
    if missing or not values["min"] <= values["avg"] <= values["max"] * (1 + 1e-5):
        what = f"without {missing[0]}=" if missing else "whose mean is not between min and max"
        raise ValueError(
            f"expected statistics of {count} runs; got {line.strip()!r}, {what}: was the output "
            "cut or mixed with another's? Run it again"
        )
    return Statistics(
        count,
        values["first"],
        values["min"],
        values["max"],
        values["avg"],
        values["std"],
        values.get("median"),
    )
