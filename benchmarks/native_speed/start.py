"""From a path to the first result, each time in a process that has not run the library before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.native_speed.runtimes import Entry
from benchmarks.table import Table
from larq_bvit.bench import Timing
from larq_bvit.bench.local.worker import Worker
from larq_bvit.bench.timing import ends

PARTS = ("open", "first")


def measure(
    entries: list[Entry],
    paths: dict[str, Path],
    images: np.ndarray,
    times: int,
    say: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Per entry the seconds to open the file and to run it once, and of both; in turn."""
    founds: list[list[dict[str, Any]]] = [[] for _ in entries]
    for round_ in range(times):
        say(f"first inferences, round {round_ + 1} of {times}")
        for entry, found in zip(entries, founds, strict=True):
            with Worker(entry.mode, paths[entry.file], [images], str(entry)) as worker:
                found.append(worker.about)
    return [
        {
            **asdict(entry),
            "activation_bytes": found[-1]["activation_bytes"],
            **{part: asdict(Timing.of([about[part] for about in found])) for part in PARTS},
            "both": asdict(Timing.of([sum(about[part] for part in PARTS) for about in found])),
        }
        for entry, found in zip(entries, founds, strict=True)
    ]


def table(results: list[dict[str, Any]]) -> Table:
    """For people."""
    return Table(
        f"Median in ms ({ends(len(results[0]['both']['samples']))})",
        ("File", "Runtime", "Mode", "Open", "First inference", "Both", "Memory for maps, MB"),
        [
            (
                result["file"],
                result["runtime"],
                ", ".join(f"{key}={value}" for key, value in result["options"].items()),
                *(_cell(result[part]) for part in (*PARTS, "both")),
                f"{result['activation_bytes'] / 1e6:.2f}" if result["activation_bytes"] else "",
            )
            for result in results
        ],
        words=3,
    )


def _cell(timing: dict[str, Any]) -> str:
    median, low, high = (1e3 * timing[key] for key in ("median", "low", "high"))
    return f"{median:.1f} ({low:.1f} to {high:.1f})"
