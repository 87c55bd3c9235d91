"""The smallest file, in all runtimes."""

import numpy as np
import pytest

from larq_bvit.bench.entry import LCE, XNNPACK
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.opened import Opened
from larq_bvit.bench.local.tiny import tiny_tflite


@pytest.mark.parametrize("runtime", [LCE, XNNPACK])
def test_it_doubles(tmp_path, runtime):
    path = tmp_path / "tiny.tflite"
    path.write_bytes(tiny_tflite())
    numbers = np.array([[1, -2, 0.5, 0]], np.float32)
    np.testing.assert_array_equal(Opened(Mode(runtime), path).run(numbers), 2 * numbers)
