"""What reaches a machine: runs commands there, and carries files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class DeviceError(ValueError):
    """A machine can't be reached or used; the message says what to do."""


@dataclass(frozen=True)
class Answer:
    """How a command ended there.

    Attributes:
        status: its exit status; 128 + N where signal N ended it.
        output: its standard output.
        errors: its standard error.
    """

    status: int
    output: str
    errors: str

    @property
    def ok(self) -> bool:
        """Whether it says that it went well."""
        return self.status == 0


class Shell(Protocol):
    """A POSIX shell on some machine.

    Attributes:
        name: of the machine, "local", "adb:SERIAL" or "ssh:HOST".
    """

    name: str

    def run(self, command: str, timeout: float = 30) -> Answer:
        """Runs a line of sh there.

        Arguments:
            command: what sh takes; arguments must be quoted already.
            timeout: seconds.

        Raises:
            DeviceError: the machine is gone, or takes longer.
        """
        ...

    def push(self, here: Path, there: str) -> None:
        """Copies a file to the machine; an older one of that name is replaced.

        Raises:
            DeviceError: the machine is gone, or has no room.
        """
        ...

    def pull(self, there: str, here: Path) -> None:
        """Copies a file from the machine.

        Raises:
            DeviceError: the machine is gone, or there is no such file.
        """
        ...
