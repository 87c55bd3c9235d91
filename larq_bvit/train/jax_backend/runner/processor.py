"""What a processor is called; for runs in TensorFlow, too, and without anything of ours."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def processor() -> str:
    """With the number of cores that this process may use: `AMD EPYC with 2 cores`."""
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count()
    return f"{next(names, platform.machine())} with {cores} cores"
