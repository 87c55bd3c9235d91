"""What a benchmark ran on."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from larq_bvit._extras import version_of
from larq_bvit.bench.cpu import cpu

_GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


@dataclass(frozen=True)
class Machine:
    """A machine and its software; None is what the system does not tell.

    Attributes:
        cpu: the processor's name.
        instructions: of those that matter here, such as AVX2 or dotprod.
        mhz: clock when it was read.
        governor: Linux' rule for the clock, such as "performance".
        cores: that this process may use.
        load: processes that wanted to run, on average over the last minute.
        memory: bytes of RAM.
        system: operating system with its version, and the architecture.
        python: version.
        tensorflow: version.
        larq_compute_engine: version.
    """

    cpu: str
    instructions: tuple[str, ...]
    mhz: float | None
    governor: str | None
    cores: int
    load: float | None
    memory: int | None
    system: str
    python: str
    tensorflow: str | None
    larq_compute_engine: str | None

    @property
    def busy(self) -> bool:
        """Whether others left no core free when it was described."""
        return self.load is not None and self.load > self.cores - 1 + 0.2

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"busy": self.busy, **asdict(self), "instructions": list(self.instructions)}

    def __str__(self) -> str:
        clock = "" if self.mhz is None else f" at {self.mhz / 1000:.2f} GHz"
        governor = "" if self.governor is None else f" (governor {self.governor})"
        memory = "" if self.memory is None else f", {self.memory / 2**30:.0f} GiB"
        load = "" if self.load is None else f", load average {self.load:.1f}"
        instructions = ", ".join(self.instructions) or "instructions unknown"
        return (
            f"{self.cpu}{clock}{governor}, {instructions}; {self.cores} cores{memory}{load}; "
            f"{self.system}; Python {self.python}, TensorFlow {self.tensorflow or 'none'}, "
            f"Larq Compute Engine {self.larq_compute_engine or 'none'}"
        )


def machine() -> Machine:
    """The machine that this runs on, without importing TensorFlow."""
    processor = cpu()
    return Machine(
        cpu=processor.name,
        instructions=processor.instructions,
        mhz=processor.mhz,
        governor=_read(_GOVERNOR),
        cores=cores(),
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        memory=_memory(),
        system=f"{_system()}, {platform.machine()}",
        python=platform.python_version(),
        tensorflow=version_of("tensorflow"),
        larq_compute_engine=version_of("larq-compute-engine"),
    )


def _system() -> str:
    """Such as "Debian GNU/Linux 12 (bookworm), kernel 6.1.0"."""
    kernel = platform.release().split("-")[0]
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, kernel {kernel}"
    except OSError:  # no Linux, or a very small one
        return f"{platform.system()} {kernel}"


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows, or a system without these names
        return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
