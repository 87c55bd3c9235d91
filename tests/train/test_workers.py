"""What workers agree upon, and runs of two of them."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.train.run_history import load_history
from larq_bvit.train.workers import check_same, highest, is_chief, shard, together
from tests.long import long_test
from tests.train import float64_run
from tests.train.run_arrays import assert_close_weights

ROOT = Path(__file__).parents[2]
long = long_test("a minute")
LAST_KILLED = "epoch00001-step00000002"


@pytest.mark.parametrize("value", [0, 2, 15])
def test_alone_a_worker_decides(value):
    assert highest(tf.distribute.get_strategy(), value) == value
    assert highest(tf.distribute.MirroredStrategy(["CPU:0"]), value) == value


def test_alone_a_worker_is_the_chief():
    for strategy in (tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0"])):
        assert shard(strategy) == (0, 1) and is_chief(strategy)
        check_same(strategy, "recipe", "recipe")
        with pytest.raises(ZeroDivisionError), together(strategy):
            raise ZeroDivisionError


def start_two(folder, *arguments):
    """Exit codes and last words of both workers of a run."""
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
    results = [worker.communicate(timeout=240) for worker in workers]
    for worker, (_, errors) in zip(workers, results, strict=True):
        assert worker.returncode in (0, -9), errors
    return [
        (worker.returncode, output.strip())
        for worker, (output, _) in zip(workers, results, strict=True)
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of a single process."""
    root = tmp_path_factory.mktemp("workers")
    images = float64_run.write_images(root / "images")
    # a learning rate of 1/64, so that few steps move much
    changes = ["checkpoint_steps=2", "optimizer.learning_rate=1.0", "schedule.warmup_epochs=0"]
    float64_run.write_recipe(root / "whole", float64_run.tiny_recipe(images, *changes))
    float64_run.train(root / "whole")
    return root / "whole"


def begin(whole, name):
    folder = whole.with_name(name)
    folder.mkdir()
    shutil.copy(whole / "recipe.toml", folder)
    return folder


def assert_same_curve(folder, whole):
    """In float64 sums round at 1e-16, and no sign sits so close to an edge.

    In float32 this would not hold for long: a sign that flips by rounding changes the loss by far
    more than rounding does.
    """
    got, expected = (load_history(path / "run" / "history.csv").columns for path in (folder, whole))
    assert got.keys() == expected.keys() and len(got["epoch"]) == float64_run.EPOCHS
    assert expected["loss"][0] != expected["loss"][1]
    for name in got.keys() - {"seconds", "images_per_second"}:
        np.testing.assert_allclose(got[name], expected[name], rtol=0, atol=1e-10, err_msg=name)
    assert_close_weights(folder / "run", whole / "run", atol=1e-10)


def test_a_worker_is_killed_and_all_go_on_to_the_end_of_a_single_process(whole):
    folder = begin(whole, "killed")
    assert start_two(folder, "SIGKILL") == [(0, "lost a worker"), (-9, "")]
    assert max(path.name for path in (folder / "run" / "checkpoints").iterdir()) == LAST_KILLED
    alone = whole.with_name("alone")
    shutil.copytree(folder, alone)
    assert start_two(folder) == [(0, "done")] * 2
    assert_same_curve(folder, whole)
    float64_run.train(alone)  # one process goes on with what two have begun
    assert_same_curve(alone, whole)


@long
def test_both_end_where_the_loss_is_no_number(whole):
    folder = begin(whole, "spoilt")
    assert start_two(folder, "spoil") == [(0, "not finite")] * 2
    assert max(path.name for path in (folder / "run" / "checkpoints").iterdir()) == LAST_KILLED


@long
def test_a_signal_to_one_worker_stops_both_and_they_go_on(whole):
    folder = begin(whole, "stopped")
    assert start_two(folder, "SIGTERM") == [(0, "stopped with 0")] * 2
    assert start_two(folder) == [(0, "done")] * 2
    assert_same_curve(folder, whole)
