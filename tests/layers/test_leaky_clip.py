"""LeakyClip: slope 1 inside [-1, 1], a tenth outside."""

import numpy as np

from larq_bvit.layers import LeakyClip
from tests.layers.common import close, contract, normal, run

test_contract = contract(LeakyClip, (4, 6, 8))


def test_equals_numpy():
    x = np.append(2 * normal(50), [-1, 0, 1])
    y, dy, dx, _ = run(LeakyClip(), x)
    for value, got, incoming, gradient in zip(x, y, dy, dx, strict=True):
        inside = abs(value) <= 1
        close(got, value if inside else np.sign(value) * (0.9 + 0.1 * abs(value)))
        close(gradient, incoming if inside else 0.1 * incoming)
    assert 0 < (np.abs(x) <= 1).sum() < len(x)
