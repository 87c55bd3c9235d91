"""Small files to measure."""

import pytest

from larq_bvit import convert
from larq_bvit.bench.subjects.precision import float_tflite
from tests.bench.small_model import small


@pytest.fixture(scope="session")
def binary_file(tmp_path_factory):
    """A .tflite with a binary convolution."""
    path = tmp_path_factory.mktemp("binary") / "binary.tflite"
    path.write_bytes(convert.to_tflite(small(), verify=False))
    return path


@pytest.fixture(scope="session")
def float_file(tmp_path_factory):
    """A .tflite in float32."""
    path = tmp_path_factory.mktemp("float") / "float.tflite"
    path.write_bytes(float_tflite(small(binary=False)))
    return path
