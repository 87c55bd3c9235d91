"""Runs from jobs, and jobs from runs."""

import os

import numpy as np
import pytest

from larq_bvit.train import running
from larq_bvit.train.jax_backend.collecting import collect
from larq_bvit.train.jax_backend.exporting import export_job
from larq_bvit.train.jax_backend.runner import pieces
from larq_bvit.zoo.weights import read_weights
from tests.train.jax_backend import jobs


def test_a_job_goes_on_with_a_run(recipe, job, tmp_path):
    """JAX, TensorFlow's checkpoint, JAX again: the same bits as JAX alone."""
    jobs.run(job, "--steps", 10)
    assert collect(job, tmp_path / "run") is not None
    # Keras' file of the run that goes on within the fourth epoch
    again = export_job(recipe, tmp_path / "again", start=tmp_path / "run")
    for name, array in jobs.state(job).items():
        assert array.tobytes() == jobs.state(again)[name].tobytes(), name
    for folder in (job, again):
        jobs.run(folder)
    assert jobs.history(again / "history.csv") == jobs.history(job / "history.csv")
    one, two = (collect(path, tmp_path / f"{path.name}-run") for path in (job, again))
    assert one.as_dict() == two.as_dict()
    weights = [read_weights(tmp_path / f"{name}-run" / "best.h5") for name in ("job", "again")]
    for name, array in weights[0].items():
        np.testing.assert_array_equal(weights[1][name], array)


@pytest.mark.skipif(
    "LARQ_BVIT_LONG_TESTS" not in os.environ, reason="set LARQ_BVIT_LONG_TESTS=1: takes a minute"
)
def test_the_best_epoch_may_be_from_before(recipe, job, tmp_path):
    jobs.run(job, "--steps", 4)
    facts, arrays = pieces.newest_snapshot(job / "state")
    name = pieces.snapshots(job / "state")[-1]
    pieces.save_snapshot(job / "state", name, {**facts, "best": 2.0, "best_epoch": 1}, arrays)
    collect(job, tmp_path / "run")
    again = export_job(recipe, tmp_path / "again", start=tmp_path / "run")
    jobs.run(again)
    collect(again, tmp_path / "end")
    assert pieces.snapshots(again / "best") == ["epoch00001"]
    before, after = (read_weights(tmp_path / name / "best.h5") for name in ("run", "end"))
    assert all((before[name] == after[name]).all() for name in before)


def test_before_the_first_epoch_has_ended(job, tmp_path):
    jobs.run(job, "--steps", 2)
    assert collect(job, tmp_path / "run") is None
    assert not (tmp_path / "run" / "best.h5").exists()
    assert running.resume(tmp_path / "run").images == 7
    assert len(jobs.history(tmp_path / "run" / "history.csv")) == 6


def test_bad_input(recipe, job, tmp_path):
    with pytest.raises(ValueError, match="expected a job of `larq-bvit jax-export`"):
        collect(tmp_path, tmp_path / "run")
    with pytest.raises(ValueError, match="expected a new or empty folder for the job"):
        export_job(recipe, job)
    facts, arrays = pieces.newest_snapshot(job / "state")
    name = next(iter(arrays))
    pieces.save_snapshot(job / "state", "later", facts, {**arrays, name: np.ones(3)})
    with pytest.raises(ValueError, match="1 of .* variables differ"):
        collect(job, tmp_path / "run")
    assert not (tmp_path / "run").exists()
