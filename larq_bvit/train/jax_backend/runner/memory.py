"""Memory of a process that trains, as glibc's malloc hands it out; other C libraries ignore it."""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # of malloc.h
_HUGE_PAGES = "glibc.malloc.hugetlb"


def use_huge_pages() -> None:
    """Starts this program anew, once, with a setting that malloc reads at the start alone.

    A step goes through gigabytes of maps: with pages of 2 MB it finds them faster.
    """
    settings = os.environ.get("GLIBC_TUNABLES", "")
    if sys.platform == "linux" and _HUGE_PAGES not in settings:
        os.environ["GLIBC_TUNABLES"] = f"{settings}:{_HUGE_PAGES}=1".lstrip(":")
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def keep_memory() -> None:
    """What is freed stays with the process: every step needs maps of the same sizes again."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, -1)
    mallopt(_TOP_PAD, 1 << 26)
