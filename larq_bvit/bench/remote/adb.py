"""Android devices, by `adb`."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from larq_bvit.bench.remote import markers
from larq_bvit.bench.remote.adb_devices import (
    Device,
    check_ready,
    choose,
    find_adb,
    parse_devices,
    without_remarks,
)
from larq_bvit.bench.remote.child import run
from larq_bvit.bench.remote.errors import GoneError, NoSpaceError, TimedOutError
from larq_bvit.bench.remote.shell import Answer, DeviceError

_GONE = re.compile(
    r"device '.*' not found|device not found|no devices/emulators found|device offline"
    r"|device unauthorized|error: closed|connect failed|protocol fault|connection reset"
    r"|device still (authorizing|connecting)|transport (error|id)",
    re.IGNORECASE,
)
_SETTLING = ("authorizing", "connecting", "offline")  # what a device is in for some seconds
_PATIENCE = 6.0  # seconds until a device has settled
_SLOWEST = 500_000  # bytes per second of a push, over bad Wi-Fi


def devices(adb: str | None = None) -> list[Device]:
    """All devices that adb has, in any state.

    Raises:
        DeviceError: there is no adb, or its server does not start.
    """
    adb = adb or find_adb()
    answer = _client([adb, "devices", "-l"], 30)
    if not answer.ok:
        raise DeviceError(
            f"adb devices failed: {_words(answer)}; try: adb kill-server && adb devices"
        )
    return parse_devices(answer.output)


def connect(serial: str | None = None) -> AdbShell:
    """Reaches a device; ANDROID_SERIAL chooses without a serial, as it does for adb.

    Arguments:
        serial: as `adb devices` shows it, or HOST:PORT; the only device without.

    Raises:
        DeviceError: there is none, or it can't be used; says what to do.
    """
    adb = find_adb()
    serial = serial or os.environ.get("ANDROID_SERIAL") or None
    found = devices(adb)
    if serial is not None and ":" in serial and serial not in {each.serial for each in found}:
        answer = _client([adb, "connect", serial], 30)
        found = devices(adb)
        if serial not in {each.serial for each in found}:
            raise DeviceError(
                f"adb can't connect to {serial}: {_words(answer)}; is wireless debugging (or adb "
                f"tcpip {serial.rpartition(':')[2]}) on there, and in the same network?"
            )
    device, end = choose(found, serial), time.monotonic() + _PATIENCE
    while device.state in _SETTLING and time.monotonic() < end:
        time.sleep(0.5)
        device = choose(devices(adb), device.serial)
    check_ready(device)
    return AdbShell(adb, device.serial)


class AdbShell:
    """An Android device; see `Shell`."""

    def __init__(self, adb: str, serial: str) -> None:
        self.name = f"adb:{serial}"
        self._adb = [adb, "-s", serial]
        self._serial = serial
        self._mark = f"larq_bvit_{secrets.token_hex(6)}"

    def run(self, command: str, timeout: float = 30) -> Answer:
        """See `Shell.run`.

        Devices before Android 7 mix both streams, and lose the status: the marks carry it.
        """
        answer = self._call(["shell", markers.wrap(command, self._mark)], timeout)
        own = markers.unwrap(answer.output, self._mark)
        if own is not None:
            return Answer(own[1], own[0], without_remarks(answer.errors))
        self._check_there(answer)
        # the device is well, so its sh was killed, as by want of memory
        status = answer.status if answer.status > 128 else 137
        output = markers.begun(answer.output, self._mark)
        return Answer(status, output, without_remarks(answer.errors))

    def push(self, here: Path, there: str) -> None:
        """See `Shell.push`."""
        timeout = 60 + here.stat().st_size / _SLOWEST
        answer = self._call(["push", str(here.absolute()), there], timeout)
        if not answer.ok:
            self._refuse(answer, f"push {here.name} to {there}")

    def pull(self, there: str, here: Path) -> None:
        """See `Shell.pull`."""
        answer = self._call(["pull", there, str(here.absolute())], 120)
        if not answer.ok:
            self._refuse(answer, f"pull {there}")

    def _call(self, arguments: Sequence[str], timeout: float) -> Answer:
        try:
            return _client([*self._adb, *arguments], timeout)
        except TimedOutError as error:
            raise TimedOutError(
                f"device {self._serial} did not end 'adb {arguments[0]}' in {timeout:.0f} s"
            ) from error

    def _refuse(self, answer: Answer, what: str) -> None:
        words = _words(answer)
        if "No space left" in answer.errors + answer.output:  # old versions print errors on both
            raise NoSpaceError(
                f"device {self._serial} has no space to {what}; free some on /data, "
                f"and remove /data/local/tmp/larq_bvit"
            )
        self._check_there(answer)
        raise DeviceError(f"device {self._serial} refused to {what}: {words}")

    def _check_there(self, answer: Answer) -> None:
        words = _words(answer)
        if not _GONE.search(words):
            try:
                state = _client([*self._adb, "get-state"], 15)
            except TimedOutError as error:
                state = Answer(1, "", str(error))
            if state.ok and "device" in state.output.split():
                return
            words = _words(state) or words
        raise GoneError(
            f"device {self._serial} is gone ({words}); check cable, battery and screen lock, see "
            f"adb devices -l, and start again"
        )


def _client(command: list[str], timeout: float) -> Answer:
    try:
        return run(command, timeout)
    except OSError as error:
        raise DeviceError(f"can't run {command[0]}: {error.strerror}; install adb anew") from error


def _words(answer: Answer) -> str:
    """What adb says of a failure, in a line, without its progress."""
    text = without_remarks(f"{answer.output}\n{answer.errors}")
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith("[")]
    errors = [line for line in said if re.match(r"(adb: )?(error|fail)", line)]
    return ([*said[-1:], *errors[-1:]] or [f"exit status {answer.status}"])[-1]
