"""What the machine tells of its own heat and clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from larq_bvit.bench.cpu import cpu

_ZONES = Path("/sys/class/thermal")
_HOTTER = 10.0  # degrees that are worth a word
_SLOWER = 0.9  # of the clock


@dataclass(frozen=True)
class Sensors:
    """A reading; None is what the system does not tell.

    Attributes:
        celsius: of the hottest zone.
        mhz: clock of the first core.
    """

    celsius: float | None
    mhz: float | None

    @staticmethod
    def read(zones: Path = _ZONES) -> Sensors:
        """Now."""
        found = [t for path in sorted(zones.glob("thermal_zone*/temp")) if (t := _celsius(path))]
        return Sensors(max(found, default=None), cpu().mhz)

    def changes(self, later: Sensors) -> list[str]:
        """In words, what may have slowed down a benchmark between this reading and a later one."""
        words = []
        if self.celsius and later.celsius and later.celsius > self.celsius + _HOTTER:
            words.append(f"it became hotter: {self.celsius:.0f} to {later.celsius:.0f} degrees C")
        if self.mhz and later.mhz and later.mhz < _SLOWER * self.mhz:
            words.append(f"its clock fell from {self.mhz:.0f} to {later.mhz:.0f} MHz")
        return words


def _celsius(path: Path) -> float | None:
    """Of a zone, which counts in thousandths; None for one that can't be read or is off."""
    try:
        value = int(path.read_text()) / 1000
    except (OSError, ValueError):
        return None
    return value if 0 < value < 200 else None
