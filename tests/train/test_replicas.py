"""Two replicas compute what one does, whatever the recipe adds to a step."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicas")
    command = [sys.executable, "-m", "tests.train.replicas", str(folder)]
    # where processors multiply float16 themselves, oneDNN's kernels fail on a replica's empty batch
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert not done.returncode, done.stderr
    return folder


def results(folder, case):
    return [dict(np.load(folder / f"{case}-{replicas}.npz")) for replicas in (1, 2)]


@pytest.mark.parametrize("case", ["adam", "adamw", "sgd", "distiller"])
def test_in_float64_the_same(folder, case):
    """Norms are synchronised; only sums are made in another order."""
    one, two = results(folder, case)
    assert one.keys() == two.keys() and {"history/loss", "history/val_top_5"} <= one.keys()
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, rtol=0, atol=1e-11, err_msg=name)


def test_with_scaled_losses_of_float16_nearly_so(folder):
    one, two = results(folder, "mixed_float16")
    for name in ("history/loss", "history/val_loss"):
        assert np.isfinite(one[name]).all()
        np.testing.assert_allclose(two[name], one[name], rtol=1e-2, err_msg=name)


def test_moving_variances_are_biased_where_norms_are_synchronised(folder):
    """Keras' fused kernel of one device keeps the unbiased one: n / (n - 1) times as much."""
    one, two = results(folder, "mixed_float16")
    count = 4 * 8 * 8  # of the stem's map
    start = 0.9**6  # what is left of the first value, 1, after the six steps
    unbiased, biased = (r["stem/norm/moving_variance"] - start for r in (one, two))
    np.testing.assert_allclose(unbiased / biased, count / (count - 1), rtol=1e-3)
