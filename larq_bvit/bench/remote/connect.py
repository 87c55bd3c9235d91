"""Reaches a machine by its name."""

from __future__ import annotations

from larq_bvit.bench.place_name import ADB, SSH, parse_place
from larq_bvit.bench.remote import adb, ssh
from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.shell import Shell


def connect(name: str) -> Shell:
    """A machine's shell; one with `close` wants to be closed.

    Arguments:
        name: "local", "adb", "adb:SERIAL" or "ssh:HOST".

    Raises:
        ValueError: it is none of these.
        DeviceError: the machine can't be reached; says what to do.
    """
    kind, which = parse_place(name)
    if kind == ADB:
        return adb.connect(which)
    if kind == SSH and which:
        return ssh.connect(which)
    return LocalShell()
