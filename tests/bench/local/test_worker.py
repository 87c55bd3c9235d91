"""Workers: what they compute, and how they fail."""

import os

import numpy as np
import pytest

from larq_bvit import convert
from larq_bvit.bench.entry import LCE, XNNPACK
from larq_bvit.bench.local import worker as worker_module
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


def test_memory_is_that_of_the_file(float_file, tmp_path):
    """46 KB, and never the code of the runtime, which is megabytes."""
    cold, warm = (Worker(Mode(XNNPACK), float_file, batches(), warm=warm) for warm in (False, True))
    with cold, warm:
        assert 0 < warm.about["peak_memory"] < cold.about["peak_memory"] < 60e6
        assert warm.about["peak_memory"] < 4e6


@pytest.mark.parametrize("cores", [None, [0]])
def test_a_worker_stays_on_its_cores(float_file, cores):
    with Worker(Mode(XNNPACK), float_file, batches(), cores=cores) as worker:
        expected = cores or [max(os.sched_getaffinity(0))]
        assert os.sched_getaffinity(worker._process.pid) == set(expected)


def test_a_worker_that_fails_is_heard(tmp_path):
    missing = tmp_path / "missing.tflite"
    with pytest.raises(RuntimeError, match=r"missing.tflite: lce:(.|\n)*FileNotFoundError"):
        Worker(Mode(LCE), missing, batches())


def test_a_system_without_forks_has_none(float_file, monkeypatch):
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    with pytest.raises(RuntimeError, match="timed in forks of one process"):
        Worker(Mode(XNNPACK), float_file, batches())


def test_a_worker_that_dies_is_heard(binary_file):
    with Worker(Mode(LCE), binary_file, batches(), "small") as worker:
        os.kill(worker._process.pid, 9)
        with pytest.raises(RuntimeError, match="small has ended: -9"):
            worker.turn()


@pytest.mark.parametrize(
    ("named", "expected"), [(None, "avx512"), ("avx2", "avx2"), ("neon", "avx512")]
)
def test_the_environment_may_name_the_instructions(named, expected, monkeypatch):
    monkeypatch.setattr(worker_module, "available_isas", lambda: ["portable", "avx2", "avx512"])
    monkeypatch.delenv("LARQ_BVIT_ISA", raising=False)
    if named:
        monkeypatch.setenv("LARQ_BVIT_ISA", named)
    assert worker_module._isas()[-1] == expected
