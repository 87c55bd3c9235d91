"""Programs of this machine: their streams, their end, and that nothing of them stays."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from larq_bvit.bench.remote.child import run
from larq_bvit.bench.remote.errors import TimedOutError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sh")


def test_it_gives_status_and_both_streams_apart() -> None:
    answer = run(["sh", "-c", "cat; echo no >&2; exit 7"], 10, text="yes")
    assert (answer.status, answer.output, answer.errors, answer.ok) == (7, "yes", "no\n", False)


def test_a_signal_counts_from_128_as_in_sh() -> None:
    assert run(["sh", "-c", "kill -9 $$"], 10).status == 137


def test_bytes_that_are_no_utf8_do_not_stop_it() -> None:
    assert run(["printf", r"a\377b"], 10).output == "a\ufffdb"


def test_files_stand_for_streams(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(bytes(range(256)))
    assert run(["cat"], 10, source=source, target=target).output == ""
    assert target.read_bytes() == bytes(range(256))


def test_after_its_time_children_that_hold_the_pipes_are_gone_too(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    start = time.monotonic()
    with pytest.raises(TimedOutError, match="sh took more than 0 s"):
        run(["sh", "-c", f"sleep 60 & echo $! > {pid}; wait"], 0.4)
    assert time.monotonic() - start < 10
    assert not _lives(int(pid.read_text()))


def test_a_missing_program_is_an_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        run(["no-such-program-here"], 10)


def _lives(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().split()[2] == "Z":  # nobody has asked after it
                return False
        except (ProcessLookupError, FileNotFoundError):
            return False
        time.sleep(0.1)
    return True
