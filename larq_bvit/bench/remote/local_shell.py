"""This machine, by the same interface as others."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from larq_bvit.bench.remote.child import run
from larq_bvit.bench.remote.errors import NoSpaceError
from larq_bvit.bench.remote.shell import Answer, DeviceError


class LocalShell:
    """`sh` of this machine."""

    name = "local"

    def run(self, command: str, timeout: float = 30) -> Answer:
        """See `Shell.run`."""
        try:
            return run(["sh", "-c", f"(\n{command}\n) </dev/null"], timeout)
        except FileNotFoundError as error:
            raise DeviceError(
                "this machine has no sh, by which programs are measured; "
                "use Linux or macOS, or leave --binary out"
            ) from error

    def push(self, here: Path, there: str) -> None:
        """See `Shell.push`."""
        # the copy comes into being at once: that of a program that runs can be replaced
        partial = f"{there}.{os.getpid()}.partial"
        try:
            shutil.copyfile(here, partial)
            os.replace(partial, there)
        except OSError as error:
            Path(partial).unlink(missing_ok=True)
            raise _explained(error, there) from error

    def pull(self, there: str, here: Path) -> None:
        """See `Shell.pull`."""
        try:
            shutil.copyfile(there, here)
        except OSError as error:
            raise _explained(error, there) from error


def _explained(error: OSError, there: str) -> DeviceError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpaceError(f"no space left for {there}; free some")
    return DeviceError(f"can't copy to or from {there}: {error.strerror or error}")
