"""The interleaved run's result: which entry is which, and how they compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.native_speed.runtimes import DELEGATE, LCE, TFLITE
from benchmarks.table import Table
from larq_bvit.bench import Ratio, Timing, speedup
from larq_bvit.bench.timing import ends

_IDENTITY = ("file", "runtime", "threads", "options")
_RUNTIMES = {LCE: "LCE's interpreter", TFLITE: TFLITE, DELEGATE: DELEGATE}


@dataclass(frozen=True)
class Speed:
    """An entry with its times."""

    entry: dict[str, Any]
    timing: Timing

    @property
    def mode(self) -> str:
        """Its options in words."""
        options = dict(self.entry["options"])
        if self.entry["runtime"] == DELEGATE:
            exact = ", exact" if options.get("exact") else ""
            return f"{options['isa']}{exact}"
        indirect = options.get("use_indirect_bgemm"), options.get("use_xnnpack")
        names = {(True, None): "indirect bgemm", (True, True): "indirect bgemm, XNNPACK"}
        return names.get(indirect, "default")

    def __str__(self) -> str:
        return f"{self.entry['file']}, {_RUNTIMES[self.entry['runtime']]} ({self.mode})"


class Speeds:
    """All of them.

    Arguments:
        result: {"entries": what `turns.measure` gave, "isas": our instruction sets, best first}.
    """

    def __init__(self, result: dict[str, Any]) -> None:
        self.isas: list[str] = result["isas"]
        self._all = [
            Speed(
                entry, Timing(**{**entry["timing"], "samples": tuple(entry["timing"]["samples"])})
            )
            for entry in result["entries"]
        ]

    def __iter__(self) -> Iterator[Speed]:
        return iter(self._all)

    def fastest(self, file: str, runtime: str, threads: int = 1) -> Speed | None:
        """Of all modes; None where it was not measured."""
        found = [
            speed
            for speed in self._all
            if (speed.entry["file"], speed.entry["runtime"]) == (file, runtime)
            and speed.entry["threads"] == threads
        ]
        return min(found, key=lambda speed: speed.timing.median, default=None)

    def ours(self, file: str, isa: str | None = None, threads: int = 1) -> Speed | None:
        """Our delegate, fused; in its best instruction set without one."""
        wanted = (file, DELEGATE, threads, {"isa": isa or next(iter(self.isas), None)})
        for speed in self._all:
            if tuple(speed.entry[key] for key in _IDENTITY) == wanted:
                return speed
        return None

    def table(self) -> Table:
        """For people: a row per mode, a column per number of threads."""
        counts = sorted({speed.entry["threads"] for speed in self._all})
        rows: dict[tuple[str, str, str], dict[int, Speed]] = {}
        for speed in self._all:
            key = (speed.entry["file"], _RUNTIMES[speed.entry["runtime"]], speed.mode)
            rows.setdefault(key, {})[speed.entry["threads"]] = speed
        rounds = len(self._all[0].timing.samples)
        columns = ("File", "Runtime", "Mode", *(_count(n) for n in counts), "2 against 1")
        return Table(
            f"Times: median in ms ({ends(rounds)}), {rounds} rounds",
            (*columns, "Images as LCE"),
            [
                (*key, *(_cell(by_count.get(n)) for n in counts), *_last(by_count))
                for key, by_count in rows.items()
            ],
            words=3,
        )


def times(ratio: Ratio) -> str:
    """Such as "2.50x (2.41 to 2.60)"."""
    return f"{ratio.value:.2f}x ({ratio.low:.2f} to {ratio.high:.2f})"


def _count(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def _cell(speed: Speed | None) -> str:
    if speed is None:
        return ""
    median, low, high = (1e3 * getattr(speed.timing, key) for key in ("median", "low", "high"))
    digits = 1 if median >= 20 else 2
    return f"{median:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _last(by_count: dict[int, Speed]) -> tuple[str, str]:
    """What two threads gain, and the agreement of the outputs."""
    gain = times(speedup(by_count[1].timing, by_count[2].timing)) if {1, 2} <= set(by_count) else ""
    agreement = next(iter(by_count.values())).entry["agreement"]
    return gain, f"{agreement['same']} of {agreement['images']}" if agreement else ""
