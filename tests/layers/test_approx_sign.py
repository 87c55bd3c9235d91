"""ApproxSign: the sign, and the triangle that stands in for its derivative."""

import larq as lq
import numpy as np

from larq_bvit.layers import ApproxSign
from tests.layers.common import close, contract, normal, run

test_contract = contract(ApproxSign, (4, 6, 8))


def test_equals_numpy():
    x = normal(3, 4, 5)
    y, dy, dx, _ = run(ApproxSign(), x)
    close(y, np.sign(x))
    close(dx, dy * np.maximum(2 - 2 * np.abs(x), 0))
    assert (dx == 0).any() and (dx != 0).any()


def test_special_points():
    x = np.array([-np.inf, -1.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, np.inf])
    y, dy, dx, _ = run(ApproxSign(), x)
    assert y.tolist() == [-1, -1, -1, -1, 1, 1, 1, 1, 1, 1]
    assert (dx / dy).tolist() == [0, 0, 0, 1, 2, 2, 1, 0, 0, 0]


def test_trap_3_the_sign_of_zero_is_plus_one():
    zeros = np.array([0.0, -0.0])
    y = ApproxSign()(zeros).numpy()
    assert y.tolist() == [1, 1] == lq.math.sign(zeros).numpy().tolist()
    assert np.sign(zeros).tolist() == [0, 0]  # PyTorch's, and so the published code's


def test_is_one_bit():
    assert ApproxSign().precision == 1
