"""Memory of this process, as Linux counts it."""

from __future__ import annotations

import ctypes
import re
from contextlib import suppress
from pathlib import Path

_STATUS = Path("/proc/self/status")


def give_back() -> None:
    """Gives memory that the process has freed back to the system, so that it counts when used."""
    with suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)


def resident() -> int | None:
    """Bytes that are in memory now; None where the system does not tell."""
    return _read("VmRSS")


def peak_resident() -> int | None:
    """The most that were, since the process began; a fork begins with what it is a copy of."""
    return _read("VmHWM")


def _read(name: str) -> int | None:
    try:
        found = re.search(rf"^{name}:\s*(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    except OSError:
        return None
    return 1024 * int(found[1]) if found else None
