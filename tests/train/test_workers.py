"""What workers agree upon, and runs of two."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from larq_bvit.train.workers import highest
from tests.train.run_arrays import assert_close_weights
from tests.train.tiny_run import RECIPE

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("value", [0, 2, 15])
def test_alone_a_worker_decides(value):
    assert highest(tf.distribute.get_strategy(), value) == value
    assert highest(tf.distribute.MirroredStrategy(["CPU:0"]), value) == value


def two_workers(folder, *arguments):
    """What both workers of a run print."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    commands = [
        [sys.executable, "-m", "tests.train.worker", folder, index, port, *arguments]
        for index in (0, 1)
    ]
    workers = [
        subprocess.Popen(
            list(map(str, command)), cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for command in commands
    ]  # fmt: skip
    results = [worker.communicate(timeout=120) for worker in workers]
    assert not any(worker.returncode for worker in workers), results
    return [output.strip() for output, _ in results]


@pytest.mark.skipif(
    "LARQ_BVIT_LONG_TESTS" not in os.environ, reason="set LARQ_BVIT_LONG_TESTS=1: takes a minute"
)
def test_a_signal_to_one_worker_stops_both_and_they_go_on(tmp_path):
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "recipe.toml").write_text(RECIPE)
    assert two_workers(tmp_path / "whole") == ["done"] * 2
    assert two_workers(tmp_path / "stopped", "signal") == ["stopped with 0"] * 2
    assert two_workers(tmp_path / "stopped") == ["done"] * 2
    # a checkpoint holds the mean of the workers' moving statistics, which rounds
    assert_close_weights(tmp_path / "stopped", tmp_path / "whole", atol=1e-6)
