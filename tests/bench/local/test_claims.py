"""What XNNPACK takes, and what it leaves."""

import pytest

from larq_bvit.bench.entry import XNNPACK
from larq_bvit.bench.local.claims import check_products, claims
from larq_bvit.bench.local.mode import Mode
from larq_bvit.bench.local.opened import Opened
from larq_bvit.bench.subjects.precision import integer_tflite
from tests.bench.small_model import small, small_images


def test_what_xnnpack_leaves_is_told(tmp_path):
    """It has no 8-bit softmax, and takes all products."""
    path = tmp_path / "integer.tflite"
    path.write_bytes(integer_tflite(small(binary=False), small_images()))
    claimed = claims(Opened(Mode(XNNPACK), path).interpreter)
    assert claimed["left"] == {"SOFTMAX": 1} and claimed["parts"] == 2
    check_products(claimed)
    with pytest.raises(RuntimeError, match="left {'CONV_2D': 2}"):
        check_products({"left": {"CONV_2D": 2, "SOFTMAX": 1}})
