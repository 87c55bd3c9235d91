"""Keeps a thread on one core."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pinned(core: int | None = None) -> Iterator[int | None]:
    """Keeps the calling thread, and threads that it starts meanwhile, on one core.

    Gives the core's number, or None where the platform can't pin (macOS, Windows). Threads that
    run already stay where they are.

    Arguments:
        core: one that this process may use; without, the fastest, of equal ones the highest, as
            interrupts favour the lowest.

    Raises:
        ValueError: the process may not use this core.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    if core is None:
        from larq_bvit.bench.local.cores import Cores  # which is built on this package

        core = Cores().of(1)[0]
    if core not in before:
        raise ValueError(f"expected one of the cores {sorted(before)}; got {core}")
    os.sched_setaffinity(0, {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)
