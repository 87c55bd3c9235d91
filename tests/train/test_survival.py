"""Runs that are killed, terminated and resumed end as if they had not been."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from larq_bvit.train.interruption import InterruptedRun
from tests.long import long_test
from tests.train import tiny_run
from tests.train.run_arrays import assert_same_run

LAST = "epoch00003-step00000000"
ROOT = Path(__file__).parents[2]
can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forks")
long = long_test("minutes")


def survive(folder, seed, lives):
    command = [sys.executable, "-m", "tests.train.survivor", folder, seed, lives]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    killed = sorted(folder.glob("killed*"))
    assert killed
    for path in killed:
        assert_same_run(path, folder / "whole")
        assert not list(path.rglob(".*"))


@can_fork
def test_killed_at_random_moments_a_run_ends_bit_for_bit_the_same(tmp_path):
    survive(tmp_path, seed=1, lives=5)


@can_fork
@long
@pytest.mark.parametrize("seed", range(10, 20))
def test_killed_again_and_again(tmp_path, seed):
    survive(tmp_path, seed, lives=30)


class Signal(tf.keras.callbacks.Callback):
    """Sends a signal to this process, once."""

    def __init__(self, number, moment, epoch, batch=0):
        super().__init__()
        self.number, self.moment, self.at = number, moment, (epoch, batch)
        self.epoch = -1

    def send(self, moment, batch):
        if (moment, (self.epoch, batch)) == (self.moment, self.at):
            os.kill(os.getpid(), self.number)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self.send("train", batch)

    def on_test_batch_begin(self, batch, logs=None):
        self.send("test", batch)

    def on_epoch_end(self, epoch, logs=None):
        self.send("end", 0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "whole"
    tf.config.experimental.enable_op_determinism()
    tiny_run.fit(path)
    return path


@pytest.mark.parametrize(
    ("moment", "epoch", "batch", "checkpoint"),
    [
        ("train", 1, 2, "epoch00001-step00000003"),
        ("train", 2, 3, "epoch00002-step00000004"),
        ("test", 1, 1, "epoch00001-step00000004"),
        ("end", 0, 0, "epoch00001-step00000000"),
    ],
)
def test_a_signal_ends_the_step_saves_and_the_run_can_go_on(
    tmp_path, whole, deterministic, moment, epoch, batch, checkpoint
):
    path = tmp_path / "stopped"
    with pytest.raises(InterruptedRun, match="SIGTERM") as stopped:
        tiny_run.fit(path, callbacks=[Signal(signal.SIGTERM, moment, epoch, batch)], every=None)
    assert stopped.value.exit_code == 0
    assert max(p.name for p in (path / "checkpoints").iterdir()) == checkpoint
    tiny_run.fit(path)
    assert_same_run(path, whole, checkpoints=LAST)


def test_a_finished_run_stays_as_it_is(tmp_path, whole):
    before = (whole / "history.csv").read_text()
    tiny_run.fit(whole)
    assert (whole / "history.csv").read_text() == before
    assert whole.joinpath("checkpoints", LAST).is_dir()
