"""adb's list of devices, in any version's words, and what to do about each state."""

from __future__ import annotations

from pathlib import Path

import pytest

from larq_bvit.bench.remote.adb_devices import (
    Device,
    check_ready,
    choose,
    find_adb,
    parse_devices,
    without_remarks,
)
from larq_bvit.bench.remote.shell import DeviceError

_LIST = """\
adb server version (32) doesn't match this client (41); killing...
* daemon started successfully *
List of devices attached
9B161FFAZ000BC         device usb:1-2 product:oriole model:Pixel_6 device:oriole transport_id:1
R58M12ABCDE            unauthorized usb:1-3 transport_id:2
192.168.1.7:5555       offline product:x model:SM_G991B device:o1s transport_id:3
????????????           no permissions (user in plugdev group; are your udev rules wrong?); see \
[http://developer.android.com/tools/device.html] usb:1-4 transport_id:4
(no serial number)     device usb:1-5 transport_id:5
emulator-5554          device
0123                   recovery usb:2-1

"""


def test_every_state_is_read_and_remarks_are_not() -> None:
    assert parse_devices(_LIST.replace("\n", "\r\n")) == [
        Device("9B161FFAZ000BC", "device", "Pixel_6"),
        Device("R58M12ABCDE", "unauthorized"),
        Device("192.168.1.7:5555", "offline", "SM_G991B"),
        Device("????????????", "no permissions"),
        Device("(no serial number)", "device"),
        Device("emulator-5554", "device"),
        Device("0123", "recovery"),
    ]


def test_remarks_of_adb_are_taken_out_of_errors() -> None:
    text = (
        "adb server is out of date.  killing...\n* daemon not running; starting now at tcp:5037\n"
        "sh: x: not found\n"
    )
    assert without_remarks(text) == "sh: x: not found\n"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("unauthorized", "accept 'Allow USB debugging?'"),
        ("authorizing", "accept 'Allow USB debugging?'"),
        ("no permissions", "udev"),
        ("offline", "adb reconnect offline"),
        ("connecting", "adb reconnect offline"),
        ("recovery", "start it: adb -s S reboot"),
        ("bootloader", "start it: adb -s S reboot"),
    ],
)
def test_a_device_that_is_not_ready_says_what_to_do(state: str, words: str) -> None:
    with pytest.raises(DeviceError, match="device S ") as error:
        check_ready(Device("S", state))
    assert words in str(error.value) and state.split()[0][:8] in str(error.value)


def test_one_that_is_ready_passes() -> None:
    check_ready(Device("S", "device"))


def test_without_a_serial_the_only_device_is_meant() -> None:
    one, other = Device("A", "device", "Pixel_6"), Device("B", "unauthorized")
    assert choose([one], None) is one
    assert choose([one, other], "B") is other
    with pytest.raises(
        DeviceError, match="adb finds no device; connect one by USB and turn on USB"
    ):
        choose([], None)
    several = r"adb has 2 devices: A \(Pixel_6\), B \(model unknown, unauthorized\); say .*adb:A"
    with pytest.raises(DeviceError, match=several):
        choose([one, other], None)
    with pytest.raises(DeviceError, match=r"no device 'C'; adb has A \(Pixel_6\)"):
        choose([one], "C")
    with pytest.raises(DeviceError, match="no device 'C'; adb has none at all"):
        choose([], "C")


def test_adb_is_found_on_path_and_in_the_sdk(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    nothing = {"PATH": str(tmp_path / "empty")}
    with pytest.raises(DeviceError, match="no adb on PATH; install Android's platform-tools"):
        find_adb(nothing)
    sdk = {**nothing, "ANDROID_HOME": str(tmp_path / "old"), "ANDROID_SDK_ROOT": str(tmp_path)}
    with pytest.raises(DeviceError, match="no adb on PATH, .*old.platform-tools, "):
        find_adb(sdk)
    for folder in ("platform-tools", "bin"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "adb").write_text("#!/bin/sh\n")
        (tmp_path / folder / "adb").chmod(0o755)
    assert find_adb(sdk) == str(tmp_path / "platform-tools" / "adb")
    assert find_adb({**sdk, "PATH": str(tmp_path / "bin")}) == str(tmp_path / "bin" / "adb")
