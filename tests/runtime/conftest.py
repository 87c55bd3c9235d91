"""A binary model's file, and the runtimes that may run it."""

import numpy as np
import pytest

from larq_bvit.runtime import backend as module
from tests.convert.small import SIZE, small


@pytest.fixture(params=module.BACKENDS, ids=lambda load: load.__name__)
def runtime(request, monkeypatch):
    """Each runtime that is installed, as the only one; gives its name."""
    try:
        found = request.param()
    except ImportError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(module, "BACKENDS", (request.param,))
    return found.name


@pytest.fixture(scope="session")
def tflites():
    """{batch size: the same binary model as a .tflite}."""
    convert = pytest.importorskip("larq_bvit.convert")
    pytest.importorskip("larq_compute_engine")
    return {n: convert.to_tflite(small(features=True), batch_size=n) for n in (1, 2)}


@pytest.fixture(scope="session")
def images():
    """Seven images for it."""
    rng = np.random.default_rng(5)
    return rng.standard_normal((7, *SIZE, 3)).astype(np.float32)
