"""Messages of adb that no real device here would give; test_adb_on_device.py has the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from larq_bvit.bench.remote import adb
from larq_bvit.bench.remote.errors import GoneError, NoSpaceError, TimedOutError
from larq_bvit.bench.remote.shell import DeviceError
from tests.bench.remote.scripted_adb import scripted_adb

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sh")


def test_a_command_gives_status_and_streams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted_adb(tmp_path, monkeypatch, "")
    shell = adb.connect()
    assert shell.name == "adb:A1"
    answer = shell.run("echo out; echo err >&2; exit 5")
    assert (answer.status, answer.output, answer.errors) == (5, "out\n", "err\n")


def test_names_here_are_not_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted_adb(tmp_path, monkeypatch, '"push "*|"pull "*) ;;')
    monkeypatch.chdir(tmp_path)
    Path("-x.tflite").write_text("x")
    shell = adb.connect()
    shell.push(Path("./-x.tflite"), "/there")
    shell.pull("/there", Path("./-y"))
    assert (tmp_path / "calls").read_text().splitlines()[-2:] == [
        f"-s A1 push {tmp_path}/-x.tflite /there",
        f"-s A1 pull /there {tmp_path}/-y",
    ]


def test_remarks_of_a_server_that_starts_are_not_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remark = "adb server version (32) doesn't match this client (41); killing..."
    scripted_adb(
        tmp_path,
        monkeypatch,
        f'"shell "*) echo "{remark}"; echo "{remark}" >&2; shift; exec sh -c "$*" ;;',
    )
    answer = adb.connect().run("echo out; echo err >&2")
    assert (answer.output, answer.errors) == ("out\n", "err\n")


def test_an_old_device_loses_the_status_and_ends_lines_by_cr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = """"shell "*) shift; sh -c "$*" 2>&1 | sed 's/$/\\r/'; exit 0 ;;"""
    scripted_adb(tmp_path, monkeypatch, old)
    answer = adb.connect().run("echo out; exit 5")
    assert (answer.status, answer.output) == (5, "out\n")


def test_the_environment_chooses_a_device_as_for_adb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted_adb(tmp_path, monkeypatch, "", "List of devices attached\nA1 device\nB2 device\n")
    with pytest.raises(DeviceError, match="adb has 2 devices"):
        adb.connect()
    monkeypatch.setenv("ANDROID_SERIAL", "B2")
    assert adb.connect().name == "adb:B2"
    assert adb.connect("A1").name == "adb:A1"


def test_a_device_has_some_seconds_to_settle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted_adb(tmp_path, monkeypatch, "", "A1 offline\n---\nA1 authorizing\n---\nA1 device\n")
    assert adb.connect().name == "adb:A1"
    assert (tmp_path / "count").read_text() == "3\n"


def test_one_that_stays_offline_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adb, "_PATIENCE", 0.6)
    scripted_adb(tmp_path, monkeypatch, "", "A1 offline\n")
    with pytest.raises(DeviceError, match=r"A1 does not answer \(offline\); plug it in again"):
        adb.connect()


def test_an_unauthorized_device_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted_adb(tmp_path, monkeypatch, "", "A1 unauthorized usb:1-1\n")
    with pytest.raises(DeviceError, match="has not allowed this computer"):
        adb.connect()


def test_a_server_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted_adb(tmp_path, monkeypatch, 'devices*) echo "cannot bind" >&2; exit 1 ;;')
    with pytest.raises(DeviceError, match="adb devices failed: cannot bind; try: adb kill-server"):
        adb.connect()


def test_a_program_that_is_no_adb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted_adb(tmp_path, monkeypatch, "")
    (tmp_path / "adb").write_bytes(b"\x7fELF")
    with pytest.raises(DeviceError, match="can't run .*adb: .*; install adb anew"):
        adb.connect()


@pytest.mark.parametrize(
    "words",
    [
        "error: device 'A1' not found",
        "error: device offline",
        "error: no devices/emulators found",
        "error: device unauthorized.",
        "error: closed",
        "adb: protocol fault (couldn't read status): Connection reset by peer",
    ],
)
def test_a_device_that_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    fails = f'echo "{words}" >&2; exit 1'
    scripted_adb(tmp_path, monkeypatch, f'"shell "*|"push "*|"pull "*) {fails} ;;')
    shell = adb.connect()
    for use in (
        lambda: shell.run("true"),
        lambda: shell.push(tmp_path / "adb", "/x"),
        lambda: shell.pull("/x", tmp_path / "x"),
    ):
        with pytest.raises(GoneError, match="device A1 is gone .*; check cable") as error:
            use()
        assert words in str(error.value)


def test_a_stream_that_ends_while_adb_has_the_device_was_a_killed_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted_adb(tmp_path, monkeypatch, "")
    answer = adb.connect().run("echo half; kill -9 $$")
    assert (answer.status, answer.output) == (137, "half\n")


def test_and_while_adb_has_it_not_the_device_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted_adb(tmp_path, monkeypatch, 'get-state) echo "error: no device" >&2; exit 1 ;;')
    with pytest.raises(GoneError, match=r"A1 is gone \(error: no device\)"):
        adb.connect().run("kill -9 $$")


def test_a_full_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "adb: error: failed to copy 'x' to '/data/x': remote couldn't create file: "
        "No space left on device"
    )
    scripted_adb(tmp_path, monkeypatch, f'"push "*) echo "{words}" >&2; exit 1 ;;')
    with pytest.raises(NoSpaceError, match="A1 has no space to push adb to /data/x; free some"):
        adb.connect().push(tmp_path / "adb", "/data/x")


def test_a_refusal_has_adbs_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "adb: error: failed to copy 'x' to '/x': Read-only file system"
    scripted_adb(
        tmp_path, monkeypatch, f'"push "*) echo "[100%] /x"; echo "{words}" >&2; exit 1 ;;'
    )
    with pytest.raises(DeviceError, match="A1 refused to push adb to /x: .*Read-only"):
        adb.connect().push(tmp_path / "adb", "/x")


def test_a_command_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted_adb(tmp_path, monkeypatch, "")
    with pytest.raises(TimedOutError, match="device A1 did not end 'adb shell' in 0 s"):
        adb.connect().run("sleep 60", timeout=0.3)


def test_a_network_device_is_connected_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted_adb(
        tmp_path,
        monkeypatch,
        '"connect h:1") echo connected to h:1 ;; "connect "*) echo "failed to connect: refused" ;;',
        "List of devices attached\n---\nh:1 device\n",
    )
    assert adb.connect("h:1").name == "adb:h:1"
    with pytest.raises(DeviceError, match="can't connect to g:2: failed to connect: refused; is"):
        adb.connect("g:2")
