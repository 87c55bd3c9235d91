"""Programs and libraries that the user has, for machines of several kinds."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from larq_bvit.bench.remote.elf import is_for_android, machine_of, read_elf
from larq_bvit.bench.remote.tflite_library import tflite_library


@dataclass(frozen=True)
class Programs:
    """Files here, of which each machine gets those that fit it.

    Attributes:
        binaries: `benchmark_model` or `lce_benchmark_model`, of any versions.
        libraries: TensorFlow Lite's C library, or an AAR with it.
        runners: our runner, for several kinds of machines.
        delegates: our delegate, for several kinds of machines.
    """

    binaries: tuple[Path, ...] = ()
    libraries: tuple[Path, ...] = ()
    runners: tuple[Path, ...] = ()
    delegates: tuple[Path, ...] = ()


@cache  # archives are unpacked
def fits_here(programs: Programs) -> bool:
    """Whether a benchmark program or a C library among them is for this machine.

    It must be for its processor, and on Linux not for Android; a script fits everywhere.
    """
    machine = machine_of(platform.machine())
    if machine == "aarch64" and sys.maxsize < 2**32:
        machine = "arm"  # programs of 32 bits under a kernel of 64
    return any(_is_for(path, machine) for path in programs.binaries) or any(
        _has_library_for(path, machine) for path in programs.libraries
    )


def _has_library_for(path: Path, machine: str) -> bool:
    try:
        return _is_for(tflite_library(path, machine), machine)
    except ValueError:  # there is none in it
        return False


def _is_for(path: Path, machine: str) -> bool:
    try:
        elf = read_elf(path)
        here = hasattr(sys, "getandroidapilevel")
        return elf is None or (elf.machine == machine and is_for_android(path) in (here, None))
    except OSError:  # which is told where it is used
        return False
