"""Finds `adb`, and reads its list of devices."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from larq_bvit.bench.remote.shell import DeviceError

READY = "device"  # adb's word for one that can be used
_STATES = (
    "no permissions",  # first: it goes on with an explanation
    "device|offline|unauthorized|authorizing|connecting|recovery|rescue|sideload|bootloader|host"
    "|detached|unknown",
)
_LINE = re.compile(
    rf"(?P<serial>\(no serial number\)|\S+)\s+(?P<state>{'|'.join(_STATES)})\b(?P<rest>.*)"
)
# remarks of adb itself, among the output of any command
_REMARK = re.compile(r"\s*(\* .*|adb server (version|is out of date).*|List of devices attached.*)")


@dataclass(frozen=True)
class Device:
    """One of adb's devices.

    Attributes:
        serial: its name; HOST:PORT over the network.
        state: "device" where it can be used.
        model: such as "Pixel_7"; empty where adb does not know it.
    """

    serial: str
    state: str
    model: str = ""

    def __str__(self) -> str:
        state = "" if self.state == READY else f", {self.state}"
        return f"{self.serial} ({self.model or 'model unknown'}{state})"


def find_adb(environment: Mapping[str, str] | None = None) -> str:
    """The path of adb: on PATH, or in the Android SDK of ANDROID_HOME or ANDROID_SDK_ROOT.

    Raises:
        DeviceError: there is none.
    """
    environment = os.environ if environment is None else environment
    found = shutil.which("adb", path=environment.get("PATH"))
    sdks = [
        environment[name] for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT") if environment.get(name)
    ]
    for sdk in [] if found else sdks:
        found = shutil.which("adb", path=str(Path(sdk) / "platform-tools"))
        if found:
            break
    if found:
        return found
    looked = "".join(f", {Path(sdk) / 'platform-tools'}" for sdk in sdks)
    raise DeviceError(
        f"no adb on PATH{looked}; install Android's platform-tools (on Debian and Ubuntu: apt "
        f"install adb) or set ANDROID_HOME to the Android SDK"
    )


def parse_devices(text: str) -> list[Device]:
    """Devices in the output of `adb devices -l`; remarks of adb are passed over."""
    devices = []
    for line in text.splitlines():
        match = None if _REMARK.fullmatch(line) else _LINE.match(line)
        if match:
            model = re.search(r"\bmodel:(\S+)", match["rest"])
            devices.append(Device(match["serial"], match["state"], model[1] if model else ""))
    return devices


def without_remarks(text: str) -> str:
    """Standard error of a command without what adb says of its own server."""
    return "".join(line for line in text.splitlines(True) if not _REMARK.fullmatch(line.rstrip()))


def check_ready(device: Device) -> None:
    """Refuses a device that can't be used yet.

    Raises:
        DeviceError: says why, and what to do.
    """
    state, name = device.state, device.serial
    if state == READY:
        return
    if state in ("unauthorized", "authorizing"):
        step = (
            "has not allowed this computer (unauthorized); unlock it and accept 'Allow USB "
            "debugging?'. If it does not ask: Developer options, Revoke USB debugging "
            "authorizations, then plug it in again"
        )
    elif state == "no permissions":
        step = (
            "may not be opened by this user (no permissions); add udev rules (on Debian and "
            "Ubuntu: apt install android-sdk-platform-tools-common, and join the group plugdev), "
            "then adb kill-server and plug it in again"
        )
    elif state in ("offline", "connecting", "detached"):
        step = (
            f"does not answer ({state}); plug it in again, or: adb reconnect offline; over the "
            f"network: adb disconnect {name} && adb connect {name}"
        )
    else:
        step = f"runs no Android now ({state}); start it: adb -s {name} reboot"
    raise DeviceError(f"device {name} {step}")


def choose(devices: list[Device], serial: str | None) -> Device:
    """The device that is meant; the only one without a serial.

    Raises:
        DeviceError: there is none, or it is not clear which; says what to do.
    """
    listed = ", ".join(map(str, devices))
    if serial is not None:
        for device in devices:
            if device.serial == serial:
                return device
        there = f"adb has {listed}" if devices else "adb has none at all"
        raise DeviceError(f"no device '{serial}'; {there}. adb devices -l lists them")
    if not devices:
        raise DeviceError(
            "adb finds no device; connect one by USB and turn on USB debugging in its Developer "
            "options, or over the network: adb connect HOST:PORT"
        )
    if len(devices) > 1:
        raise DeviceError(
            f"adb has {len(devices)} devices: {listed}; say which: --on adb:{devices[0].serial}"
        )
    return devices[0]
