"""Where to measure."""

import pytest

from larq_bvit.bench.place_name import host_and_port, parse_place


def test_places():
    assert parse_place("local") == ("local", None)
    assert parse_place("adb") == ("adb", None)
    assert parse_place("adb:emulator-5554") == ("adb", "emulator-5554")
    assert parse_place("adb:192.168.0.2:5555") == ("adb", "192.168.0.2:5555")
    assert parse_place("ssh:pi@raspberrypi") == ("ssh", "pi@raspberrypi")


@pytest.mark.parametrize("text", ["", "locale", "local:", "adb:", "ssh", "ssh:", "usb:1"])
def test_no_places(text):
    with pytest.raises(ValueError, match="expected --on to be local, adb, adb:SERIAL or ssh:HOST"):
        parse_place(text)


def test_hosts_with_a_port():
    assert host_and_port("pi@board:2222") == ("pi@board", "2222")
    assert host_and_port("board") == ("board", None)
    assert host_and_port("fe80::1") == ("fe80::1", None)
