"""One process at a time trains in a run's folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While open, no other process opens it for this folder.

    The kernel lets go of it when the process ends, however that comes. Where a file system knows
    no locks, or the system is Windows, training goes on without. `filelock` does not serve: there
    it leaves a file that outlives a killed process.

    Raises:
        ValueError: another process has it.
    """
    descriptor = None
    try:
        import fcntl

        # a file of its own: on some network file systems what is locked can't be read
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _close(descriptor)
        raise ValueError(
            f"another process trains the run in {folder}: let it come to its end, or end it first"
        ) from None
    except (ImportError, OSError) as error:
        log.info("%s cannot be locked: %s", folder, error)
    try:
        yield
    finally:
        _close(descriptor)


def _close(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)
