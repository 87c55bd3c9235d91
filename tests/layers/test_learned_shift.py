"""LearnedShift: one learned number per channel."""

import pytest

from larq_bvit.layers import LearnedShift
from tests.layers.common import close, contract, normal, randomise, run

test_contract = contract(LearnedShift, (4, 6, 8))


@pytest.mark.parametrize("shape", [(2, 4), (2, 3, 5, 4)])
def test_equals_numpy(shape):
    x = normal(*shape)
    layer = LearnedShift()
    layer.build(shape)
    assert layer.shift.numpy().tolist() == [0] * 4
    (shift,) = randomise(layer.weights)
    y, dy, dx, dshift = run(layer, x)
    close(dx, dy)
    for c in range(4):
        close(y[..., c], x[..., c] + shift[c])
        close(dshift[c], dy[..., c].sum())
