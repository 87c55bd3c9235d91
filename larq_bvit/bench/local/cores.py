"""Which cores of this machine are measured on, and what they and the heat did meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from larq_bvit.bench.entry import Entry
from larq_bvit.bench.remote.device import describe
from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.pinning import notes
from larq_bvit.bench.remote.readings import Readings, read, warnings, worst


class Cores:
    """The cores of this process, read by the same means as those of phones and boards."""

    def __init__(self) -> None:
        self._shell = LocalShell()
        # other systems can't pin, and tell nothing of this in files
        self._device = describe(self._shell) if hasattr(os, "sched_setaffinity") else None
        self._readings: list[Readings] = []

    def of(self, threads: int) -> list[int]:
        """The fastest ones for so many threads; none where the system can't pin."""
        if self._device is None:
            return []
        return [core.number for core in self._device.fastest(threads)]

    def notes(self, threads: int) -> tuple[str, ...]:
        """What the times of so many threads suffer from."""
        return () if self._device is None else notes(self._device, threads)

    def read(self) -> None:
        """Notes heat and clocks."""
        if self._device is not None:
            self._readings.append(read(self._shell))

    def warnings(self, entries: Iterable[Entry]) -> list[str]:
        """What may have slowed down the rounds since the first reading."""
        if len(self._readings) < 2:
            return []
        used = self.of(max((entry.threads for entry in entries), default=1))
        return warnings(self._readings[0], worst(self._readings[1:]), used)

    def facts(self) -> dict[str, Any]:
        """For results: heat and clocks at the start, and the worst that they became."""
        if len(self._readings) < 2:
            return {}
        return {
            name: {
                "celsius": readings.celsius,
                "mhz": {c: k / 1000 for c, k in readings.khz.items()},
            }
            for name, readings in (
                ("start", self._readings[0]),
                ("worst", worst(self._readings[1:])),
            )
        }
