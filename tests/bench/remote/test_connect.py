"""Names of machines."""

from __future__ import annotations

import pytest

from larq_bvit.bench.remote import adb, connect, ssh
from larq_bvit.bench.remote.local_shell import LocalShell


def test_each_kind_goes_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adb, "connect", lambda serial: ("adb", serial))
    monkeypatch.setattr(ssh, "connect", lambda host: ("ssh", host))
    assert isinstance(connect.connect("local"), LocalShell)
    assert connect.connect("adb") == ("adb", None)
    assert connect.connect("adb:1.2.3.4:5555") == ("adb", "1.2.3.4:5555")
    assert connect.connect("ssh:pi@board:2222") == ("ssh", "pi@board:2222")


@pytest.mark.parametrize("name", ["", "adb:", "ssh", "ssh:", "local:x", "usb:1"])
def test_others_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="local, adb, adb:SERIAL or ssh:HOST; got"):
        connect.connect(name)
