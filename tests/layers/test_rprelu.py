"""RPReLU: a PReLU between two learned shifts."""

import numpy as np
import pytest
import tensorflow as tf

from larq_bvit.layers import RPReLU
from tests.layers.common import close, contract, normal, randomise, run

test_contract = contract(RPReLU, (4, 6, 8))


@pytest.mark.parametrize("shape", [(20, 4), (2, 3, 5, 4)])
def test_equals_numpy(shape):
    x = normal(*shape)
    layer = RPReLU()
    layer.build(shape)
    shift_in, slope, shift_out = randomise(layer.weights)
    x[0, ..., 0] = shift_in[0]  # u = 0 takes the slope
    y, dy, dx, (dshift_in, dslope, dshift_out) = run(layer, x)
    for c in range(4):
        u, incoming = x[..., c] - shift_in[c], dy[..., c]
        positive = u > 0
        assert 0 < positive.sum() < positive.size
        close(y[..., c], np.where(positive, u, slope[c] * u) + shift_out[c])
        du = np.where(positive, incoming, slope[c] * incoming)
        close(dx[..., c], du)
        close(dshift_in[c], -du.sum())
        close(dslope[c], (incoming * u)[~positive].sum())
        close(dshift_out[c], incoming.sum())


def test_starts_as_a_prelu_of_a_quarter():
    layer = RPReLU()
    close(layer(np.array([[-2.0, 0.0, 2.0]])), [[-0.5, 0, 2]])
    assert layer.shift_in.numpy().tolist() == layer.shift_out.numpy().tolist() == [0] * 3
    assert layer.slope.numpy().tolist() == [0.25] * 3


def test_is_for_one_number_of_channels():
    with pytest.raises(ValueError, match=r"known number of channels; got \(None, 2, 2, None\)"):
        RPReLU()(tf.keras.Input((2, 2, None)))
    layer = RPReLU()
    layer(normal(2, 8))
    layer(normal(2, 3, 5, 8))
    with pytest.raises(ValueError, match="axis -1 of input shape to have value 8"):
        layer(normal(2, 1))
