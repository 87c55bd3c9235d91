"""One process at a time trains in a run's folder."""

import errno
import subprocess
import sys

import pytest

from larq_bvit.train.run_lock import alone

fcntl = pytest.importorskip("fcntl")
HOLD = """
import sys, time
from pathlib import Path
from larq_bvit.train.run_lock import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_another_process_waits_until_it_is_killed(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ValueError, match="another process trains the run in "), alone(tmp_path):
            pass
        other.kill()
    for _ in range(2):
        with alone(tmp_path):
            pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks(tmp_path, monkeypatch, number):
    def flock(*_):
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    with alone(tmp_path), alone(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_to(tmp_path):
    with alone(tmp_path / "gone"):
        pass
