"""Workers: what they compute, and how they fail."""

import os

import numpy as np
import pytest

from larq_bvit import convert
from larq_bvit.bench.entry import LCE, XNNPACK
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.worker import Worker
from tests.bench.small_model import batches, small_images


def test_a_worker_runs_what_it_is_given(binary_file):
    with Worker(Mode(LCE), binary_file, batches()) as worker:
        assert 0 < worker.turn() < 1 and 0 < worker.turn() < 1
    expected = convert.Interpreter(binary_file.read_bytes()).predict(small_images())
    np.testing.assert_array_equal(worker.logits, expected)
    assert worker.about["open"] > 0 and worker.about["first"] > 0
    assert worker.about["claims"] is None and worker.about["activation_bytes"] is None
    assert worker.about["runtime"].startswith("Larq Compute Engine ")


def test_memory_is_what_the_file_takes(float_file, tmp_path):
    """Of ours a few MB, never the gigabyte of the process that it is a fork of."""
    with Worker(Mode(XNNPACK), float_file, batches()) as worker:
        assert 0 < worker.about["peak_memory"] < 60e6


def test_a_worker_that_fails_is_heard(tmp_path):
    missing = tmp_path / "missing.tflite"
    with pytest.raises(RuntimeError, match=r"missing.tflite: lce:(.|\n)*FileNotFoundError"):
        Worker(Mode(LCE), missing, batches())


def test_a_worker_that_dies_is_heard(binary_file):
    with Worker(Mode(LCE), binary_file, batches(), "small") as worker:
        os.kill(worker._process.pid, 9)
        with pytest.raises(RuntimeError, match="small has ended: -9"):
            worker.turn()
