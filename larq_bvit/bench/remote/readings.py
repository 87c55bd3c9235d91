"""Heat, clocks and battery of a machine, read between runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from larq_bvit.bench.remote.probe import READINGS, integer, sections
from larq_bvit.bench.remote.shell import Shell

_HOTTER = 10.0  # degrees of a rise that is worth a word
_CAPPED = 0.95  # of the clock that was allowed before
_LOW = 15  # per cent of a battery at which phones begin to save
_OF_PROCESSOR = re.compile(
    r"cpu|soc|tsens|apc|big|little|mid|cluster|x86_pkg|package", re.IGNORECASE
)
# zones of Qualcomm's that tell the battery's charge, current or voltage as if they were degrees
_NO_HEAT = re.compile(r"socd?|bcl.*|[iv]bat.*", re.IGNORECASE)


@dataclass(frozen=True)
class Readings:
    """A reading; empty or None is what a machine does not tell.

    Attributes:
        celsius: {thermal zone: degrees}.
        khz: {core: clock now}.
        allowed_khz: {core: the highest clock that it may have now}; throttling lowers it.
        battery: per cent.
    """

    celsius: dict[str, float] = field(default_factory=dict)
    khz: dict[int, int] = field(default_factory=dict)
    allowed_khz: dict[int, int] = field(default_factory=dict)
    battery: int | None = None

    @property
    def hottest(self) -> tuple[str, float] | None:
        """Zone and degrees, of the processor's zones where they are known by their names."""
        own = {zone: c for zone, c in self.celsius.items() if _OF_PROCESSOR.search(zone)}
        zones = own or self.celsius
        return max(zones.items(), key=lambda item: item[1]) if zones else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: MHz by the number of a core, as text."""
        return {
            "celsius": self.celsius,
            "mhz": {str(core): khz / 1000 for core, khz in self.khz.items()},
            "allowed_mhz": {str(core): khz / 1000 for core, khz in self.allowed_khz.items()},
            "battery": self.battery,
        }


def read(shell: Shell) -> Readings:
    """Now.

    Raises:
        DeviceError: the machine is gone.
    """
    told = sections(shell.run(READINGS).output)
    celsius: dict[str, float] = {}
    khz: dict[int, int] = {}
    allowed: dict[int, int] = {}
    for line in told.get("clocks", "").splitlines():
        core, now, most = (integer(part) for part in (line.split(":") + ["", ""])[:3])
        if core is not None and now:
            khz[core] = now
        if core is not None and most:
            allowed[core] = most
    for line in told.get("zones", "").splitlines():
        value, _, zone = line.partition(":")
        degrees = _celsius(integer(value))
        if degrees is not None and not _NO_HEAT.fullmatch(zone):
            celsius[zone] = max(degrees, celsius.get(zone, degrees))
    return Readings(celsius, khz, allowed, _battery(told.get("battery", "")))


def worst(readings: Sequence[Readings]) -> Readings:
    """The highest temperatures, the lowest clocks and the emptiest battery of several readings."""
    celsius: dict[str, float] = {}
    khz: dict[int, int] = {}
    allowed: dict[int, int] = {}
    for each in readings:
        for zone, degrees in each.celsius.items():
            celsius[zone] = max(degrees, celsius.get(zone, degrees))
        for kept, now in ((khz, each.khz), (allowed, each.allowed_khz)):
            for core, clock in now.items():
                kept[core] = min(clock, kept.get(core, clock))
    batteries = [each.battery for each in readings if each.battery is not None]
    return Readings(celsius, khz, allowed, min(batteries, default=None))


def warnings(before: Readings, after: Readings, cores: Sequence[int]) -> list[str]:
    """What may have slowed down runs between two readings.

    Arguments:
        before: of the start.
        after: a later one.
        cores: numbers of those that were used.
    """
    words = []
    if before.hottest and after.hottest:
        zone, degrees = after.hottest
        start = before.celsius.get(zone, before.hottest[1])
        if degrees > start + _HOTTER:
            words.append(f"it became hotter: {start:.0f} to {degrees:.0f} degrees C ({zone})")
    for core in cores:
        first, last = before.allowed_khz.get(core), after.allowed_khz.get(core)
        if first and last and last < _CAPPED * first:
            words.append(
                f"it throttles: core {core} may run at {last / 1e6:.2f} GHz, at the start at "
                f"{first / 1e6:.2f}; later times are too high"
            )
            break
    if after.battery is not None and after.battery <= _LOW:
        words.append(f"its battery is at {after.battery}%, at which phones save; charge it")
    return words


def _celsius(value: int | None) -> float | None:
    """Zones count in thousandths, some old ones in tenths or ones; a dead one has 0 or nonsense."""
    if value is None:
        return None
    degrees = value / (1000 if abs(value) >= 1000 else 10 if abs(value) >= 150 else 1)
    return degrees if 0 < degrees < 130 else None


def _battery(text: str) -> int | None:
    """Per cent, where it is not being charged."""
    for line in text.splitlines():
        kind, level, status = (line.split(":") + ["", ""])[:3]
        if kind == "Battery" and integer(level) is not None and status == "Discharging":
            return integer(level)
    return None
