"""Reaches a machine by its name."""

from __future__ import annotations

from larq_bvit.bench.remote import adb, ssh
from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.shell import DeviceError, Shell


def connect(name: str) -> Shell:
    """A machine's shell; one with `close` wants to be closed.

    Arguments:
        name: "local", "adb", "adb:SERIAL" or "ssh:HOST".

    Raises:
        DeviceError: it is none of these, or can't be reached; says what to do.
    """
    kind, colon, which = name.partition(":")
    if name == "local":
        return LocalShell()
    if kind == "adb" and (which or not colon):
        return adb.connect(which or None)
    if kind == "ssh" and which:
        return ssh.connect(which)
    raise DeviceError(f"expected local, adb, adb:SERIAL or ssh:HOST; got '{name}'")
