"""LearnedShift: one learned number per channel."""

import pytest
import tensorflow as tf

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


def test_is_for_one_number_of_channels():
    with pytest.raises(ValueError, match=r"known number of channels; got \(None, 2, 2, None\)"):
        LearnedShift()(tf.keras.Input((2, 2, None)))
    layer = LearnedShift()
    layer(normal(2, 8))
    layer(normal(2, 3, 5, 8))
    with pytest.raises(ValueError, match="axis -1 of input shape to have value 8"):
        layer(normal(2, 1))
