"""This machine by the interface of others."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from larq_bvit.bench.remote.errors import NoSpaceError, TimedOutError
from larq_bvit.bench.remote.local_shell import LocalShell
from larq_bvit.bench.remote.shell import DeviceError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sh")


def test_a_command_gives_status_and_both_streams() -> None:
    answer = LocalShell().run("cat; echo out; echo err >&2; exit 9")
    assert (answer.status, answer.output, answer.errors) == (9, "out\n", "err\n")


def test_a_command_that_takes_too_long() -> None:
    start = time.monotonic()
    with pytest.raises(TimedOutError):
        LocalShell().run("sleep 30", 0.3)
    assert time.monotonic() - start < 10


def test_files_go_and_come_and_a_running_program_is_replaced(tmp_path: Path) -> None:
    there, back = tmp_path / "a b", tmp_path / "back"
    there.write_text("older")
    kept = there.open()  # as a running program keeps its file
    (tmp_path / "new").write_text("new")
    LocalShell().push(tmp_path / "new", str(there))
    LocalShell().pull(str(there), back)
    assert (kept.read(), there.read_text(), back.read_text()) == ("older", "new", "new")
    kept.close()


def test_refusals_say_why(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(DeviceError, match="can't copy to or from /no/folder/x: No such file"):
        LocalShell().push(tmp_path / "x", "/no/folder/x")
    with pytest.raises(DeviceError, match="can't copy to or from /no/file: No such file"):
        LocalShell().pull("/no/file", tmp_path / "y")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_text("x")
    monkeypatch.setattr("os.getpid", lambda: 1)
    (tmp_path / "there.1.partial").symlink_to("/dev/full")
    with pytest.raises(NoSpaceError, match="no space left for .*there; free some"):
        LocalShell().push(tmp_path / "x", str(tmp_path / "there"))
    assert not (tmp_path / "there.1.partial").is_symlink()


def test_without_sh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="has no sh, .*leave --binary out"):
        LocalShell().run("true")
