"""A machine with its folder, while files are measured there."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from larq_bvit.bench.remote.device import Device
from larq_bvit.bench.remote.errors import TimedOutError
from larq_bvit.bench.remote.folder import Folder
from larq_bvit.bench.remote.pinning import pin
from larq_bvit.bench.remote.shell import Answer, Shell

_GRACE = 15.0  # seconds that a machine's own `timeout` is before ours


@dataclass(frozen=True)
class Site:
    """What commands are run by.

    Attributes:
        shell: reaches the machine.
        device: what it is.
        folder: where files are put.
        timeout: seconds that a program may take.
    """

    shell: Shell
    device: Device
    folder: Folder
    timeout: float

    def line(self, command: str, threads: int) -> str:
        """A command with its cores."""
        return pin(self.device, threads).prefix + command

    def run(self, command: str, threads: int) -> Answer:
        """Runs a program on as many cores as it has threads.

        The machine's own `timeout`, where it has one, leaves nothing running there.

        Raises:
            TimedOutError: it took longer.
            DeviceError: the machine is gone.
        """
        seconds = math.ceil(self.timeout)  # some machines' `timeout` takes no fractions
        limit = f"timeout {seconds} " if "timeout" in self.device.tools else ""
        start = time.monotonic()
        answer = self.shell.run(limit + self.line(command, threads), seconds + _GRACE)
        # versions of `timeout` differ in their status: 124, 137 or 143
        if answer.status in (124, 137, 143) and time.monotonic() - start >= seconds:
            raise TimedOutError(f"it took more than {seconds} s")
        return answer
