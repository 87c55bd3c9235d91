"""A job as a workload of the training benchmark."""

import sys

import pytest

from benchmarks.training.child import Child
from tests.train.jax_backend.conftest import EPOCHS, STEPS

jax = pytest.importorskip("jax", reason='pip install "larq_bvit[jax]"')


def test_a_job_is_stepped_beyond_its_epochs(job):
    with Child(sys.executable, "benchmarks.training.jax_job", job=str(job), steps=2) as child:
        assert child.about == {"jax": jax.__version__}
        assert all(child.step() > 0 for _ in range(EPOCHS * STEPS))
